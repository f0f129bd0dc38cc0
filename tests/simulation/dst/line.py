"""The wire between stations and hub: what is said may be lost, come twice, late or bent, and so may the answer.

A message travels as the bytes it would be over HTTP; what comes late is heard by the hub when nobody waits any more.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from core.kernel.feed import FeedKind
from sync.protocol import (
    Carried,
    Carry,
    Compare,
    Compared,
    Fetch,
    Fetched,
    Lease,
    Leased,
    Load,
    Loaded,
    Pulled,
    Push,
    Pushed,
    Refused,
    Rejoin,
    Rejoined,
    Renew,
    Renewed,
)
from sync.station.http import HubRefusal
from sync.wire import from_bytes, to_bytes
from tests.simulation.dst.hub import Hub
from tests.simulation.dst.machine import Machine, Offline, Pull, Sent, Slow

KINDS: dict[str, tuple[type[Any], type[Any]]] = {
    "push": (Push, Pushed), "pull": (Pull, Pulled), "fetch": (Fetch, Fetched), "lease": (Lease, Leased),
    "load": (Load, Loaded),
    "compare": (Compare, Compared), "rejoin": (Rejoin, Rejoined), "renew": (Renew, Renewed),
    "carry": (Carry, Carried),
}  # fmt: skip
"""What is said, and what is answered."""

FATES = ("lost", "cut", "twice", "late", "late", "bent", "bent_answer", "torn", "hole", "slow")
"""Lost: never heard. Cut: heard, the answer lost. Torn: the answer broken off. Bent: a digit is another. Hole: a row is missing.
Slow: the answer is on its way while other things happen."""


@dataclass
class Line:
    """Carries messages by what the schedule says of the next one."""

    hub: Hub
    fate: str = ""
    late: list[tuple[str, bytes, bool]] = field(default_factory=list)
    """What is on its way and nobody waits for."""

    def __call__(self, machine: Machine, sent: Sent) -> object:
        """Carry a message and return the answer."""
        fate, self.fate = self.fate, ""
        if not machine.online or fate == "lost":
            raise Offline
        asked, answered = KINDS[sent.kind]
        data, packed = to_bytes(sent.message)
        message = from_bytes(asked, data, packed=packed)
        if fate == "late":
            self.late.append((sent.kind, data, packed))
            raise Offline
        if fate == "bent":
            message = bent(message)
        answer = self.hub.answer(message)
        if fate == "twice":
            answer = self.hub.answer(message)
        if fate == "cut":
            raise Offline
        if isinstance(answer, Refused):
            raise HubRefusal(answer)
        if fate == "bent_answer":
            answer = bent(answer)
        if fate == "hole" and isinstance(answer, Pulled):
            answer = with_a_hole(answer)
        data, packed = to_bytes(answer)
        heard = from_bytes(answered, data[:-3] if fate == "torn" else data, packed=packed)
        if fate == "slow":
            raise Slow(heard)
        return heard

    def deliver(self, which: int) -> str:
        """Let the hub hear something late; nobody hears the answer."""
        if not self.late:
            return "nothing is late"
        kind, data, packed = self.late.pop(which % len(self.late))
        try:
            self.hub.answer(from_bytes(KINDS[kind][0], data, packed=packed))
        except Offline:
            return f"{kind} is lost"
        return kind


def with_a_hole(answer: Pulled) -> Pulled:
    """Return an answer without its first operation, as if the feed had skipped it."""
    ends = [n for n, row in enumerate(answer.rows, 1) if row.kind is FeedKind.RECEIPT]
    return replace(answer, rows=answer.rows[ends[0] :]) if len(ends) > 1 else answer


def bent(message: Any) -> Any:
    """Return a message of which a digit in the middle of what it carries became another on the way."""
    match message:
        case Push() if message.operations:
            at = len(message.operations) // 2
            each = message.operations[at]
            some = (*message.operations[:at], each._replace(body=_bent(each.body)), *message.operations[at + 1 :])
            return replace(message, operations=some)
        case Pulled() if message.rows:
            at = len(message.rows) // 2
            row = message.rows[at]
            rows = (*message.rows[:at], row._replace(content=_bent(row.content)), *message.rows[at + 1 :])
            return replace(message, rows=rows)
        case _:
            return message


def _bent(text: str) -> str:
    """Return JSON in which one number is one more, or a 1 where there is none."""
    for n, sign in enumerate(text):
        if sign.isdigit() and text[n - 1] == ":" and text[n + 1 : n + 2] in (",", "}"):
            return f"{text[:n]}{(int(sign) + 1) % 10}{text[n + 1 :]}"
    return text


__all__ = ["FATES", "Line"]
