"""What engines of a station ask for and are told: effects out, answers in, no input or output of their own.

An engine is a generator: it yields an effect and is sent its answer. Whoever runs it (a thread with a real wire, a
simulation with a made-up one, another process behind a queue) performs the effects; an engine keeps nothing that is not
in the station's file, so that it may be dropped at any effect and begun anew.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

from core.kernel.feed import Feed
from core.kernel.ids import SiteId, StationId
from core.kernel.operations import Operation
from core.kernel.refusal import Fault
from core.kernel.tables import Row
from core.rights.model import WorkLease
from sync.protocol import Fetch, Lease, Load, Loaded, Push, Refused, SentPrivate


@dataclass(frozen=True, slots=True)
class Me:
    """Who speaks for the station."""

    site: SiteId
    station: StationId
    incarnation: int
    start: bytes
    """The id of this start of the program."""


@dataclass(frozen=True, slots=True)
class ReadLog:
    """Wants the operations that the hub has not acknowledged, from the first on, and how long the log is: `LogPart`."""

    most: int


@dataclass(frozen=True, slots=True)
class LogPart:
    """A part of the log that is to be sent."""

    operations: tuple[Operation, ...]
    length: int
    head: bytes
    epoch: int
    private: Mapping[int, tuple[SentPrivate, ...]]
    """Personal data that the hub has not got, by the position of the operation it came with."""


@dataclass(frozen=True, slots=True)
class SendPush:
    """Wants a push sent: `Pushed`."""

    push: Push


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Wants operations marked as being at the hub, through a number of this incarnation."""

    through: int


@dataclass(frozen=True, slots=True)
class ReadCursor:
    """Wants how far the feed was taken: `FeedHead`."""


@dataclass(frozen=True, slots=True)
class SendPull:
    """Wants the feed behind a number: `Pulled`."""

    after: int
    wait_s: int


@dataclass(frozen=True, slots=True)
class TakeRows:
    """Wants rows of the feed taken into the file."""

    rows: tuple[Feed, ...]


@dataclass(frozen=True, slots=True)
class ReadWanted:
    """Wants the private rows that are to be fetched: tables and keys."""

    most: int


@dataclass(frozen=True, slots=True)
class SendFetch:
    """Wants private rows from the hub: `Fetched`."""

    fetch: Fetch


@dataclass(frozen=True, slots=True)
class KeepFetched:
    """Wants private rows kept."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ReadHeld:
    """Wants what work the station holds: `Held`."""


@dataclass(frozen=True, slots=True)
class ReadNumbers:
    """Wants how many numbers the station may still give out: `InHand`."""


@dataclass(frozen=True, slots=True)
class SendLease:
    """Wants more work from the hub: `Leased`."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Wants work given back that was not begun."""

    lease: WorkLease


@dataclass(frozen=True, slots=True)
class ReadLoading:
    """Wants how far a loading came: `Loading`, or None where none is under way."""


@dataclass(frozen=True, slots=True)
class SendLoad:
    """Wants a part of the site: `Loaded`."""

    load: Load


@dataclass(frozen=True, slots=True)
class KeepLoaded:
    """Wants a part of the site kept, with how far it came."""

    loaded: Loaded


@dataclass(frozen=True, slots=True)
class WantLoading:
    """Wants the site loaded, from the beginning."""


Effect = (
    ReadLog
    | SendPush
    | Acknowledge
    | ReadCursor
    | SendPull
    | TakeRows
    | ReadWanted
    | SendFetch
    | KeepFetched
    | ReadHeld
    | ReadNumbers
    | SendLease
    | GiveBack
    | ReadLoading
    | SendLoad
    | KeepLoaded
    | WantLoading
)
Engine = Generator[Effect, Any, None]


class HubFault(Fault):
    """The hub cannot be reached, or did not answer as a hub."""


class HubRefusal(Fault):
    """The hub answered that it will not take what was said; trying again as it is does not help."""

    def __init__(self, refused: Refused) -> None:
        """Carry the hub's words."""
        super().__init__(f"{refused.reason} {refused.words}".strip())
        self.refused = refused


class NotMine(Exception):
    """The hub knows operations of this station that its file does not have: the file is an older one, or a copy."""
