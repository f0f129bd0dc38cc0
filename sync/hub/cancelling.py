"""Cancels at the hub: judged anew whenever a station was heard, until each of them is final."""

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from core.amending.commands import JudgeCancel
from core.amending.finality import cancels_asked, judge, with_news
from core.kernel.clock import Clock
from core.kernel.flow import Stamp
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, IdSource, OrderId, SiteId
from sync.hub.receiving import Receiver


def settle_cancels(
    connection: sa.Connection, site: SiteId, clock: Clock, ids: IdSource, asked: Sequence[OrderId] | None = None
) -> None:
    """Say of each cancel that is not final whom it waits for, or that it is final now.

    Args:
        connection: the central database's, outside a transaction.
        site: which site.
        clock: the hub's.
        ids: gives the operations' ids.
        asked: the orders whose cancel is not final yet, where they were looked up already.
    """
    if asked is not None and not asked:
        return
    with connection.begin():
        asked = cancels_asked(connection, site) if asked is None else asked
        asked = with_news(connection, site, asked)
    for order in asked:
        Receiver(connection, site).decide(_judging(site, order, clock, ids), boot_ns=clock.boot_ns())


def _judging(
    site: SiteId, order: OrderId, clock: Clock, ids: IdSource
) -> Callable[[sa.Connection], JudgeCancel | None]:
    stamp = Stamp(id=CommandId(ids.new()), site=site, at=clock.now_ms(), actor=SYSTEM, session=NO_SESSION)
    return lambda connection: judge(connection, site, order, stamp)
