"""Who the file is: what the hub's answers say of it, and how it goes on once it was rolled back or copied.

The hub's answer is held against the file as it is when the answer comes, not as it was when the question went: an answer that
is late, or given twice, never says that the file is an old one.
"""

from collections.abc import Generator
from typing import Any

from core.kernel.witness import Said
from core.rights.standing import Standing
from sync.protocol import Push, Pushed, Renew, Renewed
from sync.station.engines import (
    BeSure,
    Effect,
    Engine,
    Me,
    NotMine,
    ReadStanding,
    SendRenew,
    TakeIncarnation,
    TellWitness,
)
from sync.station.rejoin import is_of


def is_mine(me: Me, sent: Push, answer: Pushed) -> Generator[Effect, Any, bool]:
    """Return whether an answer to a push leaves no doubt that this is the station's file; where it does, renew it.

    Raises:
        NotMine: the hub gives it no new incarnation.
    """
    now: Standing = yield ReadStanding(answer.applied_through)
    same = sent.incarnation == now.identity.incarnation
    # A copy may have sent others under the numbers of operations that this push did not carry: to a hub that was set back.
    other = bool(answer.applied_through and now.through and answer.applied_head not in (b"", now.through))
    older = now.older or (same and (answer.applied_through > now.length or other or bool(answer.forked)))
    if older or answer.incarnation > now.identity.incarnation or answer.newest_start not in now.starts:
        yield from renew(me, now.identity.incarnation)
        return False
    if not now.sure and answer.newest_start == me.start:
        yield BeSure()
    return same


def renew(me: Me, incarnation: int) -> Generator[Effect, Any, None]:
    """Ask for a new incarnation and take it; nothing where the file goes on under one since.

    Push and pull may find out at once. A start that has an incarnation and asks for another is not alone with its name, and is
    stopped: whoever comes second has to see that the other has asked.

    Args:
        me: who asks.
        incarnation: under which it was found to be an old file.

    Raises:
        NotMine: the hub gives none.
    """
    now: Standing = yield ReadStanding()
    if now.identity.incarnation != incarnation:
        return
    asked = Renew(
        epoch=now.epoch, site=me.site, station=me.station, incarnation=now.identity.incarnation, start=me.start
    )
    answer: Renewed = yield SendRenew(asked)
    if not (yield from is_of(me, now.epoch, answer.epoch)):
        return
    if not answer.incarnation:
        raise NotMine("another file of this station goes on, or it takes no part any more")
    yield TakeIncarnation(answer.incarnation)


def tell_witness(me: Me) -> Engine:
    """Tell the witness how far the log is; to be begun every few seconds, with or without a hub.

    What it saw of a file that was longer it is not made to forget, until that file goes on under a new incarnation.
    """
    now: Standing = yield ReadStanding()
    if now.older:
        return
    yield TellWitness(Said(me.start, now.identity.incarnation, now.length, now.head))
