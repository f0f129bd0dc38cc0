"""Which of the operations that a station hands back the hub takes: those it has not got, and that nobody else will bring.

An operation whose rows nothing has touched since is taken at once: the books are again what they were. One of whose rows
something did touch is taken by its rows only where its author will not send it again: the hub itself, a station that is
lost, or one whose log is drained without it. What is not taken the station hands back again.
"""

from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa

from core.kernel import codec
from core.kernel.feed import Feed, FeedHead, FeedKind
from core.kernel.ids import NO_SESSION, CommandId, PersonId, SiteId, StationId
from core.kernel.operations import Operation
from core.kernel.tables import rows_of, sql_of
from core.rights.model import Epoch, EpochState, SiteStation, StationStatus
from core.rights.remembering import Remember, Remembered
from sync.hub.applying import own_station
from sync.protocol import Push, SentRow

_IDS_PER_SELECT = 400


def remembered(connection: sa.Connection, push: Push, head: FeedHead) -> Iterator[Remember]:
    """Yield the operations to take of what a station hands back, the oldest first; the caller applies each before the next.

    Args:
        connection: an open transaction's, the site's turn in hand.
        push: what the station says.
        head: how far the site's feed goes.
    """
    parts = _parts(push.aside)
    known = _known(connection, push.site, [operation for operation, _ in parts])
    new = [each for each in parts if each[0] not in known]
    if not new:
        return
    epochs = rows_of(Epoch, connection.execute(sa.select(sql_of(Epoch)).where(sql_of(Epoch).c.site == push.site)))
    now = next((each for each in epochs if each.number == head.epoch), None)
    recovering = now is not None and now.state is EpochState.RECOVERING
    written = _written(connection, push.site, _parted(epochs, new[0][1], head))
    for operation, rows in new:
        told = codec.parse(rows[-1].content)
        parted = _parted(epochs, rows, head)
        touched = {at for row in rows[:-1] if written.get(at := (row.entity, row.key), 0) > parted}
        author = StationId(bytes.fromhex(told["station"]))
        if touched and not _is_gone(connection, push.site, author, int(told["incarnation"]), head.epoch):
            # Its author will send it again, and what comes behind it in the feed may rest on it.
            written |= {(row.entity, row.key): head.seq + 1 for row in rows[:-1]}
            continue
        yield Remember(
            id=operation, site=push.site, at=int(told["at"]), actor=PersonId(bytes.fromhex(told["actor"])),
            session=NO_SESSION, kind=str(told["kind"]), station=author, incarnation=int(told["incarnation"]),
            seq=int(told["seq"]), recovering=int(recovering),
            rows=tuple(
                Remembered(
                    row.entity, row.key, row.content if row.kind is FeedKind.ROW else "",
                    int((row.entity, row.key) not in touched),
                )
                for row in rows[:-1]
            ),
        )  # fmt: skip


def followed(connection: sa.Connection, push: Push, twice: Iterable[CommandId]) -> tuple[CommandId, ...]:
    """Return which operations a station need not wait for: they are in the feed as far as it has come, or was loaded.

    Those are all that are here and are not still to come: a file that is loaded anew sets aside everything that it took,
    which may have been taken long before the hub was ever set back.

    Args:
        connection: an open transaction's, the site's turn in hand.
        push: what the station says.
        twice: operations of it that were here already.
    """
    doubtful = list(dict.fromkeys((*(operation for operation, _ in _parts(push.aside)), *twice)))
    if not doubtful:
        return ()
    here = _known(connection, push.site, doubtful)
    feed = sql_of(Feed)
    query = sa.select(feed.c.entity).where(
        feed.c.site == push.site, feed.c.seq > push.cursor, feed.c.kind == FeedKind.RECEIPT.value
    )  # fmt: skip
    here -= {CommandId(bytes.fromhex(each)) for each in connection.execute(query).scalars()}
    return tuple(each for each in doubtful if each in here)


def _parts(rows: Iterable[SentRow]) -> list[tuple[CommandId, list[SentRow]]]:
    """Return rows by the operations whose doing they are."""
    found: list[tuple[CommandId, list[SentRow]]] = []
    part: list[SentRow] = []
    for row in rows:
        part.append(row)
        if row.kind is FeedKind.RECEIPT:
            found.append((CommandId(bytes.fromhex(row.entity)), part))
            part = []
    return found


def _known(connection: sa.Connection, site: SiteId, operations: Sequence[CommandId]) -> set[CommandId]:
    """Return those that the hub has."""
    log = sql_of(Operation)
    found: set[CommandId] = set()
    for start in range(0, len(operations), _IDS_PER_SELECT):
        some = operations[start : start + _IDS_PER_SELECT]
        query = sa.select(log.c.id).where(log.c.site == site, log.c.id.in_(some))
        found |= {CommandId(bytes(row[0])) for row in connection.execute(query)}
    return found


def _parted(epochs: Iterable[Epoch], rows: Sequence[SentRow], head: FeedHead) -> int:
    """Return how far the feed goes on which an operation was done: what a station hands back may be of several epochs."""
    return min((each.seq for each in epochs if each.number > rows[0].epoch), default=head.seq)


def _written(connection: sa.Connection, site: SiteId, after: int) -> dict[tuple[str, str], int]:
    """Return where in the feed rows were written last, other than by what was remembered: by table and key."""
    feed = sql_of(Feed)
    receipt = sa.case((feed.c.kind == FeedKind.RECEIPT.value, feed.c.content), else_="")
    query = (
        sa.select(feed.c.seq, feed.c.kind, feed.c.entity, feed.c.key, receipt)
        .where(feed.c.site == site, feed.c.seq > after)
        .order_by(feed.c.seq)
    )
    found: dict[tuple[str, str], int] = {}
    part: dict[tuple[str, str], int] = {}
    for seq, kind, entity, key, content in connection.execute(query):
        if kind != FeedKind.RECEIPT.value:
            part[str(entity), str(key)] = int(seq)
            continue
        if codec.parse(str(content))["kind"] != Remember.KIND:
            found |= part
        part = {}
    return found


def _is_gone(connection: sa.Connection, site: SiteId, station: StationId, incarnation: int, epoch: int) -> bool:
    """Return whether an operation's author will not send it any more."""
    if station == own_station(site):
        return True
    stations = sql_of(SiteStation)
    found = rows_of(
        SiteStation, connection.execute(sa.select(stations).where(stations.c.site == site, stations.c.id == station))
    )
    if not found or found[0].status is not StationStatus.ACTIVE:
        return True
    return found[0].incarnation > incarnation or found[0].listed >= epoch
