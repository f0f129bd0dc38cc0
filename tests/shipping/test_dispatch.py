"""Into the van and out of it: what is booked, what is refused (floor.md B11), what stays behind."""

import pytest

from core.cases.model import Case, CaseKind
from core.catalog.commands import location_id
from core.kernel.flow import Tone, Verb
from core.kernel.operations import Operation
from core.kernel.reasons import Reason
from core.kernel.spool import PrintJob
from core.orders.commands import ReleaseHold
from core.orders.model import OrderHold
from core.packing.model import Parcel
from core.shipping.flow import ConfirmClose, ScanParcel, SettleBox, TakeOut
from core.shipping.model import Manifest, ManifestState
from core.shipping.queries import AskDock
from core.stock.model import Balance
from tests.orders.shop import Shop
from tests.packing.arrange import CUP, MUG, cancel, hold, picked
from tests.shipping.arrange import dock, parcel, reopened
from tests.support import SITE, STATION

SHELF, DOCK, OTHER_DOCK = "H-1", "DOCK-1", "DOCK-2"


def kinds(it: Shop) -> list[str]:
    rows = sorted(it.it.all(Operation), key=lambda row: row.position)
    return [row.kind for row in rows if row.kind.startswith("shipping.")]


def test_a_parcel_is_one_scan_and_the_first_begins_its_carriers_list(it: Shop) -> None:
    one, two = parcel(it, "o1"), parcel(it, "o2", units=2)
    with dock(it) as d:
        d.take(one.sscc, two.sscc)
        (load,) = d.state.view.loads
        assert (load.carrier, load.loaded, load.waiting) == ("HOUSE", 2, 0)
    assert kinds(it) == ["shipping.open_manifest", "shipping.load", "shipping.load"]
    (manifest,) = it.it.all(Manifest)
    assert (manifest.carrier, manifest.parcels, manifest.state) == ("HOUSE", 2, ManifestState.OPEN)
    assert {row.manifest for row in it.it.all(Parcel)} == {manifest.id}
    assert it.counts(two.order)["loaded"] == 2
    boxes = {bytes(one.id), bytes(two.id)}
    assert [row for row in it.it.all(Balance) if not row.signed and bytes(row.lpn) in boxes] == []
    it.check()


# What must not go


def test_a_parcel_that_is_loaded_is_not_loaded_twice(it: Shop) -> None:
    one, two = parcel(it, "o1"), parcel(it, "o2")
    with dock(it) as d:
        d.take(one.sscc)
        assert d.refuses(one.sscc)[0] is Reason.ALREADY_LOADED
        d.take(two.sscc)
        reason, facts = d.refuses(one.sscc)
        assert (reason, facts["label"], facts["order"]) == (Reason.ALREADY_LOADED, one.sscc, "o1")
        assert facts["at"] == it.it.need(Parcel, one.id).loaded_at


def test_a_parcel_of_another_carrier_is_refused_until_its_van_is_there(it: Shop) -> None:
    house, theirs = parcel(it, "o1"), parcel(it, "o2", "DHL")
    with dock(it) as d:
        d.take(house.sscc)
        reason, facts = d.refuses(theirs.sscc)
        assert (reason, facts["expected"], facts["got"]) == (Reason.WRONG_CARRIER, "HOUSE", "DHL")
        assert [each.code for each in d.last.expects if each.kind == "parcel"] == []
        d.take(DOCK)
        assert isinstance(d.take(theirs.sscc), ScanParcel)
        assert d.refuses(house.sscc)[0] is Reason.ALREADY_LOADED
    assert {row.carrier: row.parcels for row in it.it.all(Manifest)} == {"HOUSE": 1, "DHL": 1}


def test_closing_a_list_lets_the_next_van_come(it: Shop) -> None:
    house, theirs = parcel(it, "o1"), parcel(it, "o2", "DHL")
    with dock(it) as d:
        d.take(house.sscc, Verb.CONFIRM, Verb.YES, theirs.sscc)
    assert [row.state for row in sorted(it.it.all(Manifest), key=lambda row: row.number)] == ["closed", "open"]


