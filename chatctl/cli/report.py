"""How a command ends: every error becomes one line on stderr and an exit status, here only.

    error: no such command 'sedn'
    tip: did you mean 'send'?

A tip is a note of the error (``error.add_note``): what to do about it. A note that is indented is
shown as it is: the place that is meant.
"""

import re
import signal
import sys
from collections.abc import Callable
from typing import Any

import typer

from chatctl.cli import output
from chatctl.cli.invocation import Invocation
from chatctl.cli.status import ExitStatus, status_of
from chatctl.cli.terminal import colored, paint
from chatctl.errors import ChatError, OutputError
from chatctl.view.escape import escape

_NO_NUMBER = re.compile(r"is not a valid (?:int|integer|float)(?: range)?")
_ENVIRONMENT = re.compile(r" \(env var: [^)]*\)")
_SIGNALS = {"SIGTERM": ExitStatus.TERMINATED, "SIGHUP": ExitStatus.HANGUP}


def guarded(action: Callable[[], object], invocation: Invocation) -> int:
    """Run *action* to its end, whatever that is, and return the exit status.

    SIGTERM and SIGHUP unwind the stack like Ctrl-C does, so that files and terminals are left in
    order; an event loop may put handlers of its own in their place.
    """
    _unwind_on_signals()
    try:
        try:
            action()
        finally:
            if sys.stdout:
                sys.stdout.flush()
    except typer.Exit as asked:
        return asked.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return ExitStatus.INTERRUPTED
    except BrokenPipeError:
        output.abandon()
        return ExitStatus.CLOSED
    except Exception as error:  # noqa: BLE001 - the last resort; nothing is lost, see --debug
        return _report(_leaf(error), invocation)
    return ExitStatus.DONE


def warn(text: str) -> None:
    """Write one escaped line that begins with ``warning:`` to stderr."""
    _line("warning", "red", text)


def warn_of(trouble: object) -> None:
    """Warn of *trouble*, whose text is a sentence about it."""
    warn(str(trouble))


def _report(error: Exception, invocation: Invocation) -> int:
    if invocation.debug:
        import traceback

        traceback.print_exception(error)
    if isinstance(error, typer.TyperException):
        return _report_usage(error)
    if isinstance(error, OutputError):
        output.abandon()
    status = status_of(error)
    if status is ExitStatus.BUG:
        _line("error", "red", f"a fault in chatctl: {type(error).__name__}: {error}")
        _line("tip", "cyan", "run it again with --debug and report what it prints")
    else:
        _line("error", "red", _sentence(error))
        for note in getattr(error, "__notes__", ()):
            if note.startswith(" "):
                _write(escape(note))
            else:
                _line("tip", "cyan", note)
    return status


def _report_usage(error: Any) -> int:
    """Report what the parser refused; *error* is one of Typer's."""
    text, tip = _explain(error)
    if text:
        _line("error", "red", text)
        _line("tip", "cyan", tip)
    else:
        sys.stderr.write(f"{error.message}\n")
    return ExitStatus.USAGE


def _explain(error: Any) -> tuple[str, str]:
    """Return what is wrong and what to do; nothing where the message is the help itself."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return "", ""
    text = _ENVIRONMENT.sub("", " ".join(str(error.format_message()).split())).removesuffix(".")
    text = _NO_NUMBER.sub("is not a number", text)
    path = context.command_path if context else "chatctl"
    tip = f"see '{path} --help'"
    if near := getattr(error, "possibilities", None):
        text = error.message
        tip = f"did you mean {near[0]!r}?"
    return text[:1].lower() + text[1:] + _origin(error, context), tip


def _origin(error: Any, context: Any) -> str:
    """Return where a refused value came from, if not from the command line."""
    param = getattr(error, "param", None)
    if context is None or param is None:
        return ""
    source = context.get_parameter_source(param.name)
    if source is not None and source.name == "ENVIRONMENT":
        return f" (from {param.envvar})" if param.envvar else " (from the environment)"
    return " (from config.toml)" if source is not None and source.name == "DEFAULT_MAP" else ""


def _sentence(error: Exception) -> str:
    if isinstance(error, ChatError) or not isinstance(error, OSError):
        return str(error) or type(error).__name__
    what = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {what}" if error.filename else what


def _leaf(error: Exception) -> Exception:
    """Return the first error of a group of a TaskGroup's, which says what went wrong."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def _line(kind: str, style: str, text: str) -> None:
    head = paint(f"{kind}:", style, color=colored(sys.stderr))
    _write(f"{head} {escape(text)}")


def _write(line: str) -> None:
    try:
        if sys.stderr:
            sys.stderr.write(f"{line}\n")
    except OSError:  # nobody can be told that nobody can be told
        output.abandon(2)


def _unwind_on_signals() -> None:
    def unwind(number: int, _frame: object) -> None:
        raise SystemExit(_SIGNALS[signal.Signals(number).name])

    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, unwind)
