"""``python -m chatctl`` and the ``chatctl`` command."""

import sys

from chatctl import __version__


def main() -> None:
    """Run the command line; ``--version`` is answered without importing it."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        sys.stdout.write(f"chatctl {__version__}\n")
        return
    from chatctl.cli.app import run

    run()


if __name__ == "__main__":
    main()
