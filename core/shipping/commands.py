"""What the dock writes: manifests opened and closed, parcels loaded and unloaded."""

from dataclasses import dataclass, replace

from core.cases.commands import open_case
from core.cases.model import CaseKind
from core.catalog.model import Location, Site
from core.catalog.parcel_codes import ParcelCode
from core.catalog.places import world
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import (
    NO_ID,
    ContactId,
    FulfilmentId,
    FulfilmentLineId,
    ItemId,
    LocationId,
    LotId,
    LpnId,
    ManifestId,
    OrderId,
    OwnerId,
    ParcelId,
    PersonId,
    SiteId,
    document_id,
)
from core.kernel.numbers import Number, NumberRange, is_free, take
from core.kernel.printing import spool_job
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.model import Contact, Fulfilment, FulfilmentLine, Order, StopRequest
from core.orders.progress import advance
from core.packing.commands import way_out
from core.packing.labels import local_text
from core.packing.model import EarlyLoad, LabelState, LabelStop, Parcel, ParcelContent, ParcelState, StoppedLabel
from core.rights.model import SiteStation, Stage
from core.rights.queries import speaks
from core.shipping.contents import Manifest as ManifestPaper
from core.shipping.contents import ManifestRow
from core.shipping.eligibility import why_not, why_not_unheard
from core.shipping.model import Manifest, ManifestState
from core.shipping.twice import runs_in, tell_of_second, units_text
from core.stock.ledger import Movement, balance_keys, carried, post
from core.stock.model import Balance, Cause, StockKey

MANIFEST_NUMBERS = "manifest"


