"""Do and then undo is the identity, for everything that can be undone: every replicated row is as it was."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.catalog.commands import container_id
from core.exchange.verify import verify_all
from core.kernel.commands import REGISTRY
from core.kernel.flow import CodeKind, Stamp
from core.kernel.ids import NO_ID, FillId, ManifestId
from core.kernel.numbers import Number
from core.kernel.reasons import Reason
from core.kernel.tables import rows_of, sql_of
from core.packing import decide as packing
from core.packing.commands import ConfirmLabel, ReopenParcel
from core.packing.model import Parcel
from core.packing.queries import AskPack
from core.packing.views import PackView
from core.picking import decide
from core.picking.states import PutInTote
from core.picking.views import TaskView
from core.shipping.commands import LoadParcel, OpenManifest, UnloadParcel
from core.shipping.queries import AskParcelInHand
from core.stock.model import Reservation
from core.waves.commands import RecallBatch, Unreserved
from core.waves.model import Batch, BatchKind, BatchMember, PickTask
from tests.floor import BENCH, MARA, Floor, floor
from tests.homes import copy_home
from tests.support import SITE, STATION


@pytest.fixture
def it(sample_home: Path, tmp_path: Path) -> Iterator[Floor]:
    with floor(copy_home(sample_home, tmp_path / "home")) as opened:
        yield opened


def stamp(it: Floor) -> Stamp:
    return Stamp(**it.base(MARA))  # type: ignore[typeddict-item]


def put(it: Floor, view: TaskView, quantity: int | None = None, tote: int = 1):
    state = PutInTote(view, view.quantity, 0)
    take = decide.next_put(state)
    fill, container = (
        (take.fill, take.container) if take.fill != NO_ID else (FillId(NO_ID), container_id(f"TOTE-{tote:04d}"))
    )
    command = decide.pick(state, stamp(it), fill, container, quantity or decide.put_quantity(state))
    it.run(command)
    return command


def clean(it: Floor) -> None:
    with it.connection.begin():
        assert [str(each) for each in verify_all(it.connection)] == []


def test_a_pick(it: Floor) -> None:
    view = it.start_batch()
    before = it.travels()

    done = put(it, view)
    assert it.travels() != before
    clean(it)
    it.run(decide.undo(done, stamp(it)))

    assert it.travels() == before
    clean(it)


def test_a_pick_into_a_tote_that_holds_some_already(it: Floor) -> None:
    put(it, it.start_batch())
    before = it.travels()

    done = put(it, it.task())
    it.run(decide.undo(done, stamp(it)))

    assert it.travels() == before


def test_the_last_pick_of_a_batch(it: Floor) -> None:
    view = it.start_batch()
    while view.others_open:
        put(it, view)
        view = it.task()
    before = it.travels()

    done = put(it, view)
    assert it.need(Batch, view.batch).state == "picked"
    it.run(decide.undo(done, stamp(it)))

    assert it.travels() == before
    clean(it)


def test_a_pick_undone_twice_is_refused(it: Floor) -> None:
    done = put(it, it.start_batch())
    it.run(decide.undo(done, stamp(it)))

    assert it.refuse(decide.undo(done, stamp(it))).reason is Reason.NOTHING_TO_UNDO


def test_a_short(it: Floor) -> None:
    view = it.start_batch()
    before = it.travels()

    done = decide.short(view, stamp(it), view.quantity, "STOCKOUT")
    it.run(done)
    clean(it)
    it.run(decide.undo(done, stamp(it)))

    assert it.travels() == before
    clean(it)


def test_damage_that_something_else_replaces(it: Floor) -> None:
    view = it.start_batch()
    before = it.travels()

    done = decide.damaged(view, stamp(it), 1)
    assert done.short == ()
    it.run(done)
    clean(it)
    it.run(decide.undo(done, stamp(it)))

    assert it.travels() == before


def test_more_than_is_reserved_is_refused(it: Floor) -> None:
    view = it.start_batch()
    state = PutInTote(view, view.quantity + 1, 0)
    command = decide.pick(state, stamp(it), FillId(NO_ID), container_id("TOTE-0001"), view.quantity)
    more = tuple(replace(each, quantity=each.quantity + 1) for each in command.takes)
    too_many = replace(command, takes=more)

    assert it.refuse(too_many).reason is Reason.TOO_MANY


def test_a_release(it: Floor) -> None:
    batches = sql_of(Batch)
    with it.connection.begin():
        batch = rows_of(Batch, it.connection.execute(sa.select(batches).order_by(batches.c.number)))[0]
    tasks = [row for row in it.all(PickTask) if row.batch == batch.id]
    ids = {row.id for row in tasks}
    held = [row for row in it.all(Reservation) if row.work in ids]
    members = [row.fulfilment for row in it.all(BatchMember) if row.batch == batch.id]

    it.run(
        RecallBatch(
            **it.base(MARA), batch=batch.id, tasks=tuple(sorted(ids)), members=tuple(members),
            reservations=tuple(Unreserved(row.id, row.demand) for row in held),
        )
    )  # fmt: skip

    assert [row for row in it.all(Reservation) if row.work in ids] == []
    clean(it)


def pick_first_cluster(it: Floor) -> PackView:
    view = it.start_batch()
    cart = 1
    while True:
        tote = 0
        while True:
            tote += 1
            put(it, view, tote=cart * 10 + decide.next_put(PutInTote(view, view.quantity, 0)).slot)
            batch = it.need(Batch, view.batch)
            if batch.state == "picked":
                break
            view = it.task()
        if view.kind is BatchKind.CLUSTER:
            break
        cart += 1
        view = it.start_batch(f"CART-{cart:02d}")
    found = it.ask(AskPack(SITE, STATION, CodeKind.BATCH, view.members[0][0]))
    assert isinstance(found, PackView), found
    return found


def packed(it: Floor) -> tuple[PackView, Parcel]:
    view = pick_first_cluster(it)
    box = packing.box_named(view, view.proposed)
    assert box is not None
    it.run(packing.close(view, box, stamp(it), it.context, packing.all_units(view), 0))
    parcels = [row for row in it.all(Parcel) if row.fulfilment == view.fulfilment]
    assert len(parcels) == 1
    return view, parcels[0]


def test_a_unit_in_a_carton(it: Floor) -> None:
    view = pick_first_cluster(it)
    box = packing.box_named(view, view.proposed)
    assert box is not None
    before = it.travels()
    loose = view.loose[0]

    done = packing.pack(view, box, stamp(it), it.context, (packing.unit_of(view, loose, loose.first, 1),))
    it.run(done)
    clean(it)
    it.run(packing.unpack(done, stamp(it)))

    assert it.travels() == before
    clean(it)


def test_a_loaded_parcel(it: Floor) -> None:
    view, parcel = packed(it)
    manifest = ManifestId(b"m" * 16)
    it.run(ConfirmLabel(**it.base(MARA), parcel=parcel.id))
    it.run(OpenManifest(**it.base(MARA), manifest=manifest, number=Number(1), carrier=parcel.carrier, dock=BENCH))
    hand = it.ask(AskParcelInHand(SITE, parcel.id))
    before = it.travels()
    common = {
        "parcel": parcel.id, "manifest": manifest, "order": view.order, "fulfilment": view.fulfilment,
        "bench": parcel.place, "inside": hand.inside,
    }  # fmt: skip

    told = {"sscc": parcel.sscc, "carrier": parcel.carrier, "code": None}
    it.run(LoadParcel(**it.base(MARA), **common, **told, needs_label=1))
    clean(it)
    assert it.refuse(LoadParcel(**it.base(MARA), **common, **told, needs_label=1)).reason is Reason.ALREADY_LOADED
    it.run(UnloadParcel(**it.base(MARA), **common))

    assert it.travels() == before


def test_a_parcel_whose_label_was_not_scanned_back_stays(it: Floor) -> None:
    view, parcel = packed(it)
    manifest = ManifestId(b"m" * 16)
    it.run(OpenManifest(**it.base(MARA), manifest=manifest, number=Number(1), carrier=parcel.carrier, dock=BENCH))
    hand = it.ask(AskParcelInHand(SITE, parcel.id))
    command = LoadParcel(
        **it.base(MARA), parcel=parcel.id, manifest=manifest, order=view.order, fulfilment=view.fulfilment,
        bench=parcel.place, inside=hand.inside, needs_label=1, sscc=parcel.sscc, carrier=parcel.carrier, code=None,
    )  # fmt: skip

    assert it.refuse(command).reason is Reason.NOT_LABELLED


def test_a_reopened_parcel_has_no_label_and_takes_another_number(it: Floor) -> None:
    view, parcel = packed(it)
    it.run(ReopenParcel(**it.base(MARA), parcel=parcel.id, reason="OPERATOR"))

    row = it.need(Parcel, parcel.id)
    assert (row.state, row.label, row.sscc) == ("open", "void", "")
    again = it.ask(AskPack(SITE, STATION, CodeKind.BATCH, view.fulfilment))
    # Everything is packed, but the carton is open: the bench goes on with it, and closes it under another number.
    assert isinstance(again, PackView)
    assert (again.left, again.parcel is not None, again.sscc != parcel.sscc) == (0, True, True)
    clean(it)


def test_a_carton_reopened_and_emptied_leaves_an_empty_tote_and_a_void_label(it: Floor) -> None:
    view = pick_first_cluster(it)
    box = packing.box_named(view, view.proposed)
    assert box is not None
    before = it.travels()
    done = packing.close(view, box, stamp(it), it.context, packing.all_units(view), 0)
    it.run(done)
    parcel = next(row for row in it.all(Parcel) if row.fulfilment == view.fulfilment)

    it.run(ReopenParcel(**it.base(MARA), parcel=parcel.id, reason="OPERATOR"))
    it.run(packing.unpack(done, stamp(it)))

    after = it.travels()
    assert [row for row in after.pop("parcel") if parcel.id not in row] == before.pop("parcel")
    # The units lie on the bench: their totes were emptied and may be in use again.
    assert len(after.pop("fill")) == len(before.pop("fill"))
    assert [row[1] for row in after.pop("stopped_label")] == [parcel.sscc], "the label may still lie about"
    assert before.pop("stopped_label") == []
    assert after == before
    clean(it)


UNDONE = {
    "picking.pick": (test_a_pick, "picking.undo_pick"),
    "picking.short": (test_a_short, "picking.undo_short"),
    "picking.damaged": (test_damage_that_something_else_replaces, "picking.undo_damaged"),
    "packing.pack": (test_a_unit_in_a_carton, "packing.unpack"),
    "packing.close": (test_a_carton_reopened_and_emptied_leaves_an_empty_tote_and_a_void_label, "packing.reopen"),
    "shipping.load": (test_a_loaded_parcel, "shipping.unload"),
}
"""What the UNDO of a flow reverses: the test of it, and the command that reverses it."""
FOR_GOOD = frozenset({
    "amending.stop_overtaken", "receiving.announce", "receiving.book", "receiving.finish", "receiving.take_out", "returns.found_at", "returns.receive",
    "allocation.promise", "allocation.withdraw", "amending.cancel", "amending.change", "amending.judge_cancel", "amending.not_there", "amending.put_back",
    "amending.resume", "cases.close", "cases.note", "cases.open", "cases.photo", "cases.settle_scan", "catalog.save_boxes", "catalog.save_containers",
    "catalog.save_items", "catalog.save_locations", "catalog.save_owners", "catalog.set_up_site", "orders.hold",
    "orders.receive", "orders.release_hold", "packing.apply_label", "packing.back_to_pick", "packing.carrier_label", "packing.learn_weights", "packing.park", "packing.reprint",
    "packing.save_paper_rule", "packing.ship_short", "packing.use_ssccs", "people.override", "people.record_pin", "people.renew_badge", "people.save", "people.set_comfort", "people.sign_in", "people.sign_out",
    "picking.answer_floor", "picking.ask_kept", "picking.close_fill", "picking.end_floor", "picking.finish", "picking.list_floor", "picking.move_tote", "picking.print_slips", "picking.repoint", "picking.skip", "picking.start", "picking.suspend",
    "print.confirm", "print.move", "print.paper", "print.remove_printer", "print.repeat", "print.save_printer", "print.save_route", "print.send_elsewhere", "print.test_label", "print.try_darkness", "receiving.announce", "receiving.book", "receiving.finish", "receiving.take_out", "returns.found_at", "returns.receive", "rights.add_station", "rights.bound_numbers", "rights.end_recovery", "rights.freeze", "rights.freeze_work", "rights.give_back", "rights.grant", "rights.grant_numbers", "rights.list", "rights.mark_lost", "rights.raise_epoch", "rights.recall", "rights.remember", "rights.renew", "rights.revoke", "rules.save_exception_codes", "rules.set_amount", "rules.set_policy", "shipping.close_manifest",
    "shipping.find_box", "shipping.open_manifest", "shipping.set_aside", "stock.adjust", "stock.count", "stock.hold", "stock.move",
    "stock.need_replenishment", "stock.receive", "stock.release", "waves.create", "waves.keep", "waves.let_go", "waves.recall", "waves.release", "waves.set_zones",
})  # fmt: skip
"""What nothing takes back: another decision follows it, and both stay in the books."""


def test_every_command_is_undone_by_a_test_or_is_for_good() -> None:
    undoing = {undo for _, undo in UNDONE.values()}

    assert {*UNDONE, *undoing, *FOR_GOOD} == {kind for kind in REGISTRY if not kind.startswith("test.")}
    assert not (UNDONE.keys() | undoing) & FOR_GOOD
