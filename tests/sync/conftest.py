"""A hub over a real PostgreSQL, for whoever asks it over HTTP."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.kernel.database import Database, open_postgres
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId
from core.rights.commands import AddStation
from core.rights.model import StationKind
from sync.hub.center import Center
from sync.protocol import SentReceipt
from tests.support import NOON, PICKER, SITE, Base, FakeClock, FakeIds
from tests.sync.over_http import name_of
from tests.sync.world import may_all


@pytest.fixture
def central(postgres: str) -> Iterator[Database]:
    database = open_postgres(postgres, connections=4)
    database.prepare()
    yield database
    with database.connect() as connection, connection.begin():
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    database.dispose()


@pytest.fixture
def center(central: Database) -> Center:
    ids = FakeIds(start=900_000_000)
    made = Center(lambda site: central if site == SITE else None, FakeClock(), ids)
    commands = [
        AddStation(
            id=CommandId(ids.new()), site=SITE, at=NOON, actor=PICKER, session=NO_SESSION, station=name_of(n),
            name=f"S-{n}", kind=StationKind.DESK, base_version=0,
        )
        for n in (1, 2)
    ]  # fmt: skip
    base = Base(id=CommandId(ids.new()), site=SITE, at=NOON, actor=SYSTEM, session=NO_SESSION)
    # At once: the first row of a site's feed is written by one of them.
    with ThreadPoolExecutor(2) as pool:
        assert [each.outcome for each in pool.map(made.run, commands) if isinstance(each, SentReceipt)] == [
            "applied"
        ] * 2
    made.run(may_all(base))
    return made
