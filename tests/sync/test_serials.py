"""Sites of one company: their label numbers begin alike, and none is given out at two of them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa

import core.everything  # noqa: F401
from core.catalog.commands import SetUpSite
from core.catalog.model import SiteKind
from core.kernel.database import Database
from core.kernel.flow import Stamp
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, SiteId, StationId
from core.kernel.numbers import OWN, NumberRange
from core.kernel.operations import OperationOutcome
from core.kernel.tables import rows_of, sql_of
from core.packing.commands import SSCC_NUMBERS
from core.rights.commands import AddStation
from core.rights.model import StationKind
from sync.hub.center import Center
from sync.hub.serials import PrefixFault, part_of, twice_given
from sync.protocol import Lease, Leased, SentReceipt
from tests.quick import open_new
from tests.support import FakeClock, FakeIds

PREFIX = "0950110100000000"
"""It leaves one digit: nine numbers."""


class Company:
    """Sites with a database each, and a hub before all of them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self.databases: dict[SiteId, Database] = {}
        self.clock, self.ids = FakeClock(), FakeIds(start=900_000_000)
        self.center = Center(lambda site: self.databases.get(site), self.clock, self.ids)

    def stamp(self, site: SiteId) -> Stamp:
        return Stamp(id=CommandId(self.ids.new()), site=site, at=self.clock.now_ms(), actor=SYSTEM, session=NO_SESSION)

    def run(self, command: object) -> None:
        made = self.center.run(command)  # type: ignore[arg-type]
        assert isinstance(made, SentReceipt)
        assert made.outcome is OperationOutcome.APPLIED, made

    def begin(self, number: int, prefix: str = PREFIX, *, by_itself: bool = False) -> SiteId:
        """Begin a site with a bench, as `dockside hub init` does; or as one that knows of no other."""
        site = SiteId(number)
        database = open_new(self._folder / f"site-{number}.db")
        self._stack.callback(database.dispose)
        known, self.databases = self.databases, {**self.databases, site: database}
        if not by_itself:
            self.run(part_of(known, site, prefix, self.clock, self.ids))
        self.run(
            SetUpSite(
                **self.stamp(site), name=f"Site {number}", kind=SiteKind.WAREHOUSE, time_zone="UTC", calendar="{}",
                country="", address="", gs1_prefix=prefix, owner_code="", owner_name="We",
            )
        )  # fmt: skip
        self.run(AddStation(**self.stamp(site), station=bench(site), name="B", kind=StationKind.BENCH, base_version=0))
        return site

    def given(self, site: SiteId) -> list[int]:
        """Return the label numbers that a site's bench is given, until there are none."""
        for _ in range(3):
            asked = Lease(
                epoch=1, site=site, station=bench(site), incarnation=1, minutes=0, numbers=(SSCC_NUMBERS,)
            )  # fmt: skip
            assert isinstance(self.center.lease(asked), Leased)
        with self.databases[site].reading() as connection:
            ranges = sql_of(NumberRange)
            lent = sa.select(ranges).where(ranges.c.name == SSCC_NUMBERS, ranges.c.first != OWN)
            found = rows_of(NumberRange, connection.execute(lent))
        return sorted(n for row in found for n in range(row.first, row.last + 1))


def bench(site: SiteId) -> StationId:
    return StationId(b"bench-%010d" % site)


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    with ExitStack() as stack:
        yield Company(tmp_path, stack)


def test_sites_that_begin_their_label_numbers_alike_give_out_each_its_own(company: Company) -> None:
    sites = [company.begin(number) for number in (1, 2, 3)]

    given = [company.given(site) for site in sites]

    assert [len(each) for each in given] == [3, 4, 2]
    assert sorted(number for each in given for number in each) == list(range(1, 10))
    assert list(twice_given(company.databases)) == []


def test_what_was_given_out_already_is_not_given_away(company: Company) -> None:
    company.begin(1)
    assert company.given(SiteId(1)) == list(range(1, 10))

    with pytest.raises(PrefixFault, match=f"no label numbers that begin with {PREFIX} are left for site 2"):
        company.begin(2)


def test_other_prefixes_are_left_alone_and_one_within_another_is_refused(company: Company) -> None:
    company.begin(1)
    company.begin(2, "0860000000000000")
    assert company.given(SiteId(2)) == list(range(1, 10))

    with pytest.raises(PrefixFault, match=f"label numbers of site 1 begin with {PREFIX}"):
        company.begin(3, PREFIX[:-2])


@pytest.mark.parametrize("prefix", ["09501 01", "٠٩٥٠١١٠", "0" * 17])
def test_what_no_label_number_begins_with_is_refused(company: Company, prefix: str) -> None:
    with pytest.raises(PrefixFault, match="digits, sixteen at most"):
        company.begin(1, prefix)


def test_sites_that_were_brought_together_since_are_named(company: Company) -> None:
    company.begin(1, by_itself=True)
    company.begin(2, by_itself=True)

    (told,) = twice_given(company.databases)

    assert told.found == "sites 1 and 2"
