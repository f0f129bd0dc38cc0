"""Master data, people and opening stock to commands: only what is new or different, and never what would be refused.

Each document is held against what is here and against the rest of its file before it reaches the writer, so that one
bad row never takes the good ones of its batch with it. What is here already is not written again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from core.catalog.commands import (
    NewItem,
    NewOwner,
    SaveBoxTypes,
    SaveContainers,
    SaveItems,
    SaveLocations,
    SaveOwners,
    item_id,
    owner_id,
)
from core.catalog.model import Code, Item
from core.catalog.queries import (
    boxes_named,
    codes_named,
    containers_named,
    item_ids,
    items,
    locations_named,
    owners,
    places,
)
from core.exchange.documents import (
    BoxDocument,
    ContainerDocument,
    ItemDocument,
    LocationDocument,
    PersonDocument,
    StockDocument,
)
from core.exchange.report import Entry, Problem, Report
from core.kernel.batches import batched
from core.kernel.executor import Work
from core.kernel.flow import Stamp
from core.kernel.ids import ItemId, LotId, OwnerId, PersonId, SiteId
from core.people.commands import SavePerson
from core.people.model import PersonCard
from core.people.queries import people_and_cards
from core.people.roles import badge_is_enough
from core.people.secrets import badge_hash, person_of, pin_fits, pin_hash
from core.stock.commands import Receipt, ReceiveStock, lot_id
from core.stock.model import Cause, Condition, StockKey
from core.stock.queries import lots_of, opening_stock, serials_here

PER_OPERATION = 60
"""Documents of one operation."""

Planned = tuple[Work, int]
"""A work and how many documents it brings."""


@dataclass(slots=True)
class Masters:
    """One import of anything but orders."""

    site: SiteId
    reader: sa.Connection
    stamp: Callable[[], Stamp]
    report: Report
    _owners: dict[str, OwnerId] = field(default_factory=dict)
    _given: dict[tuple[OwnerId, str], bytes] = field(default_factory=dict)
    """What the codes of this file name, some of which are still on their way to the writer."""
    _serials: set[tuple[ItemId, str]] = field(default_factory=set)
    _dates: dict[LotId, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look up whose goods lie here."""
        known = owners(self.reader, self.site)
        self._owners = {owner.code: owner.id for owner in known}
        self._owners[""] = known[0].id if known else owner_id("")

    def _reject(self, line: int, column: str, value: str, problem: Problem, document: str) -> None:
        self.report.rejected += 1
        self.report.note(Entry(line, column, value, problem, document))

    # Items

    def items(self, documents: Iterable[ItemDocument]) -> Iterator[Planned]:
        """Yield what writes items and their codes."""
        for batch in batched(documents, PER_OPERATION):
            strangers = tuple(dict.fromkeys(each.owner for each in batch if each.owner not in self._owners))
            if strangers:
                self._owners.update((code, owner_id(code)) for code in strangers)
                named = tuple(NewOwner(code, code) for code in strangers)
                yield Work(command=SaveOwners(**self.stamp(), owners=named)), 0
            by_owner: dict[str, list[NewItem]] = {}
            for each in self._new_items(batch):
                by_owner.setdefault(each.owner, []).append(each.item)
            for owner, inside in by_owner.items():
                command = SaveItems(**self.stamp(), owner=self._owners[owner], items=tuple(inside))
                yield Work(command=command), len(inside)

    def _new_items(self, batch: Sequence[ItemDocument]) -> Iterator[ItemDocument]:
        saves = [SaveItems(**self.stamp(), owner=self._owners[each.owner], items=(each.item,)) for each in batch]
        here = items(self.reader, self.site, [item_id(save.owner, save.items[0].sku) for save in saves])
        codes = self._codes(code for save in saves for code in save.codes())
        for each, save in zip(batch, saves, strict=True):
            rows = tuple(save.codes())
            if self._are_taken(each.line, "barcode", each.item.sku, rows, codes):
                continue
            known = here.get(item_id(save.owner, each.item.sku))
            if (
                known is not None
                and save.said(each.item, known) == known
                and all(codes.get(_key(r)) == r for r in rows)
            ):
                self.report.unchanged += 1
            else:
                yield each

    def _codes(self, rows: Iterable[Code]) -> dict[tuple[OwnerId, str], Code]:
        return {_key(row): row for row in codes_named(self.reader, self.site, {row.code for row in rows})}

    def _are_taken(
        self, line: int, column: str, document: str, rows: Iterable[Code], here: dict[tuple[OwnerId, str], Code]
    ) -> bool:
        """Reject a document one of whose codes is the name of something else."""
        for row in rows:
            known = here.get(_key(row))
            if (known is not None and (known.kind, known.target) != (row.kind, row.target)) or self._given.setdefault(
                _key(row), row.target
            ) != row.target:
                self._reject(line, column, row.code, Problem.CODE_TAKEN, document)
                return True
        return False

    # Locations

    def locations(self, documents: Iterable[LocationDocument]) -> Iterator[Planned]:
        """Yield what writes locations."""
        for batch in batched(documents, PER_OPERATION):
            fresh = tuple(each.location for each in self._new_locations(batch))
            if fresh:
                yield Work(command=SaveLocations(**self.stamp(), locations=fresh)), len(fresh)

    def _new_locations(self, batch: Sequence[LocationDocument]) -> Iterator[LocationDocument]:
        here = locations_named(self.reader, self.site, [each.location.code for each in batch])
        saves = [SaveLocations(**self.stamp(), locations=(each.location,)) for each in batch]
        codes = self._codes(code for save in saves for code in save.codes())
        for each, save in zip(batch, saves, strict=True):
            rows = tuple(save.codes())
            if self._are_taken(each.line, "code", each.location.code, rows, codes):
                continue
            known = here.get(each.location.code)
            if known is not None and save.said(each.location, known) == known:
                self.report.unchanged += 1
            else:
                yield each

    # What goods are carried and packed in

    def containers(self, documents: Iterable[ContainerDocument]) -> Iterator[Planned]:
        """Yield what writes totes and carts."""
        for batch in batched(documents, PER_OPERATION):
            here = containers_named(self.reader, self.site, [each.container.code for each in batch])
            saves = [SaveContainers(**self.stamp(), containers=(each.container,)) for each in batch]
            codes = self._codes(code for save in saves for code in save.codes())
            fresh = []
            for each, save in zip(batch, saves, strict=True):
                new = each.container
                if self._are_taken(each.line, "code", new.code, tuple(save.codes()), codes):
                    continue
                if here.get(new.code) == save.said(new):
                    self.report.unchanged += 1
                else:
                    fresh.append(new)
            if fresh:
                yield Work(command=SaveContainers(**self.stamp(), containers=tuple(fresh))), len(fresh)

    def boxes(self, documents: Iterable[BoxDocument]) -> Iterator[Planned]:
        """Yield what writes cartons."""
        for batch in batched(documents, PER_OPERATION):
            here = boxes_named(self.reader, self.site, [each.box.code for each in batch])
            saves = [SaveBoxTypes(**self.stamp(), boxes=(each.box,)) for each in batch]
            codes = self._codes(code for save in saves for code in save.codes())
            fresh = []
            for each, save in zip(batch, saves, strict=True):
                if self._are_taken(each.line, "code", each.box.code, tuple(save.codes()), codes):
                    continue
                if here.get(each.box.code) == save.said(each.box):
                    self.report.unchanged += 1
                else:
                    fresh.append(each.box)
            if fresh:
                yield Work(command=SaveBoxTypes(**self.stamp(), boxes=tuple(fresh))), len(fresh)

    # Who works here

    def people(self, documents: Iterable[PersonDocument]) -> Iterator[Planned]:
        """Yield what writes people, one each: name, badge and PIN go beside the log, as private rows."""
        for batch in batched(documents, PER_OPERATION):
            here = people_and_cards(self.reader, self.site, [person_of(each.badge) for each in batch])
            for each in batch:
                id_ = person_of(each.badge)
                person, card = here.get(id_, (None, None))
                stored = "" if card is None else card.pin
                if not (each.pin or stored or badge_is_enough(each.roles)):
                    # Whoever decides signs in with a PIN: without one they could not.
                    self._reject(each.line, "pin", "", Problem.MISSING_VALUE, each.name)
                    continue
                same_pin = not each.pin or pin_fits(stored, each.pin)
                told = (each.roles, each.language, each.preset, each.active)
                if (
                    person is not None and card is not None and same_pin and card.name == each.name
                    and (person.roles, person.language, person.preset, person.active) == told
                ):  # fmt: skip
                    self.report.unchanged += 1
                    continue
                badge = b"" if card is None else card.badge
                yield self._person(
                    id_, each, 0 if person is None else person.version, stored if same_pin else "", badge
                )

    def _person(self, id_: PersonId, each: PersonDocument, version: int, pin: str, badge: bytes) -> Planned:
        command = SavePerson(
            **self.stamp(), person=id_, roles=each.roles, language=each.language, preset=each.preset, active=each.active,
            base_version=version,
        )  # fmt: skip
        stored = pin or (pin_hash(each.pin) if each.pin else "")
        # The file's code says whose row it is; who was given another badge since keeps that one.
        card = (self.site, id_, each.name, badge or badge_hash(each.badge), stored)
        return Work(command=command, private={PersonCard: [card]}), 1

    # Opening stock

    def stock(self, documents: Iterable[StockDocument]) -> Iterator[Planned]:
        """Yield what brings opening stock in, once for each stock key, however often its file is read."""
        known = item_ids(self.reader, self.site)
        where = places(self.reader, self.site)
        opened = opening_stock(self.reader, self.site)
        for batch in batched(documents, PER_OPERATION):
            found = [known.get((self._owners.get(each.owner, owner_id(each.owner)), each.sku)) for each in batch]
            rows = items(self.reader, self.site, {item for item in found if item is not None})
            self._serials |= serials_here(self.reader, self.site, {each.serial for each in batch if each.serial})
            lots = {lot_id(item, each.lot) for each, item in zip(batch, found, strict=True) if item is not None}
            self._dates |= {row.id: row.expiry for row in lots_of(self.reader, self.site, lots).values()}
            receipts = []
            for each, item in zip(batch, found, strict=True):
                place = where.get(each.location)
                if item is None:
                    self._reject(each.line, "sku", each.sku, Problem.UNKNOWN_SKU, each.sku)
                elif place is None:
                    self._reject(each.line, "location", each.location, Problem.UNKNOWN_LOCATION, each.sku)
                elif self._is_whole(each, rows[item]):
                    receipt = Receipt(
                        owner=rows[item].owner, item=item, location=place, quantity=each.quantity, lot=each.lot,
                        expiry=each.expiry, serial=each.serial, condition=Condition(each.condition),
                    )  # fmt: skip
                    if self._has_its_date(each, receipt) and self._is_new(each, receipt, opened):
                        receipts.append(receipt)
            if receipts:
                command = ReceiveStock(**self.stamp(), receipts=tuple(receipts), cause=Cause.OPENING)
                yield Work(command=command), len(receipts)

    def _is_whole(self, each: StockDocument, item: Item) -> bool:
        """Return whether a row says everything that its item wants to be known by."""
        wanted = {
            "lot": (item.lot_control or each.expiry) and not each.lot,
            "expiry": item.expiry_control and not each.expiry,
            "serial": item.serial_control and not each.serial,
        }
        for column, lacks in wanted.items():
            if lacks:
                self._reject(each.line, column, "", Problem.MISSING_VALUE, each.sku)
                return False
        return True

    def _has_its_date(self, each: StockDocument, receipt: Receipt) -> bool:
        """Return whether a lot has the date it has elsewhere: a lot has one."""
        first = self._dates.setdefault(receipt.key.lot, each.expiry) if each.lot else each.expiry
        if first != each.expiry:
            self._reject(each.line, "expiry", each.expiry, Problem.DIFFERS, each.sku)
        return first == each.expiry

    def _is_new(self, each: StockDocument, receipt: Receipt, opened: Mapping[StockKey, int]) -> bool:
        quantity = opened.get(receipt.key)
        if quantity == receipt.quantity:
            self.report.unchanged += 1
        elif quantity is not None:
            self._reject(each.line, "quantity", str(each.quantity), Problem.DIFFERS, each.sku)
        elif each.serial and (receipt.item, each.serial) in self._serials:
            self._reject(each.line, "serial", each.serial, Problem.ALREADY_HERE, each.sku)
        else:
            self._serials.add((receipt.item, each.serial))
            return True
        return False


def _key(row: Code) -> tuple[OwnerId, str]:
    return (row.owner, row.code)
