"""The station's file as the engines see it: what is to be sent, how far the feed was taken; writing goes through its writer."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import orjson
import sqlalchemy as sa

from core.amending.over import held_for_sure
from core.cases.photos import note_safe
from core.kernel.commands import Command
from core.kernel.comparing import head_to_compare, mend, next_buckets, note_compared
from core.kernel.executor import Executor, Identity, identity_of
from core.kernel.feed import Feed, FeedHead, FeedKind, head_of, key_of
from core.kernel.ids import SiteId
from core.kernel.loading import Part, ahead_keys, at_goal, end_loading, load, loading_of, want_loading
from core.kernel.operations import Operation, OperationState, of_incarnation, tail_of
from core.kernel.private import REMEMBERED, PrivateOut, PrivateWanted, private_rows
from core.kernel.replica import take_confirmed
from core.kernel.rewind import aside_left, beyond, keys_of, set_aside
from core.kernel.tables import TABLES, Key, rows_of, sql_of
from core.rights.standing import be_sure, standing
from core.waves.leases import held_work
from sync.numbers import InHand, in_hand
from sync.protocol import ASIDE_MAX, OPERATIONS_MAX, Loaded, Place, SentPart, SentPrivate, sent_private
from sync.station.engines import (
    Acknowledge,
    BeSure,
    Forget,
    KeepFetched,
    KeepLoaded,
    LoadAnew,
    LogPart,
    Look,
    Mend,
    NoteCompared,
    NoteSafe,
    ReadBeyond,
    ReadBuckets,
    ReadCursor,
    ReadHeld,
    ReadLoading,
    ReadLog,
    ReadNumbers,
    ReadQuiet,
    ReadStanding,
    ReadWanted,
    Rewind,
    TakeIncarnation,
    TakeRows,
    WantLoading,
    Write,
)

Tell = Callable[[sa.Connection, int], Sequence[Command]]
"""Makes what the station says in a new epoch to a hub that was set back: the list of what it holds."""

_PENDING = sa.text(f"state = '{OperationState.PENDING.value}'")
"""In the words of the index: a log of years has few that wait."""


def look(connection: sa.Connection, identity: Identity, effect: Look) -> object:
    """Read what an engine wants to know of the station's file.

    Args:
        connection: a reader's.
        identity: site and station.
        effect: what it wants.
    """
    match effect:
        case ReadLog():
            return read_log(connection, identity, effect.most, effect.aside_after, effect.since)
        case ReadCursor():
            return read_cursor(connection, identity)
        case ReadWanted():
            return read_wanted(connection, effect.most)
        case ReadHeld():
            return held_work(connection, identity.site, identity.station)
        case ReadNumbers():
            return read_numbers(connection, identity)
        case ReadStanding():
            return standing(connection, effect.through)
        case ReadLoading():
            return loading_of(connection, identity.site)
        case ReadQuiet():
            return head_to_compare(connection, identity.site)
        case ReadBuckets():
            return next_buckets(connection, identity.site, effect.after, held_for_sure)
        case ReadBeyond():
            return read_beyond(connection, identity, effect.places)


def write(executor: Executor, effect: Write, tell: Tell) -> object:
    """Change the station's file as an engine wants it, in one transaction.

    Args:
        executor: the station's one writer.
        effect: what it wants.
        tell: what the station says where its hub was set back.
    """
    match effect:
        case TakeRows():
            return executor.take(effect.rows, effect.epoch)
        case Rewind():
            return executor.rewind(effect.to, effect.images, tell, effect.goal)
        case LoadAnew():
            executor.load_anew(effect.epoch, tell)
        case Acknowledge():
            executor.acknowledge(effect.through, effect.epoch, effect.incarnation, effect.remembered, effect.followed)
        case KeepFetched():
            executor.keep_fetched(effect.rows, effect.withheld)
        case TakeIncarnation():
            executor.renew(effect.incarnation)
        case WantLoading():
            me = executor.identity
            executor.load(lambda connection: want_loading(connection, me.site, me.incarnation))
        case KeepLoaded():
            keep(executor, effect.loaded, whole=effect.whole)
        case Forget():
            site = executor.identity.site
            executor.load(lambda connection: _forget(connection, site, effect.rows))
        case Mend():
            rows: dict[str, dict[str, str]] = {name: {} for name in effect.differs}
            for each in effect.rows:
                rows[each.entity][each.key] = each.content
            incarnation = executor.identity.incarnation
            found: list[int] = []
            executor.load(lambda on: found.append(mend(on, effect.head, effect.asked, rows, effect.short, incarnation)))
            return found[0]
        case NoteCompared():
            executor.load(lambda connection: note_compared(connection, effect.head))
        case NoteSafe():
            site = executor.identity.site
            executor.load(lambda connection: note_safe(connection, site, effect.digests, effect.epoch))
        case BeSure():
            with executor.connection.begin():
                be_sure(executor.connection)
    return None


def read_log(
    connection: sa.Connection, identity: Identity, most: int, aside_after: tuple[int, int] = (0, 0), since: int = -1
) -> LogPart:
    """Return the operations of the file's incarnation that the hub has not acknowledged, oldest first."""
    # Looked at before the log: what is written in between knows more of the feed than is said, and never less.
    cursor = head_of(connection, identity.site)
    me = identity_of(connection) or identity
    mine = {"site": me.site, "station": me.station, "incarnation": me.incarnation, "most": most}
    waiting = connection.execute(_log_statement(pending=since < 0), mine | ({"since": since} if since >= 0 else {}))
    rows = rows_of(Operation, waiting)
    length, head = tail_of(connection, me.site, me.station, me.incarnation)
    out = sql_of(PrivateOut)
    private = _private(connection, sa.select(out).where(out.c.position.between(0, rows[-1].position))) if rows else {}
    remembered = _private(connection, _remembered_statement()).get(REMEMBERED, ())
    return LogPart(
        rows, length, head, cursor.epoch, private, cursor.seq, cursor.hash,
        set_aside(connection, identity.site, aside_after, ASIDE_MAX), aside_left(connection, identity.site),
        me.incarnation, remembered,
    )  # fmt: skip


