"""The steps of ``chatctl demo``, each a command of ours run as a child and shown as typed."""

import contextlib
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from chatctl.errors import LinkError, TimedOut
from chatctl.view.escape import escape
from chatctl.view.transcript import nick_colour

PATIENCE = 50.0
_ADDRESS = re.compile(r"server\.listening .*?address=(\S+)")
_COMMAND = [sys.executable, "-m", "chatctl"]


class Demonstration:
    """Runs commands, shows them and what they print, and leaves no process behind.

    No step waits for a time: each waits for a line that has to come, and all of it together at
    most for ``PATIENCE`` seconds.
    """

    def __init__(self, show: Console) -> None:
        self._show = show
        self._children: list[subprocess.Popen[str]] = []
        self._readers: list[threading.Thread] = []
        self._late = threading.Event()
        self._watch = threading.Timer(PATIENCE, self._give_up)
        self._watch.daemon = True

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._watch.cancel()
        self._stop_all()

    # ------------------------------------------------------------ the steps

    def record(self, file: Path, lines: Sequence[tuple[str, str]]) -> None:
        """Serve, let three people say *lines*, send one more, and stop; record into *file*."""
        self._heading("A server, recorded; three people on it; a line from a script")
        server, address = self._serve("--record", str(file))
        people = [
            self._join(nick, address, base=nick == "carol") for nick in ("alice", "bob", "carol")
        ]
        speakers = dict(zip(("alice", "bob", "carol"), people, strict=True))
        for nick, line in lines:
            self._say(nick, line, speakers)
        self._run("send", "the build is green", "--once", "--nick", "builder", "--server", address)
        for words in ("builder: ", "builder has left"):
            self._until(people[0], words, show=True)
        for person in reversed(people):
            self._finish(person)
        self._finish(server)

    def explain(self, file: Path) -> bool:
        """Decode and replay *file*; say whether a fresh server gave the same answers."""
        self._heading("What crossed the wire")
        self._run("decode", "--filter", "nick == bob and type == chat", str(file))
        self._run("decode", "--stats", str(file), most=12)
        self._heading("The same again, against a fresh server: are the answers the same?")
        server, address = self._serve()
        same = self._run("replay", str(file), "--to", address, "--expect", "recorded") == 0
        self._finish(server)
        verdict = ("same answers", "bold green") if same else ("other answers", "bold red")
        self._show.print(Text("✔ " if same else "✘ ", verdict[1]) + Text(*verdict))
        return same

    def offer(self, file: Path) -> None:
        """Show what to try next."""
        self._heading("Try next")
        offers = (
            ("chatctl serve", "a chat on 127.0.0.1:3490"),
            ("chatctl connect alice", "join it, in another terminal"),
            ('chatctl send "hi" --once', "say one thing"),
            (f"chatctl replay {file}", "watch what was just recorded"),
            (f"chatctl decode -v {file}", "every member of every packet"),
            (f"wireshark {file}", "it is an ordinary pcapng"),
        )
        widest = max(len(command) for command, _ in offers)
        for command, about in offers:
            self._show.print(Text(f"  {command:<{widest}}  ", "bold cyan") + Text(about, "dim"))

    # ------------------------------------------------------------ how they are done

    def _serve(self, *more: str) -> tuple["subprocess.Popen[str]", str]:
        """Start a server on a free port; return it and its address."""
        self._typed("serve", "--port", "0", "--no-history", *more)
        child = self._start("serve", "--port", "0", "--no-history", *more, stderr=subprocess.PIPE)
        assert child.stderr is not None  # noqa: S101 - narrows the type
        for line in child.stderr:
            if found := _ADDRESS.search(line):
                reader = threading.Thread(target=child.stderr.read, daemon=True)
                reader.start()
                self._readers.append(reader)
                return child, found[1]
        raise self._fault("the server did not start")

    def _join(self, nick: str, address: str, *, base: bool) -> "subprocess.Popen[str]":
        """Start a person and wait until they are in."""
        more = ["--base"] if base else []
        self._typed("connect", nick, "--server", address, *more)
        person = self._start("connect", nick, "--server", address, *more)
        self._until(person, f"{nick} has joined", show=True)
        return person

    def _say(self, nick: str, line: str, people: "dict[str, subprocess.Popen[str]]") -> None:
        """Let *nick* say *line*, and wait until everybody has it."""
        speaker = people[nick]
        assert speaker.stdin is not None  # noqa: S101 - narrows the type
        speaker.stdin.write(f"{line}\n")
        speaker.stdin.flush()
        words = line.removeprefix("/me ")
        for other, person in people.items():
            self._until(person, words, show=other == nick)

    def _until(self, person: "subprocess.Popen[str]", words: str, *, show: bool = False) -> None:
        """Read what *person* is shown until *words* come."""
        assert person.stdout is not None  # noqa: S101 - narrows the type
        for line in person.stdout:
            if words in line:
                if show:
                    self._show.print(_said(line.rstrip("\n")))
                return
        raise self._fault(f"{words!r} did not arrive")

    def _finish(self, child: "subprocess.Popen[str]") -> None:
        """Let *child* end of itself: a person at the end of input, a server when told."""
        if child.stdin is not None and child.args[len(_COMMAND)] == "connect":  # type: ignore[index]
            child.stdin.close()
        else:
            child.terminate()
        if child.stdout is not None:
            child.stdout.read()
        if child.wait() != 0:
            raise self._fault(f"status {child.returncode} instead of 0")

    def _run(self, *arguments: str, most: int = 0) -> int:
        """Run a command to its end and show the first *most* lines it prints; return its status."""
        self._typed(*arguments)
        child = self._start(*arguments)
        assert child.stdin is not None  # noqa: S101 - narrows the type
        child.stdin.close()
        assert child.stdout is not None  # noqa: S101 - narrows the type
        lines = [line for line in child.stdout.read().splitlines() if line.strip()]
        for line in lines[: most or None]:
            self._show.print(
                Text(f"  {escape(line)}"), no_wrap=True, overflow="ellipsis", crop=True
            )
        if most and len(lines) > most:
            self._show.print(Text(f"  … and {len(lines) - most} more lines", "dim"))
        status = child.wait()
        if self._late.is_set():
            raise self._fault("it is late")
        return status

    def _start(self, *arguments: str, stderr: int | None = None) -> "subprocess.Popen[str]":
        child = subprocess.Popen(  # noqa: S603 - our own program
            [*_COMMAND, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            encoding="utf-8",
        )
        self._children.append(child)
        if self._late.is_set():  # whoever gave up did not see this one; what it kills ends quietly
            self._kill_all()
            raise self._fault("it is late")
        return child

    def _typed(self, *arguments: str) -> None:
        words = " ".join(f'"{word}"' if " " in word else word for word in arguments)
        self._show.print(Text("$ ", "dim") + Text(f"chatctl {words}", "bold cyan"))

    def _heading(self, text: str) -> None:
        self._show.print()
        self._show.print(Rule(Text(text, "bold"), align="left", style="dim"))

    def _fault(self, what: str) -> Exception:
        if self._late.is_set():
            return TimedOut(f"the demo was not done in {PATIENCE:.0f} s")
        return LinkError(f"the demo went wrong: {what}")

    def _give_up(self) -> None:
        self._late.set()
        self._kill_all()

    def _kill_all(self) -> None:
        for child in self._children:
            if child.poll() is None:
                child.kill()

    def _stop_all(self) -> None:
        self._kill_all()
        for child in self._children:
            child.wait()
        for reader in self._readers:
            reader.join()
        for child in self._children:
            for stream in (child.stdin, child.stdout, child.stderr):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()


def _said(line: str) -> Text:
    """Return a line of the chat, the nick in its colour."""
    nick, colon, words = line.partition(": ")
    if colon and not line.startswith("*"):
        return Text.assemble("  ", (escape(nick), nick_colour(nick)), ": ", escape(words))
    return Text(f"  {escape(line)}", "dim")