@pytest.mark.parametrize("first", [True, False], ids=["nothing is loaded yet", "others are loaded"])
@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("cancelled", Reason.ORDER_CANCELLED),
        ("held", Reason.ORDER_HELD),
        ("reopened", Reason.UNKNOWN_CODE),
        ("no label", Reason.NOT_LABELLED),
    ],
)
def test_what_must_not_go_begins_no_list_and_books_nothing(it: Shop, why: str, reason: Reason, first: bool) -> None:
    other, bad = parcel(it, "o1"), parcel(it, "o2", label=why != "no label")
    with dock(it) as d:
        if not first:
            d.take(other.sscc)
        if why == "cancelled":
            cancel(it, bad.order)
        elif why == "held":
            hold(it, bad.order)
        elif why == "reopened":
            reopened(it, bad)
        before = it.it.dump(without=frozenset({"gesture", "flow_state"}))
        said = d.scan(bad.sscc)
        assert said.refusal is not None
        assert said.refusal.reason is reason
        assert it.it.dump(without=frozenset({"gesture", "flow_state"})) == before
    assert kinds(it).count("shipping.open_manifest") == int(not first)


def test_an_open_parcel_and_one_that_is_gone_are_refused(it: Shop) -> None:
    bad = parcel(it, "o1")
    reopened(it, bad)
    with dock(it) as d:
        assert d.refuses(bad.sscc) == (Reason.UNKNOWN_CODE, {"got": bad.sscc}), "a void label names nothing"


def test_a_parcel_that_must_not_go_keeps_a_slab_until_its_shelf_is_scanned(it: Shop) -> None:
    good, bad, worse = (parcel(it, name) for name in ("o1", "o2", "o3"))
    cancel(it, bad.order)
    hold(it, worse.order)
    with dock(it) as d:
        assert d.scan(bad.sscc).refusal is not None
        assert d.state.stopped.order_number == "o2"
        d.take(good.sscc)
        assert d.state.stopped.order_number == "o2", "loading goes on below"
        assert d.scan(worse.sscc).refusal is not None
        assert d.state.stopped.order_number == "o3"
        d.restart()
        assert d.state.stopped.order_number == "o3"
        assert d.refuses("A-1") == (Reason.WRONG_LOCATION, {"expected": DOCK, "got": "A-1"})
        d.take(DOCK)
        assert d.state.stopped.order_number == "o3", "a dock is no shelf"
        d.take(SHELF)
        assert d.state.stopped.order_number == "o2"
        d.take(SHELF)
        assert d.state.stopped is None
        assert d.refuses(SHELF)[0] is Reason.WRONG_LOCATION
    cases = [row for row in it.it.all(Case) if row.kind is CaseKind.STOPPED_PARCEL]
    assert [row.order for row in sorted(cases, key=lambda row: row.opened_at)] == [worse.order, bad.order]
    carried = [row for row in it.it.all(Parcel) if row.id != good.id]
    assert [(row.loaded_at, row.place) for row in carried] == [(0, location_id(SHELF))] * 2
    lying = {bytes(row.lpn): row.location for row in it.it.all(Balance) if row.total}
    assert all(lying[each.id] == location_id(SHELF) for each in carried), "the goods are where the parcel is"
    it.check()


def test_a_parcel_that_may_go_after_all_is_loaded_off_its_shelf(it: Shop) -> None:
    bad = parcel(it, "o1")
    hold(it, bad.order)
    (row,) = it.it.all(OrderHold)
    with dock(it) as d:
        assert d.scan(bad.sscc).refusal is not None
        d.take(SHELF)
        it.it.run(ReleaseHold(**it.it.base(), hold=row.id, fulfilments=(bad.fulfilment,)))
        d.take(bad.sscc)
    assert it.it.all(Parcel)[0].loaded_at > 0
    assert bytes(it.it.all(Parcel)[0].id) not in {bytes(each.lpn) for each in it.it.all(Balance) if each.total}
    it.check()


# A parcel in doubt


