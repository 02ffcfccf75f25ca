"""``python -m chatctl`` and the ``chatctl`` command."""

import os
import sys

from chatctl import __version__


def main() -> None:
    """Run the command line; ``--version`` is answered without importing it."""
    _have_streams()
    if sys.argv[1:] in (["--version"], ["-V"]) and _says(f"chatctl {__version__}"):
        return
    from chatctl.cli.app import run

    run()


def _says(line: str) -> bool:
    """Write *line*; return whether that worked. If not, the whole command line says why not."""
    try:
        os.write(sys.stdout.fileno(), f"{line}\n".encode())
    except OSError:
        return False
    return True


def _have_streams() -> None:
    """Put /dev/null where a standard stream was closed by whoever started us.

    Else the stream is None, and the next file or socket that is opened takes its number: what is
    written to standard error would end up in a recording.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


if __name__ == "__main__":
    main()
