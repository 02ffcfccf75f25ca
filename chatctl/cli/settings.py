"""config.toml: values for options that were given neither as an option nor in the environment.

    nick = "alice"                  # an option that several commands share, for all of them
    profile = "work"                # the profile in force when none is chosen

    [serve]                         # options of one command
    port = 4000

    [profiles.work]                 # the same again, for --profile work; wins over the above
    server = "tls://chat.example.org"

    [keys]                          # key bindings of the full-screen client, and its looks
    [ui]

Reading it costs time at start-up, so nothing is imported until there is a file.
"""

import os
import re
from pathlib import Path
from typing import Any

from chatctl.errors import UsageError
from chatctl.suggesting import did_you_mean

SHARED = (
    *("server", "nick", "tls", "tls_ca", "tls_fingerprint", "plain"),
    *("color", "log_level", "log_format", "log_file"),
)
COMMANDS = ("serve", "connect", "send", "decode", "replay", "tap", "demo")
_TABLES = ("keys", "ui", *COMMANDS)


def path() -> Path:
    """Return where config.toml is looked for: ``CHATCTL_CONFIG``, else the platform's folder."""
    if chosen := os.environ.get("CHATCTL_CONFIG"):
        return Path(chosen)
    from platformdirs import user_config_path

    return user_config_path("chatctl", appauthor=False) / "config.toml"


def written(profile: str) -> Path | None:
    """Return the file that keeps what was written, under *profile*; None where none is wanted.

    It is in ``CHATCTL_STATE``, else in the platform's folder for state.
    """
    chosen = os.environ.get("CHATCTL_STATE")
    if chosen == os.devnull or table("ui", profile).get("remember") is False:
        return None
    if chosen:
        folder = Path(chosen)
    else:
        from platformdirs import user_state_path

        folder = user_state_path("chatctl", appauthor=False)
    name = re.sub(r"[^\w.-]", "_", in_force(profile)) or "default"
    return folder / "written" / f"{name}.jsonl"


def read() -> dict[str, Any]:
    """Return the checked contents of config.toml; empty where there is none.

    Raises:
        UsageError: it is not TOML, or has a name that means nothing.
    """
    file = path()
    try:
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    import tomllib

    try:
        values = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: not TOML: {error}") from None
    _check(values, {"profile": str, "profiles": dict}, str(file))
    for name, profile in values.get("profiles", {}).items():
        _check(profile, {}, f"{file} [profiles.{name}]")
    return values


def layers(profile: str) -> list[tuple[str, dict[str, Any]]]:
    """Return (where from, values), the nearest first: the profile in force, the rest of the file.

    Raises:
        UsageError: there is no such profile, or see ``read``.
    """
    values = read()
    profiles = values.get("profiles", {})
    chosen = in_force(profile)
    if not chosen:
        return [("config.toml", values)]
    if chosen not in profiles:
        raise UsageError(f"no profile {chosen!r} in {path()}; {did_you_mean(chosen, profiles)}")
    return [(f"profile {chosen}", profiles[chosen]), ("config.toml", values)]


def in_force(profile: str) -> str:
    """Return the profile in force: the one asked for, else config.toml's own choice, else none."""
    return profile or str(read().get("profile", ""))


def origins(command: str, profile: str) -> dict[str, tuple[Any, str]]:
    """Return option to (value, where from) for *command*; its own table before what all share."""
    found: dict[str, tuple[Any, str]] = {}
    for where, values in layers(profile):
        shared = {name: value for name, value in values.items() if _parameter(name) in SHARED}
        for name, value in {**shared, **values.get(command, {})}.items():
            found.setdefault(_parameter(name), (value, where))
    return found


def table(name: str, profile: str = "") -> dict[str, Any]:
    """Return the table ``keys`` or ``ui``, the profile's entries over the file's."""
    merged: dict[str, Any] = {}
    for _, values in reversed(layers(profile)):
        merged |= values.get(name, {})
    return merged


def check_options(command: str, profile: str, known: set[str]) -> None:
    """Raise UsageError where the table of *command* names an option that it does not have."""
    for where, values in layers(profile):
        for name in values.get(command, {}):
            if _parameter(name) not in known:
                tip = did_you_mean(name, [option.replace("_", "-") for option in known])
                raise UsageError(f"{path()}: {where}: {command} has no option {name!r}; {tip}")


def _parameter(name: str) -> str:
    return name.replace("-", "_")


def _check(values: Any, extra: dict[str, type], where: str) -> None:
    tables = extra | dict.fromkeys(_TABLES, dict)
    if not isinstance(values, dict):
        raise UsageError(f"{where}: must be a table")
    for name, value in values.items():
        if _parameter(name) in SHARED and not isinstance(value, dict):
            continue
        if name not in tables:
            known = [option.replace("_", "-") for option in SHARED] + list(tables)
            raise UsageError(f"{where}: {name!r} means nothing here; {did_you_mean(name, known)}")
        if not isinstance(value, tables[name]):
            wanted = "a table" if tables[name] is dict else "text"
            raise UsageError(f"{where}: {name!r} must be {wanted}")
