"""A witness of how far each site's feed went, in a small file of the hub's home: a database that was put back does not say so.

Whoever restores by `dockside hub restore` need not tell; whoever puts an old database back by other means is found out here,
before the hub plans or grants anything: it begins an epoch and hears its stations. A hub that was only started again finds
what it saw, and goes on at once, whoever of its stations is switched off. What a newcomer would get wrong: the witness may
know less than the database, never more, and a database that has another row where it saw one was put back, however far it
has come since.
"""

from pathlib import Path

import sqlalchemy as sa

from core.kernel.clock import Clock
from core.kernel.database import Database
from core.kernel.feed import Feed, head_of
from core.kernel.ids import IdSource, SiteId
from core.kernel.refusal import Fault
from core.kernel.tables import sql_of
from core.kernel.witness import Said, Witness
from sync.hub.recovery import raise_epoch


class FeedWitness(Witness):
    """The file of one site: epoch, number and hash of the last row that was seen."""

    def __init__(self, folder: Path, site: SiteId) -> None:
        """Use a file in a folder that need not be there yet."""
        super().__init__(folder / f"site-{site}.json")
        self._folder, self._file = folder, folder / f"site-{site}.json"

    def read(self) -> Said | None:
        """Return what it saw; where it was copied here, or cannot be read, something that no database has.

        A home that was copied back has its database with it, as old as it is.
        """
        found = super().read()
        return NOWHERE if found is None and self._file.exists() else found

    def write(self, said: Said) -> None:
        """Replace what it says; whole or not at all.

        Raises:
            Fault: the disk refused.
        """
        try:
            self._folder.mkdir(exist_ok=True)
            super().write(said)
        except OSError as e:
            raise Fault(f"{self._file} cannot be written: {e.strerror}") from e


NOWHERE = Said(b"", 0, -1, b"")


def look(database: Database, site: SiteId, witness: Witness, clock: Clock, ids: IdSource) -> None:
    """See whether a site's database was put back, and begin an epoch where it was; then let the witness see it as it is.

    Args:
        database: the site's.
        site: which site.
        witness: of that site.
        clock: the hub's.
        ids: gives the operation's id.

    Raises:
        Fault: the witness cannot be written.
    """
    said = witness.read()
    with database.connect() as connection:
        with connection.begin():
            back = said is not None and was_set_back(connection, site, said)
        if back:
            raise_epoch(connection, site, clock, ids, known=0 if said is None else said.incarnation)
        with connection.begin():
            head = head_of(connection, site)
    now = Said(b"", head.epoch, head.seq, head.hash)
    if now != said:
        witness.write(now)


def was_set_back(connection: sa.Connection, site: SiteId, said: Said) -> bool:
    """Return whether a database lacks what was seen of it; one of a later epoch has told its stations so already."""
    head = head_of(connection, site)
    if said == NOWHERE or head.epoch != said.incarnation:
        return said == NOWHERE or head.epoch < said.incarnation
    feed = sql_of(Feed)
    row = sa.select(feed.c.hash).where(feed.c.site == site, feed.c.seq == said.length)
    there = connection.execute(row).scalar_one_or_none()
    # What is so old that it was let go says nothing.
    return head.seq < said.length or (there is not None and bytes(there) != said.head)


__all__ = ["FeedWitness", "look"]