@pytest.mark.parametrize("answer", ["its label", "yes"])
def test_after_a_restart_the_parcel_that_was_booked_last_is_looked_for_before_any_other(it: Shop, answer: str) -> None:
    one, two = parcel(it, "o1"), parcel(it, "o2")
    with dock(it) as d:
        d.take(one.sscc)
        d.restart()
        assert isinstance(d.state, SettleBox)
        reason, facts = d.refuses(two.sscc)
        assert (reason, facts["expected"], facts["got"]) == (Reason.WRONG_PARCEL, one.sscc, two.sscc)
        d.restart()
        assert isinstance(d.state, SettleBox), "it is asked until somebody has looked"
        d.take(one.sscc if answer == "its label" else Verb.YES, two.sscc)
        assert isinstance(d.state, ScanParcel)
    assert all(row.loaded_at for row in it.it.all(Parcel))


def test_a_parcel_that_did_not_get_into_the_van_is_taken_off_the_list(it: Shop) -> None:
    one, _ = parcel(it, "o1"), parcel(it, "o2")
    with dock(it) as d:
        d.take(one.sscc)
        d.restart()
        d.take(Verb.NO)
        assert it.it.need(Parcel, one.id).loaded_at == 0
        d.take(one.sscc)
    assert it.it.need(Parcel, one.id).loaded_at > 0
    assert kinds(it)[-3:] == ["shipping.load", "shipping.unload", "shipping.load"]
    it.check()


# Labels, by policy


def test_without_scan_back_a_parcel_goes_as_it_is(it: Shop) -> None:
    bare = parcel(it, "o1", label=False)
    with dock(it, {"scan_back": "off"}) as d:
        assert [each.code for each in d.last.expects if each.kind == "parcel"] == [bare.sscc]
        d.take(bare.sscc)
        assert d.last.tone is Tone.ACCEPT


def test_scan_back_inform_lets_it_go_with_a_warning(it: Shop) -> None:
    bare = parcel(it, "o1", label=False)
    with dock(it, {"scan_back": "inform"}) as d:
        d.take(bare.sscc)
        assert d.last.tone is Tone.CAUTION
    assert it.it.need(Parcel, bare.id).loaded_at


def test_scan_back_confirm_wants_the_parcel_scanned_twice(it: Shop) -> None:
    bare = parcel(it, "o1", label=False)
    with dock(it, {"scan_back": "confirm"}) as d:
        asked = d.take(bare.sscc)
        assert (asked.question, d.last.tone) == (bare.sscc, Tone.CAUTION)
        assert it.it.need(Parcel, bare.id).loaded_at == 0
        assert d.refuses(bare.sscc, reflex=True)[0] is Reason.RESCAN_TOO_FAST
        assert d.take(Verb.NO).question == ""
        d.take(bare.sscc, bare.sscc)
    assert it.it.need(Parcel, bare.id).loaded_at
    assert kinds(it) == ["shipping.open_manifest", "shipping.load"]


def test_a_backlog_five_deep_loads_nothing_that_is_asked_about(it: Shop) -> None:
    bare = parcel(it, "o1", label=False)
    with dock(it, {"scan_back": "confirm"}) as d:
        told = d.backlog(*[bare.sscc] * 5)
        assert [each.refusal.reason for each in told if each.refusal] == [Reason.RESCAN_TOO_FAST]
    assert it.it.need(Parcel, bare.id).loaded_at == 0


# Out of the van


def test_undo_takes_out_what_went_in_last_and_the_books_are_as_before(it: Shop) -> None:
    one, two = parcel(it, "o1"), parcel(it, "o2", units=3)
    with dock(it) as d:
        d.take(one.sscc)
        before = it.travels()
        d.take(two.sscc)
        d.take(Verb.UNDO)
        assert it.travels() == before
        d.take(two.sscc)
    it.check()


def test_any_loaded_parcel_comes_out_again(it: Shop) -> None:
    one, two, outside = (parcel(it, name) for name in ("o1", "o2", "o3"))
    with dock(it) as d:
        assert d.refuses(Verb.UNDO)[0] is Reason.NOTHING_TO_UNDO
        d.take(one.sscc, two.sscc, Verb.UNDO)
        assert isinstance(d.take(Verb.UNDO), TakeOut)
        assert d.refuses(outside.sscc) == (Reason.NOT_LOADED, {"label": outside.sscc})
        d.take(one.sscc)
    assert [row.loaded_at for row in it.it.all(Parcel)] == [0, 0, 0]
    assert it.it.all(Manifest)[0].parcels == 0
    it.check()


