"""Comparing: once for each place of the feed at which nothing moves, a station holds its rows against the hub's."""

from core.kernel.comparing import FIRST, Buckets
from core.kernel.feed import FeedHead
from sync.protocol import Compare, Compared
from sync.station.engines import Engine, Me, Mend, NoteCompared, ReadBuckets, ReadQuiet, SendCompare
from sync.station.rejoin import is_of


def compare(me: Me) -> Engine:
    """Ask about bucket after bucket, fetch again what differs, and leave off as soon as the feed goes on."""
    head: FeedHead | None = yield ReadQuiet()
    if head is None:
        return
    part: Buckets | None = FIRST
    differed = False
    while part is not None and part.table:
        part = yield ReadBuckets(part)
        if part is None:
            return
        asked = Compare(epoch=head.epoch, site=me.site, station=me.station, seq=head.seq, buckets=part.buckets)
        answer: Compared = yield SendCompare(asked)
        if not (yield from is_of(me, head.epoch, answer.epoch)) or answer.seq != head.seq:
            return
        if answer.differs or answer.short:
            found: int = yield Mend(head, part, answer.differs, answer.rows, answer.short)
            differed = differed or found > 0
    if not differed:
        yield NoteCompared(head)