def carrier_right(carrier: str) -> tuple[Stage, bytes]:
    """Return the right to load a carrier's parcels."""
    return Stage.LOAD, document_id(0, "carrier", carrier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """Units of a line in a parcel."""

    line: FulfilmentLineId
    owner: OwnerId
    item: ItemId
    lot: LotId
    serial: str
    quantity: int


@command("shipping.open_manifest", OpClass.CLAIM, permission="ship.manifest")
class OpenManifest(Command):
    """A carrier's list is begun at a dock."""

    manifest: ManifestId
    number: Number
    carrier: str
    dock: LocationId

    def claims(self) -> tuple[str, bytes]:
        """Return the carrier: one dock loads it at a time."""
        return carrier_right(self.carrier)

    def numbers(self) -> tuple[tuple[str, Number], ...]:
        """Return the list's."""
        return ((MANIFEST_NUMBERS, self.number),)

    def reads(self) -> Reads:
        """Return the manifest and its number range."""
        return {Manifest: [(self.site, self.manifest)], NumberRange: [(self.site, MANIFEST_NUMBERS, self.number.range)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a number that was given out."""
        if is_free(read, self.site, MANIFEST_NUMBERS, self.number):
            return None
        return Refusal(Reason.CHANGED_MEANWHILE, {"number": self.number.value})

    def apply(self, uow: UnitOfWork) -> None:
        """Write the manifest."""
        take(uow, self.site, MANIFEST_NUMBERS, self.number)
        if uow.get(Manifest, (self.site, self.manifest)) is None:
            uow.insert(
                Manifest(
                    self.site, self.manifest, self.number.value, self.carrier, self.dock, ManifestState.OPEN, 0, 0, self.at,
                    0, PersonId(NO_ID), 1,
                )
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Load(Command):
    parcel: ParcelId
    manifest: ManifestId
    order: OrderId
    fulfilment: FulfilmentId
    bench: LocationId
    """Where the parcel's goods are booked."""
    inside: tuple[Inside, ...]
    """Empty where the parcel is known by its label alone: the bench knows what is in it."""

    def moves(self) -> list[Movement]:
        """Return the goods' way out into the world."""
        return [
            Movement(
                StockKey(
                    owner=each.owner, item=each.item, location=self.bench, lot=each.lot, serial=each.serial,
                    lpn=LpnId(self.parcel),
                ),
                StockKey(owner=each.owner, item=each.item, location=world(self.site), lot=each.lot, serial=each.serial),
                each.quantity,
                Cause.LOAD,
            )
            for each in self.inside
        ]  # fmt: skip

    def common_reads(self) -> dict[type, list[tuple[object, ...]]]:
        """Return the keys that loading and unloading look at."""
        return {
            Parcel: [(self.site, self.parcel)],
            Manifest: [(self.site, self.manifest)],
            Fulfilment: [(self.site, self.fulfilment)],
            FulfilmentLine: [(self.site, each.line) for each in self.inside],
            Balance: balance_keys(self.site, self.moves()),
            Location: [(self.site, self.bench), (self.site, world(self.site))],
            EarlyLoad: [(self.site, self.parcel)],
        }

    def out(self, uow: UnitOfWork, row: Parcel) -> tuple[list[Movement], dict[FulfilmentLineId, int]]:
        """Return the goods' way out and the units by line: as decided, or of a parcel that was known by its label as booked."""
        if self.inside:
            moves, inside = self.moves(), [(each.line, each.quantity) for each in self.inside]
        else:
            rows = inside_of(uow, self.site, row.id)
            moves, inside = way_out(self.site, row, rows), [(each.line, each.quantity) for each in rows]
        units: dict[FulfilmentLineId, int] = {}
        for line, quantity in inside:
            units[line] = units.get(line, 0) + quantity
        return moves, units

    def count(self, uow: UnitOfWork, parcels: int, weight_grams: int) -> None:
        """Bring the list along."""
        manifest = uow.get(Manifest, (self.site, self.manifest))
        if manifest is not None:
            uow.update(
                manifest, parcels=max(0, manifest.parcels + parcels),
                weight_grams=max(0, manifest.weight_grams + weight_grams),
            )  # fmt: skip


def inside_of(read: Read, site: SiteId, parcel: ParcelId) -> list[ParcelContent]:
    """Return what is in a parcel."""
    rows = read.find(ParcelContent, "parcel", [(site, parcel)]).values()
    return sorted(rows, key=lambda row: (row.line, row.first))


@command("shipping.load", OpClass.FACT, permission="ship.load")
class LoadParcel(_Load):
    """A parcel goes into the van."""

    needs_label: int
    """1 when only parcels whose label was scanned back may go."""
    sscc: str
    carrier: str
    code: ParcelCode | None
    """What its label says, where the bench that closed it has not been heard."""

    def claims(self) -> tuple[str, bytes]:
        """Return the carrier: one dock loads it at a time."""
        return carrier_right(self.carrier)

    def reads(self) -> Reads:
        """Return parcel, manifest, order and what the office said of it."""
        return {
            **self.common_reads(),
            StopRequest: [(self.site, self.fulfilment)],
            Order: [(self.site, self.order)],
            StoppedLabel: [(self.site, self.sscc)],
            **({} if self.code is None else {SiteStation: [(self.site, self.code.station)]}),
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse what must not go (floor.md B11)."""
        row = read.get(Parcel, (self.site, self.parcel))
        manifest = read.get(Manifest, (self.site, self.manifest))
        if manifest is None or (row is None and self.code is None):
            return Refusal(Reason.NOT_FOUND)
        order = read.get(Order, (self.site, self.order))
        facts: dict[str, str | int] = {"label": self.sscc, "order": "" if order is None else order.number}
        stop = read.get(StopRequest, (self.site, self.fulfilment))
        head = read.get(Fulfilment, (self.site, self.fulfilment))
        label = read.get(StoppedLabel, (self.site, self.sscc))
        if row is not None and row.state is ParcelState.CLOSED:
            found = why_not(row, order, head, stop, label, self.code)
        elif self.code is not None:
            early = read.get(EarlyLoad, (self.site, self.parcel))
            code = self.code
            counts = speaks(read, self.site, code.station, code.incarnation, code.fulfilment, unknown=False)
            found = why_not_unheard(order, head, stop, label, early, counts=counts)
        else:
            found = Reason.NOT_PACKED, 0
        if found is not None:
            reason, at = found
            return Refusal(reason, {**facts, "at": at})
        if self.needs_label and row is not None and self.code is None and row.label is not LabelState.APPLIED:
            return Refusal(Reason.NOT_LABELLED, facts)
        if self.carrier != manifest.carrier:
            return Refusal(Reason.WRONG_CARRIER, {**facts, "expected": manifest.carrier, "got": self.carrier})
        if manifest.state is not ManifestState.OPEN:
            return Refusal(Reason.MANIFEST_CLOSED, {"number": manifest.number})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Move the goods out, count the lines, put the parcel on the list; of one that is unheard of, only the list."""
        row = uow.get(Parcel, (self.site, self.parcel))
        void = uow.get(StoppedLabel, (self.site, self.sscc))
        if row is not None and row.state is ParcelState.OPEN and void is not None and void.why is LabelStop.VOID:
            row = self._stands(uow, row, void)
        elif self.code is not None and (row is None or row.state is not ParcelState.CLOSED):
            self._load_early(uow, self.code)
            return
        if row is None or row.loaded_at:
            return
        if not uow.at_origin:
            tell_of_second(uow, self, row.id, row.order, runs_in(inside_of(uow, self.site, row.id)))
        moves, units = self.out(uow, row)
        post(uow, self, moves)
        for line, quantity in units.items():
            advance(uow, self.site, line, loaded=quantity)
        uow.update(row, manifest=self.manifest, loaded_at=self.at)
        self.count(uow, 1, row.weight_grams or row.expected_grams)

    def _stands(self, uow: UnitOfWork, row: Parcel, void: StoppedLabel) -> Parcel:
        """Take back that a label is void: the parcel was handed over before anybody at the dock heard of it."""
        uow.except_()
        uow.delete(void)
        open_case(
            uow, self, CaseKind.HANDED_OVER_VOID, order=self.order, subject=self.parcel, facts={"label": self.sscc}
        )
        return uow.update(
            row,
            state=ParcelState.CLOSED,
            sscc=self.sscc,
            label=LabelState.APPLIED,
            closed_at=self.at,
            version=row.version + 1,
        )

    def _load_early(self, uow: UnitOfWork, code: ParcelCode) -> None:
        """Put a parcel on the list that its bench has not told of: what is in it is booked out when the bench is heard."""
        if uow.get(EarlyLoad, (self.site, self.parcel)) is not None:
            return
        runs = [(each.line, each.first, each.quantity) for each in code.units]
        if not uow.at_origin:
            tell_of_second(uow, self, self.parcel, self.order, runs)
        uow.insert(
            EarlyLoad(
                self.site, self.parcel, self.order, self.fulfilment, self.sscc, code.operation, self.manifest,
                units_text(runs), sum(each.quantity for each in code.units), code.weight_grams, self.at,
            )
        )  # fmt: skip
        self.count(uow, 1, code.weight_grams)


@command("shipping.unload", OpClass.FACT, permission="ship.load")
class UnloadParcel(_Load):
    """A parcel comes out of the van again."""

    def reads(self) -> Reads:
        """Return parcel, manifest and balances."""
        return self.common_reads()

    def check(self, read: Read) -> Refusal | None:
        """Refuse a parcel that is not loaded, or whose list is closed."""
        row = read.get(Parcel, (self.site, self.parcel))
        early = read.get(EarlyLoad, (self.site, self.parcel))
        if early is None and (row is None or not row.loaded_at):
            return Refusal(Reason.NOT_LOADED)
        manifest = read.get(Manifest, (self.site, self.manifest))
        if manifest is None or manifest.state is not ManifestState.OPEN:
            return Refusal(Reason.MANIFEST_CLOSED, {"number": 0 if manifest is None else manifest.number})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Take everything back."""
        row = uow.get(Parcel, (self.site, self.parcel))
        early = uow.get(EarlyLoad, (self.site, self.parcel))
        if early is not None:
            uow.delete(early)
            self.count(uow, -1, -early.weight_grams)
            return
        if row is None or not row.loaded_at:
            return
        moves, units = self.out(uow, row)
        post(uow, self, [Movement(each.target, each.source, each.quantity, Cause.UNLOAD) for each in moves])
        for line, quantity in units.items():
            advance(uow, self.site, line, loaded=-quantity)
        uow.update(row, manifest=ManifestId(NO_ID), loaded_at=0)
        self.count(uow, -1, -(row.weight_grams or row.expected_grams))


@command("shipping.set_aside", OpClass.FACT, permission="ship.load")
class SetAside(Command):
    """A parcel that must not go was carried to the problem shelf, with what is in it."""

    parcel: ParcelId
    order: OrderId
    shelf: LocationId
    reason: Reason
    bench: LocationId
    """Where the parcel's goods are booked."""
    inside: tuple[Inside, ...]

    def moves(self) -> list[Movement]:
        """Return the goods' way to the shelf."""
        booked = [
            (
                StockKey(
                    owner=each.owner, item=each.item, location=self.bench, lot=each.lot, serial=each.serial,
                    lpn=LpnId(self.parcel),
                ),
                each.quantity,
            )
            for each in self.inside
        ]  # fmt: skip
        return [Movement(key, replace(key, location=self.shelf), quantity, Cause.MOVE) for key, quantity in booked]

    def reads(self) -> Reads:
        """Return the parcel, its goods' balances and the two places."""
        return {
            Parcel: [(self.site, self.parcel)],
            Balance: balance_keys(self.site, self.moves()),
            Location: [(self.site, self.bench), (self.site, self.shelf)],
        }

    def check(self, read: Read) -> Refusal | None:
        """Nothing stands against carrying it there."""
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Book it there with what is in it, unless it went elsewhere meanwhile, and open the case."""
        row = uow.get(Parcel, (self.site, self.parcel))
        if row is not None and not row.loaded_at and row.place == self.bench != self.shelf:
            post(uow, self, carried(uow, self.site, self.moves()))
            uow.update(row, place=self.shelf)
        open_case(
            uow, self, CaseKind.STOPPED_PARCEL, order=self.order, subject=self.parcel,
            facts={"reason": self.reason, "shelf": self.shelf.hex()},
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loaded:
    """A parcel on the list as it is closed."""

    parcel: ParcelId
    order: OrderId


@command("shipping.close_manifest", OpClass.CLAIM, permission="ship.manifest")
class CloseManifest(Command):
    """The van leaves: the list is closed and printed for the driver."""

    manifest: ManifestId
    parcels: tuple[Loaded, ...]

    def reads(self) -> Reads:
        """Return the manifest and what its paper says."""
        return {
            Manifest: [(self.site, self.manifest)],
            Parcel: [(self.site, each.parcel) for each in self.parcels],
            EarlyLoad: [(self.site, each.parcel) for each in self.parcels],
            Order: [(self.site, each.order) for each in self.parcels],
            Site: [(self.site,)],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a list that is closed, empty, or other than was seen."""
        row = read.get(Manifest, (self.site, self.manifest))
        if row is None:
            return Refusal(Reason.NOT_FOUND)
        if row.state is not ManifestState.OPEN:
            return Refusal(Reason.MANIFEST_CLOSED, {"number": row.number})
        if row.parcels == 0:
            return Refusal(Reason.MANIFEST_EMPTY, {"number": row.number})
        if row.parcels != len(self.parcels):
            return Refusal(Reason.CHANGED_MEANWHILE, {"parcels": row.parcels})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Close the list, ask for the paper."""
        row = uow.get(Manifest, (self.site, self.manifest))
        if row is None or row.state is not ManifestState.OPEN:
            return
        uow.update(row, state=ManifestState.CLOSED, closed_at=self.at, closed_by=self.actor)
        uow.touch(self.site, *(each.order for each in self.parcels))
        if uow.at_origin:
            spool_job(
                uow, self, self._paper(uow, row), purpose="manifest", printer="document", subject=self.manifest, code=""
            )

    def _paper(self, uow: UnitOfWork, row: Manifest) -> ManifestPaper:
        place = uow.get(Site, (self.site,))
        dock = uow.get(Location, (self.site, row.dock))
        rows = tuple(filter(None, (self._row(uow, each) for each in self.parcels)))
        return ManifestPaper(
            carrier=row.carrier,
            site="" if place is None else place.name,
            dock="" if dock is None else dock.code,
            number=str(row.number),
            closed_at_text=local_text(self.at, "UTC" if place is None else place.time_zone),
            rows=rows,
            parcels=len(rows),
            weight_grams=sum(each.weight_grams or 0 for each in rows),
        )

    def _row(self, uow: UnitOfWork, each: Loaded) -> ManifestRow | None:
        parcel = uow.get(Parcel, (self.site, each.parcel))
        early = uow.get(EarlyLoad, (self.site, each.parcel))
        order = uow.get(Order, (self.site, each.order))
        if early is None and parcel is None:
            return None
        goes_to = parcel.contact if parcel is not None else ContactId(NO_ID) if order is None else order.contact
        contact = uow.get(Contact, (self.site, goes_to))
        weight = early.weight_grams if early is not None else 0
        if parcel is not None:
            weight = parcel.weight_grams or parcel.expected_grams or weight
        return ManifestRow(
            label=early.sscc if early is not None else "" if parcel is None else parcel.sscc,
            order_number="" if order is None else order.number,
            postcode="" if contact is None else contact.postcode,
            weight_grams=weight or None,
        )
