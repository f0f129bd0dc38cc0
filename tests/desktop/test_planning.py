"""What `dockside plan` releases: everything that may go, in as many waves as that takes."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.kernel.executor import Done, Work
from core.kernel.ids import NO_SESSION, SYSTEM, PersonId, SessionId
from core.kernel.operations import Operation
from core.kernel.tables import rows_of, sql_of
from core.people.model import PersonCard
from core.station.releasing import Release
from core.stock.commands import AdjustStock
from core.stock.model import Balance, StockKey
from core.waves.model import Batch, BatchState
from core.waves.planner import CartSpec
from core.waves.planning import Planned
from core.waves.queries import ready_by_cut_off
from core.waves.release import Filters
from desktop.assembly import Assembly, assembled
from desktop.cli import main
from desktop.planning import plan_day, stamp
from desktop.releasing import ReleaseRoom

FILES = {
    "items": "sku,description\nMUG,Mug\n",
    "locations": "code,zone,role\nA-01,A,pick\nB-1,BENCH,pack\n",
    "stock": "sku,location,quantity\nMUG,A-01,9\n",
    "orders": "channel,order,sku,quantity,payment\n"
    + "".join(f"web,{n},MUG,1,{'unpaid' if n == 3 else 'paid'}\n" for n in range(1, 6)),
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with four orders that may go and one that may not."""
    for kind, text in FILES.items():
        (tmp_path / f"{kind}.csv").write_text(text, encoding="utf-8")
        assert main(["import", kind, str(tmp_path / f"{kind}.csv"), "--home", str(tmp_path / "home")]) == 0
    return tmp_path / "home"


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
def test_what_one_wave_cannot_hold_goes_with_the_next(home: Path, limit: int) -> None:
    with assembled(home) as assembly:
        done = plan_day(assembly, filters=Filters(limit=limit))
        again = plan_day(assembly, filters=Filters(limit=limit))

    assert done.released_orders == 4
    assert (again.released_orders, again.batches) == (0, 0)


@pytest.fixture
def staffed(home: Path) -> Path:
    """Return that home with somebody who leads and somebody who picks."""
    people = home.parent / "people.csv"
    people.write_text(
        "name,badge,roles,pin\nLea Lead,BADGE-LEA,lead,4711\nInes Inventory,BADGE-INES,inventory,4712\n"
        "Pia Pick,BADGE-PIA,picker,\n",
        encoding="utf-8",
    )
    assert main(["import", "people", str(people), "--home", str(home)]) == 0
    return home


def _person(assembly: Assembly, name: str) -> PersonId:
    cards = sql_of(PersonCard)
    with assembly.database.reading() as reader:
        return PersonId(reader.execute(sa.select(cards.c.id).where(cards.c.name == name)).scalar_one())


def _released(assembly: Assembly) -> bool:
    operations = sql_of(Operation)
    with assembly.database.reading() as reader:
        return bool(reader.execute(sa.select(operations.c.id).where(operations.c.kind == "waves.release")).first())


def test_a_run_that_is_stopped_ends_behind_its_wave_and_the_rest_goes_another_time(home: Path) -> None:
    with assembled(home) as assembly:
        done = plan_day(assembly, filters=Filters(limit=1), goes_on=lambda: not _released(assembly))
        rest = plan_day(assembly, filters=Filters(limit=1))

    assert 0 < done.released_orders < 4
    assert done.released_orders + rest.released_orders == 4


def test_walks_that_are_sent_for_what_a_count_did_not_find_go_back(staffed: Path) -> None:
    with assembled(staffed) as assembly:
        plan_day(assembly, cart=CartSpec(slots=1))
        with assembly.database.reading() as reader:
            shelf = StockKey(**{
                name: getattr(row, name) for row in rows_of(Balance, reader.execute(sa.select(sql_of(Balance))))
                if row.total == 9 for name in ("owner", "item", "location")
            })  # fmt: skip
        lost = AdjustStock(
            **stamp(assembly, _person(assembly, "Ines Inventory")), key=shelf, difference=-7, reason="counted"
        )
        assert isinstance(assembly.writer.submit_background(Work(command=lost)).result(), Done)
        done = plan_day(assembly, cart=CartSpec(slots=1))
        with assembly.database.reading() as reader:
            walks = rows_of(Batch, reader.execute(sa.select(sql_of(Batch))))

    assert [row.units for row in walks if row.state is BatchState.READY] == [2]
    assert (done.released_orders, done.waiting_lines) == (2, 2), "two mugs are there for four orders"


def test_what_breaks_a_release_off_is_told_once_and_a_closed_room_stops_it() -> None:
    halts: list[Callable[[], bool]] = []

    def breaks(_filters: Filters, _actor: PersonId, _session: SessionId, goes_on: Callable[[], bool]) -> Planned:
        halts.append(goes_on)
        raise OSError(28, "No space left on device")

    room = ReleaseRoom(breaks)
    room.begin(Filters(), actor=SYSTEM, session=NO_SESSION)
    told = Release()
    while told is not None and not told.fault:
        told = room.stand()
    assert told is not None
    assert "No space left" in told.fault
    assert room.stand() is None
    assert halts[0]()
    room.close()
    assert not halts[0]()


def test_what_is_not_taken_is_not_told_as_released(staffed: Path) -> None:
    with assembled(staffed) as assembly:
        done = plan_day(assembly, actor=_person(assembly, "Pia Pick"))
    assert (done.released_orders, done.batches) == (0, 0)


def test_what_is_released_at_the_window_goes_in_the_name_of_whoever_asked_and_is_told_once(staffed: Path) -> None:
    with assembled(staffed) as assembly:
        somebody, room = _person(assembly, "Lea Lead"), assembly.releases
        assert room is not None
        with assembly.database.reading() as reader:
            assert [each.orders for each in ready_by_cut_off(reader, assembly.identity.site)] == [4]
        room.begin(Filters(), actor=somebody, session=NO_SESSION)
        told = Release()
        while told is not None and told.done is None:
            told = room.stand()
        assert told is not None
        assert told.done is not None
        assert (told.done.released_orders, told.done.unreleased) == (4, 0)
        assert room.stand() is None
        operations = sql_of(Operation)
        with assembly.database.reading() as reader:
            assert ready_by_cut_off(reader, assembly.identity.site) == ()
            by = reader.execute(
                sa.select(operations.c.actor).where(operations.c.kind == "waves.release").distinct()
            ).scalars()
            assert list(by) == [somebody]
