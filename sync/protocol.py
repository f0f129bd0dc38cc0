"""What stations and hub say to each other: one frozen record a message, the same words on every wire.

Every message carries the protocol's version and the hub's epoch. Places for what comes later are here already: signatures
(enrolment), leases and rights, rows handed back after a restore. (Reference: sync, section 8.2.)
"""

from dataclasses import dataclass
from typing import NamedTuple

from core.kernel.comparing import Bucket
from core.kernel.feed import Feed, FeedKind, content_text, key_text, row_of
from core.kernel.ids import CommandId, PersonId, SessionId, SiteId, StationId
from core.kernel.operations import Operation, OperationOutcome, OperationState
from core.kernel.rewind import SetAside
from core.kernel.tables import TABLES, Row, TableClass

PROTO = 1
"""What this program says. It counts up where something means another thing than before. A field that came is none of that: it has a
default for whoever does not say it, and who does not know it leaves it out."""
VERSIONS_BACK = 2
UNDERSTOOD = frozenset(range(max(1, PROTO - VERSIONS_BACK), PROTO + 1))
"""What a hub takes: it is brought up to date first, and no upload waits until a station is."""
PORT = 8700
"""Where a hub listens unless it is told otherwise."""
OPERATIONS_MAX = 200
"""Operations of one push."""
PUSH_BYTES = 256 * 1024
"""Bytes of bodies of one push, from which on no further operation joins it."""
ROWS_MAX = 2_000
"""Rows of the feed in one pull, but never less than one whole operation."""
PULL_BYTES = 1024 * 1024
FETCH_MAX = 500
"""Private rows of one fetch, or rows of one question after an epoch."""
ASIDE_MAX = 500
"""Rows handed back in one push, but never less than one whole operation."""
WAIT_S = 25
"""Seconds that the hub keeps a pull that has nothing yet."""


class SentOperation(NamedTuple):
    """An operation on its way up: what is hashed of it, without what the message says once for all."""

    seq: int
    id: CommandId
    kind: str
    version: int
    body: str
    actor: PersonId
    session: SessionId
    device_ms: int
    boot_ns: int
    base_cursor: int
    fence: int
    prev_hash: bytes
    hash: bytes


class SentRow(NamedTuple):
    """A row of the feed on its way down."""

    seq: int
    epoch: int
    kind: FeedKind
    entity: str
    key: str
    content: str
    hash: bytes


class Place(NamedTuple):
    """A row of the feed by number and hash."""

    seq: int
    hash: bytes


class SentPrivate(NamedTuple):
    """A row of personal data on its way, up or down."""

    entity: str
    key: str
    content: str


