"""``chatctl config``: every setting, its value, and where that comes from."""

import os
import sys
from typing import Annotated, Any

import typer

from chatctl.cli import app, settings
from chatctl.cli.options import Json
from chatctl.cli.terminal import colored, paint
from chatctl.errors import UsageError
from chatctl.suggesting import did_you_mean
from chatctl.view.escape import escape

SCREEN = ("ui", "keys")
"""What settings of the full screen are called, as in config.toml."""


def config(
    ctx: typer.Context,
    command: Annotated[
        str | None, typer.Argument(metavar="[COMMAND]", help="Show this command's settings alone.")
    ] = None,
    json: Json = False,
) -> None:
    """Show every setting and where its value comes from.

    An option wins over its CHATCTL_* variable, that over the profile in force, that over the rest
    of config.toml, that over the default. Every option also has a variable of its own command,
    such as CHATCTL_SERVE_PORT for `chatctl serve --port`.

    Examples:
      chatctl config                        # all of them, and the path of config.toml
      chatctl config send --profile work    # what `chatctl send --profile work` would use
      chatctl config keys                   # the keys of the full screen; ui: its looks
    """
    known = (*settings.COMMANDS, *SCREEN)
    if command and command not in known:
        raise UsageError(f"no settings for {command!r}; {did_you_mean(command, known)}")
    rows = [
        {"command": name, **row}
        for name in ([command] if command else known)
        if name in app.COMMANDS or name in SCREEN
        for row in (screen_rows if name in SCREEN else rows_of)(name, ctx.obj.profile)
    ]
    if json:
        _print_json(rows)
    else:
        _print_table(rows, settings.in_force(ctx.obj.profile))


def rows_of(command: str, profile: str) -> list[dict[str, Any]]:
    """Return for each option of *command* its name, its value and where that comes from."""
    loaded = app.load(command)
    settings.check_options(command, profile, {param.name or "" for param in loaded.params})
    found = settings.origins(command, profile)
    return [
        _row(param, command, found)
        for param in loaded.params
        if (param.param_type_name == "option" or param.envvar) and param.name != "profile"
    ]


def screen_rows(name: str, profile: str) -> list[dict[str, Any]]:
    """Return for each looks (``ui``) or each action (``keys``) its value and where that is from."""
    from chatctl.tui.screen import keys, looks

    looks.looks(settings.table("ui", profile), settings.table("keys", profile))
    usual = {n: getattr(looks.Looks(), n) for n in looks.SETTINGS}
    usual["highlight"] = list(usual["highlight"])
    if name == "keys":
        usual = {action.name: action.keys for action in keys.ALL.values()}
    rows = {n: {"option": n, "value": value, "origin": "default"} for n, value in usual.items()}
    for where, values in reversed(settings.layers(profile)):
        for option, value in values.get(name, {}).items():
            rows[option] = {"option": option, "value": value, "origin": where}
    return list(rows.values())


def _row(param: Any, command: str, found: dict[str, tuple[Any, str]]) -> dict[str, Any]:
    names = [param.envvar] if isinstance(param.envvar, str) else list(param.envvar or ())
    names.append(f"CHATCTL_{command}_{param.name}".upper())
    value, origin = found.get(param.name, (param.default, "default"))
    for name in names:
        if os.environ.get(name):
            value, origin = os.environ[name], name
            break
    return {"option": param.name.replace("_", "-"), "value": value, "origin": origin}


def _print_json(rows: list[dict[str, Any]]) -> None:
    from chatctl.wire.codec import write_json

    for row in rows:
        value = row["value"]
        plain = value if isinstance(value, bool | int | float | list | None) else str(value)
        typer.echo(write_json({**row, "value": plain}))


def _print_table(rows: list[dict[str, Any]], profile: str) -> None:
    color = colored(sys.stdout)
    file = settings.path()
    typer.echo(f"{file}{'' if file.exists() else '  (does not exist)'}")
    typer.echo(f"profile: {escape(profile) or '-'}")
    command = ""
    for row in rows:
        if row["command"] != command:
            command = row["command"]
            typer.echo("\n" + paint(f"{command}:", "green", color=color))
        term = paint(f"{row['option']:<22}", "cyan", color=color)
        origin = paint(row["origin"], "dim", color=color)
        typer.echo(f"  {term} {escape(_shown(row['value'])):<28} {origin}")


def _shown(value: Any) -> str:
    if value is None or value in ((), []):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
