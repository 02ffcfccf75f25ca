"""Regular expressions of filters, by RE2: the time they take grows with the text, and no faster.

Python's own engine goes back and tries again: ``(a+)+$`` keeps it busy for minutes over thirty
letters. A filter looks at what strangers wrote, in a server while everybody else waits.
"""

from collections.abc import Callable

TIP = "patterns are those of RE2, see docs/filters.md"


def searching(pattern: str) -> Callable[[str], bool]:
    """Return the test whether a text has *pattern* anywhere.

    Raises:
        ValueError: it is none; the text of the error says why.
    """
    import re2  # only filters with a pattern pay for it

    options = re2.Options()
    options.log_errors = False  # else it writes to standard error by itself
    options.never_capture = True
    try:
        search = re2.compile(pattern, options).search
    except UnicodeEncodeError:
        raise ValueError("it is not UTF-8") from None
    except re2.error as error:
        raise ValueError(error.args[0].decode(errors="replace")) from None
    return lambda text: search(text.encode(errors="replace")) is not None