class SentReceipt(NamedTuple):
    """What became of an operation."""

    seq: int
    operation: CommandId
    outcome: OperationOutcome
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What a station has done since, from the first operation that the hub did not acknowledge yet."""

    proto: int = PROTO
    epoch: int
    site: SiteId
    station: StationId
    incarnation: int
    start: bytes
    """The id of this start of the program: each start has another, and a station that never had the newest was copied."""
    log_length: int
    """The number of the last operation in the station's log."""
    log_head: bytes
    """Its hash."""
    operations: tuple[SentOperation, ...]
    private: tuple[SentPrivate, ...] = ()
    """Personal data that came with these operations and that the hub has not got."""
    cursor: int = 0
    """How far the station has taken the feed: a hub that does not know that row was set back."""
    cursor_hash: bytes = b""
    aside: tuple[SentRow, ...] = ()
    """Whole operations of the feed that the hub has forgotten, handed back."""
    aside_left: int = 0
    """How many such rows the station still has: it counts as heard once there are none."""
    remembered: tuple[SentPrivate, ...] = ()
    """Personal data of others' operations that the hub may have forgotten with them: kept where it has none."""
    at: int = 0
    """The station's time, UTC milliseconds, 0 where it is not said: for IT to see a wrong clock, never for order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """The hub's answer to a push."""

    proto: int = PROTO
    epoch: int
    at: int
    """The hub's time, UTC milliseconds: for the offset of a wrong clock, never for order."""
    applied_through: int
    """The last number of this station's that the hub has: more than the log holds means that the file was rolled back."""
    applied_head: bytes
    newest_start: bytes
    receipts: tuple[SentReceipt, ...]
    forked: int = 0
    """The number under which the hub has another operation; also not 0 where both of two files were stopped over one."""
    incarnation: int = 1
    """The newest of this station's that the hub knows: a file of an older one was copied or rolled back."""
    recovering: int = 0
    """1 while the hub, which was set back, still hears its stations and grants nothing."""
    followed: tuple[CommandId, ...] = ()
    """Of what was handed back or came twice: what is in the feed as far as the station has come, whoever brought it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """A part of the site's feed: whole operations, numbered without gaps."""

    proto: int = PROTO
    epoch: int
    at: int
    after: int
    head: int
    """How far the feed goes at the hub."""
    rows: tuple[SentRow, ...]
    resync: bool = False
    """Whether the hub has not the feed from there on any more: the station loads the site anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """What a station has of the site, where nothing moves: sums of buckets of rows."""

    proto: int = PROTO
    epoch: int
    site: SiteId
    station: StationId
    seq: int
    """How far it has taken the feed."""
    buckets: tuple[Bucket, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What of it is something else at the hub."""

    proto: int = PROTO
    epoch: int
    seq: int
    """How far the feed goes: where that is not as far as the station took it, nothing was compared."""
    differs: tuple[str, ...] = ()
    """Tables of the buckets that differ."""
    rows: tuple[SentPrivate, ...] = ()
    """The rows of these buckets as they are at the hub."""
    short: tuple[str, ...] = ()
    """Tables of which the hub has not as many rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """Rows of personal data that a station needs for its work."""

    proto: int = PROTO
    epoch: int
    site: SiteId
    station: StationId
    wanted: tuple[tuple[str, str], ...]
    """Tables and keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What of it the hub has, and the station may have."""

    proto: int = PROTO
    epoch: int
    rows: tuple[SentPrivate, ...]
    withheld: tuple[tuple[str, str], ...] = ()
    """Tables and keys of what it does not give to this station, or not for this work: no longer to be asked for."""


class SentPhoto(NamedTuple):
    """The bytes of a photo on their way, up or down."""

    digest: str
    """Their SHA-256, in hex."""
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Carry:
    """What a station has of photos' bytes, what it brings of them, and what somebody there looks at."""

    proto: int = PROTO
    epoch: int
    site: SiteId
    station: StationId
    offered: tuple[str, ...] = ()
    """Digests of those it has."""
    brought: tuple[SentPhoto, ...] = ()
    wanted: tuple[str, ...] = ()
    """Digests of those it has not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What the hub has of it. A photo that is neither kept nor lacking is one that it has not heard of yet."""

    proto: int = PROTO
    epoch: int
    kept: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    """Of what was offered or brought: the station is to bring it."""
    found: tuple[SentPhoto, ...] = ()
    """Of what is wanted: as many as one answer holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A station asks for work and numbers, so that with what it holds it has enough for some time."""

    proto: int = PROTO
    epoch: int
    site: SiteId
    station: StationId
    incarnation: int
    minutes: int
    numbers: tuple[str, ...] = ()
    """Of what it wants more numbers to give out."""
    carriers: tuple[str, ...] = ()
    """Which it would load, because no dock has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """How much it got: the leases themselves come by the feed."""

    proto: int = PROTO
    epoch: int
    granted: int
    head: int
    """How far the feed goes with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A station asks for the site as it is, part by part."""

    proto: int = PROTO
    epoch: int
    site: SiteId
    station: StationId
    incarnation: int
    goes_on: str
    """What the part before said; empty for the first."""


class SentPart(NamedTuple):
    """Rows of one table on their way into a station's file."""

    entity: str
    columns: tuple[str, ...]
    rows: str
    """A JSON list of lists of values in the order of the columns; bytes in hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A part of the site."""

    proto: int = PROTO
    epoch: int
    at: int
    seq: int
    hash: bytes
    """Where the feed stood when the loading began."""
    applied: int
    """The last of this station's operations that is in what is loaded."""
    head: int
    """How far the feed goes now."""
    done: int
    """Per mille, as far as can be guessed."""
    parts: tuple[SentPart, ...]
    goes_on: str
    """What the next part is asked for by; empty after the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """A PC wants to be a station of a site."""

    proto: int = PROTO
    name: str
    kind: str
    """What it is there for; empty where the hub knows."""
    site: int = 0
    """0 for the only one."""
    token: bytes
    """Made once a file: who asks again with it is the same PC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Who it is from now on."""

    proto: int = PROTO
    epoch: int
    site: SiteId
    station: StationId
    incarnation: int
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew:
    """A station's file has learnt that it was rolled back, copied or declared lost, and asks for a new incarnation."""

    proto: int = PROTO
    epoch: int
    site: SiteId
    station: StationId
    incarnation: int
    """The one it has."""
    start: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """The incarnation that it goes on under."""

    proto: int = PROTO
    epoch: int
    incarnation: int
    """0 where it gets none: another file of this station goes on, or it takes no part any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejoin:
    """A station has heard of a newer epoch than it knows, and asks from where on the hub has forgotten what it knew."""

    proto: int = PROTO
    epoch: int
    """The newest that it knows."""
    site: SiteId
    station: StationId
    cursor: int
    cursor_hash: bytes
    wanted: tuple[tuple[str, str], ...] = ()
    """Tables and keys of rows that it took beyond, as the hub has them now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejoined:
    """Where the hub was ever set back to, and the rows that were asked for."""

    proto: int = PROTO
    epoch: int
    places: tuple[Place, ...]
    """The last first: the station goes back to the first of them that its own feed has as well."""
    rows: tuple[SentPrivate, ...]
    """Those that are there."""
    head: int = 0
    """How far the hub's feed goes: the rows are as they are there, which is beyond the places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The hub does not take a message; the reason is one of `REASONS`."""

    proto: int = PROTO
    epoch: int
    reason: str
    words: str = ""


