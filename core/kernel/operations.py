"""The operation log: every command that was applied, in order, chained by hashes, with its outcome.

The log is the truth that sync pushes, `verify` recomputes from and the timeline of an order is read from. What is
hashed is fixed byte by byte (`chain_hash`, a test vector guards it); state, result and outcome lie outside the hash.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from hashlib import sha256
from struct import Struct
from typing import Any

import sqlalchemy as sa

from core.kernel.ids import CommandId, PersonId, SessionId, SiteId, StationId
from core.kernel.tables import Partial, Row, TableClass, sql_of, table

GENESIS = bytes(32)
"""The hash before a station's first operation."""

TOUCH_ORDER = "order"
ROWS_PER_OPERATION = 250
"""Feed rows of one operation at most: a station applies a pulled one whole, in one transaction (architecture.md 3)."""


class OperationState(StrEnum):
    """How far an operation has travelled; a standalone station's stay `LOCAL`."""

    LOCAL = "local"
    PENDING = "pending"
    ACKNOWLEDGED = "acknowledged"
    DURABLE = "durable"


class OperationOutcome(StrEnum):
    """What applying did."""

    APPLIED = "applied"
    APPLIED_WITH_EXCEPTION = "applied_with_exception"
    REFUSED = "refused"
    """A claim whose right the hub does not see: nothing of it was applied there."""
    DUPLICATE = "duplicate"
    """It came before, from another incarnation of the same file."""
    PARKED = "parked"
    """The hub has it, and will apply it once it knows what it is."""
    FAILED = "failed"
    """The hub cannot apply it: a case says why."""


@table(
    TableClass.LOCAL,
    key=("site", "position"),
    unique={"operation_id": ("site", "id"), "operation_seq": ("site", "station", "incarnation", "seq")},
    indexes={"op_log_pending": Partial(("site", "station", "incarnation", "seq"), where="state = 'pending'")},
    name="op_log",
)
class Operation(Row):
    """One applied command."""

    position: int
    """Its place in this file; never restarts. At the authority of several stations, the number of its receipt in the feed."""
    seq: int
    """Its number within the station's incarnation: 1, 2, 3, without gaps."""
    id: CommandId
    kind: str
    version: int
    body: str
    """Canonical JSON of the command's own fields; no personal data."""
    site: SiteId
    actor: PersonId
    session: SessionId
    station: StationId
    incarnation: int
    device_ms: int
    """The command's `at`: the station's clock, recorded, never trusted for order."""
    boot_ns: int
    base_cursor: int
    """The feed position the station had seen; 0 when standalone."""
    fence: int
    """The fence of the lease it worked under; 0 when standalone."""
    prev_hash: bytes
    hash: bytes
    state: OperationState
    result: str
    """Canonical JSON of what the command told its flow: given again after a crash."""
    outcome: OperationOutcome


@table(TableClass.DERIVED, key=("site", "entity", "id", "operation"))
class OpTouch(Row):
    """That an operation changed something of an entity: the timeline of an order."""

    site: SiteId
    entity: str
    id: bytes
    operation: CommandId


_LENGTH = Struct(">Q").pack


def chain_hash(prev: bytes, parts: Iterable[bytes | str | int]) -> bytes:
    """Return SHA-256 over the previous hash and the parts, each with its length in front.

    A part is its bytes: text as UTF-8, an integer as decimal ASCII; its length goes before it as 8 bytes, big-endian.
    """
    raws = [part if isinstance(part, bytes) else str(part).encode() for part in parts]
    return sha256(prev + b"".join([_LENGTH(len(raw)) + raw for raw in raws])).digest()


def operation_hash(op: Operation) -> bytes:
    """Return the hash an operation must carry, from its own fields and its `prev_hash`.

    Order of the parts: id, kind, version, body, site, actor, session, station, incarnation, seq, device_ms, boot_ns,
    base_cursor, fence. The position is outside: it says where the row lies in one file.
    """
    return chain_hash(
        op.prev_hash,
        (
            op.id,
            op.kind,
            op.version,
            op.body,
            op.site,
            op.actor,
            op.session,
            op.station,
            op.incarnation,
            op.seq,
            op.device_ms,
            op.boot_ns,
            op.base_cursor,
            op.fence,
        ),
    )


def tail_of(connection: sa.Connection, site: SiteId, station: StationId, incarnation: int) -> tuple[int, bytes]:
    """Return the number and the hash of the last operation of an incarnation in a database's log; 0 where it has none."""
    mine = {"site": site, "station": station, "incarnation": incarnation}
    last = connection.execute(_tail_statement(), mine).first()
    return (0, GENESIS) if last is None else (int(last[0]), bytes(last[1]))


@cache
def _tail_statement() -> sa.Select[Any]:
    log = sql_of(Operation)
    return sa.select(log.c.seq, log.c.hash).where(of_incarnation()).order_by(log.c.seq.desc()).limit(1)


def of_incarnation() -> sa.ColumnElement[bool]:
    """Return the condition that finds an incarnation's operations, by `site`, `station` and `incarnation`."""
    log = sql_of(Operation)
    return sa.and_(
        log.c.site == sa.bindparam("site"), log.c.station == sa.bindparam("station"),
        log.c.incarnation == sa.bindparam("incarnation"),
    )  # fmt: skip
