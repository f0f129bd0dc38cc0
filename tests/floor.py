"""A sample floor without threads: commands run one after another on a copied home."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

import core.everything  # noqa: F401
from core.catalog.commands import container_id, location_id
from core.kernel.database import open_station
from core.kernel.executor import Executor, identity_of
from core.kernel.flow import Context
from core.kernel.home import Home
from core.kernel.ids import NO_SESSION, PersonId, document_id
from core.kernel.tables import TABLES, TableClass
from core.picking.commands import StartBatch
from core.picking.queries import AskWork
from core.picking.views import BatchOffer, TaskView
from tests.support import SITE, Bench, FakeClock, open_gate, policies

MARA = PersonId(document_id(0, "person", "BADGE-MARA"))
BENCH = location_id("BENCH-1")
TRAVELS = (TableClass.FEED, TableClass.DERIVED)


class Floor(Bench):
    """A bench on the sample, with what a picker and a packer need."""

    @property
    def connection(self) -> sa.Connection:
        return self.executor.connection

    @property
    def context(self) -> Context:
        return Context(
            site=SITE,
            station=self.executor._identity.station,
            bench=BENCH,
            actor=MARA,
            session=NO_SESSION,
            today="2025-12-16",
            policies=policies(),
        )

    def ask(self, query):
        with self.connection.begin():
            return query.run(self.connection)

    def offer(self) -> BatchOffer:
        found = self.ask(AskWork(SITE, MARA))
        assert isinstance(found, BatchOffer), found
        return found

    def start_batch(self, cart: str = "CART-01") -> TaskView:
        base = self.base(MARA)
        self.run(
            StartBatch(
                **base, batch=self.offer().batch, cart=container_id(cart), station=self.executor._identity.station
            )
        )
        return self.task()

    def task(self) -> TaskView:
        found = self.ask(AskWork(SITE, MARA))
        assert isinstance(found, TaskView), found
        return found

    def travels(self) -> dict[str, list[tuple[object, ...]]]:
        """Return every row that is replicated or derived; the timeline and the numbers given out only grow."""
        keep = {name for name, info in TABLES.items() if info.kind in TRAVELS} - {"op_touch", "number_range"}
        return {name: rows for name, rows in self.dump().items() if name in keep}


@contextmanager
def floor(home: Path) -> Iterator[Floor]:
    """Open a home that nobody else has open."""
    opened = Home(home)
    database = open_station(opened.database, opened.key())
    connection = database.connect()
    clock = FakeClock()
    try:
        with connection.begin():
            identity = identity_of(connection)
        assert identity is not None
        yield Floor(database, Executor(connection, identity, clock, open_gate), clock)
    finally:
        connection.close()
        database.dispose()
