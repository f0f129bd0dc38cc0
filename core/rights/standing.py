"""Who a station's file is: whether it is surely the newest of its station, and what it may do before that is sure.

Each start of the program has an id, and the hub says which it heard last. After a start nothing is claimed until the
witness outside the file agrees that the log is whole, or the hub has named this start as the newest. A file that learns
that it was rolled back or copied gets a new incarnation and holds nothing of what it held. (Reference: sync, 8.0, 12-13.)
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import sqlalchemy as sa

from core.kernel.commands import Command, Read
from core.kernel.database import Profile
from core.kernel.executor import Identity, identity_of
from core.kernel.feed import head_of
from core.kernel.ids import SiteId, StationId
from core.kernel.operations import Operation, tail_of
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import sql_of
from core.kernel.uow import UnitOfWork
from core.kernel.witness import Said, contains, saw_more
from core.rights.gate import right_of, without_right
from core.rights.model import LeaseState, SiteStation, StationStart, StationStatus, WorkLease

_SOMEBODYS = (LeaseState.HELD, LeaseState.FROZEN)
UNSURE = "unsure"
"""In the profile of a station that does not know yet whether its file is the newest."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who the file is at this moment, and how far it has come."""

    identity: Identity
    epoch: int
    """The newest of the hub that was heard of."""
    cursor: int
    cursor_hash: bytes
    length: int
    """The number of the last operation of its incarnation."""
    head: bytes
    starts: frozenset[bytes]
    """Every start of the program that the file remembers."""
    sure: bool
    through: bytes = b""
    """The hash of the operation that was asked for; empty where there is none."""
    older: bool = False
    """Whether the witness saw more than is in it: what is missing was perhaps never sent, so the hub cannot know."""


def standing(connection: sa.Connection, through: int = 0) -> Standing:
    """Return who a station's file is, which was told before, with the hash of its operation of a number; 0 for none."""
    me = identity_of(connection)
    assert me is not None
    length, head = tail_of(connection, me.site, me.station, me.incarnation)
    starts, profile = _statements()
    known = frozenset(bytes(row[0]) for row in connection.execute(starts, {"site": me.site, "station": me.station}))
    unsure = connection.execute(profile).first()
    older = unsure is not None and unsure[0] == _older(me)
    feed = head_of(connection, me.site)
    there = head if through == length else _hash_of(connection, me, through) if 0 < through < length else b""
    return Standing(me, feed.epoch, feed.seq, feed.hash, length, head, known, unsure is None, there, older)


def _hash_of(connection: sa.Connection, me: Identity, seq: int) -> bytes:
    log = sql_of(Operation)
    query = sa.select(log.c.hash).where(
        log.c.site == me.site, log.c.station == me.station, log.c.incarnation == me.incarnation, log.c.seq == seq
    )  # fmt: skip
    return bytes(connection.execute(query).scalar_one_or_none() or b"")


@cache
def _statements() -> tuple[sa.Select[Any], sa.Select[Any]]:
    starts, profile = sql_of(StationStart), sql_of(Profile)
    mine = sa.and_(starts.c.site == sa.bindparam("site"), starts.c.station == sa.bindparam("station"))
    return sa.select(starts.c.start).where(mine), sa.select(profile.c.value).where(profile.c.name == UNSURE)


def _older(me: Identity) -> str:
    """Return what the profile says while a file is surely an older one, until it goes on under another incarnation."""
    return f"incarnation {me.incarnation} was longer"


def begin(connection: sa.Connection, start: bytes, said: Said | None, at: int) -> Said:
    """Note a start of a station's program, in a transaction of its own, and return what the witness is to say of it.

    Where the witness does not agree that the file is the newest, nothing is claimed until the hub has; where it saw more than
    is in the file, not before the file goes on under a new incarnation.

    Args:
        connection: the station's file, outside a transaction.
        start: an id that no other start ever had.
        said: what the witness says; None for nothing.
        at: the station's time.
    """
    with connection.begin():
        here = standing(connection)
        first = not here.starts and not here.length
        agrees = said is not None and said.start in here.starts and contains(connection, here.identity, said)
        me = here.identity
        books = UnitOfWork(connection)
        books.save(StationStart(me.site, me.station, len(here.starts) + 1, start, at))
        more = said if said is not None and saw_more(connection, me, said) else None
        if more is not None:
            books.save(Profile(UNSURE, _older(me)))
        elif not first and not agrees and here.sure:
            books.save(Profile(UNSURE, start.hex()))
        books.flush()
    # What it saw it goes on saying: the same old file may be put back once more before any hub heard of this start.
    return Said(start, me.incarnation, here.length, here.head) if more is None else replace(more, start=start)


def be_sure(connection: sa.Connection) -> None:
    """Note that the hub has named this start as the newest, in the caller's transaction."""
    profile = sql_of(Profile)
    connection.execute(sa.delete(profile).where(profile.c.name == UNSURE))


def refused_here(connection: sa.Connection, command: Command) -> Refusal | None:
    """Return why a station that shares its site may not do something, before it does it; None where it may.

    Args:
        connection: the station's file, in the transaction in which it is to be done.
        command: any command.
    """
    right, me = command.claims() or command.goes_on_with(), None
    if right is not None or command.numbers():
        me = identity_of(connection)
    if me is None:
        return None
    read = UnitOfWork(connection)
    if right is not None and _was_mine(read, command.site, right, me.station, me.incarnation):
        return Refusal(Reason.STATION_RENEWED)
    if command.goes_on_with() is not None and _is_others(read, command, me.station):
        return Refusal(Reason.WALK_GIVEN)
    if right_of(command) is not None or command.numbers():
        epoch = head_of(connection, me.site).epoch
        refusal = without_right(read, command, me.station, me.incarnation, epoch, here=True) or command.unheard(read)
        if refusal is not None:
            return refusal
    elif command.goes_on_with() is None:
        return None
    row = read.get(SiteStation, (command.site, me.station))
    stopped = row is not None and row.status is not StationStatus.ACTIVE
    return Refusal(Reason.STATION_UNSURE) if stopped or read.get(Profile, (UNSURE,)) is not None else None


def _was_mine(read: Read, site: SiteId, right: tuple[str, bytes], station: StationId, incarnation: int) -> bool:
    """Return whether the station held work under an older incarnation of its file: whoever is at it has to stop."""
    row = read.get(WorkLease, (site, *right))
    if row is None or row.station != station or row.incarnation >= incarnation:
        return False
    return row.state in _SOMEBODYS


def _is_others(read: Read, command: Command, station: StationId) -> bool:
    """Return whether others have by now what a command goes on with: whoever is at it has to stop."""
    right = command.goes_on_with()
    row = None if right is None else read.get(WorkLease, (command.site, *right))
    return row is not None and row.station != station and row.state in _SOMEBODYS
