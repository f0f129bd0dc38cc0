"""Whatever the rows are, a fact is applied without an error: every fact there is, about things that are there or not."""

from collections.abc import Iterator
from dataclasses import replace
from typing import get_type_hints

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import core.everything  # noqa: F401
from core.amending.backing import plan_put_back
from core.amending.planner import plan_cancel
from core.cases.model import Case, CaseKind
from core.catalog.commands import container_id, location_id
from core.kernel.commands import REGISTRY, Command, OpClass, command_of
from core.kernel.ids import NO_ID, FillId, SessionId
from core.kernel.operations import Operation
from core.kernel.printing import MovePrintJob
from core.kernel.spool import JobState, PrintJob
from core.kernel.tables import TABLES
from core.orders.commands import HoldOrder, ReleaseHold
from core.orders.model import OrderHold
from core.packing.commands import ReopenParcel
from core.packing.model import Parcel
from core.people.commands import SavePerson, SignIn
from core.picking.commands import MoveTote
from core.receiving.commands import TakeOutGoods
from core.receiving.model import TakeOut
from core.receiving.taking_out import plan_take_out
from core.returns.commands import ReceiveReturn
from core.returns.model import id_of_parcel
from core.stock.commands import AdjustStock, PlaceHold
from core.stock.counting import CountStock, Known
from core.stock.ledger import key_of
from core.stock.model import Balance, HoldScope, Reservation, StockKey
from core.stock.moving import MoveStock
from tests.commands import Pool, commands
from tests.orders.shop import Shop, item, shop
from tests.orders.totality import apply_to_anything
from tests.receiving.arrange import announce, book
from tests.support import PICKER, SITE, STATION

