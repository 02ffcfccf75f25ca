"""What holds for a whole run, whichever command it is: the options that every command takes.

They may stand before the command or after it; after it wins. Each is a Typer parameter that is not
handed to the command but applied here.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from chatctl.cli import settings, terminal
from chatctl.cli.logs import LogFormat, LogLevel
from chatctl.cli.terminal import Color
from chatctl.errors import UsageError

PANEL = "Global options"
_SAID = "COMMANDLINE"
_WORD = re.compile(r"[\w.@+-]+")
_TYPES = {"color": Color, "log_level": LogLevel, "log_format": LogFormat, "log_file": Path}


@dataclass(slots=True)
class Invocation:
    """The global options of this run.

    Attributes:
        profile: the profile of config.toml that was asked for; empty for none.
        debug: whether an error is shown with its traceback.
        log_level: the least severe event logged; None leaves it to the command.
        log_format: how events are written.
        log_file: where they go; None for stderr.
    """

    profile: str = ""
    debug: bool = bool(os.environ.get("CHATCTL_DEBUG"))
    log_level: LogLevel | None = None
    log_format: LogFormat = LogFormat.TEXT
    log_file: Path | None = None
    _said: set[str] = field(default_factory=set)

    def set(self, name: str, value: Any, source: str) -> None:
        """Take *value* for the option *name*, unless the command line said something before."""
        if value is None or (name in self._said and source != _SAID):
            return
        if source == _SAID:
            self._said.add(name)
        value = _TYPES.get(name, lambda same: same)(value)
        if name == "color":
            terminal.choose(value)
        else:
            setattr(self, name, value)


def _take(ctx: typer.Context, param: typer.CallbackParam, value: Any) -> Any:
    source = ctx.get_parameter_source(param.name or "")
    if not ctx.resilient_parsing and source is not None:
        ctx.obj.set(param.name, value, source.name)
    return value


def _apply(ctx: typer.Context, param: typer.CallbackParam, value: str | None) -> str | None:
    """Take the profile, and let config.toml stand in for options that are not given."""
    _take(ctx, param, value)
    command = ctx.info_name or ""
    if not ctx.resilient_parsing and command in settings.COMMANDS:
        known = {name for name in (param.name for param in ctx.command.params) if name}
        settings.check_options(command, ctx.obj.profile, known)
        found = settings.origins(command, ctx.obj.profile)
        ctx.default_map = {name: value for name, (value, _) in found.items()}
    return value


def _profiles(incomplete: str) -> list[str]:
    """Return the profiles that begin with *incomplete*, for the shell; a faulty file has none.

    What is offered goes into a command line as it is, so a name that would need quotes is not.
    """
    try:
        profiles = settings.read().get("profiles", {})
    except UsageError:
        return []
    return [name for name in profiles if name.startswith(incomplete) and _WORD.fullmatch(name)]


def _declare(
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            envvar="CHATCTL_PROFILE",
            help="Take values from this profile of config.toml.",
            autocompletion=_profiles,
            is_eager=True,
            callback=_apply,
            expose_value=False,
            rich_help_panel=PANEL,
        ),
    ] = None,
    color: Annotated[
        Color | None,
        typer.Option(
            envvar="CHATCTL_COLOR",
            metavar="WHEN",
            help="Colour the output: auto, always or never. NO_COLOR is honoured.",
            is_eager=True,
            callback=_take,
            expose_value=False,
            rich_help_panel=PANEL,
        ),
    ] = None,
    debug: Annotated[
        bool | None,
        typer.Option(
            "--debug",
            envvar="CHATCTL_DEBUG",
            help="Show where an error came from.",
            is_eager=True,
            callback=_take,
            expose_value=False,
            rich_help_panel=PANEL,
        ),
    ] = None,
    log_level: Annotated[
        LogLevel | None,
        typer.Option(
            envvar="CHATCTL_LOG_LEVEL",
            metavar="LEVEL",
            help="Log events of this level and above: debug, info, warning or error.",
            callback=_take,
            expose_value=False,
            rich_help_panel=PANEL,
        ),
    ] = None,
    log_format: Annotated[
        LogFormat | None,
        typer.Option(
            envvar="CHATCTL_LOG_FORMAT",
            metavar="FORMAT",
            help="Write events as text or as JSON lines.",
            callback=_take,
            expose_value=False,
            rich_help_panel=PANEL,
        ),
    ] = None,
    log_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar="CHATCTL_LOG_FILE",
            help="Append events to this file instead of stderr.",
            callback=_take,
            expose_value=False,
            rich_help_panel=PANEL,
        ),
    ] = None,
) -> None: ...


def parameters() -> list[Any]:
    """Return the global options as parameters that any command can be given."""
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command()(_declare)
    return typer.main.get_command(app).params
