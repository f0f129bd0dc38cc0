"""What the returns desk writes: a box was received."""

from dataclasses import replace

from core.cases.commands import case_id, close_case, open_case
from core.cases.decisions import Decision
from core.cases.model import CaseKind
from core.catalog.model import Location
from core.kernel.commands import Command, Finds, OpClass, Read, Reads, command
from core.kernel.ids import NO_ID, FulfilmentId, LocationId, OrderId, ParcelId, ReturnId, StationId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment
from core.packing.model import EarlyLoad, Parcel
from core.returns.known import Sought, finds_of, is_bare, named_by, receipt_before
from core.returns.model import PLACES, Return, id_of_parcel


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
            Return: [(self.site, self.back)],
            Parcel: [(self.site, self.parcel)],
            EarlyLoad: [(self.site, self.parcel)],
            Fulfilment: [(self.site, each) for each in self.fulfilments],
            Location: [(self.site, self.place)],
        }

    def finds(self) -> Finds:
        """Return what went into a van by its label alone, whose label this is, and what was received under its codes."""
        return {
            **finds_of(self.site, self.code),
            (EarlyLoad, "fulfilment"): [(self.site, each) for each in self.fulfilments],
        }

    def _as_known(self, uow: UnitOfWork) -> "ReceiveReturn":
        """Return it with the parcel that its label names by now: whoever received it may not have heard of that."""
        bare = self.parcel == NO_ID and self.order == NO_ID
        box = named_by(uow, self.site, self.code) if bare else None
        if box is None:
            return self
        # A parcel is one box: who received two under its number has one of them that is not it, and somebody looks.
        return replace(
            self, back=id_of_parcel(box.parcel), number=1, parcel=box.parcel, order=box.order,
            fulfilments=(box.fulfilment,),
        )  # fmt: skip

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
        first = receipt_before(uow, self.site, self)
        if first is not None:
            self._tell_of_second(uow, first)
            return
        row = Return(
            self.site, self.back, self.code, self.number, self.parcel, self.order, self._fulfilment(),
            int(self._has_left(uow)), self.place, self.station, self.actor, self.at, self.id,
        )  # fmt: skip
        uow.insert(row)
        self._ask(uow, row)

    def _fulfilment(self) -> FulfilmentId:
        return self.fulfilments[0] if self.parcel != NO_ID and self.fulfilments else FulfilmentId(NO_ID)

    def _ask(self, uow: UnitOfWork, row: Return) -> None:
        """Open the case of a box that names nothing, or that has not left by the books."""
        if row.left:
            return
        kind = CaseKind.RETURN_UNKNOWN if is_bare(row) else CaseKind.RETURN_NOT_LEFT
        facts: dict[str, str | int] = {"shelf": row.place.hex(), "code": row.code}
        if row.parcel != NO_ID:
            facts["parcel"] = row.parcel.hex()
        open_case(uow, self, kind, order=row.order, subject=row.id, facts=facts)

    def _name(self, uow: UnitOfWork, first: Return) -> None:
        """Say which parcel a box is that was received by a code that named nothing: nobody has to find that out any more."""
        row = uow.update(
            first, parcel=self.parcel, order=self.order, fulfilment=self._fulfilment(), left=int(self._has_left(uow))
        )  # fmt: skip
        close_case(uow, self, case_id(first.receipt, CaseKind.RETURN_UNKNOWN), Decision.WHOSE_IT_IS)
        self._ask(uow, row)

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
        if is_bare(first) and self.parcel != NO_ID:
            self._name(uow, first)
        facts: dict[str, str | int] = {
            "code": self.code,
            "first_by": first.received_by.hex(), "first_station": first.station.hex(),
            "first_place": first.place.hex(), "first_at": first.received_at,
            "second_by": self.actor.hex(), "second_station": self.station.hex(),
            "second_place": self.place.hex(), "second_at": self.at,
        }  # fmt: skip
        open_case(uow, self, CaseKind.RETURN_TWICE, order=self.order, subject=first.id, facts=facts)


@command("returns.found_at", OpClass.FACT, permission="cases.decide")
class FoundAt(Command):
    """Somebody looked where a box stands that two had received."""

    back: ReturnId
    code: str = ""
    """What its label says: a hub that had heard of its parcel has it under that. Empty where its program did not say it."""
    place: LocationId

    def reads(self) -> Reads:
        """Return the return."""
        return {Return: [(self.site, self.back)]}

    def finds(self) -> Finds:
        """Return whose label it is, and what was received under its codes."""
        return finds_of(self.site, self.code) if self.code else {}

    def check(self, read: Read) -> Refusal | None:
        """Nothing stands against looking."""
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write where it stands; of a box that nobody is known to have received somebody has to hear."""
        row = self._row(uow)
        if row is not None:
            uow.update(row, place=self.place)
            return
        uow.except_()
        facts: dict[str, str | int] = {
            "kind": self.KIND, "reason": str(Reason.NOT_FOUND), "code": self.code, "shelf": self.place.hex(),
        }  # fmt: skip
        open_case(uow, self, CaseKind.CONTRADICTED, subject=self.back, facts=facts)

    def _row(self, read: Read) -> Return | None:
        row = read.get(Return, (self.site, self.back))
        if row is not None or not self.code:
            return row
        box = named_by(read, self.site, self.code)
        sought = Sought(self.back, self.code)
        if box is not None:
            sought = Sought(id_of_parcel(box.parcel), self.code, 1, box.parcel, box.order)
        return receipt_before(read, self.site, sought)


__all__ = ["FoundAt", "ReceiveReturn"]
