"""The dock is the second gate: a cart, benches and docks of one site, whoever hears of whom, and nothing leaves twice."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.cases.model import CaseKind
from core.catalog.commands import location_id
from core.catalog.parcel_codes import parcel_code
from core.exchange.verify import verify_books
from core.kernel import codec
from core.kernel.flow import Verb
from core.kernel.ids import LocationId, ManifestId, SiteId
from core.kernel.numbers import NumberRange, next_number
from core.kernel.operations import OperationOutcome
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.spool import PrintJob
from core.packing import decide as packing
from core.packing.commands import SSCC_NUMBERS, PackUnits, ReopenParcel
from core.packing.enclosed import paper_to_void
from core.packing.model import EarlyLoad, Parcel, StoppedLabel
from core.shipping import decide
from core.shipping.commands import MANIFEST_NUMBERS, OpenManifest, SetAside
from core.shipping.flow import DispatchFlow, ScanParcel
from core.shipping.model import Manifest
from core.shipping.queries import AskParcelInHand, AskStaying
from core.station.home import HomeFlow
from core.stock.model import Balance
from sync.hub.reclaim import mark_lost, station_named
from tests.orders.shop import order_id
from tests.packing.arrange import desk
from tests.playbook import Desk
from tests.shipping.arrange import STRICT
from tests.support import SITE
from tests.sync.agreeing import agree_in_the_end
from tests.sync.docks import (
    FLOOR,
    ORDERS,
    cases,
    hand,
    label,
    load,
    loaded,
    open_list,
    pack,
    two_orders_are_picked,
)
from tests.sync.held import receipts
from tests.sync.world import Member, World, world


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub, a cart that picked two orders, two benches, and two docks of which the first has the carrier."""
    with world(tmp_path, kinds=FLOOR, after=two_orders_are_picked) as made:
        yield made


# A parcel that the dock has not heard of


@pytest.mark.parametrize("first", ["bench", "dock"])
def test_a_parcel_that_only_its_label_speaks_for_is_loaded_and_the_books_add_up_whoever_is_heard_first(
    it: World, first: str
) -> None:
    _, bench, _, dock, _ = it.members
    code = label(bench, pack(bench))
    load(dock, code)
    assert [row.sscc for row in dock.bench.all(EarlyLoad)] == [code.sscc]
    assert hand(dock, code).why_not is Reason.ALREADY_LOADED

    for member in (bench, dock) if first == "bench" else (dock, bench):
        it.push(member)
    agree_in_the_end(it)

    (parcel,) = it.office.it.all(Parcel)
    (manifest,) = it.office.it.all(Manifest)
    assert parcel.loaded_at > 0
    assert (parcel.manifest, manifest.parcels, manifest.weight_grams) == (manifest.id, 1, parcel.expected_grams)
    assert it.office.it.all(EarlyLoad) == []
    assert it.office.counts(order_id("o1")) == {"promised": 3, "reserved": 3, "picked": 3, "packed": 3, "loaded": 3}
    assert cases(it) == []
    assert {outcome for _, outcome in receipts(it)} == {OperationOutcome.APPLIED}
    assert bytes(parcel.id) not in {bytes(row.lpn) for row in it.office.it.all(Balance)}
    it.office.check()