EXAMPLES = settings(max_examples=max(20, settings.default.max_examples // 5), phases=(Phase.generate,))  # type: ignore[union-attr]
"""Forty facts, each about dozens of rows: shrinking one that fails would take minutes and tell little more."""

FACTS = sorted(kind for kind, cls in REGISTRY.items() if cls.CLASS is OpClass.FACT and not kind.startswith("test."))


def work_a_day(it: Shop) -> None:
    """Leave orders at every stage, with parcels, totes, holds, cases, counts and print jobs."""
    it.it.run(
        SavePerson(**it.it.base(), person=PICKER, roles="picker", language="en", active=1, preset="", base_version=0)
    )
    it.it.run(
        SignIn(
            **it.it.base(),
            person=PICKER,
            station=STATION,
            new_session=SessionId(b"session-00000001"),
            with_pin=0,
            ends=None,
        )
    )
    it.stock("MUG", "A-1", 20, lot="L1", expiry="2026-05-01")
    it.stock("CUP", "B-1", 20)
    it.stock("JUG", "R-1", 5)
    sent = it.released("sent", [("MUG", 6), ("CUP", 2)])
    it.pick_all()
    it.load(it.pack_some(sent, 2))
    (left,) = it.it.all(Parcel)
    back = ReceiveReturn(
        **it.it.base(), back=id_of_parcel(left.id), code=left.sscc, number=1, parcel=left.id, order=sent,
        fulfilments=(left.fulfilment,), place=location_id("Q-1"), station=STATION,
    )  # fmt: skip
    it.it.run(back)
    it.it.run(ReopenParcel(**it.it.base(), parcel=it.pack_some(sent, 2).id, reason="OPERATOR"))
    picked = it.released("picked", [("MUG", 2), ("CUP", 1)])
    it.pick_all("CART-2")
    with it.connection.begin():
        cancel = plan_cancel(it.connection, SITE, picked, "", it.stamp())
    it.it.run(cancel)
    with it.connection.begin():
        back = plan_put_back(it.connection, SITE, picked, it.part(picked), location_id("A-2"), it.stamp())
    it.it.run(back)
    it.released("running", [("MUG", 2), ("CUP", 3)])
    it.put(it.start("CART-3"), 1)
    it.released("ready", [("MUG", 2)])
    held = it.order("held", [("JUG", 1), ("TEA", 1)])
    it.it.run(HoldOrder(**it.it.base(), order=held, fulfilments=(it.part(held),), reason="fraud"))
    it.it.run(ReleaseHold(**it.it.base(), hold=it.it.all(OrderHold)[0].id, fulfilments=(it.part(held),)))
    it.it.run(HoldOrder(**it.it.base(), order=held, fulfilments=(it.part(held),), reason="address"))
    it.promise()
    cups = next(row for row in it.it.all(Balance) if row.location == location_id("B-1"))
    key = StockKey(owner=cups.owner, item=cups.item, location=cups.location)
    it.it.run(MoveStock(**it.it.base(), source=key, target=location_id("B-2"), quantity=2))
    free = cups.total - cups.reserved
    held = tuple(row.demand for row in it.it.all(Reservation) if key_of(row) == key)
    it.it.run(MoveStock(**it.it.base(), source=key, target=location_id("A-2"), quantity=free, left_for=held))
    it.it.run(
        MoveTote(
            **it.it.base(), container=container_id("TOTE-1"), fill=FillId(NO_ID), order=picked,
            place=location_id("A-2"),
        )
    )  # fmt: skip
    it.it.run(AdjustStock(**it.it.base(), key=key, difference=-1, reason="broken"))
    it.it.run(CountStock(**it.it.base(), key=key, counted=9, request=None, known=Known(17)))
    it.it.run(PlaceHold(**it.it.base(), scope=HoldScope.ITEM, target=item("TEA"), reason="recall"))
    announce(it.it, MUG=10)
    book(it.it, "MUG", 13)
    case = next(row.id for row in it.it.all(Case) if row.kind is CaseKind.OVER_RECEIPT)
    with it.connection.begin():
        out = plan_take_out(it.connection, SITE, case, TakeOut.TWICE, it.stamp())
    assert isinstance(out, TakeOutGoods)
    it.it.run(out)
    job = it.it.all(PrintJob)[0]
    it.it.run(MovePrintJob(**it.it.base(), job=job.id, state=JobState.VOIDED))


@pytest.fixture(scope="module")
def it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop(tmp_path_factory.mktemp("shop")) as opened:
        work_a_day(opened)
        yield opened


@pytest.fixture(scope="module")
def pool(it: Shop) -> Pool:
    found = Pool()
    for info in TABLES.values():
        hints = get_type_hints(info.cls)
        for row in it.it.all(info.cls):
            found.add(hints, row)
    return found


@pytest.fixture(scope="module")
def recorded(it: Shop) -> dict[str, list[Command]]:
    """Return what the day's log holds, by kind."""
    found: dict[str, list[Command]] = {}
    for operation in it.it.all(Operation):
        found.setdefault(operation.kind, []).append(command_of(operation))
    return found


@pytest.mark.parametrize("kind", FACTS)
def test_any_fact_about_anything_is_applied_to_any_rows(it: Shop, pool: Pool, kind: str) -> None:
    before = it.it.dump()

    @EXAMPLES
    @given(commands(REGISTRY[kind], pool, it.it.base), st.data())
    def run(command: Command, data: st.DataObject) -> None:
        apply_to_anything(it.it, command, data)

    run()
    assert it.it.dump() == before


@pytest.mark.parametrize("kind", FACTS)
def test_a_fact_that_happened_is_applied_to_any_rows(it: Shop, recorded: dict[str, list[Command]], kind: str) -> None:
    if kind not in recorded:
        return
    before = it.it.dump()

    @EXAMPLES
    @given(st.sampled_from(recorded[kind]), st.data())
    def run(command: Command, data: st.DataObject) -> None:
        apply_to_anything(it.it, replace(command, id=it.it.base()["id"]), data)

    run()
    assert it.it.dump() == before
