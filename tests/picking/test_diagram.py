"""The diagram at the head of the flow says which step follows which, no more and no less: the flow is walked and compared."""

from pathlib import Path

import core.picking.flow
from core.kernel.flow import Verb
from core.kernel.uow import UnitOfWork
from core.picking.flow import PickFlow
from core.picking.states import BatchDone
from core.station.home import HomeFlow
from core.stock.model import Reservation
from core.stock.reserving import let_go
from tests.diagrams import compare, walked
from tests.picking.arrange import CART, GTIN, MILK, MUG, RED, Take, arranged
from tests.playbook import Desk

Gesture = str | Verb | tuple[Verb, str]
SHELF: tuple[Gesture, ...] = ("A-01-01",)
TOTES: tuple[Gesture, ...] = ("A-01-01", GTIN[MUG])
ONE, TWO = (Verb.QTY, "1"), (Verb.QTY, "2")

WALKS: tuple[tuple[Gesture, ...], ...] = (
    *(
        (*at, *then)
        for at in ((), SHELF, TOTES)
        for then in (
            (Verb.SHORT, Verb.NO),
            (Verb.SHORT, ONE),
            (Verb.DAMAGED, Verb.NO),
            (Verb.DAMAGED, Verb.YES),
            (Verb.CALL,),
            (Verb.SKIP,),
        )
    ),
    (*SHELF, Verb.PAUSE),
    (Verb.PAUSE,),
    (*TOTES, Verb.UNDO, Verb.UNDO),
    ("A-01-03", "A-01-03"),
    (*TOTES, "TOTE-1", "TOTE-2", Verb.UNDO),
    (*TOTES, "TOTE-1", Verb.UNDO),
    (*TOTES, (Verb.QTY, "3"), "TOTE-1", "TOTE-2"),
    (*TOTES, "TOTE-1", "TOTE-2", "A-01-02", GTIN[RED], Verb.FULL, Verb.NO, Verb.FULL, Verb.FULL, "TOTE-3"),
    (*TOTES, "TOTE-1", "TOTE-2", "A-01-02", GTIN[RED], "TOTE-1", Verb.UNDO),
    (*TOTES, "TOTE-1", "TOTE-2", "A-01-02", GTIN[RED], "TOTE-1", Verb.CONFIRM),
)


def walk(folder: Path, flow: PickFlow, *gestures: Gesture) -> None:
    """Walk from the cart on, in a warehouse of its own."""
    with arranged(folder) as it:
        for sku, place in ((MUG, "A-01-01"), (MUG, "A-01-03"), (RED, "A-01-02")):
            it.stock(sku, place, 20)
        d = Desk(it.bench, {"pick": flow, "home": HomeFlow()}, begin="pick")
        it.order("101", MUG=2, RED=4)
        it.order("102", MUG=2)
        it.release(Take("101", MUG, "A-01-01", 2), Take("102", MUG, "A-01-01", 2), Take("101", RED, "A-01-02", 4))
        d.take(Verb.CONFIRM, CART, *gestures)
        d.switch_off()


def test_the_flow_goes_where_the_diagram_says(tmp_path: Path) -> None:
    flow, pairs = walked(PickFlow())
    for n, gestures in enumerate(WALKS):
        folder = tmp_path / str(n)
        folder.mkdir()
        walk(folder, flow, *gestures)
    _unscanned(tmp_path, flow)
    _swap_a_lot(tmp_path, flow)
    _lose_a_stop(tmp_path, flow)
    _show_codes(tmp_path, flow)
    _fill_up(tmp_path, flow)

    compare(core.picking.flow, pairs)


def _unscanned(folder: Path, flow: PickFlow) -> None:
    """Where the item need not be scanned, the place or a key will do."""
    (folder / "unscanned").mkdir()
    with arranged(folder / "unscanned") as it:
        it.stock(MUG, "A-01-01", 5)
        it.simple(1)
        flows = {"pick": flow, "home": HomeFlow()}
        for mode, gestures in (("inform", (CART, "A-01-01", Verb.CONFIRM, Verb.NO, Verb.NO)), ("off", ("A-01-01",))):
            d = Desk(it.bench, flows, begin="pick", policies={"item_scan_at_pick": mode})
            d.take(*gestures)
            d.switch_off()


def _swap_a_lot(folder: Path, flow: PickFlow) -> None:
    with arranged(folder) as it:
        for lot, expiry in (("L1", "2026-03-01"), ("L2", "2026-02-01")):
            it.stock(MILK, "A-01-01", 5, lot=lot, expiry=expiry)
        it.order("101", MILK=1)
        it.release(Take("101", MILK, "A-01-01", 1, lot="L1"))
        d = Desk(it.bench, {"pick": flow, "home": HomeFlow()}, begin="pick")
        d.take(CART, "A-01-01", "L2")
        d.switch_off()


def _show_codes(folder: Path, flow: PickFlow) -> None:
    """Where other stations pack, the totes have codes, and slips while nobody heard of the picks."""
    (folder / "codes").mkdir()
    with arranged(folder / "codes") as it:
        it.stock(MUG, "A-01-01", 5)
        it.lease(it.simple(1, 1))
        d = Desk(it.bench, {"pick": flow, "home": HomeFlow()}, begin="pick")
        d.take(CART, *TOTES, "TOTE-1", Verb.UNDO, *TOTES, "TOTE-1", Verb.UNDO)
        d.take(*TOTES, "TOTE-1", "TOTE-2", Verb.UNDO, Verb.REPRINT, Verb.NO, *TOTES, "TOTE-2")
        it.unheard()
        d.take(Verb.REPRINT, Verb.REPRINT, Verb.NO, Verb.CONFIRM)
        d.switch_off()


def _fill_up(folder: Path, flow: PickFlow) -> None:
    """A tote that takes no more gets its slip at once, where the hub has not heard of what is in it."""
    (folder / "full").mkdir()
    with arranged(folder / "full") as it:
        it.stock(MUG, "A-01-01", 5)
        it.stock(RED, "A-01-02", 5)
        it.order("101", MUG=1, RED=1)
        it.lease(it.release(Take("101", MUG, "A-01-01", 1), Take("101", RED, "A-01-02", 1)))
        d = Desk(it.bench, {"pick": flow, "home": HomeFlow()}, begin="pick")
        d.take(CART, *TOTES, "TOTE-1", "A-01-02", GTIN[RED])
        it.unheard()
        d.take(Verb.FULL, Verb.FULL)
        d.switch_off()


def _lose_a_stop(folder: Path, flow: PickFlow) -> None:
    """The office lets go of the only line: the refused put leads back to looking, and the batch is ended."""
    (folder / "lost").mkdir()
    with arranged(folder / "lost") as it:
        it.stock(MUG, "A-01-01", 5)
        it.simple(1)
        d = Desk(it.bench, {"pick": flow, "home": HomeFlow()}, begin="pick")
        d.take(CART, "A-01-01", GTIN[MUG])
        gone = it.bench.all(Reservation)[0]
        with it.bench.executor.connection.begin():
            uow = UnitOfWork(it.bench.executor.connection)
            let_go(uow, gone, gone.quantity)
            uow.flush()
        d.scan("TOTE-8")
        assert isinstance(d.state, BatchDone)
        d.switch_off()