def test_a_number_that_nobody_has_heard_of_leads_to_the_square_code_and_that_to_the_dock(it: World) -> None:
    _, bench, _, dock, _ = it.members
    codes = [label(bench, pack(bench, name)) for name in ORDERS]
    flows = {each.NAME: each for each in (HomeFlow(shared=True), DispatchFlow(shared=True))}
    at = Desk(
        dock.bench, flows, begin="home", roles="loader", place=location_id("DOCK-1"), station=dock.name, policies=STRICT
    )
    for number in (codes[0].sscc, f"00{codes[0].sscc}"):
        # The number alone says nothing of what is in it.
        at.take("DOCK-1")
        assert at.refuses(number)[0] is Reason.PARCEL_UNHEARD
    first, second = codes
    at.take(parcel_code(first), Verb.MENU, (Verb.QTY, "1"))
    assert at.flow == "home"
    assert at.refuses(second.sscc)[0] is Reason.PARCEL_UNHEARD
    assert at.refuses(parcel_code(replace(second, site=SiteId(9))))[0] is Reason.UNKNOWN_CODE
    state = at.take(parcel_code(second))
    assert isinstance(state, ScanParcel)
    assert state.standing.last == first.parcel, "the dock's screen, as it was left"
    assert [row.sscc for row in dock.bench.all(EarlyLoad)] == [first.sscc], (
        "it says which van that is, before anything is loaded"
    )
    at.take(parcel_code(second))
    at.switch_off()
    assert [row.sscc for row in dock.bench.all(EarlyLoad)] == [code.sscc for code in codes]


def test_the_label_alone_opens_no_list_of_a_carrier_that_another_dock_loads(it: World) -> None:
    _, bench, _, _, other = it.members
    code = label(bench, pack(bench))
    with other.connection.begin():
        number = next_number(other.connection, SITE, MANIFEST_NUMBERS, other.name)
    command = OpenManifest(
        **other.bench.base(), manifest=ManifestId(b"m" * 16), number=number, carrier=code.carrier,
        dock=location_id("DOCK-2"),
    )  # fmt: skip

    assert other.bench.refuse(command).reason is Reason.CARRIER_ELSEWHERE


def test_a_load_onto_anothers_list_is_refused_at_the_dock(it: World) -> None:
    _, bench, _, dock, other = it.members
    code = label(bench, pack(bench))
    manifest = open_list(dock)
    it.settle()
    command = decide.load(hand(other, code), manifest, other.shop.stamp(), needs_label=False)

    assert other.bench.refuse(command).reason is Reason.CARRIER_ELSEWHERE


def test_a_parcel_that_was_loaded_by_its_label_comes_out_again(it: World) -> None:
    _, bench, _, dock, _ = it.members
    code = label(bench, pack(bench))
    load(dock, code)
    it.push(bench)
    it.push(dock)
    out = dock.shop.ask(AskParcelInHand(SITE, code.parcel))
    dock.bench.run(decide.unload(out, dock.shop.stamp()))
    agree_in_the_end(it)

    (parcel,) = it.office.it.all(Parcel)
    assert (parcel.loaded_at, loaded(it), it.office.it.all(Manifest)[0].parcels) == (0, 0, 0)
    assert cases(it) == []
    it.office.check()


def test_a_list_with_parcels_that_only_their_labels_speak_for_is_closed_and_names_them(it: World) -> None:
    _, bench, _, dock, _ = it.members
    code = label(bench, pack(bench))
    load(dock, code)
    (manifest,) = dock.bench.all(Manifest)
    staying = dock.shop.ask(AskStaying(SITE, manifest.id))
    dock.bench.run(decide.close(staying, dock.shop.stamp()))
    (job,) = [each for each in dock.bench.all(PrintJob) if each.document == "manifest"]

    paper = codec.parse(job.content)
    assert [(row["label"], row["order_number"]) for row in paper["rows"]] == [(code.sscc, "o1")]
    agree_in_the_end(it)
    assert it.office.it.all(Parcel)[0].manifest == manifest.id


def test_the_loader_scans_the_square_code_like_any_other(it: World) -> None:
    _, bench, _, dock, _ = it.members
    parcel = pack(bench)
    (text,) = {codec.parse(j.content)["data"] for j in bench.bench.all(PrintJob) if j.document == "house_label"}
    open_list(dock)
    with desk(dock.shop, begin="dispatch", policies={"scan_back": "block"}, roles="loader") as d:
        assert d.refuses(parcel.sscc)[0] is Reason.UNKNOWN_CODE, "nobody told of it"
        d.take(text)
        assert d.refuses(text)[0] is Reason.ALREADY_LOADED
    assert [row.sscc for row in dock.bench.all(EarlyLoad)] == [parcel.sscc]
    agree_in_the_end(it)
    assert loaded(it) == 3


