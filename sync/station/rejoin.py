"""Rejoining: the hub was set back, and the station goes back with it as far as the hub forgot, without losing its own work."""

from collections.abc import Generator
from typing import Any

from core.kernel.feed import FeedBroken, FeedHead
from sync.protocol import FETCH_MAX, Rejoin, Rejoined
from sync.station.engines import Effect, LoadAnew, Me, OlderEpoch, ReadBeyond, ReadCursor, Rewind, SendRejoin


def is_of(me: Me, mine: int, theirs: int) -> Generator[Effect, Any, bool]:
    """Return whether an answer counts: whether it is of the epoch in which was asked. A newer epoch is taken first.

    Args:
        me: who asked.
        mine: the newest epoch that was known when it was asked.
        theirs: the answer's.

    Raises:
        OlderEpoch: it is an older one.
    """
    if theirs < mine:
        raise OlderEpoch(f"an answer of epoch {theirs}, epoch {mine} is known")
    if theirs > mine:
        yield from rejoin(me)
    return theirs == mine


def rejoin(me: Me) -> Generator[Effect, Any, None]:
    """Find out how far the hub was set back, and go back to there.

    Raises:
        FeedBroken: that is beyond what the file keeps; the site is loaded anew before anything else is said.
    """
    cursor: FeedHead = yield ReadCursor()
    first: Rejoined = yield SendRejoin(_question(me, cursor))
    if first.epoch <= cursor.epoch:
        return
    place, keys = yield ReadBeyond(first.places)
    if place is None:
        yield LoadAnew(first.epoch)
        raise FeedBroken(
            f"feed of site {me.site}: the hub was set back beyond what is kept here; the site is loaded anew"
        )
    images: dict[tuple[str, str], str | None] = dict.fromkeys(keys)
    goal = first.head
    for start in range(0, len(keys), FETCH_MAX):
        part: Rejoined = yield SendRejoin(_question(me, cursor, keys[start : start + FETCH_MAX]))
        if part.epoch != first.epoch:
            # It was set back once more.
            return
        images.update({(row.entity, row.key): row.content for row in part.rows})
        goal = max(goal, part.head)
    yield Rewind(FeedHead(me.site, first.epoch, place.seq, place.hash), images, goal)


def _question(me: Me, cursor: FeedHead, wanted: tuple[tuple[str, str], ...] = ()) -> Rejoin:
    return Rejoin(
        epoch=cursor.epoch, site=me.site, station=me.station, cursor=cursor.seq, cursor_hash=cursor.hash, wanted=wanted
    )
