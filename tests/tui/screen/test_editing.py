"""The keys of a shell's line, and that nothing harmful gets into it."""

import pytest
from textual import events

from chatctl.tui.screen.editing import typeable
from tests.tui.fakes import settle, started


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        (["ctrl+w"], "one two "),
        (["ctrl+u"], ""),
        (["alt+b", "ctrl+k"], "one two "),
        (["ctrl+a", "alt+f", "ctrl+k"], "one"),
        (["ctrl+a", "alt+d"], " two three"),
        (["ctrl+w", "ctrl+a", "ctrl+y"], "threeone two "),
        (["ctrl+w", "ctrl+w", "ctrl+y", "ctrl+y"], "one two two "),
        (["ctrl+a", "ctrl+k", "ctrl+y"], "one two three"),
        (["ctrl+u", "ctrl+underscore"], "one two three"),
        (["ctrl+b", "ctrl+b", "x"], "one two thrxee"),
        (["ctrl+x", "ctrl+v"], "one two three"),
    ],
)
async def test_words_are_cut_and_put_back(keys, left):
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.app.chat.composer.write("one two three")
        await pilot.press(*keys)
        await settle(chat, pilot)
        assert chat.app.chat.composer.text == left


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain", "plain"),
        ("a\nb\tc", "a\nb\tc"),
        ("a\x1b[31mb\x07\x9b\x7f\x00c", "a[31mbc"),
        ("a\u202eb\u2066c\ufeff", "abc"),
        ("👨‍👩‍👧 ❤️ 👍🏽 नमस्ते", "👨‍👩‍👧 ❤️ 👍🏽 नमस्ते"),
        ("\ud800x\u2028", "x"),
    ],
)
def test_what_no_keyboard_gives_is_left_out(text, kept):
    assert typeable(text) == kept


async def test_a_paste_cannot_steer_the_terminal():
    chat = started()
    async with chat.app.run_test(size=(80, 24)) as pilot:
        chat.app.post_message(events.Paste("a\x1b[31m\x1b]0;x\x07\x9b2Jb\u202e"))
        await settle(chat, pilot)
        assert chat.app.chat.composer.text == "a[31m]0;x2Jb"
