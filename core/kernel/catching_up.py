"""What a newer hub says that this program does not know: it stays in the feed's tail, and is taken up after an upgrade.

The tail itself is kept for thirty days, in which a hub that was set back may ask for it (reference: sync, 8.0, 17).
"""

import sqlalchemy as sa

from core.kernel import codec
from core.kernel.feed import Feed, FeedKind, head_of
from core.kernel.ids import SiteId
from core.kernel.loading import loading_of, want_loading
from core.kernel.replica import Skipped, take_confirmed
from core.kernel.tables import TABLES, rows_of, sql_of

KEPT_MS = 30 * 86_400_000
_AT_ONCE = 2_000


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


def forget(connection: sa.Connection, site: SiteId, now_ms: int) -> None:
    """Let go of rows of the feed that came long ago.

    What is not known yet stays, and so does everything from the last receipt on that is not older than a month.

    Args:
        connection: an open transaction's.
        site: whose feed.
        now_ms: the station's time.
    """
    feed, skipped = sql_of(Feed), sql_of(Skipped)
    receipts = (
        sa.select(feed.c.seq, feed.c.content)
        .where(feed.c.site == site, feed.c.kind == FeedKind.RECEIPT.value, feed.c.seq < head_of(connection, site).seq)
        .order_by(feed.c.seq)
        .limit(_AT_ONCE)
    )
    through = 0
    for seq, content in connection.execute(receipts):
        if int(codec.parse(content)["at"]) > now_ms - KEPT_MS:
            break
        through = int(seq)
    unknown = sa.select(skipped.c.entity).where(skipped.c.site == site)
    old = sa.delete(feed).where(feed.c.site == site, feed.c.seq <= through, feed.c.entity.not_in(unknown))
    if through:
        connection.execute(old)
