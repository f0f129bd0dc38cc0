"""Whether the hub was there all the time: a machine that was put back whole, its witness with it, finds nothing that differs.

What gives it away is that it was away: nobody looked at the site for minutes of its clock. It may only have been switched off;
so for one minute it gives out nothing, in which every station that is on the network speaks and one that knows more says so
(`core.rights.queries.gives_nothing`), and no carrier until every station that loads was heard. A hub that is started again at
once was not away. The one thing a newcomer would get wrong: a hub that runs knows by the time since its machine was started
that it was there, however long its chores take; a machine that was stopped in the middle and put back has a gap in that.
"""

from dataclasses import replace

from core.kernel.clock import Clock
from core.kernel.database import Database
from core.kernel.feed import head_of
from core.kernel.ids import SiteId
from core.kernel.uow import UnitOfWork
from core.rights.model import HubPresence, StationKind
from core.rights.queries import unheard

AWAY_MS = 180_000
"""Nobody makes a picture of a machine, and puts it back, within that; a machine is started again within that."""


class Presence:
    """Notes for one site that the hub is there; one for each process that looks."""

    def __init__(self, database: Database, site: SiteId, clock: Clock) -> None:
        """Begin; nothing is noted yet.

        Args:
            database: the site's.
            site: which site.
            clock: the hub's.
        """
        self._database, self._site, self._clock = database, site, clock
        self._boot_ns = 0
        """When it noted last, since the machine was started; 0 for not yet."""

    def note(self) -> None:
        """Note that it is there, and that it was away where it was."""
        now, boot_ns = self._clock.now_ms(), self._clock.boot_ns()
        there_ms = (boot_ns - self._boot_ns) // 1_000_000 if self._boot_ns else 0
        with self._database.connect() as connection, connection.begin():
            books = UnitOfWork(connection)
            known = books.get(HubPresence, (self._site,)) or HubPresence(self._site, now, 0, 0)
            if now - known.at - there_ms > AWAY_MS:
                # Away again before all were heard: what was written between is no more known to others than before.
                seq = known.seq if known.since else head_of(connection, self._site).seq
                known = replace(known, since=now, seq=seq)
            elif known.since and not unheard(connection, self._site, tuple(StationKind)):
                known = replace(known, since=0)
            books.save(replace(known, at=now))
            books.flush(varied=True)
        self._boot_ns = boot_ns


def vouch(database: Database, site: SiteId) -> bool:
    """Take a person's word that the hub's machine was not put back; return whether that was in doubt."""
    with database.connect() as connection, connection.begin():
        books = UnitOfWork(connection)
        known = books.get(HubPresence, (site,))
        if known is None or not known.since:
            return False
        books.save(replace(known, since=0))
        books.flush(varied=True)
    return True


__all__ = ["Presence", "vouch"]
