"""Everything ``chatctl replay`` was told, in one frozen value."""

from dataclasses import dataclass
from pathlib import Path

from chatctl.capture.replay.pace import OnTimeout, Order, Pacing, Window
from chatctl.capture.replay.unmatched import OnUnmatched
from chatctl.transport.address import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayConfig:
    """Everything ``replay`` was told; see ``replay_options`` for what each means.

    Times are in seconds.
    """

    capture: str
    target: Address | None
    listen: Address | None
    yes: bool
    tls_ca: Path | None
    order: Order
    speed: float
    max_gap: float
    timeout: float
    on_timeout: OnTimeout
    loops: int
    step: bool
    plain: bool
    begin: float
    end: float
    conns: frozenset[int] | None
    where: str
    port: int
    clients: int
    nick_template: str
    ramp: float
    rewrites: tuple[str, ...]
    faults: tuple[str, ...]
    seed: int
    compare: bool
    masks: tuple[str, ...]
    unmasks: tuple[str, ...]
    mask_from: Path | None
    claims: tuple[str, ...]
    on_unmatched: OnUnmatched
    dry_run: bool
    quiet: bool
    json: bool
    junit: Path | None
    record: str
    to_pytest: Path | None
    minimize: Path | None
    profile: str

    @property
    def window(self) -> Window:
        """The part of the recording's time to play."""
        return Window(self.begin, self.end, self.max_gap)

    @property
    def pacing(self) -> Pacing:
        """How to play."""
        settle = 0.2 if self.compare else 0.0
        return Pacing(
            self.order, self.speed, self.timeout, self.on_timeout, settle, manual=self.step
        )
