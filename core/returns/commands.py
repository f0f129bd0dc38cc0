"""What the returns desk writes: a box was received."""

from dataclasses import replace

from core.cases.commands import open_case
from core.cases.model import CaseKind
from core.catalog.model import Location
from core.kernel.commands import Command, Finds, OpClass, Read, Reads, command
from core.kernel.ids import NO_ID, FulfilmentId, LocationId, OrderId, ParcelId, ReturnId, StationId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import Key
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment
from core.packing.model import EarlyLoad, Parcel
from core.returns.model import PLACES, Return, id_of_code, id_of_parcel

SSCC_DIGITS = 18


@command("returns.receive", OpClass.FACT, permission="returns.receive")
class ReceiveReturn(Command):
    """A box that came back stands at a place for returns."""

    back: ReturnId
    code: str
    number: int
    parcel: ParcelId
    order: OrderId
    fulfilments: tuple[FulfilmentId, ...]
    """The parcel's; all of the order's where only that is known; none where nothing is."""
    place: LocationId
    station: StationId

    def reads(self) -> Reads:
        """Return the return, what is known of the box, and the place."""
        return {
            Return: [(self.site, self.back), *self._unheard_of()],
            Parcel: [(self.site, self.parcel)],
            EarlyLoad: [(self.site, self.parcel)],
            Fulfilment: [(self.site, each) for each in self.fulfilments],
            Location: [(self.site, self.place)],
        }

    def finds(self) -> Finds:
        """Return what went into a van by its label alone, and the parcel whose label named nothing where it was scanned."""
        return {
            (EarlyLoad, "fulfilment"): [(self.site, each) for each in self.fulfilments],
            (Parcel, "sscc"): self._labels(),
        }

    def _labels(self) -> list[Key]:
        bare = self.parcel == NO_ID and self.order == NO_ID
        return [(self.site, self.code[-SSCC_DIGITS:])] if bare and _may_be_sscc(self.code) else []

    def _as_known(self, uow: UnitOfWork) -> "ReceiveReturn":
        """Return it with the parcel that its label names by now: whoever received it may not have heard of that."""
        boxes = list(uow.find(Parcel, "sscc", self._labels()).values())
        if len(boxes) != 1:
            return self
        (box,) = boxes
        return replace(
            self, back=id_of_parcel(box.id), parcel=box.id, order=box.order, fulfilments=(box.fulfilment,)
        )  # fmt: skip

    def _first(self, uow: UnitOfWork) -> Return | None:
        """Return the receipt of this box that was heard before, also one that had not heard of its parcel."""
        first = uow.get(Return, (self.site, self.back))
        if first is not None or self.parcel == NO_ID or self.number != 1:
            return first
        rows = (uow.get(Return, key) for key in self._unheard_of())
        return next((row for row in rows if row is not None), None)

    def _unheard_of(self) -> list[Key]:
        """Return what a parcel's box was received as where nobody had heard of the parcel."""
        return [(self.site, id_of_code(code, 1)) for code in (self.code, f"00{self.code}")]

    def check(self, read: Read) -> Refusal | None:
        """Refuse a place that is not for returns; that a box is here already the bench asks, since the hub tells of it otherwise."""
        place = read.get(Location, (self.site, self.place))
        if place is None:
            return Refusal(Reason.NOT_FOUND)
        return None if place.role in PLACES else Refusal(Reason.NO_RETURNS_PLACE, {"got": place.code})

    def apply(self, uow: UnitOfWork) -> None:
        """Write that it is here; a second receipt changes nothing of it and is told."""
        self._as_known(uow).receive(uow)

    def receive(self, uow: UnitOfWork) -> None:
        """Write that it is here, of what is known of it by now."""
        first = self._first(uow)
        if first is not None:
            self._tell_of_second(uow, first)
            return
        known = self.parcel != NO_ID or self.order != NO_ID
        left = int(self._has_left(uow))
        fulfilment = self.fulfilments[0] if self.parcel != NO_ID and self.fulfilments else FulfilmentId(NO_ID)
        uow.insert(
            Return(
                self.site, self.back, self.code, self.number, self.parcel, self.order, fulfilment, left, self.place,
                self.station, self.actor, self.at, self.id,
            )
        )  # fmt: skip
        if left:
            return
        kind = CaseKind.RETURN_NOT_LEFT if known else CaseKind.RETURN_UNKNOWN
        facts: dict[str, str | int] = {"shelf": self.place.hex(), "code": self.code}
        if self.parcel != NO_ID:
            facts["parcel"] = self.parcel.hex()
        open_case(uow, self, kind, order=self.order, subject=self.back, facts=facts)

    def _has_left(self, uow: UnitOfWork) -> bool:
        """Return whether the books have seen it leave: the parcel, or anything of the order."""
        if self.parcel != NO_ID:
            row = uow.get(Parcel, (self.site, self.parcel))
            early = uow.get(EarlyLoad, (self.site, self.parcel))
            return early is not None or (row is not None and row.loaded_at > 0)
        rows = (uow.get(Fulfilment, (self.site, each)) for each in self.fulfilments)
        if any(row is not None and row.loaded for row in rows):
            return True
        return bool(uow.find(EarlyLoad, "fulfilment", [(self.site, each) for each in self.fulfilments]))

    def _tell_of_second(self, uow: UnitOfWork, first: Return) -> None:
        """Open the case of one box that two received: both places are named, somebody looks where it stands."""
        uow.except_()
        facts: dict[str, str | int] = {
            "code": self.code,
            "first_by": first.received_by.hex(), "first_station": first.station.hex(),
            "first_place": first.place.hex(), "first_at": first.received_at,
            "second_by": self.actor.hex(), "second_station": self.station.hex(),
            "second_place": self.place.hex(), "second_at": self.at,
        }  # fmt: skip
        open_case(uow, self, CaseKind.RETURN_TWICE, order=self.order, subject=first.id, facts=facts)


def _may_be_sscc(code: str) -> bool:
    """Return whether a code is a label's number, alone or behind its application identifier."""
    alone = code.removeprefix("00") if len(code) > SSCC_DIGITS else code
    return len(alone) == SSCC_DIGITS and alone.isdecimal()


@command("returns.found_at", OpClass.FACT, permission="cases.decide")
class FoundAt(Command):
    """Somebody looked where a box stands that two had received."""

    back: ReturnId
    place: LocationId

    def reads(self) -> Reads:
        """Return the return."""
        return {Return: [(self.site, self.back)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse what never came back."""
        return Refusal(Reason.NOT_FOUND) if read.get(Return, (self.site, self.back)) is None else None

    def apply(self, uow: UnitOfWork) -> None:
        """Write where it stands."""
        row = uow.get(Return, (self.site, self.back))
        if row is not None:
            uow.update(row, place=self.place)


__all__ = ["FoundAt", "ReceiveReturn"]
