"""A parcel comes back to a site of several stations: who received it first, and what becomes of a second receipt."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.cases.commands import CloseCase
from core.cases.decisions import Decision
from core.cases.model import Case, CaseKind, CaseState
from core.catalog.commands import location_id
from core.kernel import codec
from core.kernel.commands import command_of
from core.kernel.flow import Verb
from core.kernel.ids import NO_ID
from core.kernel.operations import OperationOutcome
from core.kernel.reasons import Reason
from core.packing.commands.carrier import TakeCarrierLabel
from core.packing.model import Parcel
from core.returns.commands import FoundAt
from core.returns.flow import ReturnsFlow
from core.returns.model import Return, id_of_code, id_of_parcel
from core.rights.model import StationKind
from core.station.cases import CasesFlow, ShowCase
from tests.commands import operation
from tests.orders.shop import order_id
from tests.playbook import Desk
from tests.returns.arrange import received
from tests.support import PICKER
from tests.sync.agreeing import agree_in_the_end
from tests.sync.docks import FLOOR, label, load, pack, two_orders_are_picked
from tests.sync.held import receipts
from tests.sync.world import Member, World, world

FIRST, SECOND = "Q-1", "IN-1"
TRACKING = "1Z999AA10123456784"
"""A carrier's number, as its label bears it."""


