"""The station's file as the engines see it: what is to be sent, how far the feed was taken; writing goes through its writer."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import orjson
import sqlalchemy as sa

from core.kernel.executor import Identity
from core.kernel.feed import FeedHead, head_of, key_of
from core.kernel.loading import Part, at_goal, end_loading, load, loading_of
from core.kernel.operations import GENESIS, Operation, OperationState
from core.kernel.private import PrivateOut, PrivateWanted, private_rows
from core.kernel.tables import TABLES, Key, rows_of, sql_of
from sync.numbers import InHand, in_hand
from sync.protocol import Loaded, SentPart, SentPrivate, sent_private
from sync.station.engines import LogPart

_PENDING = sa.text(f"state = '{OperationState.PENDING.value}'")
"""In the words of the index: a log of years has few that wait."""


def read_log(connection: sa.Connection, identity: Identity, most: int) -> LogPart:
    """Return the operations of this incarnation that the hub has not acknowledged, oldest first."""
    log = sql_of(Operation)
    mine = sa.and_(
        log.c.site == identity.site, log.c.station == identity.station, log.c.incarnation == identity.incarnation
    )  # fmt: skip
    pending = sa.select(log).where(mine, _PENDING).order_by(log.c.seq).limit(most)
    rows = rows_of(Operation, connection.execute(pending))
    last = connection.execute(sa.select(log.c.seq, log.c.hash).where(mine).order_by(log.c.seq.desc()).limit(1)).first()
    length, head = (0, GENESIS) if last is None else (int(last[0]), bytes(last[1]))
    private = _private_with(connection, rows[-1].position) if rows else {}
    return LogPart(rows, length, head, head_of(connection, identity.site).epoch, private)


def _private_with(connection: sa.Connection, position: int) -> dict[int, tuple[SentPrivate, ...]]:
    """Return the private rows that came with operations up to a position and are not at the hub."""
    out = sql_of(PrivateOut)
    found: dict[int, list[SentPrivate]] = {}
    keys: dict[str, dict[Key, int]] = {}
    for entity, key, at in connection.execute(sa.select(out).where(out.c.position <= position)):
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
    epoch = head_of(connection, identity.site).epoch
    return in_hand(connection, identity.site, identity.station, identity.incarnation, epoch)


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
    mine = sa.and_(
        log.c.site == identity.site, log.c.station == identity.station, log.c.incarnation == identity.incarnation
    )  # fmt: skip
    found = connection.execute(sa.select(sa.func.count(), sa.func.min(log.c.device_ms)).where(mine, _PENDING)).one()
    return Queue(int(found[0]), int(found[1] or 0))


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
        at_goal(connection, identity.site)


def pieces(loaded: Loaded, rows: int) -> Iterator[Loaded]:
    """Yield a part of the site in pieces of so many rows, for a station at which somebody works meanwhile."""
    for each in loaded.parts:
        given = orjson.loads(each.rows)
        for start in range(0, len(given), rows):
            some = orjson.dumps(given[start : start + rows]).decode()
            yield replace(loaded, parts=(SentPart(each.entity, each.columns, some),))