def test_nothing_comes_out_of_a_van_that_has_left(it: Shop) -> None:
    one, two, three = (parcel(it, name) for name in ("o1", "o2", "o3"))
    with dock(it) as d:
        d.take(one.sscc, Verb.CONFIRM, Verb.YES, two.sscc, three.sscc, Verb.UNDO, Verb.UNDO)
        assert isinstance(d.state, TakeOut)
        said = d.scan(one.sscc)
        assert said.refusal is not None
        assert said.refusal.reason is Reason.MANIFEST_CLOSED


# Closing


def test_closing_shows_what_stays_behind_and_takes_a_yes(it: Shop) -> None:
    one, two = parcel(it, "o1"), parcel(it, "o2")
    order = picked(it, "o3", (MUG, 2), (CUP, 1))
    part = it.pack_some(order, 1)
    it.load(part)
    it.manifest = None
    with dock(it) as d:
        d.take(one.sscc)
        asked = d.take(Verb.CONFIRM)
        assert isinstance(asked, ConfirmClose)
        assert (asked.staying.carrier, len(asked.staying.parcels)) == ("HOUSE", 2)
        assert asked.staying.left == (two.sscc,)
        assert asked.staying.backorders == ("o3",), "a part of it goes, a part stays"
        for gesture in (Verb.CONFIRM, "NO-SUCH-CODE", two.sscc):
            d.refuses(gesture)
        assert it.it.all(Manifest)[0].state is ManifestState.OPEN
        d.take(Verb.YES)
        assert d.last.tone is Tone.DONE
    (manifest,) = it.it.all(Manifest)
    assert (manifest.state, manifest.parcels) == (ManifestState.CLOSED, 2)
    assert [row.document for row in it.it.all(PrintJob) if row.document == "manifest"] == ["manifest"]
    it.check()


def test_a_confirm_and_a_yes_read_before_the_question_close_nothing(it: Shop) -> None:
    from core.catalog.command_codes import command_code

    one = parcel(it, "o1")
    with dock(it) as d:
        d.take(one.sscc)
        d.backlog(command_code(Verb.CONFIRM), *[command_code(Verb.YES)] * 4)
        assert isinstance(d.state, ConfirmClose)
    assert it.it.all(Manifest)[0].state is ManifestState.OPEN


def test_an_empty_list_is_not_closed(it: Shop) -> None:
    one = parcel(it, "o1")
    with dock(it) as d:
        assert d.refuses(Verb.CONFIRM)[0] is Reason.MANIFEST_EMPTY
        d.take(one.sscc, Verb.UNDO)
        assert d.refuses(Verb.CONFIRM)[0] is Reason.MANIFEST_EMPTY


def test_a_switched_off_dock_stands_where_it_stood(it: Shop) -> None:
    one, two = parcel(it, "o1"), parcel(it, "o2")
    with dock(it) as d:
        for gesture in (one.sscc, two.sscc, Verb.UNDO, two.sscc):
            d.take(gesture)
            before, written = d.state, len(it.it.all(Operation))
            d.restart()
            assert (d.state.standing, d.state.view.loads) == (before.standing, before.view.loads)
            if isinstance(d.state, SettleBox):
                d.take(Verb.YES)
            assert len(it.it.all(Operation)) == written
        assert d.refuses(two.sscc)[0] is Reason.ALREADY_LOADED


def test_help_is_called_from_the_dock(it: Shop) -> None:
    parcel(it, "o1")
    with dock(it) as d:
        assert isinstance(d.take(Verb.CALL), ScanParcel)
    assert [row.kind for row in it.it.all(Case)] == [CaseKind.CALL]


def test_the_dock_that_is_shown_after_a_parcel_is_what_a_look_would_show(it: Shop) -> None:
    labels = [parcel(it, f"o{n}").sscc for n in range(1, 5)]
    bare = parcel(it, "o5", label=False)
    with dock(it, {"scan_back": "inform"}) as d:
        for code in (labels[0], bare.sscc, *labels[1:3]):
            d.take(code)
            shown = d.state.view
            with it.connection.begin():
                assert shown == AskDock(SITE, STATION, shown.dock).run(it.connection)
