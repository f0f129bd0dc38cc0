"""Leasing: a station sees to it that it holds work for an hour and numbers to give out.

What the office asks for again and nobody began it gives back.
"""

from core.rights.standing import Standing
from core.waves.leases import MINUTES_AHEAD, Held
from sync.numbers import InHand
from sync.protocol import Lease, Leased
from sync.station.engines import Engine, GiveBack, Me, ReadHeld, ReadNumbers, ReadStanding, SendLease
from sync.station.rejoin import is_of


def lease(me: Me, minutes: int = MINUTES_AHEAD) -> Engine:
    """Give back what was asked for, then ask for more where less than so much work is held, or half of the numbers are used.

    What is granted comes by the feed, like everything that is decided elsewhere.
    """
    held: Held = yield ReadHeld()
    for each in held.recalled:
        yield GiveBack(each)
    numbers: InHand = yield ReadNumbers()
    if held.seconds >= minutes * 60 and not numbers.wanted():
        return
    now: Standing = yield ReadStanding()
    answer: Leased = yield SendLease(
        Lease(
            epoch=now.epoch, site=me.site, station=me.station, incarnation=now.identity.incarnation, minutes=minutes,
            numbers=numbers.wanted(),
        )
    )  # fmt: skip
    yield from is_of(me, now.epoch, answer.epoch)
