"""Leasing: a station sees to it that it holds work for an hour, for longer after outages, numbers, and a dock its carriers.

What the office asks for again and nobody began it gives back.
"""

from core.rights.standing import Standing
from core.waves.leases import Held
from sync.numbers import InHand
from sync.protocol import Lease, Leased
from sync.station.engines import Engine, GiveBack, Me, ReadHeld, ReadNumbers, ReadStanding, SendLease
from sync.station.rejoin import is_of


def lease(me: Me, minutes: int | None = None) -> Engine:
    """Give back what was asked for, then ask for more.

    More is asked for where less than so much work is held, work waits that goes before all of it, half of the numbers are
    used, or a carrier has no dock. What is granted comes by the feed, like everything that is decided elsewhere.

    Args:
        me: who asks.
        minutes: for how long the work should last; None for as long as the station's own outages say.
    """
    held: Held = yield ReadHeld()
    ahead = held.ahead if minutes is None else minutes
    for each in held.recalled:
        yield GiveBack(each)
    numbers: InHand = yield ReadNumbers()
    for each in numbers.carriers.recalled:
        yield GiveBack(each)
    if held.lasts(ahead) and not held.rush and not numbers.wanted() and not numbers.carriers.free:
        return
    now: Standing = yield ReadStanding()
    answer: Leased = yield SendLease(
        Lease(
            epoch=now.epoch, site=me.site, station=me.station, incarnation=now.identity.incarnation, minutes=ahead,
            numbers=numbers.wanted(), carriers=numbers.carriers.free,
        )
    )  # fmt: skip
    yield from is_of(me, now.epoch, answer.epoch)
