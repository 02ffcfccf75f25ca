"""What any full-screen program of ours is: one screen, on our terminal, with an orderly end."""

import asyncio
import signal
from typing import Any, ClassVar, Generic, TypeVar

from textual.app import App

from chatctl.tui.screen.escapes import teach
from chatctl.tui.screen.screen import ChatScreen
from chatctl.tui.screen.terminal import Terminal
from chatctl.tui.screen.themes import THEMES

FAULT = 70
_SIGNALS = {"SIGTERM": 143, "SIGHUP": 129, "SIGINT": 130, "SIGQUIT": 131}
Shown = TypeVar("Shown", bound=ChatScreen)


class Program(App[int], Generic[Shown], inherit_bindings=False):
    """Runs one screen, looking as that was told to; ends with the status of whatever ended it.

    Attributes:
        chat: the screen.
    """

    ENABLE_COMMAND_PALETTE = False
    TITLE = "chatctl"
    BINDINGS: ClassVar[list[Any]] = []

    def __init__(self, chat: Shown) -> None:
        teach()
        super().__init__(driver_class=Terminal)
        self.chat = chat

    async def on_mount(self) -> None:
        """Show the screen."""
        if isinstance(self._driver, Terminal):
            self.chat.outside = self._driver.outside
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = self.chat.looks.theme
        await self.push_screen(self.chat)
        self._heed_signals()
        self.begin()

    def begin(self) -> None:
        """Do what is to be done once the screen is there.

        Not a handler of a subclass: Textual would call that before ours.
        """

    @property
    def status(self) -> int:
        """How it ended: 0, that of a signal, or ``FAULT``, whose traceback Textual has shown."""
        if self.return_value is None and self.return_code:
            return FAULT
        return self.return_value or 0

    def _heed_signals(self) -> None:
        """Leave in good order when told to; Textual would leave the terminal as it is."""
        loop = asyncio.get_running_loop()
        for name, status in _SIGNALS.items():
            if number := getattr(signal, name, None):
                loop.add_signal_handler(number, self.exit, status)