@pytest.mark.parametrize("what", ["cancelled", "held", "void", "lost", "older", "another site's bench"])
def test_a_label_does_not_speak_for_what_must_not_go(it: World, what: str) -> None:
    _, bench, _, dock, _ = it.members
    parcel = pack(bench)
    code = label(bench, parcel)
    match what:
        case "cancelled" | "held":
            from core.amending.planner import plan_cancel
            from core.orders.commands import HoldOrder

            order = order_id("o1")
            if what == "held":
                part = it.office.part(order)
                it.office.it.run(HoldOrder(**it.office.it.base(), order=order, fulfilments=(part,), reason="fraud"))
            else:
                with it.central.begin():
                    plan = plan_cancel(it.central, SITE, order, "customer", it.office.stamp())
                assert not isinstance(plan, Refusal)
                it.office.it.run(plan)
        case "void":
            bench.bench.run(ReopenParcel(**bench.bench.base(), parcel=parcel.id, reason="OPERATOR"))
            it.push(bench)
        case "lost" | "older":
            words = {"lost": "status = 'lost'", "older": "incarnation = 2"}[what]
            with dock.connection.begin():
                dock.connection.exec_driver_sql(f"UPDATE site_station SET {words} WHERE id = ?", (bench.name,))
        case _:
            with dock.connection.begin():
                dock.connection.exec_driver_sql("DELETE FROM site_station WHERE id = ?", (bench.name,))
    it.pull(dock)

    wanted = {"cancelled": Reason.ORDER_CANCELLED, "held": Reason.ORDER_HELD}.get(what, Reason.LABEL_VOID)
    assert hand(dock, code).why_not is wanted
    manifest = open_list(dock)
    refused = dock.bench.refuse(decide.load(hand(dock, code), manifest, dock.shop.stamp(), needs_label=False))
    assert refused.reason is wanted


@pytest.mark.parametrize("first", ["bench", "dock"])
def test_a_hand_over_stands_where_the_label_was_void_by_then(it: World, first: str) -> None:
    _, bench, _, dock, _ = it.members
    parcel = pack(bench)
    code = label(bench, parcel)
    it.settle()
    bench.bench.run(ReopenParcel(**bench.bench.base(), parcel=parcel.id, reason="OPERATOR"))
    load(dock, code)
    for member in (bench, dock) if first == "bench" else (dock, bench):
        it.push(member)
    agree_in_the_end(it)

    row = it.office.it.need(Parcel, parcel.id)
    assert (row.state, row.sscc, row.loaded_at > 0) == ("closed", code.sscc, True)
    assert loaded(it) == 3
    assert it.office.it.all(StoppedLabel) == []
    wanted = CaseKind.HANDED_OVER_VOID if first == "bench" else CaseKind.CONTRADICTED
    assert wanted in {case.kind for case in cases(it)}
    it.office.check()


def test_the_station_that_printed_hears_that_its_paper_is_void_where_another_opened_the_carton(it: World) -> None:
    _, bench, other, _, _ = it.members
    parcel = pack(bench)
    it.settle()
    done = other.bench.run(ReopenParcel(**other.bench.base(), parcel=parcel.id, reason="OPERATOR"))
    assert done.result["paper"] == "house_label,packing_slip", "what came out at the other bench nobody knows here"
    with bench.connection.begin():
        assert paper_to_void(bench.connection, SITE) == ()
    agree_in_the_end(it)

    with bench.connection.begin():
        found = paper_to_void(bench.connection, SITE)
    assert {each.document for each, _why in found} == {"house_label", "packing_slip"}
    assert {each.subject for each, _why in found} == {parcel.id}


# The same units, the same number


