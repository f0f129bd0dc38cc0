"""Goods carry their own right from the cart to the bench: what happened at two of them is told, and nothing of it is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cases.model import Case, CaseKind
from core.kernel import codec
from core.kernel.operations import Operation, OperationOutcome
from core.packing.model import Parcel, ParcelContent, ParcelState
from core.picking.commands import PickUnits
from core.picking.model import Fill
from core.rights.model import WorkLease
from core.stock.model import Balance
from tests.orders.shop import lay_out, order_id
from tests.sync.world import World, confirmed_rows, hashes, world

ORDER = (("MUG", 3),)


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub with one order on a walk that the first of two stations holds."""
    with world(tmp_path) as made:
        lay_out(made.members[0].bench)
        made.settle()
        made.office.stock("MUG", "A-1", 100)
        made.office.order("o1", ORDER)
        made.office.promise()
        (batch,) = made.office.release()
        made.grant(made.members[0], batch)
        made.settle()
        yield made


def agree(it: World) -> None:
    it.settle()
    for member in it.members:
        assert hashes(member.connection) == hashes(it.central)
        assert confirmed_rows(member.connection) == confirmed_rows(it.central)
        assert all(row.settled == row.total for row in member.bench.all(Balance))


def test_a_fill_and_its_operations_carry_the_fence_they_were_picked_under(it: World) -> None:
    one = it.members[0]
    one.shop.pick_all()
    agree(it)
    (lease,) = it.office.it.all(WorkLease)

    assert [(row.epoch, row.fence, row.changes) for row in it.office.it.all(Fill)] == [(1, lease.fence, 1)]
    picks = [row for row in it.office.it.all(Operation) if row.kind == PickUnits.KIND]
    assert [row.fence for row in picks] == [lease.fence]


def test_units_that_two_benches_packed_are_in_two_parcels_and_a_case_names_both(it: World) -> None:
    one, two = it.members
    one.shop.pick_all()
    it.settle()
    order = order_id("o1")
    first, second = one.shop.pack_all(order), two.shop.pack_all(order)
    assert first.id != second.id
    agree(it)

    parcels = it.office.it.all(Parcel)
    assert {row.id for row in parcels} == {first.id, second.id}
    assert {row.state for row in parcels} == {ParcelState.CLOSED}
    assert sorted((row.parcel, row.first, row.quantity) for row in it.office.it.all(ParcelContent)) == sorted(
        [(first.id, 1, 3), (second.id, 1, 3)]
    )
    (case,) = [row for row in it.office.it.all(Case) if row.kind is CaseKind.DOUBLE_PARCEL]
    facts = codec.parse(case.facts)
    assert {facts["parcel"], facts["other"]} == {first.id.hex(), second.id.hex()}
    assert it.office.it.all(Operation)[-1].outcome is OperationOutcome.APPLIED_WITH_EXCEPTION
