"""Full screen or lines: chosen before Textual is imported, which itself never looks.

Without a terminal Textual writes its escapes into files and exits with 0.
"""

import os
import sys


def worth_drawing() -> bool:
    """Return whether all three standard streams are a terminal that can be drawn on."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    if not all(stream is not None and stream.isatty() for stream in streams):
        return False
    return os.environ.get("TERM", "") not in {"", "dumb", "unknown"}
