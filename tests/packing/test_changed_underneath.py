"""The office cancels, changes or holds an order while it is at the bench: the packer is stopped, whatever the step."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from core.amending.commands import ChangeOrder
from core.amending.planner import OrderChange, plan_change
from core.kernel.flow import Verb
from core.kernel.ids import ContactId, OrderId
from core.kernel.reasons import Reason
from core.kernel.spool import PrintJob
from core.kernel.tables import sql_of
from core.orders.model import Contact
from core.packing.model import LabelState, Parcel
from core.packing.states import ScanCarton, ScanWork, StickLabel, StopPacking, VerifyUnit
from tests.orders.shop import CONTACT, Shop
from tests.packing.arrange import CUP, GTIN, MEDIUM, MUG, cancel, desk, hold, picked, tote
from tests.playbook import Desk
from tests.support import SITE

LIGHT = {"verify_units": "block", "weight": "inform", "scan_back": "block", "carton_size": "inform"}
HEAVY = LIGHT | {"weight": "confirm"}


def move(it: Shop, order: OrderId, name: str = "another-address1") -> None:
    """Send an order to another address."""
    new = ContactId(name.encode())
    it.it.seed(replace(it.it.need(Contact, CONTACT), id=new, city="York"))
    with it.connection.begin():
        command = plan_change(it.connection, SITE, order, OrderChange(contact=new), it.stamp())
    assert isinstance(command, ChangeOrder), command
    it.it.run(command)


CHANGES = {
    "cancelled": (cancel, Reason.ORDER_CANCELLED),
    "held": (hold, Reason.ORDER_HELD),
    "moved": (move, Reason.ORDER_CHANGED),
}
STEPS = {
    "before the carton": (LIGHT, (), GTIN[MUG]),
    "at the units": (LIGHT, (MEDIUM, GTIN[MUG]), GTIN[CUP]),
    "at the scale": (HEAVY, (MEDIUM, GTIN[MUG], GTIN[CUP]), 620),
    "with the label in hand": (LIGHT, (MEDIUM, GTIN[MUG], GTIN[CUP]), ""),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("step", STEPS)
def test_the_packer_is_stopped_and_the_screen_says_why(it: Shop, step: str, change: str) -> None:
    order = picked(it, "o1", (MUG, 1), (CUP, 1))
    code = tote(it, order)
    happens, reason = CHANGES[change]
    policies, before, gesture = STEPS[step]
    with desk(it, policies=policies) as d:
        d.take(code, *before)
        happens(it, order)
        if change == "moved" and step != "with the label in hand":
            go_on(d, gesture)
            assert "York" in it.it.all(PrintJob)[0].content
            return
        said = d.weigh(gesture) if isinstance(gesture, int) else d.scan(gesture or d.state.parcel.sscc)
        assert said.refusal is not None
        assert said.refusal.reason is reason
        assert d.state == StopPacking(reason, "o1")
        assert d.refuses(GTIN[MUG]) == (reason, {"order": "o1"}), "loud until it is put aside"
        assert isinstance(d.take("H-1"), ScanWork)
        assert [each for each in d.state.due if each.order_number == "o1"] == []
        assert d.refuses(code if step != "with the label in hand" else "o1")[0] is not Reason.UNKNOWN_CODE
    parcels = it.it.all(Parcel)
    assert [row.label for row in parcels] == [LabelState.SPOOLED] * (step == "with the label in hand") + [
        LabelState.NONE
    ] * (step in ("at the units", "at the scale"))


def go_on(d: Desk, gesture: str | int) -> None:
    """An address that changes before the label is made stops nobody: the label takes the new one."""
    if gesture == GTIN[MUG]:
        assert d.scan(MEDIUM).refusal is None
        said = d.scan(gesture)
        assert said.refusal is not None
        assert said.refusal.reason is Reason.CHANGED_MEANWHILE, "no carton is opened for the old address"
        d.take(MEDIUM, gesture)
        gesture = GTIN[CUP]
    said = d.weigh(gesture) if isinstance(gesture, int) else d.scan(gesture)
    assert said.refusal is None
    assert isinstance(d.state, StickLabel)


def test_a_stop_is_still_shown_after_a_restart(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    with desk(it, policies=LIGHT) as d:
        d.take(tote(it, order), MEDIUM)
        cancel(it, order)
        d.scan(GTIN[MUG])
        d.restart()
        assert d.state == StopPacking(Reason.ORDER_CANCELLED, "o1")
        assert isinstance(d.take(Verb.CONFIRM), ScanWork)


def test_an_order_that_was_cancelled_while_the_station_was_off_stops_at_the_next_scan(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    with desk(it, policies=LIGHT) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG])
        cancel(it, order)
        d.restart()
        assert d.scan(GTIN[MUG]).refusal is not None
        assert d.state == StopPacking(Reason.ORDER_CANCELLED, "o1")


def test_an_order_whose_address_is_not_here_is_not_begun_and_nobody_is_sent_away_from_an_open_one(it: Shop) -> None:
    order, other = picked(it, "o1", (MUG, 1), (CUP, 1)), picked(it, "o2", (MUG, 1))
    code, second = tote(it, order), tote(it, other)
    with desk(it, policies=LIGHT) as d:
        kept = away(it, order)
        assert d.refuses(code) == (Reason.ADDRESS_AWAITED, {})
        assert isinstance(d.state, ScanWork)
        it.it.seed(kept)
        assert isinstance(d.take(code), ScanCarton)

        d.take(MEDIUM, GTIN[MUG])
        kept = away(it, order, "another-address2")
        d.restart()
        assert isinstance(d.state, VerifyUnit)
        it.it.seed(kept)
        assert isinstance(d.take(GTIN[CUP]), StickLabel)
        d.take(Verb.SKIP)
        assert isinstance(d.take(second), ScanCarton)


def away(it: Shop, order: OrderId, name: str = "another-address1") -> Contact:
    """Send an order to an address that nobody has here yet, and return that."""
    move(it, order, name)
    new = it.it.need(Contact, it.head(order).contact)
    with it.connection.begin():
        it.connection.execute(sa.delete(sql_of(Contact)).where(sql_of(Contact).c.id == new.id))
    return new
