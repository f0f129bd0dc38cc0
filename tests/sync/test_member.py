"""A station that belongs to a hub, as it is put together: what others do reaches its screen, what it does reaches the hub."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core.catalog.commands import container_id
from core.kernel.executor import Failed, Work
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId
from core.kernel.operations import Operation, OperationState
from core.kernel.reasons import Reason
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import Role
from core.picking.commands import StartBatch
from core.picking.states import GoToLocation, NoWork, ScanCart
from core.rights.commands import RecallWork
from core.rights.model import LeaseState, Stage, StationHeard, StationKind, WorkLease
from core.station.home import Home
from core.station.replay import Line
from core.waves.model import Batch, BatchState
from desktop.assembly import assembled
from desktop.planning import stamp
from tests.sync.members import Site, at_work, member_home, shared_site, sign_in, until


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with shared_site(tmp_path) as made:
        yield made


def test_what_is_released_elsewhere_reaches_the_screen_and_what_is_picked_here_the_hub(
    site: Site, tmp_path: Path
) -> None:
    home = member_home(tmp_path / "cart", site, "CART-7", StationKind.CART)
    office = site.world.office
    with at_work(home) as (assembly, replay):
        assert assembly.database.role is Role.REPLICA
        sign_in(replay)
        assert isinstance(replay._station.state, Home)
        assert replay._station.state.view.job is None

        office.released("o1", [("MUG", 2)], priority=5)
        until(replay, lambda: getattr(replay._station.state.view.job, "flow", "") == "pick")

        replay.perform(Line(0, "open", "pick"))
        assert isinstance(replay._station.state, ScanCart)
        told = replay.perform(Line(0, "scan", "CART-1"))
        assert isinstance(replay._station.state, GoToLocation), told
        until(replay, lambda: office.it.all(Batch)[0].state is BatchState.RUNNING)
        with assembly.database.reading() as connection:
            log = sql_of(Operation)
            until(
                replay,
                lambda: all(
                    row.state is OperationState.DURABLE for row in rows_of(Operation, connection.execute(select(log)))
                ),
            )
        (heard,) = office.it.all(StationHeard)
        # The station's clock is this machine's, the hub's stands still at a noon of the past.
        assert abs(heard.at + heard.ahead_ms - assembly.clock.now_ms()) < 60_000


def test_a_picker_with_nothing_to_do_sees_work_as_soon_as_it_is_there(site: Site, tmp_path: Path) -> None:
    home = member_home(tmp_path / "cart", site, "CART-7", StationKind.CART)
    with at_work(home) as (_, replay):
        sign_in(replay)
        replay.perform(Line(0, "open", "pick"))
        assert isinstance(replay._station.state, NoWork)

        site.world.office.released("o1", [("MUG", 2)])
        until(replay, lambda: isinstance(replay._station.state, ScanCart))


def test_a_member_claims_nothing_without_its_right_and_plans_nothing(site: Site, tmp_path: Path) -> None:
    home = member_home(tmp_path / "bench", site, "BENCH-7", StationKind.BENCH)
    site.world.office.released("o1", [("MUG", 2)])
    with at_work(home) as (assembly, replay):
        sign_in(replay)
        batch = site.world.office.it.all(Batch)[0]
        operator = replay._station.operator
        with assembly.database.reading() as connection:
            until(replay, lambda: rows_of(Batch, connection.execute(select(sql_of(Batch)))) != ())
        base = {
            "id": CommandId(assembly.ids.new()), "site": batch.site, "at": 1, "actor": operator.person,
            "session": operator.session,
        }  # fmt: skip
        start = StartBatch(**base, batch=batch.id, cart=container_id("CART-1"), station=assembly.identity.station)
        outcome = assembly.submit(Work(command=start)).result()
        assert isinstance(outcome, Failed)
        assert outcome.refusal.reason is Reason.WORK_HELD


def test_work_that_the_office_wants_back_is_given_back_by_the_station_itself(site: Site, tmp_path: Path) -> None:
    home = member_home(tmp_path / "cart", site, "CART-7", StationKind.CART)
    office = site.world.office
    office.released("o1", [("MUG", 2)])

    def leases() -> list[WorkLease]:
        return office.it.all(WorkLease)

    with at_work(home) as (_, replay):
        until(replay, lambda: [each.state for each in leases()] == [LeaseState.HELD])
        first = leases()[0]
        office.it.run(RecallWork(**office.it.base(), stage=Stage.PICK, work=first.work))
        # Nobody else is there: it may be granted anew before anybody looks.
        until(replay, lambda: leases()[0].state is LeaseState.RELEASED or leases()[0].fence > first.fence)


def test_a_station_that_is_alone_has_no_line_and_decides_itself(tmp_path: Path) -> None:
    with assembled(tmp_path / "alone", create=True) as assembly:
        assert assembly.membership is None
        assert assembly.database.role is Role.AUTHORITY
        assert assembly.poked == []
        assert stamp(assembly)["actor"] == SYSTEM
        assert stamp(assembly)["session"] == NO_SESSION
