"""Pulling: the feed comes down in whole operations, each part taken in one transaction with the cursor."""

from core.kernel.feed import FeedBroken, FeedHead
from core.kernel.replica import Taken
from sync.protocol import Pulled, feed_of
from sync.station.engines import Engine, Me, ReadCursor, SendPull, TakeRows, WantLoading
from sync.station.rejoin import is_of
from sync.station.renew import renew
from sync.station.snapshot import snapshot


def pull(me: Me, wait_s: int = 0) -> Engine:
    """Take the feed up to where it ends at the hub, then once wait for more.

    Args:
        me: who pulls.
        wait_s: how long the hub may keep the last question, in seconds; 0 for a single answer.
    """
    waited = False
    while True:
        cursor: FeedHead = yield ReadCursor()
        answer: Pulled = yield SendPull(cursor.seq, wait_s if waited else 0, cursor.epoch)
        if not (yield from is_of(me, cursor.epoch, answer.epoch)):
            continue
        if answer.after != cursor.seq:
            # The question was bent on its way: an address has no hash.
            raise FeedBroken(f"feed of site {me.site}: asked for behind {cursor.seq}, given behind {answer.after}")
        if answer.resync:
            yield WantLoading()
            return
        if answer.rows:
            taken: Taken = yield TakeRows(tuple(feed_of(each, me.site) for each in answer.rows), answer.epoch)
            if taken.strange:
                yield from renew(me, taken.strange)
        elif waited or not wait_s:
            return
        else:
            waited = True


def follow(me: Me, wait_s: int = 0) -> Engine:
    """Load the site where that is to be done, then take the feed."""
    yield from snapshot(me)
    yield from pull(me, wait_s)
