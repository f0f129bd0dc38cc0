"""Rules about what two did unheard of each other, each with a switch that removes it: for tests alone; see `mutants`."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from core.kernel.commands import Read
from core.kernel.ids import SiteId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.packing import bench
from core.packing.commands import back_to_pick, missing
from core.packing.commands.closing import CloseParcel
from core.picking.commands import totes
from core.receiving.commands import BookGoods
from core.returns import commands as returns
from core.returns.commands import ReceiveReturn
from core.returns.model import Return
from core.stock import moving
from core.stock.ledger import balance_key
from core.stock.model import Balance
from core.stock.moving import MoveStock
from sync.hub import planned_again, receiving
from tests.simulation.dst.mutants import without

# What the office wants, and the floor had not heard


@without("a cancel that came too late for what it knew is planned anew")
def _cancelled_again() -> Iterator[None]:
    with patch.object(planned_again, "_cancelled", lambda *_: iter(())):
        yield


@without("what was done against a change unheard is stopped")
def _stopped() -> Iterator[None]:
    with patch.object(receiving, "planned_again", _cancels_alone):
        yield


def _cancels_alone(connection: Any, operation: Any, receipt: Any, whole: Any = receiving.planned_again) -> Any:
    with patch.object(planned_again, "_stopped", lambda *_: iter(())):
        yield from whole(connection, operation, receipt)


@without("what is handed back is held against the changes that the hub knows")
def _remembered_against() -> Iterator[None]:
    with patch.object(receiving, "remembered_again", lambda *_: iter(())):
        yield


@without("nothing is labelled without its address")
def _addressed() -> Iterator[None]:
    def check(self: CloseParcel, read: Any, whole: Any = CloseParcel.check) -> Refusal | None:
        found: Refusal | None = whole(self, read)
        return None if found is not None and found.reason is Reason.ADDRESS_AWAITED else found

    with patch.object(CloseParcel, "check", check):
        yield


@without("an order whose address is not here is not opened")
def _not_opened() -> Iterator[None]:
    def head(*arguments: Any, whole: Any = bench._head) -> Any:
        found = whole(*arguments)
        return None if found is None else replace(found, addressed=1)

    with patch.object(bench, "_head", head):
        yield


# Goods that two carried


@without("units that were carried on unheard are taken from where they went")
def _followed() -> Iterator[None]:
    with patch.object(MoveStock, "_carried", lambda *_: iter(())):
        yield


@without("what was promised since is not what a move left at its source")
def _promised_since() -> Iterator[None]:
    def left_there(self: MoveStock, read: Read) -> int:
        row = read.get(Balance, balance_key(self.site, self.source))
        return 0 if row is None else row.reserved

    with patch.object(MoveStock, "_left_there", left_there):
        yield


@without("units that two missed are missing once")
def _missed_once() -> Iterator[None]:
    def all_of_them(_read: Any, _site: Any, units: Any) -> Any:
        return tuple(units)

    with patch.object(missing, "still_inside", all_of_them), patch.object(back_to_pick, "still_inside", all_of_them):
        yield


@without("what two carried elsewhere within minutes is told")
def _told_twice() -> Iterator[None]:
    def nobody(*_: object) -> None:
        return None

    with patch.object(moving, "tell_twice", nobody), patch.object(totes, "tell_twice", nobody):
        yield


# What comes in, and comes back


@without("more than was announced is told")
def _over_receipt() -> Iterator[None]:
    with patch.object(BookGoods, "_ask", lambda *_: None):
        yield


@without("a box that two received is told")
def _second_receipt() -> Iterator[None]:
    with patch.object(ReceiveReturn, "_tell_of_second", lambda *_: None):
        yield


@without("a box is one whichever of its codes was read")
def _one_box() -> Iterator[None]:
    def by_its_id(read: Read, site: SiteId, box: Any) -> Return | None:
        return read.get(Return, (site, box.back))

    with patch.object(returns, "named_by", lambda *_: None), patch.object(returns, "receipt_before", by_its_id):
        yield


MASKED: dict[str, tuple[str, ...]] = {
    "an order whose address is not here is not opened": ("nothing is labelled without its address",),
}
"""As in `mutants`."""

__all__ = ["MASKED"]
