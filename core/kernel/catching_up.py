"""What a newer hub says that this program does not know: it stays in the feed's tail, and is taken up after an upgrade.

The tail itself is kept for thirty days, in which a hub that was set back may ask for it (reference: sync, 8.0, 17).
"""

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from core.kernel import codec
from core.kernel.feed import Feed, FeedKind, head_of
from core.kernel.ids import SiteId
from core.kernel.loading import loading_of, want_loading
from core.kernel.replica import Skipped, take_confirmed
from core.kernel.tables import TABLES, Row, rows_of, sql_of

KEPT_MS = 30 * 86_400_000
_AT_ONCE = 250


def take_up(connection: sa.Connection, site: SiteId, incarnation: int) -> None:
    """Take what an older program had to leave and this one knows; the caller holds the transaction."""
    skipped, feed = sql_of(Skipped), sql_of(Feed)
    known = [row for row in rows_of(Skipped, connection.execute(sa.select(skipped))) if row.entity in TABLES]
    for row in known:
        query = sa.select(feed).where(feed.c.site == site, feed.c.entity == row.entity).order_by(feed.c.seq)
        latest = {each.key: each for each in rows_of(Feed, connection.execute(query))}
        take_confirmed(connection, site, list(latest.values()))
        connection.execute(sa.delete(skipped).where(skipped.c.site == row.site, skipped.c.entity == row.entity))
    if any(row.loaded for row in known) and loading_of(connection, site) is None:
        # It came by a loading, which keeps nothing aside.
        want_loading(connection, site, incarnation)


Forgotten = Callable[[sa.Connection, SiteId, Sequence[Feed], int], None]

_FORGOTTEN: dict[str, Forgotten] = {}


def when_forgotten(*classes: type[Row]) -> Callable[[Forgotten], Forgotten]:
    """Declare what goes with rows of the feed that are forgotten, of some classes.

    It is given a connection, the site, rows of one class in their order, and the instant before which they came.
    """

    def declare(forgotten: Forgotten) -> Forgotten:
        _FORGOTTEN.update({cls.TABLE.name: forgotten for cls in classes})
        return forgotten

    return declare


def forget(connection: sa.Connection, site: SiteId, now_ms: int) -> bool:
    """Let go of some rows of the feed that came long ago, and of what is over with them.

    What is not known yet stays, and so does everything from the last receipt on that is not older than a month.

    Args:
        connection: an open transaction's.
        site: whose feed.
        now_ms: the station's time.

    Returns:
        Whether there may be more.
    """
    feed, since = sql_of(Feed), now_ms - KEPT_MS
    gone = _older(connection, site, since)
    if not gone:
        return False
    by_entity: dict[str, list[Feed]] = {}
    for row in gone:
        by_entity.setdefault(row.entity, []).append(row)
    for entity, rows in by_entity.items():
        if entity in _FORGOTTEN:
            _FORGOTTEN[entity](connection, site, rows, since)
    known = feed.c.entity.not_in(_unknown(site))
    connection.execute(sa.delete(feed).where(feed.c.site == site, feed.c.seq <= gone[-1].seq, known))
    return True


def _older(connection: sa.Connection, site: SiteId, since: int) -> list[Feed]:
    """Return the first rows of the feed that is here: whole operations that were done before an instant."""
    feed, head = sql_of(Feed), head_of(connection, site).seq
    query = sa.select(feed).where(feed.c.site == site, feed.c.seq < head, feed.c.entity.not_in(_unknown(site)))
    most = _AT_ONCE
    while True:
        rows = rows_of(Feed, connection.execute(query.order_by(feed.c.seq).limit(most)))
        end = 0
        for n, row in enumerate(rows, 1):
            if row.kind is FeedKind.RECEIPT:
                if int(codec.parse(row.content)["at"]) > since:
                    return list(rows[:end])
                end = n
        if end or len(rows) < most:
            return list(rows[:end])
        # An operation that is longer than what is let go at once goes whole.
        most *= 2


def _unknown(site: SiteId) -> sa.Select[tuple[str]]:
    skipped = sql_of(Skipped)
    return sa.select(skipped.c.entity).where(skipped.c.site == site)