def test_of_two_parcels_of_the_same_units_the_first_goes_and_the_second_is_stopped(it: World) -> None:
    _, one, two, dock, _ = it.members
    first, second = label(one, pack(one)), label(two, pack(two))
    assert first.sscc != second.sscc
    load(dock, second)
    assert hand(dock, first).why_not is Reason.UNITS_LOADED
    agree_in_the_end(it)

    assert hand(dock, first).why_not is Reason.UNITS_LOADED, "also once everybody was heard"
    (case,) = cases(it, CaseKind.DOUBLE_PARCEL)
    facts = codec.parse(case.facts)
    assert {facts["parcel"], facts["other"]} == {first.parcel.hex(), second.parcel.hex()}
    assert sorted(row.loaded_at > 0 for row in it.office.it.all(Parcel)) == [False, True]
    with it.central.begin():
        assert {each.case for each in verify_books(it.central)} == {"double_parcel"}, "it is told, and is no damage"
        it.central.exec_driver_sql("DELETE FROM exception_case")
        assert {(each.table, each.case) for each in verify_books(it.central)} == {("parcel_content", "")}


def test_two_benches_that_go_on_with_one_carton_count_its_units_once_and_a_case_tells_of_it(it: World) -> None:
    _, one, two, _, _ = it.members

    def unit(bench: Member, first: int) -> PackUnits:
        view = bench.shop.pack_view(order_id("o1"))
        part = packing.unit_of(view, view.loose[0], first, 1)
        return packing.pack(view, view.boxes[0], bench.shop.stamp(), bench.shop.context, (part,))

    one.bench.run(unit(one, 1))
    it.settle()
    for bench in (one, two):
        bench.bench.run(unit(bench, 2))
    agree_in_the_end(it)

    (box,) = it.office.it.all(Parcel)
    counts = it.office.counts(order_id("o1"))
    assert (box.units, counts["packed"]) == (2, 2)
    (case,) = cases(it, CaseKind.DOUBLE_PARCEL)
    facts = codec.parse(case.facts)
    assert (facts["parcel"], facts["other"], facts["first"]) == (box.id.hex(), box.id.hex(), 2)
    with it.central.begin():
        assert verify_books(it.central) == ()


def test_two_parcels_of_one_order_that_two_benches_packed_apart_both_leave(it: World) -> None:
    """Its units lay in several totes, or it was too much for one carton: that is no double, whoever was heard of."""
    _, one, two, dock, _ = it.members
    first = label(one, one.shop.pack_some(order_id("o1"), 2))
    it.push(one)
    it.pull(two)
    second = label(two, two.shop.pack_some(order_id("o1"), 1))
    for code in (first, second):
        load(dock, code)
    agree_in_the_end(it)

    assert first.sscc != second.sscc
    assert (loaded(it), cases(it)) == (3, [])
    assert {row.parcels for row in it.office.it.all(Manifest)} == {2}
    it.office.check()


def test_a_stopped_parcel_that_nobody_told_of_is_set_aside_with_a_case(it: World) -> None:
    _, one, two, dock, _ = it.members
    first, second = label(one, pack(one)), label(two, pack(two))
    load(dock, second)
    found = hand(dock, first)
    dock.bench.run(
        SetAside(
            **dock.bench.base(), parcel=found.parcel, order=found.order, shelf=location_id("H-1"),
            reason=Reason.UNITS_LOADED, bench=LocationId(found.bench), inside=found.inside,
        )
    )  # fmt: skip
    agree_in_the_end(it)

    assert [row.subject for row in cases(it, CaseKind.STOPPED_PARCEL)] == [first.parcel]


