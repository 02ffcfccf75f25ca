"""Writes docs/cli.md from the program as it is: ``python -m chatctl.cli.reference > docs/cli.md``.

A test compares, so the page can neither lag behind nor promise what is not there.
"""

import sys
from collections.abc import Iterable
from typing import Any

import typer

from chatctl.cli import app, settings
from chatctl.cli import help as helping
from chatctl.cli.invocation import PANEL, parameters
from chatctl.cli.status import MEANING
from chatctl.tui import slash
from chatctl.tui.screen import keys, looks

_HEAD = """# The command line

Made from the program by `python -m chatctl.cli.reference`; a test holds it to the program. For
everything here there is also `--help`.
"""
_CONFIG = """## Settings

An option wins over its environment variable, that over the profile in force, that over the rest of
`config.toml`, that over the default. `chatctl config` shows each value, where it comes from, and
the path of `config.toml` (`CHATCTL_CONFIG` names another). Every option also has a variable of its
own command: `CHATCTL_SERVE_PORT` for `chatctl serve --port`.

```toml
nick = "alice"                  # {shared}: for all commands
profile = "work"                # the profile in force when none is chosen

[serve]                         # options of one command, by their long names
port = 4000

[profiles.work]                 # the same again, for --profile work; wins over the above
server = "tls://chat.example.org"

[ui]                            # looks of the full screen
theme = "textual-light"
notify = "osc777"

[keys]                          # its keys, by the names below
find = "ctrl+f,f3"
```

What is written in the full screen and at the prompt of `--plain` is kept for the next time, unless
it begins with a space: in `CHATCTL_STATE`, else in the platform's folder for state, in a file that
only you can read, one for each profile. With `NO_COLOR` set the full screen is drawn in greys.
"""
_WORDS = """## What becomes of your words

| sign | what is known |
|---|---|
| `…` | on the way, or waiting for a link |
| `✓` | the server has them |
| `✗` | not delivered, and why; Alt-R or `/retry` says them again, under the same id, never twice |

On a link, words without an answer for 10 s have failed. Without one they wait, for as long as
it takes, and go out in their order on the next link. A base server that gives no copies
leaves them without a sign. What is over a limit that the server announced is not sent, and stays
in the input line. Leaving gives words on their way 2 s; the full screen asks before it
drops any. What was dropped is told on standard error, and the status is 3.
"""
_SIGNS = """## Signs of the full screen

| sign | where | means |
|---|---|---|
| `↻` | behind our nick | not delivered before, and on its way again |
| `▌` | before a nick | it names us |
| `● ◌ ◐ ○` | status line | connected, connecting, reconnecting, offline |
| `▸` `!` `✗` | rooms | looked at; somebody named us; words of ours there were not delivered |
| `2:ops(3)` `✗` | status line | room 2 has 3 unread messages; words of ours failed there |
| `in 42/s out 1/s` | status line | messages a second, over the last five |
| `◌ dave 12m` | people | has said nothing here for 12 minutes, as far as this client has heard |

Of the status line what is least important goes first where there is little room: the rates, the
clock, who and where we are, rooms without news. How the link is, what is pending and what failed
stay at any width. With 100 columns and more the title says whether the link is TLS, and what
program serves.
"""


def page() -> str:
    """Return docs/cli.md."""
    shared = ", ".join(name.replace("_", "-") for name in settings.SHARED)
    parts = [_HEAD, *(_command(name) for name in app.COMMANDS), _globals()]
    parts += [_statuses(), _CONFIG.replace("{shared}", shared), _looks(), _WORDS, _SIGNS]
    parts += [_slash(), _keys()]
    return "\n".join(parts)


def _command(name: str) -> str:
    command: Any = app.load(name)
    context = typer.Context(command, info_name=f"chatctl {name}")
    about, _, examples = helping.text_of(command.help).partition("\n\nExamples:\n")
    usage = " ".join(helping.usage_pieces(command.params))
    own = [p for p in command.params if p.rich_help_panel != PANEL]
    parts = [f"## chatctl {name}\n", about + "\n", f"```console\n$ chatctl {name} {usage}\n```\n"]
    parts.append(_table(("argument or option", "meaning"), helping.rows(own, context)))
    if examples:
        commands = "\n".join(line[2:] for line in examples.splitlines())
        parts.append(f"```sh\n{commands}\n```\n")
    return "\n".join(parts)


def _globals() -> str:
    context = typer.Context(app.root(), info_name="chatctl")
    rows = helping.rows(parameters(), context)
    return "## Options of every command\n\n" + _table(("option", "meaning"), rows)


def _statuses() -> str:
    rows = [(str(int(status)), meaning) for status, meaning in MEANING.items()]
    return "## Exit statuses\n\n" + _table(("status", "meaning"), rows, code=False)


def _looks() -> str:
    text = "### `[ui]`\n\nAlso `/set NAME VALUE`, until the end of a session.\n\n"
    return text + _table(("setting, as it is without", "what it is"), looks.table())


def _slash() -> str:
    text = '## Slash commands\n\n`//text` says "/text".\n\n'
    lines = {typed for typed, _ in slash.help_rows(screen=False)}
    rows = [
        (typed, about if typed in lines else f"{about} (full screen)")
        for typed, about in slash.help_rows(screen=True)
    ]
    return text + _table(("command", "does"), rows)


def _keys() -> str:
    text = (
        "## Keys of the full screen\n\nEach can be given other keys in `[keys]`, by its name, or"
        ' none by `""`. Several are joined by\ncommas; a key does one thing at a time, and what'
        " is typed stays what is typed.\n\n"
    )
    for heading, actions in keys.GROUPS.items():
        rows = [(keys.spelled(a.keys), f"{a.about} (`{a.name}`)") for a in actions]
        text += f"### {heading}\n\n" + _table(("key", "does"), rows) + "\n"
    return text.rstrip("\n") + "\n"


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]], *, code: bool = True) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|"]
    for term, meaning in rows:
        shown = f"`{term.strip()}`" if code else term
        lines.append(f"| {_cell(shown)} | {_cell(meaning)} |")
    return "\n".join(lines) + "\n"


def _cell(text: Any) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.write(page())
