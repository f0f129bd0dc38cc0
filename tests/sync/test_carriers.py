"""A carrier goes from dock to dock, through the hub alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.rights.commands import RecallWork
from core.rights.model import LeaseState, Stage, WorkLease
from core.shipping import decide
from core.shipping.commands import carrier_right
from core.shipping.model import Manifest
from core.shipping.queries import AskStaying
from tests.support import SITE
from tests.sync.docks import (
    FLOOR,
    label,
    load,
    open_list,
    pack,
    two_orders_are_picked,
)
from tests.sync.world import Member, World, world


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub, a cart that picked two orders, two benches, and two docks of which the first has the carrier."""
    with world(tmp_path, kinds=FLOOR, after=two_orders_are_picked) as made:
        yield made


def held(it: World, member: Member) -> bool:
    row = member.bench.get(WorkLease, *carrier_right("HOUSE"))
    return row is not None and row.state is LeaseState.HELD and row.station == member.name


def test_a_carrier_changes_its_dock_only_through_the_hub_and_not_while_its_list_is_open(it: World) -> None:
    _, bench, _, dock, other = it.members
    code = label(bench, pack(bench))
    load(dock, code)
    it.settle()
    stage, work = carrier_right("HOUSE")
    it.office.it.run(RecallWork(**it.office.it.base(), stage=Stage(stage), work=work))
    for _ in range(2):
        it.pull(dock)
        it.lease(dock)
        it.settle()
    assert held(it, dock), "its list is open"

    (manifest,) = dock.bench.all(Manifest)
    staying = dock.shop.ask(AskStaying(SITE, manifest.id))
    dock.bench.run(decide.close(staying, dock.shop.stamp()))
    it.lease(dock)
    it.settle()
    assert not held(it, dock)
    it.lease(dock)
    it.settle()
    assert not held(it, dock), "what the office took is not asked for again"

    it.lease(other)
    it.settle()
    assert held(it, other)
    assert open_list(other, place="DOCK-2") != manifest.id


def test_a_dock_asks_for_the_carriers_that_nobody_loads(it: World) -> None:
    _, _, _, dock, other = it.members
    it.office.order("far", [("MUG", 1)], carrier="FAR")
    it.settle()
    it.lease(other)
    it.settle()
    it.lease(dock)
    it.settle()

    far = other.bench.get(WorkLease, *carrier_right("FAR"))
    assert far is not None
    assert (far.station, far.state) == (other.name, LeaseState.HELD)
    assert held(it, dock)


def test_a_bench_and_a_cart_get_no_carriers(it: World) -> None:
    cart, bench, *_ = it.members
    it.office.order("far", [("MUG", 1)], carrier="FAR")
    it.settle()
    for member in (cart, bench):
        it.lease(member)
    it.settle()

    assert it.office.it.get(WorkLease, *carrier_right("FAR")) is None
