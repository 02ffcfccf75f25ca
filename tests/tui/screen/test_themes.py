"""Themes: Textual's, and those without colours."""

from textual.color import Color

from chatctl.tui.screen.drawing import Palette
from chatctl.tui.screen.themes import THEMES, is_mono, palette_of
from tests.tui.fakes import settle, started


def test_mono_is_told_by_its_name():
    assert [name for name in THEMES if is_mono(name)] == ["mono", "mono-light"]


async def test_nothing_is_told_by_colour_in_mono():
    for name in ("mono", "mono-light"):
        chat = started(theme=name)
        async with chat.app.run_test(size=(80, 24)) as pilot:
            await settle(chat, pilot)
            made: Palette = palette_of(chat.app.chat.timeline)
            assert made.nick("bob") == made.nick("carol")
            styles = (made.base, made.accent, made.trouble, made.notice, made.own)
            colors = {style.color.get_truecolor() for style in styles}
            assert {Color(*color).hsl.s for color in colors} == {0}