def one_has_left(it: World) -> None:
    """Let a bench pack an order, a dock load it, and everybody know."""
    two_orders_are_picked(it)
    _, bench, _, dock, _ = it.members
    load(dock, label(bench, pack(bench)))
    it.settle()


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub, a cart, two benches, and two docks; of two picked orders one has left."""
    with world(tmp_path, kinds=FLOOR, after=one_has_left) as made:
        yield made


def receive(member: Member, code: str, place: str) -> None:
    """Receive a box as whoever stands there does."""
    d = at(member, "returns")
    d.take(code, place)
    d.switch_off()


def at(member: Member, begin: str) -> Desk:
    flows = {each.NAME: each for each in (ReturnsFlow(), CasesFlow())}
    made = Desk(member.bench, flows, begin=begin, roles="packer,lead", station=member.name)
    if made.flow != begin:
        made.go(begin)
    return made


def twice(it: World, code: str) -> tuple[Member, Member]:
    """Let two stations that do not hear each other receive one box, the first of them heard first."""
    _, bench, other, _, _ = it.members
    receive(bench, code, FIRST)
    receive(other, code, SECOND)
    it.push(bench)
    it.push(other)
    agree_in_the_end(it)
    return bench, other


def sscc(it: World) -> str:
    (parcel,) = it.office.it.all(Parcel)
    return parcel.sscc


def opened(it: World) -> list[Case]:
    return [row for row in it.office.it.all(Case) if row.state is CaseState.OPEN]


def stands(it: World) -> set[tuple[str, bytes]]:
    """Return where boxes stand, as the hub and everybody else has it."""
    rows = [it.office.it.all(Return), *(member.bench.all(Return) for member in it.members)]
    assert all(each == rows[0] for each in rows)
    return {(row.code, row.place) for row in rows[0]}


def test_a_box_that_one_station_received_is_known_to_all(it: World) -> None:
    _, bench, other, *_ = it.members
    receive(bench, sscc(it), FIRST)
    agree_in_the_end(it)

    assert stands(it) == {(sscc(it), location_id(FIRST))}
    d = at(other, "returns")
    assert d.refuses(sscc(it))[0] is Reason.ALREADY_RETURNED
    d.switch_off()
    assert opened(it) == []


def test_of_two_stations_that_received_one_box_the_first_stands_and_a_case_names_both(it: World) -> None:
    bench, other = twice(it, sscc(it))

    assert stands(it) == {(sscc(it), location_id(FIRST))}
    (row,) = it.office.it.all(Return)
    assert row.station == bench.name
    (case,) = opened(it)
    assert (case.kind, case.subject, case.order) == (CaseKind.RETURN_TWICE, row.id, order_id("o1"))
    facts = codec.parse(case.facts)
    assert facts == {
        "code": sscc(it),
        "first_by": PICKER.hex(), "first_station": bench.name.hex(), "first_place": location_id(FIRST).hex(),
        "first_at": row.received_at,
        "second_by": PICKER.hex(), "second_station": other.name.hex(), "second_place": location_id(SECOND).hex(),
        "second_at": case.opened_at,
    }  # fmt: skip
    assert [outcome for _, outcome in receipts(it)].count(OperationOutcome.APPLIED_WITH_EXCEPTION) == 1
    it.office.check()


@pytest.mark.parametrize(("key", "place"), [("1", FIRST), ("2", SECOND)])
def test_whoever_looks_says_where_the_box_stands(it: World, key: str, place: str) -> None:
    _, other = twice(it, sscc(it))
    d = at(other, "cases")
    d.take((Verb.QTY, "1"))
    assert isinstance(d.state, ShowCase)
    assert [(each.station, each.place) for each in d.state.seen.receipts] == [("S-2", FIRST), ("S-3", SECOND)]
    assert "answer:two_boxes" not in [each.meaning for each in d.last.expects], "it is one box"
    d.take((Verb.QTY, key))
    d.switch_off()
    agree_in_the_end(it)

    assert stands(it) == {(sscc(it), location_id(place))}
    assert opened(it) == []


def test_two_boxes_of_one_order_that_two_stations_received_are_two(it: World) -> None:
    _, other = twice(it, "o1")
    d = at(other, "cases")
    d.take((Verb.QTY, "1"), (Verb.QTY, "3"))
    d.switch_off()
    agree_in_the_end(it)

    assert sorted((row.number, row.place) for row in it.office.it.all(Return)) == [
        (1, location_id(FIRST)), (2, location_id(SECOND)),
    ]  # fmt: skip
    assert opened(it) == []
    it.office.check()


def test_a_load_that_the_returns_bench_had_not_heard_of_is_no_case(it: World) -> None:
    _, bench, other, dock, *_ = it.members
    parcel = pack(bench, "o2")
    it.settle()
    load(dock, label(bench, parcel))
    receive(other, parcel.sscc, FIRST)
    assert [row.kind for row in other.bench.all(Case)] == [CaseKind.RETURN_NOT_LEFT], "as far as was heard there"
    it.push(dock)
    it.push(other)
    agree_in_the_end(it)

    assert [row.left for row in it.office.it.all(Return)] == [1]
    assert opened(it) == []
    assert other.bench.all(Case) == []


def test_a_box_of_a_bench_that_is_unheard_is_received_by_what_its_label_says(it: World) -> None:
    _, bench, other, dock, *_ = it.members
    parcel = pack(bench, "o2")
    code = label(bench, parcel)
    load(dock, code)
    it.push(dock)
    it.pull(other)
    d = at(other, "returns")
    shown = d.take(_text(bench, parcel)).box
    assert (shown.order_number, [each.quantity for each in shown.inside], bool(shown.left_at)) == ("o2", [3], True)
    d.take(FIRST)
    d.switch_off()
    it.push(other)
    agree_in_the_end(it)

    (row,) = it.office.it.all(Return)
    assert (row.code, row.parcel, row.left) == (parcel.sscc, parcel.id, 1)
    assert opened(it) == []


@pytest.mark.parametrize("knows_first", [True, False])
def test_a_label_that_one_bench_had_not_heard_of_is_the_parcel_that_another_knows(it: World, knows_first: bool) -> None:
    _, bench, other, dock, _ = it.members
    parcel = pack(bench, "o2")
    load(dock, label(bench, parcel))
    d = at(other, "returns")
    d.take("]C100" + parcel.sscc, Verb.YES, SECOND)
    d.switch_off()
    receive(bench, parcel.sscc, FIRST)
    for member in (bench, dock, other) if knows_first else (other, bench, dock):
        it.push(member)
    agree_in_the_end(it)

    (row,) = it.office.it.all(Return)
    assert row.place == location_id(FIRST if knows_first else SECOND)
    (case,) = (row for row in opened(it) if row.kind is CaseKind.RETURN_TWICE)
    assert case.subject == row.id
    assert (row.parcel, row.order) == (parcel.id, order_id("o2")), "it is known whose it is"
    assert {row.kind for row in opened(it)} - {CaseKind.RETURN_TWICE, CaseKind.RETURN_NOT_LEFT} == set()
    it.office.check()


def test_a_label_that_was_unheard_of_at_its_bench_is_written_under_its_parcel(it: World) -> None:
    _, bench, other, dock, _ = it.members
    parcel = pack(bench, "o2")
    load(dock, label(bench, parcel))
    d = at(other, "returns")
    d.take("00" + parcel.sscc, Verb.YES, SECOND)
    d.switch_off()
    assert [row.parcel for row in other.bench.all(Return)] == [NO_ID]
    for member in (bench, dock, other):
        it.push(member)
    agree_in_the_end(it)

    (row,) = it.office.it.all(Return)
    assert (row.id, row.parcel, row.order, row.left) == (id_of_parcel(parcel.id), parcel.id, order_id("o2"), 1)
    assert opened(it) == []


def with_carriers_label(bench: Member, dock: Member, name: str = "o2") -> Parcel:
    """Let a bench label a packed order with the carrier's own label, and a dock load it."""
    parcel = pack(bench, name)
    bench.bench.run(
        TakeCarrierLabel(
            **bench.bench.base(), parcel=parcel.id, carrier="HOUSE", tracking=TRACKING, form="pdf", dpi=0,
            digest="0" * 64, labels=1,
        )
    )  # fmt: skip
    load(dock, label(bench, parcel))
    return parcel


