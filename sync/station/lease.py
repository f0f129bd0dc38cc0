"""Leasing: a station sees to it that it holds work for an hour, and gives back what the office asks for and nobody began."""

from core.waves.leases import MINUTES_AHEAD, Held
from sync.protocol import Lease
from sync.station.engines import Engine, GiveBack, Me, ReadCursor, ReadHeld, SendLease


def lease(me: Me, minutes: int = MINUTES_AHEAD) -> Engine:
    """Give back what was asked for, then ask for work where less than so much is held.

    What is granted comes by the feed, like everything that is decided elsewhere.
    """
    held: Held = yield ReadHeld()
    for each in held.recalled:
        yield GiveBack(each)
    if held.seconds >= minutes * 60:
        return
    cursor = yield ReadCursor()
    yield SendLease(
        Lease(epoch=cursor.epoch, site=me.site, station=me.station, incarnation=me.incarnation, minutes=minutes)
    )
