"""From documents to commands: batches of bounded rows, one operation each, handed to the writer behind waiting scans.

Reading and checking happen on the caller's thread, or for a long file of orders in a process of its own. A document that is here already with the same content changes
nothing, so a killed import is simply run again; one that differs is told and left as it is.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from core.catalog.commands import (
    NewItem,
    NewOwner,
    SaveItems,
    SaveLocations,
    SaveOwners,
    location_id,
    owner_id,
)
from core.catalog.queries import codes_named, item_ids, owners
from core.exchange.convert import read_items, read_locations, read_stock
from core.exchange.documents import ItemDocument, StockDocument
from core.exchange.making import Known, Made, windows_of_orders
from core.exchange.mapping import load_mapping
from core.exchange.report import Entry, FileFault, Problem, Report
from core.kernel.batches import batched
from core.kernel.clock import Clock
from core.kernel.executor import Done, Failed, Outcome, Work
from core.kernel.flow import CodeKind, Stamp
from core.kernel.ids import (
    NO_SESSION,
    SYSTEM,
    CommandId,
    IdSource,
    ItemId,
    OwnerId,
    SiteId,
)
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.orders.commands import ROWS_PER_LINE, ROWS_PER_ORDER, ReceiveOrders
from core.orders.model import Contact
from core.orders.queries import known_orders
from core.stock.commands import Receipt, ReceiveStock
from core.stock.model import Condition

ROWS_PER_OPERATION = 240
"""Feed rows of one operation, so that a station applies a pulled one in one go (architecture.md 3)."""
IN_FLIGHT = 8
"""Batches handed to the writer and not committed yet: reading goes on meanwhile, memory stays bounded."""
ITEMS_PER_OPERATION = 60


@dataclass(slots=True)
class Importer:
    """What an import needs of its surroundings."""

    site: SiteId
    reader: sa.Connection
    submit: Callable[[Work], "Future[Outcome]"]
    clock: Clock
    ids: IdSource
    progress: Callable[[Report], None] = field(default=lambda _report: None)
    strict: bool = False
    """Whether one rejected document means that nothing is imported."""
    _written: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """Orders of the window before, some of which may still be on their way to the writer."""

    def run(self, kind: str, path: Path, mapping_name: str) -> Report:
        """Import a file and return what became of it.

        Raises:
            FileFault: the file or the mapping as a whole cannot be read; with `strict` also where a document is bad.
        """
        load_mapping(mapping_name, kind)
        if self.strict:
            self._try(kind, path, mapping_name)
        report = Report(path.name)
        self._write(self._works(kind, path, mapping_name, report), report)
        return report

    def _works(self, kind: str, path: Path, mapping_name: str, report: Report) -> Iterator[tuple[Work, int]]:
        if kind == "orders":
            known = Known(self._item_ids(), self._default_owner(), self.ids)
            return self._orders(windows_of_orders(path, mapping_name, known, report), report)
        mapping = load_mapping(mapping_name, kind)
        match kind:
            case "items":
                return self._items(read_items(path, mapping, report), report)
            case "locations":
                return self._locations(read_locations(path, mapping, report))
            case _:
                return self._stock(read_stock(path, mapping, report), report)

    def _try(self, kind: str, path: Path, mapping_name: str) -> None:
        """Read everything once without writing: strict means nothing is imported if anything is rejected."""
        report = Report(path.name)
        for _ in self._works(kind, path, mapping_name, report):
            pass
        if report.rejected:
            raise FileFault(path.name, f"nothing was imported (strict):\n{report.to_text()}")

    def _write(self, works: Iterable[tuple[Work, int]], report: Report) -> None:
        flying: list[tuple[Future[Outcome], Work, int]] = []
        for work, documents in works:
            flying.append((self.submit(work), work, documents))
            if len(flying) >= IN_FLIGHT:
                self._landed(*flying.pop(0), report)
        for each in flying:
            self._landed(*each, report)

    def _landed(self, future: "Future[Outcome]", work: Work, documents: int, report: Report) -> None:
        outcome = future.result()
        if isinstance(outcome, Done):
            report.imported += documents
        else:
            self._refused(work, outcome, documents, report)
        self.progress(report)

    def _refused(self, work: Work, outcome: Failed, documents: int, report: Report) -> None:
        report.rejected += documents
        refusal: Refusal = outcome.refusal
        problem = (
            Problem.CODE_TAKEN if refusal.reason in (Reason.CODE_TAKEN, Reason.RESERVED_CODE) else Problem.NOT_ALLOWED
        )
        words = ", ".join(f"{name} {value}" for name, value in refusal.facts.items())
        kind = "" if work.command is None else work.command.KIND
        report.note(Entry(0, kind, f"{refusal.reason} {words}".strip(), problem, "", fatal=True))

    def _stamp(self) -> Stamp:
        return Stamp(
            id=CommandId(self.ids.new()), site=self.site, at=self.clock.now_ms(), actor=SYSTEM, session=NO_SESSION
        )

    def _owner(self, code: str) -> OwnerId:
        return owner_id(code) if code else self._default_owner()

    def _default_owner(self) -> OwnerId:
        known = owners(self.reader, self.site)
        return known[0].id if known else owner_id("")

    # Items, locations, stock

    def _items(self, documents: Iterable[ItemDocument], report: Report) -> Iterator[tuple[Work, int]]:
        for batch in batched(documents, ITEMS_PER_OPERATION):
            by_owner: dict[str, list[NewItem]] = {}
            taken = self._taken(batch)
            for each in batch:
                bad = next(
                    (code for code in _codes(each) if taken.get((each.owner, code), each.item.sku) != each.item.sku),
                    None,
                )
                if bad is not None:
                    report.rejected += 1
                    report.note(Entry(each.line, "barcode", bad, Problem.CODE_TAKEN, each.item.sku, fatal=True))
                    continue
                by_owner.setdefault(each.owner, []).append(each.item)
            here = {owner.code for owner in owners(self.reader, self.site)}
            strangers = tuple(NewOwner(code, code) for code in by_owner if code and code not in here)
            if strangers:
                yield Work(command=SaveOwners(**self._stamp(), owners=strangers)), 0
            for owner, items in by_owner.items():
                command = SaveItems(**self._stamp(), owner=self._owner(owner), items=tuple(items))
                yield Work(command=command), len(items)

    def _taken(self, batch: Iterable[ItemDocument]) -> dict[tuple[str, str], str]:
        """Return the SKU behind each code of a batch that names an item already, by the owner's code."""
        inside = list(batch)
        names = {owner.id: owner.code for owner in owners(self.reader, self.site)}
        skus = {item: sku for (_, sku), item in self._item_ids().items()}
        taken: dict[tuple[str, str], str] = {}
        rows = codes_named(self.reader, self.site, {code for each in inside for code in _codes(each)})
        for row in rows:
            if row.kind is CodeKind.ITEM:
                for owner in {
                    names.get(row.owner, ""),
                    "" if row.owner == self._default_owner() else names.get(row.owner, ""),
                }:
                    taken[owner, row.code] = skus.get(ItemId(row.target), "?")
        return taken

    def _item_ids(self) -> dict[tuple[OwnerId, str], ItemId]:
        return item_ids(self.reader, self.site)

    def _locations(self, documents: Iterable[object]) -> Iterator[tuple[Work, int]]:
        for batch in batched(documents, ITEMS_PER_OPERATION):
            places = tuple(each.location for each in batch)  # type: ignore[attr-defined]
            yield Work(command=SaveLocations(**self._stamp(), locations=places)), len(places)

    def _stock(self, documents: Iterable[StockDocument], report: Report) -> Iterator[tuple[Work, int]]:
        known = self._item_ids()
        default = self._default_owner()
        for batch in batched(documents, ITEMS_PER_OPERATION):
            receipts = []
            for each in batch:
                owner = owner_id(each.owner) if each.owner else default
                item = known.get((owner, each.sku))
                if item is None:
                    report.rejected += 1
                    report.note(Entry(each.line, "sku", each.sku, Problem.UNKNOWN_SKU, each.sku, fatal=True))
                    continue
                receipts.append(
                    Receipt(
                        owner=owner, item=item, location=location_id(each.location), quantity=each.quantity,
                        lot=each.lot, expiry=each.expiry, serial=each.serial, condition=Condition(each.condition),
                    )
                )  # fmt: skip
            if receipts:
                yield Work(command=ReceiveStock(**self._stamp(), receipts=tuple(receipts))), len(receipts)

    # Orders

    def _orders(self, windows: Iterable[list[Made]], report: Report) -> Iterator[tuple[Work, int]]:
        self._written = {}
        for window in windows:
            yield from self._window(window, report)

    def _window(self, window: list[Made], report: Report) -> Iterator[tuple[Work, int]]:
        """Yield the works of a window in the order of its ids: a batch then writes to few pages of each table."""
        batch: list[Made] = []
        rows = 0
        for made in self._fresh(window, report):
            cost = ROWS_PER_ORDER + ROWS_PER_LINE * len(made.order.lines)
            if batch and rows + cost > ROWS_PER_OPERATION:
                yield self._batch(batch)
                batch, rows = [], 0
            batch.append(made)
            rows += cost
        if batch:
            yield self._batch(batch)

    def _fresh(self, window: list[Made], report: Report) -> Iterator[Made]:
        """Yield what is not here yet; what is here with other content is told and left as it is."""
        here = self._written | known_orders(self.reader, self.site, [_name(made) for made in window])
        self._written = {}
        for made in window:
            digest = here.get(_name(made))
            if digest is None:
                here[_name(made)] = self._written[_name(made)] = made.order.digest
                yield made
            elif digest == made.order.digest:
                report.unchanged += 1
            else:
                name = made.order.external_id
                report.rejected += 1
                report.note(Entry(made.line, "order", name, Problem.DIFFERS, name, fatal=True))

    def _batch(self, batch: list[Made]) -> tuple[Work, int]:
        orders = tuple(made.order for made in batch)
        private = tuple(Contact(self.site, made.order.contact, *made.contact) for made in batch)
        return Work(command=ReceiveOrders(**self._stamp(), orders=orders), private=private), len(batch)


def _name(made: Made) -> tuple[str, str]:
    return (made.order.channel, made.order.external_id)


def _codes(each: ItemDocument) -> tuple[str, ...]:
    return (each.item.sku, *(code.code for code in each.item.codes))
