"""``chatctl config``: every setting, its value, and where that comes from."""

import os
import sys
from typing import Annotated, Any

import typer

from chatctl.cli import app, settings
from chatctl.cli.options import Json
from chatctl.cli.terminal import colored, paint
from chatctl.errors import UsageError
from chatctl.view.escape import escape


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
    """
    if command and command not in settings.COMMANDS:
        raise UsageError(
            f"no settings for {command!r}{settings.did_you_mean(command, settings.COMMANDS)}"
        )
    rows = [
        {"command": name, **row}
        for name in ([command] if command else settings.COMMANDS)
        if name in app.COMMANDS
        for row in rows_of(name, ctx.obj.profile)
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
