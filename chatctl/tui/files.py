"""Files that people name in what they type: which one a name means, and which begin so."""

from pathlib import Path

from chatctl.errors import UsageError

_MOST = 50


def named(text: str) -> Path:
    """Return the file that *text* names; ``~`` is a home.

    Raises:
        UsageError: nobody has the home it names, or no file can be called so.
    """
    if "\0" in text:
        raise UsageError(f"no file can be called {text!r}")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise UsageError(f"nobody's home is {text}") from None


def beginning_so(begun: str) -> list[str]:
    """Return the paths here that begin with *begun*, folders with a slash behind."""
    shown = begun[: begun.rfind("/") + 1]
    name = begun[len(shown) :]
    try:
        path = named(begun)
        folder = path if begun.endswith("/") else path.parent
        found = sorted(each for each in folder.iterdir() if each.name.startswith(name))
    except (OSError, UsageError):
        return []
    seen = [each for each in found if name.startswith(".") or not each.name.startswith(".")]
    return [f"{shown}{each.name}{'/' * each.is_dir()}" for each in seen[:_MOST]]
