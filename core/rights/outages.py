"""How long this station was without its hub: a small record of its own, from which follows how much work it holds ahead.

Time is the hub's, as its answers say it: a wrong clock here makes no outage. What lies between two starts of the program
counts as nothing, since nobody worked.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from core.kernel.ids import SiteId
from core.kernel.tables import sql_of
from core.kernel.uow import UnitOfWork
from core.rights.model import HubContact, HubOutage

MINUTES_AHEAD, MINUTES_MAX = 60, 120
"""How much work a station holds so that it does not stand still when the hub is gone, and how much at most: what is held for
an outage must not make a good day rigid (reference: sync, 8.0, 4)."""
REMEMBERED_MS = 30 * 24 * 3_600_000
_OUTAGE_MS = 120_000
"""Less between two answers is no outage: a quiet hub answers twice a minute."""
_MINUTE_MS = 60_000


def minutes_ahead(outages: Iterable[int]) -> int:
    """Return for how many minutes a station should hold work.

    Half as much again as its longest outage lasted: what ran out then does not run out next time.

    Args:
        outages: how long each of the last weeks was, in minutes.
    """
    longest = max(outages, default=0)
    return min(MINUTES_MAX, max(MINUTES_AHEAD, longest + (longest + 1) // 2))


def note_contact(connection: sa.Connection, site: SiteId, start: bytes, at: int) -> None:
    """Write that the hub answered, and the outage that ended with it; the caller holds the transaction.

    Args:
        connection: the station's own file.
        site: whose hub.
        start: of the program: what lies between two of them is no outage.
        at: the hub's time.
    """
    uow = UnitOfWork(connection)
    before = uow.get(HubContact, (site,))
    if before is not None and before.start == start and at - before.at >= _OUTAGE_MS:
        uow.save(HubOutage(site, before.at, at))
    uow.save(HubContact(site, start, max(at, 0 if before is None else before.at)))
    uow.flush()


def outage_minutes(connection: sa.Connection, site: SiteId) -> list[int]:
    """Return how long each outage of the last weeks was, in minutes."""
    outages, contacts = sql_of(HubOutage), sql_of(HubContact)
    now = sa.select(contacts.c.at).where(contacts.c.site == site).scalar_subquery()
    query = sa.select(outages.c.began_at, outages.c.ended_at).where(
        outages.c.site == site, outages.c.ended_at >= now - REMEMBERED_MS
    )
    return [(int(ended) - int(began)) // _MINUTE_MS for began, ended in connection.execute(query)]