UNKNOWN_STATION = "unknown_station"
TAKEN_OUT = "taken_out"
"""The station was revoked or given up: what it still says is kept, and it is given nothing."""
OTHER_PROTO = "other_proto"
NOT_READABLE = "not_readable"
TOO_LARGE = "too_large"
NOT_HERE = "not_here"
"""The site is not one of this hub's."""
BUSY = "busy"
"""So many wait already that a station does better to come again."""
NAME_TAKEN = "name_taken"
"""Another PC is the station of that name."""
KIND_NEEDED = "kind_needed"
"""Nobody has said what the station is there for."""
SITE_NEEDED = "site_needed"
"""The hub has several sites."""
REASONS = (
    NAME_TAKEN, KIND_NEEDED, SITE_NEEDED, UNKNOWN_STATION, TAKEN_OUT, OTHER_PROTO, NOT_READABLE, TOO_LARGE, NOT_HERE, BUSY,
)  # fmt: skip

FOR_SITE, ATTENDED, WAITS = "Dockside-Site", "Dockside-Attended", "Dockside-Waits"
"""Headers of what writes to a site: which one; `1` where somebody works at the station: its turn comes first; and for how many
seconds it waits for the answer, after which it has no turn any more."""


def sent_operation(row: Operation) -> SentOperation:
    """Return what travels of an operation."""
    return SentOperation(
        row.seq, row.id, row.kind, row.version, row.body, row.actor, row.session, row.device_ms, row.boot_ns,
        row.base_cursor, row.fence, row.prev_hash, row.hash,
    )  # fmt: skip


def operation_of(sent: SentOperation, push: Push) -> Operation:
    """Return the operation that was sent, as its hub will keep it once its position and outcome are known."""
    return Operation(
        0, sent.seq, sent.id, sent.kind, sent.version, sent.body, push.site, sent.actor, sent.session, push.station,
        push.incarnation, sent.device_ms, sent.boot_ns, sent.base_cursor, sent.fence, sent.prev_hash, sent.hash,
        OperationState.PENDING, "{}", OperationOutcome.APPLIED,
    )  # fmt: skip


def sent_private(row: Row) -> SentPrivate:
    """Return a private row as it travels."""
    return SentPrivate(row.TABLE.name, key_text(row.TABLE.key_of(row)), content_text(row))


def private_of(sent: SentPrivate) -> Row | None:
    """Return the private row that was sent; None where this program knows no such table."""
    info = TABLES.get(sent.entity)
    return row_of(info, sent.content) if info is not None and info.kind is TableClass.PRIVATE else None


def sent_row(row: Feed) -> SentRow:
    """Return a row of the feed as it travels."""
    return SentRow(row.seq, row.epoch, row.kind, row.entity, row.key, row.content, row.hash)


def sent_aside(row: SetAside) -> SentRow:
    """Return a row that is handed back as it travels."""
    return SentRow(row.seq, row.epoch, row.kind, row.entity, row.key, row.content, b"")


def feed_of(sent: SentRow, site: SiteId) -> Feed:
    """Return the row of the feed that was sent."""
    return Feed(site, *sent)
