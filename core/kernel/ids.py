"""Ids: one type per kind, 16 bytes, in an order that follows time.

New ids come from an `IdSource` that is handed in; inside `apply` they are derived, so that the same command applied
twice makes the same rows. A derived id keeps the first eight bytes (the milliseconds and 12 bits more) of what it came from: the
rows of one day, and within it those of one order, lie together in every index.
"""

from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import NewType, Protocol

SiteId = NewType("SiteId", int)
"""A site's small number; 1 where there is only one. Leads every key."""

StationId = NewType("StationId", bytes)
CommandId = NewType("CommandId", bytes)
PersonId = NewType("PersonId", bytes)
SessionId = NewType("SessionId", bytes)
OwnerId = NewType("OwnerId", bytes)
ItemId = NewType("ItemId", bytes)
LotId = NewType("LotId", bytes)
LpnId = NewType("LpnId", bytes)
ZoneId = NewType("ZoneId", bytes)
LocationId = NewType("LocationId", bytes)
ContainerId = NewType("ContainerId", bytes)
FillId = NewType("FillId", bytes)
BoxTypeId = NewType("BoxTypeId", bytes)
ContactId = NewType("ContactId", bytes)
OrderId = NewType("OrderId", bytes)
OrderLineId = NewType("OrderLineId", bytes)
FulfilmentId = NewType("FulfilmentId", bytes)
FulfilmentLineId = NewType("FulfilmentLineId", bytes)
ReservationId = NewType("ReservationId", bytes)
HoldId = NewType("HoldId", bytes)
WaveId = NewType("WaveId", bytes)
BatchId = NewType("BatchId", bytes)
TaskId = NewType("TaskId", bytes)
ParcelId = NewType("ParcelId", bytes)
ManifestId = NewType("ManifestId", bytes)
ReturnId = NewType("ReturnId", bytes)
CaseId = NewType("CaseId", bytes)
NoteId = NewType("NoteId", bytes)
CountId = NewType("CountId", bytes)
DeliveryId = NewType("DeliveryId", bytes)
DeliveryLineId = NewType("DeliveryLineId", bytes)
JobId = NewType("JobId", bytes)

ID_BYTES = 16
NO_ID = bytes(ID_BYTES)
"""Stands where a key part does not apply (no lot, no LPN): no part of a stock key is NULL."""

SYSTEM = PersonId(bytes(15) + b"\x01")
"""The actor of work nobody at a bench started: imports, print results, planners."""

NO_SESSION = SessionId(NO_ID)

_VERSION_8 = 0x80
_VARIANT = 0x80
_PARTS = Struct("6sBBB7s")
"""Milliseconds, version with four bits, eight bits, variant with six bits, and seven bytes of a hash."""


class IdSource(Protocol):
    """Makes new ids; a seat, so that tests and simulations can say which."""

    def new(self) -> bytes:
        """Return 16 bytes that never recur and sort by time (UUIDv7)."""


def derive(origin: bytes, purpose: str, n: int = 0) -> bytes:
    """Return the id that `origin` gives to its `n`-th thing of a `purpose`.

    The first 6 bytes are the origin's milliseconds, the next 12 bits the origin's own: what belongs to one order, and to
    the orders beside it, lies on the same pages of every index. The rest is SHA-256(origin, purpose, n), with the
    version (8) and variant bits of RFC 9562 set.
    """
    digest = sha256(origin + _purpose(purpose, n)).digest()
    return _PARTS.pack(origin, _VERSION_8 | (origin[6] & 0x0F), origin[7], _VARIANT | (digest[8] & 0x3F), digest[9:])


@lru_cache(maxsize=1000)
def _purpose(purpose: str, n: int) -> bytes:
    """Return what stands behind the origin in the hash: the same few for every order of a file."""
    return b"\x00%b\x00%d" % (purpose.encode(), n)


def document_id(at_ms: int, *names: str) -> bytes:
    """Return the id of a document from outside: its date, then a hash of the names that make it unique.

    Args:
        at_ms: the document's date, as exactly as it says it, in milliseconds: rows of one time lie together, and what
            comes in the order of time is written at the end of every index.
        names: what identifies the document, for an order its channel and external id.
    """
    joined = "\x00".join(names).encode()
    return derive(max(at_ms, 0).to_bytes(6, "big") + sha256(joined).digest()[:10], "document")


def hex_id(value: bytes) -> str:
    """Return an id as 32 lower-case hex digits, as it stands in JSON and on the command line."""
    return value.hex()
