"""Holding what a station has against what the hub has, at a moment at which the site's feed does not go on."""

import sqlalchemy as sa

from core.amending.over import held_for_sure
from core.kernel.comparing import Bucket, differing
from core.kernel.feed import head_of
from sync.hub.recovery import images
from sync.protocol import Compare, Compared, SentPrivate


def compare(connection: sa.Connection, asked: Compare) -> Compared:
    """Return what differs, with the rows as they are here; nothing where the feed is not where the station thinks.

    Args:
        connection: a reader of the central database.
        asked: what a station has, and up to where it took the feed.
    """
    head = head_of(connection, asked.site)
    if (head.epoch, head.seq) != (asked.epoch, asked.seq):
        return Compared(epoch=head.epoch, seq=head.seq)

    def here(bucket: Bucket) -> dict[str, str]:
        wanted = ((bucket.entity, key) for key in bucket.keys)
        return {row.key: row.content for row in images(connection, wanted, asked.site)}

    others, short = differing(connection, asked.site, asked.buckets, here, held_for_sure)
    # Each statement sees the newest commit: what came meanwhile is no difference.
    after = head_of(connection, asked.site)
    if after.seq != head.seq:
        return Compared(epoch=after.epoch, seq=after.seq)
    rows = tuple(SentPrivate(entity, key, text) for entity, some in others for key, text in some.items())
    return Compared(epoch=head.epoch, seq=head.seq, differs=tuple(dict(others)), rows=rows, short=short)