@pytest.mark.parametrize("heard", ["the benches first", "the docks first"])
def test_units_that_two_docks_loaded_unheard_of_each_other_open_a_red_case(it: World, heard: str) -> None:
    _, one, two, dock, other = it.members
    first, second = label(one, pack(one)), label(two, pack(two))
    load(dock, first)
    # The office gave the carrier to the other dock, which heard it; the first dock did not.
    with it.central.begin():
        it.central.exec_driver_sql("UPDATE work_lease SET state = 'released' WHERE stage = 'load'")
    it.give_carrier(other, "HOUSE")
    it.pull(other)
    load(other, second, "DOCK-2")
    order = (one, two, dock, other) if heard == "the benches first" else (dock, other, one, two)
    for member in order:
        it.push(member)
    agree_in_the_end(it)

    (case,) = cases(it, CaseKind.SHIPPED_TWICE)
    facts = codec.parse(case.facts)
    assert {facts["parcel"], facts["other"]} == {first.parcel.hex(), second.parcel.hex()}
    assert all(row.loaded_at for row in it.office.it.all(Parcel)), "both happened"
    assert {reason for reason, outcome in receipts(it) if outcome is OperationOutcome.FAILED} == set()


def test_a_number_on_two_parcels_stops_both_of_them(it: World) -> None:
    _, one, two, dock, _ = it.members
    theirs = next(row for row in one.bench.all(NumberRange) if (row.name, row.station) == (SSCC_NUMBERS, one.name))
    with two.connection.begin():
        two.connection.exec_driver_sql("DELETE FROM number_range WHERE name = 'sscc' AND station = ?", (two.name,))
        two.connection.exec_driver_sql(
            "UPDATE number_range SET station = ? WHERE name = 'sscc' AND first = ?", (two.name, theirs.first)
        )
    first, second = label(one, pack(one, "o1")), label(two, pack(two, "o2"))
    assert first.sscc == second.sscc
    load(dock, first)
    assert hand(dock, second).why_not is Reason.LABEL_TWICE, "one of them at most leaves, before anybody was heard"
    it.push(one)
    it.pull(dock)
    assert hand(dock, second).why_not is Reason.LABEL_TWICE, "also once the books know the first"
    it.push(two)
    it.pull(dock)

    assert hand(dock, second).why_not is Reason.LABEL_TWICE
    (case,) = cases(it, CaseKind.LABEL_TWICE)
    assert codec.parse(case.facts)["other"] == first.parcel.hex()
    assert [row.sscc for row in it.office.it.all(StoppedLabel)] == [first.sscc]
    assert len(it.office.it.all(Parcel)) == 2, "no fact is lost"


def test_a_label_of_another_operation_than_the_known_one_is_stopped(it: World) -> None:
    """Of two living copies of one bench at most one parcel leaves under a number."""
    _, bench, _, dock, _ = it.members
    code = label(bench, pack(bench))
    it.settle()
    from dataclasses import replace

    copy = replace(code, operation=type(code.operation)(b"another-closing!"))

    assert hand(dock, copy).why_not is Reason.LABEL_TWICE
    assert hand(dock, code).why_not is None


# The hub is set back


@pytest.mark.parametrize("dock_is", ["there", "lost"])
def test_what_left_is_known_to_have_left_also_where_the_hub_forgot_that_it_was_packed(it: World, dock_is: str) -> None:
    """The bench is heard first: what the dock did rests on what the bench did, and both come back in their order."""
    _, bench, _, dock, other = it.members
    it.settle()
    kept = it.backup()
    code = label(bench, pack(bench))
    it.settle()
    load(dock, code)
    it.settle()
    it.settle()
    it.restore(kept)
    if dock_is == "lost":
        with it.central.begin():
            row = station_named(it.central, SITE, "S-4")
        assert row is not None
        mark_lost(it.central, row, "burnt", it.clock, it.ids, switched_off=True)
        it.members.remove(dock)
    for _ in range(3):
        it.push(bench)
        it.pull(bench)
    for _ in range(3):
        it.settle()

    counts = it.office.counts(order_id("o1"))
    assert (counts["picked"], counts["packed"], counts["loaded"]) == (3, 3, 3)
    assert [row.loaded_at > 0 for row in it.office.it.all(Parcel)] == [True]
    assert cases(it) == []
    assert OperationOutcome.FAILED not in {outcome for _, outcome in receipts(it)}
    assert hand(other, code).why_not is Reason.ALREADY_LOADED
    agree_in_the_end(it)
