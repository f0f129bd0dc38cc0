"""What engines of a station ask for and are told: effects out, answers in, no input or output of their own.

An engine is a generator: it yields an effect and is sent its answer. Whoever runs it (a thread with a real wire, a
simulation with a made-up one, another process behind a queue) performs the effects; an engine keeps nothing that is not
in the station's file, so that it may be dropped at any effect and begun anew.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

from core.kernel.comparing import Buckets
from core.kernel.feed import Feed, FeedHead
from core.kernel.ids import CommandId, SiteId, StationId
from core.kernel.operations import Operation
from core.kernel.refusal import Fault
from core.kernel.rewind import Images, SetAside
from core.kernel.tables import Row
from core.kernel.witness import Said
from core.rights.model import WorkLease
from sync.protocol import Carry, Compare, Fetch, Lease, Load, Loaded, Place, Push, Refused, Rejoin, Renew, SentPrivate


@dataclass(frozen=True, slots=True)
class Me:
    """Who speaks for the station."""

    site: SiteId
    station: StationId
    start: bytes
    """The id of this start of the program."""


@dataclass(frozen=True, slots=True)
class ReadLog:
    """Wants the operations that the hub has not acknowledged, from the first on, and how long the log is: `LogPart`."""

    most: int
    aside_after: tuple[int, int] = (0, 0)
    """Epoch and number of the last row that was handed back in this round."""
    since: int = -1
    """A number behind which everything is wanted, whether the hub had it once or not; -1 for what it never acknowledged."""


@dataclass(frozen=True, slots=True)
class LogPart:
    """A part of the log that is to be sent."""

    operations: tuple[Operation, ...]
    length: int
    head: bytes
    epoch: int
    private: Mapping[int, tuple[SentPrivate, ...]]
    """Personal data that the hub has not got, by the position of the operation it came with."""
    cursor: int = 0
    cursor_hash: bytes = b""
    aside: tuple[SetAside, ...] = ()
    """What the hub has forgotten, behind where the last part ended."""
    aside_left: int = 0
    incarnation: int = 1
    """Of the file, whose operations these are."""
    remembered: tuple[SentPrivate, ...] = ()
    """Personal data of others' operations that the hub may have forgotten."""


@dataclass(frozen=True, slots=True)
class SendPush:
    """Wants a push sent: `Pushed`."""

    push: Push


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Wants operations marked as being at the hub, through a number of this incarnation."""

    through: int
    epoch: int
    """The hub's when it said so."""
    incarnation: int
    """The file's when it asked."""
    remembered: tuple[tuple[str, str], ...] = ()
    """Tables and keys of personal data of others' operations that are at the hub again."""
    followed: tuple[CommandId, ...] = ()
    """Operations that were in the feed before this file's cursor."""


@dataclass(frozen=True, slots=True)
class ReadCursor:
    """Wants how far the feed was taken: `FeedHead`."""


@dataclass(frozen=True, slots=True)
class SendPull:
    """Wants the feed behind a number: `Pulled`."""

    after: int
    wait_s: int
    epoch: int
    """The newest that the station knows."""


@dataclass(frozen=True, slots=True)
class TakeRows:
    """Wants rows of the feed taken into the file."""

    rows: tuple[Feed, ...]
    epoch: int
    """The hub's when it gave them."""


@dataclass(frozen=True, slots=True)
class ReadStanding:
    """Wants who the file is at this moment: `Standing`."""

    through: int = 0
    """The number of an operation of its incarnation whose hash is wanted with it; 0 for none."""


@dataclass(frozen=True, slots=True)
class BeSure:
    """Wants noted that the hub has named this start as the newest: the file is no copy."""


@dataclass(frozen=True, slots=True)
class SendRenew:
    """Wants a new incarnation asked for: `Renewed`."""

    renew: Renew


@dataclass(frozen=True, slots=True)
class TakeIncarnation:
    """Wants the file to go on under another incarnation."""

    incarnation: int


@dataclass(frozen=True, slots=True)
class TellWitness:
    """Wants the witness outside the file told how far the log is, where that is news."""

    said: Said


@dataclass(frozen=True, slots=True)
class SendRejoin:
    """Wants the hub asked what it has forgotten: `Rejoined`."""

    rejoin: Rejoin


@dataclass(frozen=True, slots=True)
class ReadBeyond:
    """Wants the first of some places of the feed that is in the file as well, and the tables and keys of the rows behind it.

    None for the place where the file has none of them any more.
    """

    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class LoadAnew:
    """Wants the site loaded anew, in the hub's new epoch: nothing of what was taken is at the hub any more."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Rewind:
    """Wants the station's file to go back to where the hub is, in its new epoch."""

    to: FeedHead
    images: Images
    goal: int = 0
    """How far the hub's feed went when it gave the images."""


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
    withheld: tuple[tuple[str, str], ...] = ()
    """Tables and keys of those that the hub does not give."""