@pytest.mark.parametrize("order", ["by_parcel", "by_number"])
def test_a_carriers_number_that_named_nothing_is_the_parcel_that_another_knows(it: World, order: str) -> None:
    _, bench, other, dock, _ = it.members
    parcel = with_carriers_label(bench, dock)
    d = at(other, "returns")
    d.take(TRACKING, Verb.YES, SECOND)
    d.switch_off()
    receive(bench, parcel.sscc, FIRST)
    by_number = order != "by_parcel"
    for member in (other, bench, dock) if by_number else (bench, dock, other):
        it.push(member)
    agree_in_the_end(it)

    (row,) = it.office.it.all(Return)
    assert (row.parcel, row.place) == (parcel.id, location_id(SECOND if by_number else FIRST))
    assert [row.kind for row in opened(it) if row.kind is not CaseKind.RETURN_NOT_LEFT] == [CaseKind.RETURN_TWICE]
    assert {row.subject for row in opened(it)} == {row.id}
    for member in (bench, other):
        d = at(member, "returns")
        for code in (TRACKING, parcel.sscc):
            assert d.refuses(code)[0] is Reason.ALREADY_RETURNED
        d.switch_off()
    it.office.check()


def test_a_number_that_two_parcels_bear_says_of_neither_that_it_is_here(tmp_path: Path) -> None:
    with world(tmp_path, kinds=FLOOR, after=two_orders_are_picked) as it:
        _, bench, other, dock, desk = it.members
        d = at(desk, "returns")
        d.take(TRACKING, Verb.YES, SECOND)
        d.switch_off()
        it.push(desk)
        parcels = [with_carriers_label(bench, dock, "o1"), with_carriers_label(other, dock, "o2")]
        agree_in_the_end(it)

        receive(bench, parcels[1].sscc, FIRST)
        agree_in_the_end(it)

        assert {(row.parcel, row.place) for row in it.office.it.all(Return)} == {
            (NO_ID, location_id(SECOND)), (parcels[1].id, location_id(FIRST)),
        }  # fmt: skip
        assert CaseKind.RETURN_UNKNOWN in {row.kind for row in opened(it)}, "whose the first is nobody knows yet"
        assert CaseKind.RETURN_TWICE not in {row.kind for row in opened(it)}


def test_a_box_that_was_found_not_to_be_ours_is_not_the_parcel_that_bears_its_number(it: World) -> None:
    _, bench, other, dock, _ = it.members
    d = at(other, "returns")
    d.take(TRACKING, Verb.YES, SECOND)
    d.switch_off()
    it.push(other)
    (case,) = opened(it)
    it.office.it.run(CloseCase(**it.office.it.base(), case=case.id, decision=Decision.NOT_OURS))
    it.settle()
    parcel = with_carriers_label(bench, dock)
    receive(bench, parcel.sscc, FIRST)
    agree_in_the_end(it)

    assert {(row.parcel, row.place) for row in it.office.it.all(Return)} == {
        (NO_ID, location_id(SECOND)), (parcel.id, location_id(FIRST)),
    }  # fmt: skip
    assert CaseKind.RETURN_TWICE not in {row.kind for row in opened(it)}


