"""Edits of master data: sites, items with their codes, locations, boxes, totes and carts.

Each carries whole documents and is idempotent: saving the same twice changes nothing. Ids follow from what people call
a thing (`item_id` of owner and SKU), so a file imported at two stations makes the same rows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from core.catalog.command_codes import is_reserved
from core.catalog.model import (
    BoxType,
    Code,
    Container,
    ContainerKind,
    Item,
    Level,
    Location,
    LocationRole,
    Owner,
    Site,
    SiteKind,
    Zone,
)
from core.catalog.places import outside_zone, unexplained, world
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.flow import CodeKind
from core.kernel.ids import (
    NO_ID,
    BoxTypeId,
    ContainerId,
    ItemId,
    LocationId,
    OwnerId,
    ZoneId,
    document_id,
)
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import Key, Row
from core.kernel.uow import UnitOfWork

NOBODY = OwnerId(NO_ID)
"""The owner of codes that belong to the site."""


def owner_id(code: str) -> OwnerId:
    """Return the id of the owner people call by a code."""
    return OwnerId(document_id(0, "owner", code))


def item_id(owner: OwnerId, sku: str) -> ItemId:
    """Return the id of an owner's item."""
    return ItemId(document_id(0, "item", owner.hex(), sku))


def zone_id(code: str) -> ZoneId:
    """Return the id of a zone."""
    return ZoneId(document_id(0, "zone", code))


def location_id(code: str) -> LocationId:
    """Return the id of a location."""
    return LocationId(document_id(0, "location", code))


def box_type_id(code: str) -> BoxTypeId:
    """Return the id of a box type."""
    return BoxTypeId(document_id(0, "box", code))


def container_id(code: str) -> ContainerId:
    """Return the id of a tote or cart."""
    return ContainerId(document_id(0, "container", code))


@dataclass(frozen=True, slots=True)
class NewCode:
    """A barcode of an item: normalised (a GTIN has 14 digits), with its packaging level."""

    code: str
    level: Level = Level.EACH
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """An item as a document said it."""

    sku: str
    description: str
    variant: str = ""
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    weight_grams: int | None = None
    lot_control: int = 0
    serial_control: int = 0
    expiry_control: int = 0
    hazard: str = ""
    handling: str = ""
    origin_country: str = ""
    hs_code: str = ""
    picture: str = ""
    codes: tuple[NewCode, ...] = ()


@dataclass(frozen=True, slots=True)
class NewLocation:
    """A location as a document said it."""

    code: str
    zone: str
    role: LocationRole
    sequence: int


@dataclass(frozen=True, slots=True)
class NewBoxType:
    """A carton one may pack in; inner measures."""

    code: str
    name: str
    length_mm: int
    width_mm: int
    height_mm: int
    tare_grams: int
    max_weight_grams: int
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class NewContainer:
    """A tote, or a cart with numbered slots."""

    code: str
    kind: ContainerKind
    slots: int = 0
    max_weight_grams: int = 0
    volume_ml: int = 0


def _code_keys(rows: Iterable[Code]) -> list[Key]:
    return [Code.TABLE.key_of(row) for row in rows]


def _taken(read: Read, codes: Iterable[Code]) -> Refusal | None:
    """Return why codes cannot be given: reserved, or the name of another thing, in this document or before it."""
    seen: dict[Key, tuple[CodeKind, bytes]] = {}
    for row in codes:
        if is_reserved(row.code):
            return Refusal(Reason.RESERVED_CODE, {"code": row.code})
        key, names = Code.TABLE.key_of(row), (row.kind, row.target)
        known = read.get(Code, key)
        if seen.setdefault(key, names) != names or (known is not None and (known.kind, known.target) != names):
            return Refusal(Reason.CODE_TAKEN, {"code": row.code})
    return None


def _save(uow: UnitOfWork, rows: Iterable[Row]) -> None:
    for row in rows:
        uow.put(row)


