"""Every key of the full screen: one table that feeds the bindings, ``/keys``, F1 and the docs.

Each action has a name of its own, by which ``[keys]`` in config.toml gives it other keys:

    [keys]
    find = "ctrl+f,f3"

An action without keys has none: ``find = ""``. What may be chosen is checked in ``keymap``.

No key here needs a terminal with a keyboard protocol of its own; none sits on Ctrl-S or Ctrl-Q
(flow control), on Ctrl-M, Ctrl-I or Ctrl-[ (which are Enter, Tab and Escape), or on Ctrl-B (tmux).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from textual import events


@dataclass(frozen=True, slots=True)
class Action:
    """Something a key does.

    Attributes:
        name: what config.toml calls it.
        keys: its usual keys, separated by commas, as Textual spells them.
        about: what it does, for people.
    """

    name: str
    keys: str
    about: str


COMPOSER = (
    Action("send", "enter", "send what is written"),
    Action("newline", "alt+enter,ctrl+j", "begin a new line"),
    Action("earlier", "up", "line above, or what was sent before"),
    Action("later", "down", "line below, or what was sent after"),
    Action("complete", "tab", "complete a command, a nick, a room or an :emoji"),
    Action("complete_back", "shift+tab", "the completion before"),
    Action("recall", "ctrl+r", "find something sent before, as you type; Enter takes it"),
    Action("dismiss", "escape", "put away completions, what was found, or what is shown as found"),
    Action("word_back", "alt+b,ctrl+left,alt+left", "a word back"),
    Action("word_on", "alt+f,ctrl+right,alt+right", "a word on"),
    Action("kill_word_back", "ctrl+w,alt+backspace", "cut the word before the caret"),
    Action("kill_word", "alt+d,alt+delete", "cut the word behind the caret"),
    Action("kill_start", "ctrl+u", "cut to the start of the line"),
    Action("kill_end", "ctrl+k", "cut to the end of the line"),
    Action("yank", "ctrl+y", "put back what was cut"),
    Action("undo", "ctrl+underscore", "take back the last change"),
)
SCREEN = (
    Action("page_up", "pageup", "scroll up, into what was said before"),
    Action("page_down", "pagedown", "scroll down"),
    Action("to_start", "ctrl+home", "to the oldest row; Home, too, while nothing is written"),
    Action("to_end", "ctrl+end", "to the newest row, and stay; End, too, while nothing is written"),
    Action("next_active", "alt+a", "next room with something unread"),
    Action("next_room", "ctrl+n", "next room"),
    Action("previous_room", "ctrl+p", "previous room"),
    Action("next_mention", "alt+n", "next row that names you"),
    Action("previous_mention", "alt+p", "previous row that names you"),
    Action("to_unread", "alt+u", "to the line above what is new"),
    Action("find", "ctrl+f", "find in the scrollback; Enter: the next older, Down: the next newer"),
    Action("again", "alt+r", "say again what was not delivered"),
    Action("help", "f1", "keys and commands"),
    Action("rooms", "f6", "show or hide the rooms"),
    Action("bare", "f7", "plain text, to select with the terminal's own mouse"),
    Action("people", "f8", "show or hide the people"),
    Action("people_up", "ctrl+pageup,shift+pageup", "scroll the list of people up"),
    Action("people_down", "ctrl+pagedown,shift+pagedown", "scroll it down"),
    Action("raw", "f9", "show or hide the packets"),
    Action("packets_up", "alt+pageup,alt+up", "scroll the packets up"),
    Action("packets_down", "alt+pagedown,alt+down", "scroll them down"),
    Action("redraw", "ctrl+l", "draw the screen anew"),
    Action(
        "interrupt",
        "ctrl+c",
        "copy what is selected; else clear the line; twice on an empty line: quit",
    ),
    Action("leave", "ctrl+d", "quit, on an empty line"),
    Action("suspend", "ctrl+z", "go to the background"),
    *(Action(f"room_{n}", f"alt+{n}", f"room number {n}") for n in range(1, 10)),
)
REPLAY = (
    Action("pause", "space", "pause, or play on"),
    Action("step", "right", "one record on"),
    Action("step_back", "left", "one record back"),
    Action("faster", "plus,equals_sign", "twice as fast"),
    Action("slower", "minus", "half as fast"),
    Action("skip", "shift+right", "ten seconds on"),
    Action("skip_back", "shift+left", "ten seconds back"),
    Action("next_mark", "m", "to the next mark"),
    Action("previous_mark", "shift+m,M", "to the mark before"),
    Action("rewind", "home", "to the beginning"),
    Action("finish", "end", "to the end"),
    Action("quit", "q,ctrl+c,ctrl+d", "leave the replay"),
)
FIND = (
    Action("find_older", "enter,up", "the next older; the key that began it does that, too"),
    Action("find_newer", "down", "the next newer"),
    Action("find_stop", "escape,ctrl+c", "find no more"),
)
DIALOG = (
    Action("put_away", "escape,q,enter", "put it away; the key that showed it does that, too"),
    Action("paste", "enter,y", "take a big paste"),
    Action("drop", "escape,n", "drop it"),
)
_ON_THE_LINK = {"again", "interrupt", "leave", "raw", "packets_up", "packets_down"}
MOVING = tuple(a for a in SCREEN if a.name not in _ON_THE_LINK)
"""What the keys of ``SCREEN`` do while a replay is watched."""

_SPELLED = {
    "pageup": "PageUp",
    "pagedown": "PageDown",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "underscore": "_",
}
GROUPS = {
    "Writing": COMPOSER,
    "Everywhere": SCREEN,
    "Finding": FIND,
    "Help, plain text, a big paste": DIALOG,
    "Watching a replay": REPLAY,
}
ALL = {action.name: action for actions in GROUPS.values() for action in actions}


def keys_of(name: str, chosen: Mapping[str, str]) -> list[str]:
    """Return the keys of the action *name*, none where it has none."""
    return [key for key in chosen.get(name, ALL[name].keys).split(",") if key]


def label(name: str, chosen: Mapping[str, str], otherwise: str = "") -> str:
    """Return the first key of the action *name* as people know it, *otherwise* if it has none."""
    found = keys_of(name, chosen)
    return _spelled(found[0]) if found else otherwise


def deeds(
    holder: object, actions: Iterable[Action], chosen: Mapping[str, str]
) -> dict[str, Callable[[], object]]:
    """Return key to what it does: ``action_<name>`` of *holder*, under the keys in force."""
    return {
        key: getattr(holder, f"action_{action.name}")
        for action in actions
        for key in keys_of(action.name, chosen)
    }


def obey(deeds: Mapping[str, Callable[[], object]], event: events.Key) -> None:
    """Do what the key of *event* does, if anything; nobody else sees the key then."""
    if (deed := deeds.get(event.key)) is not None:
        event.stop()
        event.prevent_default()
        _ = deed()


def table(chosen: Mapping[str, str], actions: Iterable[Action]) -> list[tuple[str, str]]:
    """Return (keys, what they do) for people; rooms by their usual numbers stand in one row."""
    rows = [(spelled(",".join(keys_of(a.name, chosen))) or "no key", a.about) for a in actions]
    return _gathered(rows)


def _gathered(rows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    numbered = [(f"Alt-{n}", f"room number {n}") for n in range(1, 10)]
    if not set(numbered) <= set(rows):
        return list(rows)
    rest = [row for row in rows if row not in numbered[1:]]
    rest[rest.index(numbered[0])] = ("Alt-1 … Alt-9", "the room of that number")
    return rest


def spelled(keys: str) -> str:
    """Return *keys* as they stand on a keyboard: ``Alt-Enter, Ctrl-J``."""
    return ", ".join(dict.fromkeys(_spelled(key) for key in keys.split(",") if key))


def _spelled(key: str) -> str:
    if len(key) == 1 and key.isalpha():
        return f"Shift-{key}" if key.isupper() else key.upper()
    return "-".join(_SPELLED.get(p, p.replace("_", " ").title()) for p in key.split("+"))