@cache
def _log_statement(*, pending: bool) -> sa.Select[Any]:
    """Return what reads the operations of an incarnation: those that wait, or those behind a number."""
    log = sql_of(Operation)
    wanted = _PENDING if pending else log.c.seq > sa.bindparam("since")
    return sa.select(log).where(of_incarnation(), wanted).order_by(log.c.seq).limit(sa.bindparam("most"))


@cache
def _remembered_statement() -> sa.Select[Any]:
    out = sql_of(PrivateOut)
    return sa.select(out).where(out.c.position == REMEMBERED).order_by(out.c.entity, out.c.key).limit(OPERATIONS_MAX)


def _private(connection: sa.Connection, out: sa.Select[Any]) -> dict[int, tuple[SentPrivate, ...]]:
    """Return private rows that are not at the hub, or may not be, by the operation that they came with."""
    found: dict[int, list[SentPrivate]] = {}
    keys: dict[str, dict[Key, int]] = {}
    for entity, key, at in connection.execute(out):
        keys.setdefault(str(entity), {})[key_of(TABLES[entity], str(key))] = int(at)
    for entity, wanted in keys.items():
        for row in private_rows(connection, TABLES[entity], list(wanted)):
            found.setdefault(wanted[row.TABLE.key_of(row)], []).append(sent_private(row))
    return {at: tuple(rows) for at, rows in found.items()}


def read_wanted(connection: sa.Connection, most: int) -> tuple[tuple[str, str], ...]:
    """Return private rows that are to be fetched."""
    wanted = sql_of(PrivateWanted)
    found = connection.execute(sa.select(wanted.c.entity, wanted.c.key).limit(most))
    return tuple((str(row[0]), str(row[1])) for row in found)


def read_numbers(connection: sa.Connection, identity: Identity) -> InHand:
    """Return how many numbers this file may still give out."""
    me = identity_of(connection) or identity
    return in_hand(connection, me.site, me.station, me.incarnation, head_of(connection, me.site).epoch)


def read_cursor(connection: sa.Connection, identity: Identity) -> FeedHead:
    """Return how far the site's feed was taken."""
    return head_of(connection, identity.site)


