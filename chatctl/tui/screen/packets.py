"""The pane beside the chat: what crosses the link, as it is."""

from textual.strip import Strip

from chatctl.tui.screen.drawing import draw_packet
from chatctl.tui.screen.rows import Row
from chatctl.tui.screen.timeline import Stands, Timeline


class Packets(Timeline):
    """A timeline of packets: none is older than those here, and days begin in the chat alone."""

    def want_older(self) -> None:
        """Ask for nothing."""

    def lines_of(self, row: Row, stands: Stands) -> list[Strip]:  # noqa: ARG002
        """Return the lines of *row*."""
        return draw_packet(row, self.size.width, self.palette)