@command("catalog.set_up_site", OpClass.EDIT, permission="catalog.edit")
class SetUpSite(Command):
    """A site begins: its name, its owner, and the two places outside."""

    name: str
    kind: SiteKind
    time_zone: str
    calendar: str
    country: str
    address: str
    gs1_prefix: str
    owner_code: str
    owner_name: str
    base_version: int = 0

    def reads(self) -> Reads:
        """Return the site, its default owner and its places outside."""
        return {
            Site: [(self.site,)],
            Owner: [(self.site, owner_id(self.owner_code))],
            Zone: [(self.site, outside_zone(self.site))],
            Location: [(self.site, world(self.site)), (self.site, unexplained(self.site))],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse an edit of a site that somebody changed meanwhile."""
        row = read.get(Site, (self.site,))
        version = 0 if row is None else row.version
        return None if version == self.base_version else Refusal(Reason.CHANGED_MEANWHILE, {"version": version})

    def apply(self, uow: UnitOfWork) -> None:
        """Write the site."""
        outside = outside_zone(self.site)
        _save(
            uow,
            (
                Site(
                    self.site, self.name, self.kind, self.time_zone, self.calendar, self.country, self.address,
                    self.gs1_prefix, owner_id(self.owner_code), self.base_version + 1,
                ),
                Owner(self.site, owner_id(self.owner_code), self.owner_code, self.owner_name),
                Zone(self.site, outside, "", "outside", 0),
                Location(self.site, world(self.site), "WORLD", outside, LocationRole.WORLD, 0, ""),
                Location(self.site, unexplained(self.site), "UNEXPLAINED", outside, LocationRole.UNEXPLAINED, 0, ""),
            ),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewOwner:
    """Somebody whose goods lie here."""

    code: str
    name: str


@command("catalog.save_owners", OpClass.EDIT, permission="catalog.edit")
class SaveOwners(Command):
    """Others whose goods lie here, beside the site's default owner."""

    owners: tuple[NewOwner, ...]

    def reads(self) -> Reads:
        """Return the owners."""
        return {Owner: [(self.site, owner_id(new.code)) for new in self.owners]}

    def check(self, read: Read) -> Refusal | None:
        """Nothing stands against another owner."""
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write the owners."""
        _save(uow, (Owner(self.site, owner_id(new.code), new.code, new.name) for new in self.owners))


@command("catalog.save_items", OpClass.EDIT, permission="catalog.edit")
class SaveItems(Command):
    """Items of one owner, with every code that names them; the SKU is one."""

    owner: OwnerId
    items: tuple[NewItem, ...]

    def codes(self) -> Iterator[Code]:
        """Yield the code rows."""
        for new in self.items:
            item = item_id(self.owner, new.sku)
            yield Code(self.site, new.sku, CodeKind.ITEM, item, self.owner, Level.EACH, 1)
            for code in new.codes:
                if code.code != new.sku:
                    yield Code(self.site, code.code, CodeKind.ITEM, item, self.owner, code.level, code.quantity)

    def reads(self) -> Reads:
        """Return the items and their codes."""
        return {
            Item: [(self.site, item_id(self.owner, new.sku)) for new in self.items],
            Code: _code_keys(self.codes()),
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse reserved codes, and codes that name something else of this owner."""
        return _taken(read, self.codes())

    def apply(self, uow: UnitOfWork) -> None:
        """Write items and codes; what the scales learnt of an item stays."""
        for new in self.items:
            known = uow.get(Item, (self.site, item_id(self.owner, new.sku)))
            said = self.said(new, known)
            if known is None:
                uow.insert(said)
            else:
                uow.put(said if said == known else replace(said, version=known.version + 1))
        _save(uow, self.codes())

    def said(self, new: NewItem, known: Item | None) -> Item:
        """Return the row that a document makes of what is known; the same row when it says nothing new."""
        row = self._item(item_id(self.owner, new.sku), new)
        if known is None:
            return row
        return replace(
            row, weight_grams=known.weight_grams if known.weight_samples > 0 else new.weight_grams,
            weight_sigma_mg=known.weight_sigma_mg, weight_samples=known.weight_samples,
            base_unit=known.base_unit, catch_weight=known.catch_weight, version=known.version,
        )  # fmt: skip

    def _item(self, item: ItemId, new: NewItem) -> Item:
        return Item(
            self.site, item, self.owner, new.sku, new.description, new.variant, new.length_mm, new.width_mm,
            new.height_mm, new.weight_grams, 0, 0, new.lot_control, new.serial_control, new.expiry_control,
            new.hazard, new.handling, new.origin_country, new.hs_code, new.picture, 1,
        )  # fmt: skip


@command("catalog.save_locations", OpClass.EDIT, permission="catalog.edit")
class SaveLocations(Command):
    """Locations with their zones and codes."""

    locations: tuple[NewLocation, ...]

    def codes(self) -> Iterator[Code]:
        """Yield the code rows: a location's code is its barcode."""
        for new in self.locations:
            yield Code(self.site, new.code, CodeKind.LOCATION, location_id(new.code), NOBODY, Level.EACH, 1)

    def reads(self) -> Reads:
        """Return locations, zones and codes."""
        return {
            Location: [(self.site, location_id(new.code)) for new in self.locations],
            Zone: [(self.site, zone_id(new.zone)) for new in self.locations],
            Code: _code_keys(self.codes()),
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse reserved codes, and codes that name something else of the site."""
        return _taken(read, self.codes())

    def apply(self, uow: UnitOfWork) -> None:
        """Write locations; a block that somebody set stays."""
        for new in self.locations:
            zone = zone_id(new.zone)
            if uow.get(Zone, (self.site, zone)) is None:
                uow.insert(Zone(self.site, zone, new.zone, new.zone, new.sequence))
            uow.put(self.said(new, uow.get(Location, (self.site, location_id(new.code)))))
        _save(uow, self.codes())

    def said(self, new: NewLocation, known: Location | None) -> Location:
        """Return the row that a document makes of what is known; the same row when it says nothing new."""
        blocked = "" if known is None else known.blocked
        return Location(self.site, location_id(new.code), new.code, zone_id(new.zone), new.role, new.sequence, blocked)


@command("catalog.save_boxes", OpClass.EDIT, permission="catalog.edit")
class SaveBoxTypes(Command):
    """Cartons one may pack in."""

    boxes: tuple[NewBoxType, ...]

    def codes(self) -> Iterator[Code]:
        """Yield the code rows."""
        for new in self.boxes:
            yield Code(self.site, new.code, CodeKind.BOX_TYPE, box_type_id(new.code), NOBODY, Level.EACH, 1)

    def reads(self) -> Reads:
        """Return box types and codes."""
        keys = [(self.site, box_type_id(new.code)) for new in self.boxes]
        return {BoxType: keys, Code: _code_keys(self.codes())}

    def check(self, read: Read) -> Refusal | None:
        """Refuse reserved codes, and codes that name something else of the site."""
        return _taken(read, self.codes())

    def said(self, new: NewBoxType) -> BoxType:
        """Return the row that a box type is."""
        return BoxType(
            self.site, box_type_id(new.code), new.code, new.name, new.length_mm, new.width_mm, new.height_mm,
            new.tare_grams, new.max_weight_grams, new.carrier, 1,
        )  # fmt: skip

    def apply(self, uow: UnitOfWork) -> None:
        """Write box types."""
        for new in self.boxes:
            uow.put(self.said(new))
        _save(uow, self.codes())


@command("catalog.save_containers", OpClass.EDIT, permission="catalog.edit")
class SaveContainers(Command):
    """Totes, and carts each with the location its goods are booked to."""

    containers: tuple[NewContainer, ...]

    def codes(self) -> Iterator[Code]:
        """Yield the code rows."""
        for new in self.containers:
            kind = CodeKind.CART if new.kind is ContainerKind.CART else CodeKind.TOTE
            yield Code(self.site, new.code, kind, container_id(new.code), NOBODY, Level.EACH, 1)

    def _place(self, new: NewContainer) -> LocationId:
        return location_id(f"CART {new.code}") if new.kind is ContainerKind.CART else LocationId(NO_ID)

    def reads(self) -> Reads:
        """Return containers, cart locations and codes."""
        return {
            Container: [(self.site, container_id(new.code)) for new in self.containers],
            Zone: [(self.site, zone_id("CARTS"))],
            Location: [(self.site, self._place(new)) for new in self.containers if new.kind is ContainerKind.CART],
            Code: _code_keys(self.codes()),
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse reserved codes, and codes that name something else of the site."""
        return _taken(read, self.codes())

    def said(self, new: NewContainer) -> Container:
        """Return the row that a tote or cart is."""
        return Container(
            self.site, container_id(new.code), new.code, new.kind, new.slots, self._place(new), new.max_weight_grams,
            new.volume_ml,
        )  # fmt: skip

    def apply(self, uow: UnitOfWork) -> None:
        """Write containers and their places."""
        carts = zone_id("CARTS")
        if uow.get(Zone, (self.site, carts)) is None:
            uow.insert(Zone(self.site, carts, "CARTS", "carts", 0))
        for new in self.containers:
            place = self._place(new)
            if new.kind is ContainerKind.CART:
                uow.put(Location(self.site, place, f"CART {new.code}", carts, LocationRole.CART, 0, ""))
            uow.put(self.said(new))
        _save(uow, self.codes())