@dataclass(frozen=True, slots=True)
class Queue:
    """What of the log is not at the hub."""

    waiting: int
    oldest_at: int
    """When the first of them was done, by this station's clock; 0 where nothing waits."""


def read_queue(connection: sa.Connection, identity: Identity) -> Queue:
    """Return how much waits to be sent."""
    log = sql_of(Operation)
    incarnation = (identity_of(connection) or identity).incarnation
    mine = sa.and_(log.c.site == identity.site, log.c.station == identity.station, log.c.incarnation == incarnation)
    found = connection.execute(sa.select(sa.func.count(), sa.func.min(log.c.device_ms)).where(mine, _PENDING)).one()
    return Queue(int(found[0]), int(found[1] or 0))


def _forget(connection: sa.Connection, site: SiteId, rows: tuple[Feed, ...]) -> None:
    take_confirmed(connection, site, rows)


def keep(executor: Executor, loaded: Loaded, *, whole: bool = True) -> None:
    """Keep a part of the site, in a transaction of its own."""
    executor.load(lambda connection: keep_loaded(connection, executor.identity, loaded, whole=whole))


def keep_loaded(connection: sa.Connection, identity: Identity, loaded: Loaded, *, whole: bool = True) -> None:
    """Keep a part of the site in the caller's transaction.

    Args:
        connection: the open transaction's.
        identity: whose file it is.
        loaded: what came.
        whole: whether it goes on behind it; not for a piece of what came.
    """
    state = loading_of(connection, identity.site)
    if state is None:
        return
    if whole:
        state = replace(
            state, goes_on=loaded.goes_on, epoch=loaded.epoch, seq=loaded.seq, hash=loaded.hash,
            incarnation=identity.incarnation, applied=loaded.applied, done=loaded.done,
            goal=0 if loaded.goes_on else loaded.head,
        )  # fmt: skip
    load(connection, (Part(*each) for each in loaded.parts), state)
    if state.goal:
        end_loading(connection, state)
        at_goal(connection, identity.site, state.seq)


def pieces(loaded: Loaded, rows: int) -> Iterator[Loaded]:
    """Yield a part of the site in pieces of so many rows, for a station at which somebody works meanwhile."""
    for each in loaded.parts:
        given = orjson.loads(each.rows)
        for start in range(0, len(given), rows):
            some = orjson.dumps(given[start : start + rows]).decode()
            yield replace(loaded, parts=(SentPart(each.entity, each.columns, some),))


def operations_of(rows: Sequence[Feed], most: int) -> Iterator[tuple[Feed, ...]]:
    """Yield a page of the feed in slices of whole operations, of so many rows or of one operation that has more."""
    begin = end = 0
    for n, row in enumerate(rows, 1):
        if n - begin > most and end > begin:
            yield tuple(rows[begin:end])
            begin = end
        if row.kind is FeedKind.RECEIPT:
            end = n
    yield tuple(rows[begin:])


def read_beyond(
    connection: sa.Connection, identity: Identity, places: Iterable[Place]
) -> tuple[Place | None, tuple[tuple[str, str], ...]]:
    """Return the first of some places that the file's feed has as well, with the tables and keys of the rows behind it.

    Rows that came with an earlier way back are newer than the feed as far as it was followed since; they are asked for again.
    """
    ahead = ahead_keys(connection, identity.site)
    if ahead is None:
        return None, ()
    feed, head = sql_of(Feed), head_of(connection, identity.site)
    for place in places:
        here = sa.select(feed.c.hash).where(feed.c.site == identity.site, feed.c.seq == place.seq)
        found = head.hash if place.seq == head.seq else connection.execute(here).scalar_one_or_none()
        if not place.seq or (found is not None and bytes(found) == place.hash):
            rows = beyond(connection, identity.site, place.seq)
            # A file that was loaded, or forgot what is old, has not all of what came since.
            whole = len(rows) == max(0, head.seq - place.seq)
            return (place, tuple(dict.fromkeys((*keys_of(rows), *ahead)))) if whole else (None, ())
    return None, ()
