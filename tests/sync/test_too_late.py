"""What left otherwise than it is wanted is told once: by which carton it is, and by how many units, whoever told it before."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from core.amending.commands import ChangeOrder
from core.amending.planner import OrderChange, plan_cancel, plan_change
from core.cases.commands import CloseCase, OpenCase
from core.cases.decisions import Decision
from core.cases.model import Case, CaseKind
from core.catalog.parcel_codes import ParcelCode
from core.kernel import codec
from core.kernel.commands import body_of, command_of
from core.kernel.refusal import Refusal
from core.kernel.tables import sql_of
from core.packing.model import Parcel
from core.station.case_queries import AskCase
from tests.commands import operation
from tests.support import SITE
from tests.sync.docks import label, load
from tests.sync.test_cancels import cancel, hear, put_back, standing, too_late
from tests.sync.test_changes import ORDER, YORK, fewer, it, to_york
from tests.sync.world import Member, World

__all__ = ["it"]


def york_planned(it: World) -> ChangeOrder:
    it.office.it.seed(YORK)
    return planned(it, contact=YORK.id)


def planned(it: World, **what: Any) -> ChangeOrder:
    with it.central.begin():
        plan = plan_change(it.central, SITE, ORDER, OrderChange(**what), it.office.stamp())
    assert not isinstance(plan, Refusal)
    return plan


def changed(it: World, **what: Any) -> None:
    it.office.it.run(planned(it, **what))


def told(it: World) -> list[str]:
    """Return the parcels that cases of what left too late name, as text."""
    rows = [row for row in it.office.it.all(Case) if row.kind is CaseKind.CANCEL_TOO_LATE]
    return [str(codec.parse(row.facts).get("parcels", "?")) for row in rows]


def two_cartons(it: World) -> tuple[Parcel, Parcel, ParcelCode, ParcelCode]:
    """Return two closed cartons of the order, of two mugs and of one, with what their labels say."""
    cart, bench, *_ = it.members
    cart.shop.pick_all()
    it.settle()
    first, second = bench.shop.pack_some(ORDER, 2), bench.shop.pack_all(ORDER)
    codes = label(bench, first), label(bench, second)
    it.settle()
    return first, second, *codes


def test_a_carton_that_was_told_is_not_told_again_by_a_change_of_something_else(it: World) -> None:
    _, _, dock, _ = it.members
    first, _, code, _ = two_cartons(it)
    load(dock, code)
    it.settle()
    to_york(it)
    (case,) = [row for row in it.office.it.all(Case) if row.kind is CaseKind.CANCEL_TOO_LATE]
    changed(it, priority=9)
    it.office.it.run(CloseCase(**it.office.it.base(), case=case.id, decision=Decision.CARRIER_STOPS))
    changed(it, priority=8)
    assert told(it) == [first.id.hex()]

    changed(it, contact=it.office.it.need(Parcel, first.id).contact)
    to_york(it)
    assert told(it) == [first.id.hex()] * 2, "it was on its right way in between"


def test_cartons_that_an_earlier_program_told_without_their_names_are_not_told_again(it: World) -> None:
    _, _, dock, _ = it.members
    first, second, *codes = two_cartons(it)
    load(dock, codes[0])
    it.settle()
    body = codec.parse(body_of(york_planned(it)))
    assert body.pop("gone") == [first.id.hex()]
    it.office.it.run(replace(command_of(operation(ChangeOrder.KIND, 1, body)), **it.office.stamp()))
    assert told(it) == ["?"]
    changed(it, priority=9)
    assert told(it) == ["?"]
    load(dock, codes[1])
    it.settle()

    assert sorted(told(it)) == sorted(["?", second.id.hex()])


def test_a_carton_that_an_earlier_program_told_hides_no_unit_that_leaves_unheard_of_a_change(it: World) -> None:
    _, _, dock, _ = it.members
    first, second, *codes = two_cartons(it)
    to_york(it)
    # As an earlier program told of a carton that left unheard of it.
    facts = (("quantity", "1"), ("unheard", "1"), ("what", "change"))
    case = OpenCase(**it.office.it.base(), kind=CaseKind.CANCEL_TOO_LATE, order=ORDER, subject=ORDER, facts=facts)
    it.office.it.run(case)
    load(dock, codes[0])
    it.push(dock)
    assert told(it) == ["?"]
    fewer(it, 2)
    load(dock, codes[1])
    it.settle()

    assert [codec.parse(row.facts)["quantity"] for row in it.office.it.all(Case) if "parcels" in row.facts] == [2]


def test_a_case_names_the_cartons_that_left_with_the_label_from_before(it: World) -> None:
    _, _, dock, desk = it.members
    first, second, *codes = two_cartons(it)
    for code in codes:
        load(dock, code)
    it.settle()
    to_york(it)
    it.settle()
    (case,) = [row for row in desk.bench.all(Case) if row.kind is CaseKind.CANCEL_TOO_LATE]

    seen = desk.shop.ask(AskCase(SITE, case.id))
    assert seen is not None
    assert [(each.label, each.loaded) for each in seen.parcels] == [(each.sscc, True) for each in (first, second)]


# Cancelled


def cancel_at(member: Member) -> None:
    """Cancel the order by what a station knows."""
    with member.connection.begin():
        plan = plan_cancel(member.connection, SITE, ORDER, "customer", member.shop.stamp())
    assert not isinstance(plan, Refusal)
    member.bench.run(plan)


def test_what_left_after_two_cancelled_unheard_of_each_other_is_told(it: World) -> None:
    _, bench, dock, desk = it.members
    it.members[0].shop.pick_all()
    it.settle()
    codes = [label(bench, each) for each in (bench.shop.pack_some(ORDER, 2), bench.shop.pack_all(ORDER))]
    load(dock, codes[0])
    it.settle()
    for member in (bench, desk):
        cancel_at(member)
        it.push(member)
    assert [codec.parse(row.facts)["quantity"] for row in too_late(it)] == [2]
    load(dock, codes[1])
    for member in (dock, desk, dock):
        hear(it, member)

    assert standing(it).final
    assert sorted(codec.parse(row.facts)["quantity"] for row in too_late(it)) == [1, 2]


def test_who_came_after_a_case_was_decided_and_cancels_once_more_tells_nothing_a_second_time(it: World) -> None:
    _, bench, dock, desk = it.members
    it.members[0].shop.pick_all()
    it.settle()
    load(dock, label(bench, bench.shop.pack_some(ORDER, 2)))
    label(bench, bench.shop.pack_all(ORDER))
    it.settle()
    cancel(it)
    (case,) = too_late(it)
    it.office.it.run(CloseCase(**it.office.it.base(), case=case.id, decision=Decision.CARRIER_STOPS))
    it.settle()
    put_back(bench)
    it.settle()
    cases = sql_of(Case)
    with desk.connection.begin():
        # Whoever joins is not given what was decided by then.
        decided = desk.connection.execute(sa.select(cases).where(cases.c.id == case.id)).one()
        desk.connection.execute(sa.delete(cases).where(cases.c.id == case.id))
    cancel_at(desk)
    it.settle()

    assert [row.id for row in too_late(it)] == [case.id]
    with desk.connection.begin():
        desk.connection.execute(sa.insert(cases).values(**decided._mapping))
