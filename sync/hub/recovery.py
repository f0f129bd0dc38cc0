"""What a hub does after it was set back: it begins an epoch, hears every station, and only then grants again.

Whoever restores a hub's database calls `raise_epochs` before anything is answered. Where nobody did (somebody put an old
database back by other means), the first station that knows more than the hub says so, and the hub begins the epoch itself.
"""

import sqlalchemy as sa

from core.kernel.clock import Clock
from core.kernel.database import Database
from core.kernel.feed import FeedHead, head_of
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, IdSource, SiteId
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.rights.model import Epoch, EpochState
from core.rights.recovering import RaiseEpoch
from sync.hub.receiving import Receiver


def raise_epochs(database: Database, clock: Clock, ids: IdSource) -> dict[SiteId, int]:
    """Begin a new epoch for every site of a database that was set back; return the epochs by site.

    To be called before the hub answers anything. Calling it twice does no harm: stations take the newest.
    """
    with database.connect() as connection:
        with connection.begin():
            sites = [SiteId(row[0]) for row in connection.execute(sa.select(sql_of(FeedHead).c.site))]
        return {site: raise_epoch(connection, site, clock, ids) for site in sorted(sites)}


def raise_epoch(connection: sa.Connection, site: SiteId, clock: Clock, ids: IdSource, *, known: int = 0) -> int:
    """Begin a new epoch of a site, and return its number.

    Args:
        connection: the central database's, outside a transaction.
        site: which site.
        clock: the hub's.
        ids: gives the operation's id.
        known: the newest epoch that anybody is known to have seen; the new one is above it.
    """

    def decide(connection: sa.Connection) -> RaiseEpoch:
        head = head_of(connection, site)
        number = max(head.epoch, known) + 1
        books = UnitOfWork(connection)
        books.save(FeedHead(site, number, head.seq, head.hash))
        books.flush()
        return RaiseEpoch(
            id=CommandId(ids.new()), site=site, at=clock.now_ms(), actor=SYSTEM, session=NO_SESSION, number=number,
            seq=head.seq, hash=head.hash,
        )  # fmt: skip

    made = Receiver(connection, site).decide(decide, boot_ns=clock.boot_ns())
    assert made is not None
    command, _ = made
    assert isinstance(command, RaiseEpoch)
    return command.number


def epochs_since(connection: sa.Connection, site: SiteId, epoch: int) -> tuple[Epoch, ...]:
    """Return the epochs that began after one, the oldest first."""
    epochs = sql_of(Epoch)
    query = sa.select(epochs).where(epochs.c.site == site, epochs.c.number > epoch).order_by(epochs.c.number)
    return rows_of(Epoch, connection.execute(query))


def is_recovering(connection: sa.Connection, site: SiteId) -> bool:
    """Return whether the hub still hears its stations: no work and no numbers are granted before that is over."""
    epochs = sql_of(Epoch)
    query = sa.select(sa.func.count()).where(
        epochs.c.site == site, epochs.c.number == head_of(connection, site).epoch,
        epochs.c.state == EpochState.RECOVERING.value,
    )  # fmt: skip
    return bool(connection.execute(query).scalar_one())