def test_a_second_box_under_a_number_that_is_one_parcels_by_then_is_that_parcel_received_twice(it: World) -> None:
    _, bench, other, dock, _ = it.members
    d = at(other, "returns")
    d.take(TRACKING, Verb.YES, FIRST)
    it.push(other)
    d.take(TRACKING, Verb.YES, SECOND)
    d.switch_off()
    assert sorted(row.number for row in other.bench.all(Return)) == [1, 2]
    parcel = with_carriers_label(bench, dock)
    for member in (bench, dock, other):
        it.push(member)
    agree_in_the_end(it)

    (row,) = it.office.it.all(Return)
    assert (row.parcel, row.place, row.number) == (parcel.id, location_id(FIRST), 1)
    (case,) = opened(it)
    facts = codec.parse(case.facts)
    assert (case.kind, case.subject, facts["second_place"]) == (
        CaseKind.RETURN_TWICE,
        row.id,
        location_id(SECOND).hex(),
    )


def test_a_bare_number_is_the_box_whose_square_code_another_scanned(it: World) -> None:
    """Nobody has heard of the bench that packed it, and no dock of the van that took it."""
    _, bench, other, dock, _ = it.members
    parcel = pack(bench, "o2")
    text = _text(bench, parcel)
    receive(dock, text, FIRST)
    d = at(other, "returns")
    d.take("00" + parcel.sscc, Verb.YES, SECOND)
    d.switch_off()
    it.push(dock)
    it.push(other)
    it.settle()

    (row,) = it.office.it.all(Return)
    assert (row.parcel, row.place) == (parcel.id, location_id(FIRST))
    assert [row.kind for row in opened(it) if row.kind is not CaseKind.OTHER_STATIONS] == [
        CaseKind.RETURN_NOT_LEFT, CaseKind.RETURN_TWICE,
    ]  # fmt: skip


def test_where_a_box_was_found_counts_also_when_its_label_is_written_under_its_parcel(it: World) -> None:
    _, bench, other, dock, _ = it.members
    parcel = pack(bench, "o2")
    load(dock, label(bench, parcel))
    d = at(other, "returns")
    d.take(parcel.sscc, Verb.YES, SECOND)
    d.switch_off()
    (here,) = other.bench.all(Return)
    other.bench.run(FoundAt(**other.bench.base(), back=here.id, code=here.code, place=location_id("Q-2")))
    for member in (bench, dock, other):
        it.push(member)
    agree_in_the_end(it)

    (row,) = it.office.it.all(Return)
    assert (row.parcel, row.place) == (parcel.id, location_id("Q-2"))
    assert opened(it) == []


def test_a_box_that_is_found_and_that_nobody_received_is_told(it: World) -> None:
    _, bench, *_ = it.members
    bench.bench.run(FoundAt(**bench.bench.base(), back=id_of_code("HX-7", 1), code="HX-7", place=location_id(FIRST)))
    agree_in_the_end(it)

    (case,) = opened(it)
    assert case.kind is CaseKind.CONTRADICTED
    facts = codec.parse(case.facts)
    assert (facts["code"], facts["shelf"]) == ("HX-7", location_id(FIRST).hex())


def test_where_a_box_was_found_counts_also_of_a_program_that_did_not_say_what_its_label_says(it: World) -> None:
    _, bench, *_ = it.members
    receive(bench, sscc(it), FIRST)
    it.settle()
    (row,) = it.office.it.all(Return)
    body = {"back": row.id.hex(), "place": location_id("Q-2").hex()}
    older = command_of(operation(FoundAt.KIND, 1, body))
    assert isinstance(older, FoundAt)
    assert older.finds() == {}, "parcels without a carrier's number have an empty one"
    bench.bench.run(replace(older, **bench.bench.base()))
    agree_in_the_end(it)

    assert stands(it) == {(sscc(it), location_id("Q-2"))}
    assert opened(it) == []


def _text(bench: Member, parcel: Parcel) -> str:
    from core.kernel.spool import PrintJob

    jobs = [row for row in bench.bench.all(PrintJob) if row.subject == parcel.id and row.document == "house_label"]
    return str(codec.parse(jobs[0].content)["data"])


@pytest.mark.parametrize("kind", [StationKind.CART, StationKind.DOCK])
def test_carts_and_docks_receive_nothing_but_what_happened_is_kept(it: World, kind: StationKind) -> None:
    member = it.members[0 if kind is StationKind.CART else 3]
    (parcel,) = it.office.it.all(Parcel)
    member.bench.run(received(member.shop, parcel, FIRST, member.name))
    agree_in_the_end(it)

    assert stands(it) == {(parcel.sscc, location_id(FIRST))}
    assert [row.kind for row in opened(it)] == [CaseKind.OTHER_STATIONS]
