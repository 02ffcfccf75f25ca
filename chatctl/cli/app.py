"""The command line as a whole: which commands there are, and how one is run.

A command's module is imported when it is called and not before, so that ``chatctl send`` never
pays for Textual. ``COMMANDS`` therefore repeats the first sentence of each docstring; a test holds
them together.

A new command is a row here and a module ``chatctl/cli/<name>.py`` with a function of that name, a
plain Typer command whose docstring is its help (see ``help``), with an ``Examples:`` block. What it
raises becomes a line and a status (see ``report``); ``raise typer.Exit(ExitStatus.NO)`` ends it.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer
from typer.completion import get_completion_inspect_parameters
from typer.core import TyperCommand, TyperGroup

from chatctl import __version__
from chatctl.cli import help as helping
from chatctl.cli import output
from chatctl.cli.invocation import Invocation, parameters
from chatctl.cli.logs import LogLevel, set_up
from chatctl.cli.report import guarded
from chatctl.errors import UsageError
from chatctl.suggesting import did_you_mean

COMMANDS = {
    "serve": "Run the chat",
    "connect": "Join a chat",
    "send": "Say something, wait until the server has it, and go",
    "replay": "Play a recorded chat again: to you, to a server, or to a client",
    "tap": "Record any client talking to any server",
    "decode": "Explain a capture of ours or tcpdump's",
    "demo": "See the whole product work, in a few seconds",
    "config": "Show every setting and where its value comes from",
    "completion": "Print the completion script of a shell",
}
COMPLETE = "_CHATCTL_COMPLETE"
_TALKATIVE = {"serve", "tap"}
_SETTINGS = {
    "help_option_names": ["-h", "--help"],
    "auto_envvar_prefix": "CHATCTL",
}
_HELP = """A terminal chat whose wire you can see.

Examples:
  chatctl demo                         # everything at once, on a free port
  chatctl serve --record chat.pcapng   # a chat on 127.0.0.1:3490, recorded
  chatctl connect alice                # join it
  chatctl send "hi" --once             # say one thing
  chatctl decode chat.pcapng           # what crossed the wire
"""


class Command(TyperCommand):
    """A command that shows its help as chatctl does and logs as it was told to."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help of this command."""
        page = helping.page()
        about, _, examples = helping.text_of(self.help).partition("\n\nExamples:")
        page.prose(about)
        page.usage(ctx.command_path, helping.usage_pieces(self.params))
        helping.add_parameters(page, ctx, self.get_params(ctx))
        if examples:
            page.prose(f"Examples:{examples}")
        formatter.write(str(page))
        ctx.color = page.color  # or Typer's echo takes it out again where stdout is no terminal

    def invoke(self, ctx: Any) -> Any:
        """Run this command, logging set up."""
        run: Invocation = ctx.obj
        usual = LogLevel.INFO if self.name in _TALKATIVE else LogLevel.WARNING
        set_up(run.log_level or usual, run.log_format, run.log_file)
        return super().invoke(ctx)


class Commands(TyperGroup):
    """The root: knows every command's name and imports the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer's signature
        """Return the names of the commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - Typer's signature
        """Return the command, imported now, or None where there is none of that name."""
        return load(cmd_name) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that *args* begin with.

        Raises:
            UsageError: there is none; the tip names the nearest.
        """
        if args[0] in COMMANDS or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        error = UsageError(f"no such command {args[0]!r}")
        error.add_note(did_you_mean(args[0], COMMANDS, "see 'chatctl --help'"))
        raise error

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return completions of a command's name, without importing any command."""
        from typer._click.shell_completion import CompletionItem

        names = [CompletionItem(n, help=h) for n, h in COMMANDS.items() if n.startswith(incomplete)]
        return names + super(TyperGroup, self).shell_complete(ctx, incomplete)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help of the whole."""
        page = helping.page()
        about, _, examples = helping.text_of(self.help).partition("\n\n")
        page.prose(about)
        page.usage(ctx.command_path, ["[OPTIONS]", "COMMAND"])
        page.table("Commands", list(COMMANDS.items()))
        helping.add_parameters(page, ctx, self.get_params(ctx))
        page.prose(examples)
        formatter.write(str(page))
        ctx.color = page.color  # or Typer's echo takes it out again where stdout is no terminal


def load(name: str) -> Command:
    """Return the command *name*, its module imported."""
    function = getattr(import_module(f"chatctl.cli.{name}"), name)
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command(name, cls=Command)(function)
    command = typer.main.get_command(app)
    command.params += parameters()
    return command  # type: ignore[return-value]


def root() -> Commands:
    """Return the root command, ready to parse."""
    return Commands(
        name="chatctl",
        help=_HELP,
        params=[*_root_parameters(), *parameters()],
        context_settings=_SETTINGS,
        no_args_is_help=True,
        rich_markup_mode=None,
    )


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line *args*, by default the process's, and return the exit status."""
    invocation = Invocation()

    def act() -> None:
        group = root()
        if COMPLETE in os.environ:
            get_completion_inspect_parameters()  # makes Typer know the shells
            group.main(prog_name="chatctl", complete_var=COMPLETE, obj=invocation)
        with group.make_context("chatctl", list(args or sys.argv[1:]), obj=invocation) as context:
            group.invoke(context)

    return guarded(act, invocation)


def run() -> None:
    """Run the process's command line and exit."""
    output.claim()
    sys.exit(main())


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"chatctl {__version__}")
        raise typer.Exit


def _root_parameters() -> list[Any]:
    def declare(
        version: bool = typer.Option(
            False,
            "-V",
            "--version",
            callback=_show_version,
            is_eager=True,
            expose_value=False,
            help="Show the version and exit.",
        ),
    ) -> None: ...

    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command()(declare)
    return typer.main.get_command(app).params