@dataclass(frozen=True, slots=True)
class PhotosHere:
    """What is to be done about photos, by their digests."""

    unsafe: tuple[str, ...]
    """Those whose bytes are here and, as far as is known, not at the hub."""
    wanted: tuple[str, ...]
    """Those that somebody looks for and that are not here."""


@dataclass(frozen=True, slots=True)
class ReadPhotos:
    """Wants what is to be done about photos: `PhotosHere`."""

    most: int


@dataclass(frozen=True, slots=True)
class ReadPhoto:
    """Wants the bytes of a photo; None where they are not here, or damaged."""

    digest: str


@dataclass(frozen=True, slots=True)
class KeepPhoto:
    """Wants the bytes of a photo kept: whether they were what their name says."""

    digest: str
    data: bytes


@dataclass(frozen=True, slots=True)
class SendCarry:
    """Wants photos brought to the hub and asked for: `Carried`."""

    carry: Carry


@dataclass(frozen=True, slots=True)
class NoteSafe:
    """Wants noted that the hub has photos' bytes."""

    digests: tuple[str, ...]
    epoch: int
    """The hub's when it said so."""


@dataclass(frozen=True, slots=True)
class ReadQuiet:
    """Wants how far the feed was taken, where nothing is unsettled and that was not compared yet: `FeedHead`, or None."""


@dataclass(frozen=True, slots=True)
class ReadBuckets:
    """Wants the next sums over rows: `Buckets`, or None where something is unsettled by now."""

    after: Buckets


@dataclass(frozen=True, slots=True)
class SendCompare:
    """Wants sums held against the hub's: `Compared`."""

    compare: Compare


@dataclass(frozen=True, slots=True)
class Mend:
    """Wants rows that differ made what the hub has: how many that were."""

    head: FeedHead
    asked: Buckets
    differs: tuple[str, ...]
    rows: tuple[SentPrivate, ...]
    short: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoteCompared:
    """Wants noted that everything is as at the hub, up to there."""

    head: FeedHead


@dataclass(frozen=True, slots=True)
class ReadHeld:
    """Wants what work the station holds: `Held`."""


@dataclass(frozen=True, slots=True)
class ReadNumbers:
    """Wants how many numbers the station may still give out, and what is to be done about carriers: `InHand`."""


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
    whole: bool = True
    """Whether it goes on behind it; not for a piece of what came."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Wants rows let go that did not come with a loading."""

    rows: tuple[Feed, ...]


@dataclass(frozen=True, slots=True)
class WantLoading:
    """Wants the site loaded, from the beginning."""


Look = (
    ReadLog
    | ReadCursor
    | ReadWanted
    | ReadHeld
    | ReadNumbers
    | ReadStanding
    | ReadBeyond
    | ReadLoading
    | ReadQuiet
    | ReadBuckets
)
"""What is only read, from the station's file."""
Send = SendPush | SendPull | SendFetch | SendLease | SendRenew | SendRejoin | SendLoad | SendCompare | SendCarry
"""What goes to the hub and is answered by it."""
Write = (
    Acknowledge
    | TakeRows
    | KeepFetched
    | BeSure
    | TakeIncarnation
    | Rewind
    | LoadAnew
    | WantLoading
    | KeepLoaded
    | Forget
    | Mend
    | NoteCompared
    | NoteSafe
)
"""What changes the station's file, by its one writer."""
Beside = ReadPhotos | ReadPhoto | KeepPhoto
"""What lies beside the station's file."""
Effect = Look | Send | Write | Beside | GiveBack | TellWitness
Engine = Generator[Effect, Any, None]


class HubFault(Fault):
    """The hub cannot be reached, or did not answer as a hub."""


class HubRefusal(Fault):
    """The hub answered that it will not take what was said; trying again as it is does not help."""

    def __init__(self, refused: Refused) -> None:
        """Carry the hub's words."""
        super().__init__(f"{refused.reason} {refused.words}".strip())
        self.refused = refused


@dataclass(frozen=True, slots=True)
class HubSeen:
    """What answers at an address, before anything is asked of it."""

    address: str
    proto: int
    """The version that it speaks."""
    sites: tuple[tuple[int, str], ...]
    """Numbers and names."""


class NoHub(HubFault):
    """Something answers there, and it is no hub."""


class OlderEpoch(Fault):
    """An answer comes from an older life of the hub than this station knows: nothing in it counts."""


class NotMine(Exception):
    """The hub gives this file no new incarnation: another one of the station goes on, or it takes no part any more."""
