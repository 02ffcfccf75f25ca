"""What a hub has counted since it began. The metrics endpoint reads it."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """Counts since the start.

    Attributes:
        accepted: connections.
        messages: messages taken from peers.
        deliveries: items of rooms written to members.
        unstored: messages the log could not keep.
        refused: requests answered with an error, by its code.
        expelled: peers closed by us, by the code of the reason.
        malformed: payloads that were no packets.
        delayed: times a peer was made to wait by the flood control.
    """

    accepted: int = 0
    messages: int = 0
    deliveries: int = 0
    unstored: int = 0
    malformed: int = 0
    delayed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    expelled: Counter[str] = field(default_factory=Counter)
