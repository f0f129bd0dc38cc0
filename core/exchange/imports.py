"""From documents to commands: batches of bounded rows, one operation each, handed to the writer behind waiting scans.

Reading and checking happen on the caller's thread. A document that is here already with the same content changes
nothing, so a killed import is simply run again; one that differs is told and left as it is.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from core.catalog.commands import NewItem, SaveItems, SaveLocations, location_id, owner_id
from core.catalog.queries import codes_named, item_ids, owners
from core.exchange.convert import read_items, read_locations, read_orders, read_stock
from core.exchange.documents import ItemDocument, OrderDocument, StockDocument
from core.exchange.mapping import Mapping, load_mapping
from core.exchange.report import Entry, FileFault, Problem, Report
from core.kernel import codec
from core.kernel.clock import Clock, day_start_ms
from core.kernel.commands import Command
from core.kernel.executor import Done, Failed, Outcome, Work
from core.kernel.flow import CodeKind, Stamp
from core.kernel.ids import (
    NO_SESSION,
    SYSTEM,
    CommandId,
    ContactId,
    IdSource,
    ItemId,
    OrderId,
    OwnerId,
    SiteId,
    document_id,
)
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import Row
from core.orders.commands import ROWS_PER_LINE, ROWS_PER_ORDER, NewLine, NewOrder, ReceiveOrders
from core.orders.model import Contact
from core.orders.queries import known_orders
from core.stock.commands import Receipt, ReceiveStock
from core.stock.model import Condition

T = TypeVar("T")

ROWS_PER_OPERATION = 240
"""Feed rows of one operation, so that a station applies a pulled one in one go (architecture.md 3)."""
IN_FLIGHT = 8
"""Batches handed to the writer and not committed yet: reading goes on meanwhile, memory stays bounded."""
ITEMS_PER_OPERATION = 60
DEFAULT_CARRIER = "HOUSE"


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

    def run(self, kind: str, path: Path, mapping_name: str) -> Report:
        """Import a file and return what became of it.

        Raises:
            FileFault: the file or the mapping as a whole cannot be read; with `strict` also where a document is bad.
        """
        mapping = load_mapping(mapping_name, kind)
        if self.strict:
            self._try(kind, path, mapping_name)
        report = Report(path.name)
        self._write(self._works(kind, path, mapping, report), report)
        return report

    def _works(self, kind: str, path: Path, mapping: Mapping, report: Report) -> Iterator[tuple[Work, int]]:
        match kind:
            case "items":
                return self._items(read_items(path, mapping, report), report)
            case "locations":
                return self._locations(read_locations(path, mapping, report))
            case "stock":
                return self._stock(read_stock(path, mapping, report), report)
            case _:
                return self._orders(read_orders(path, mapping, report), report)

    def _try(self, kind: str, path: Path, mapping_name: str) -> None:
        """Read everything once without writing: strict means nothing is imported if anything is rejected."""
        report = Report(path.name)
        for _ in self._works(kind, path, load_mapping(mapping_name, kind), report):
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
        for batch in _batched(documents, ITEMS_PER_OPERATION):
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
        for batch in _batched(documents, ITEMS_PER_OPERATION):
            places = tuple(each.location for each in batch)  # type: ignore[attr-defined]
            yield Work(command=SaveLocations(**self._stamp(), locations=places)), len(places)

    def _stock(self, documents: Iterable[StockDocument], report: Report) -> Iterator[tuple[Work, int]]:
        known = self._item_ids()
        default = self._default_owner()
        for batch in _batched(documents, ITEMS_PER_OPERATION):
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

    def _orders(self, documents: Iterable[OrderDocument], report: Report) -> Iterator[tuple[Work, int]]:
        known = self._item_ids()
        default = self._default_owner()
        batch: list[tuple[NewOrder, ContactId, OrderDocument]] = []
        rows = 0
        for each in documents:
            made = self._order(each, known, default, report)
            if made is None:
                continue
            cost = ROWS_PER_ORDER + ROWS_PER_LINE * len(made[0].lines)
            if batch and rows + cost > ROWS_PER_OPERATION:
                yield from self._batch(batch, report)
                batch, rows = [], 0
            batch.append(made)
            rows += cost
        if batch:
            yield from self._batch(batch, report)

    def _order(
        self, each: OrderDocument, known: dict[tuple[OwnerId, str], ItemId], default: OwnerId, report: Report
    ) -> tuple[NewOrder, ContactId, OrderDocument] | None:
        owner = owner_id(each.owner) if each.owner else default
        lines: list[NewLine] = []
        for line in each.lines:
            item = known.get((owner, line.sku))
            if item is None:
                report.rejected += 1
                report.note(Entry(line.line, "sku", line.sku, Problem.UNKNOWN_SKU, each.external_id, fatal=True))
                return None
            lines.append(
                NewLine(
                    line.external_line, item, line.quantity, line.unit_price_millionths, each.currency, line.description
                )
            )
        contact = ContactId(self.ids.new())
        order = OrderId(document_id(day_start_ms(each.ordered_at), each.channel, each.external_id))
        new = NewOrder(
            id=order, channel=each.channel, external_id=each.external_id, number=each.external_id, owner=owner,
            contact=contact, ordered_at=each.ordered_at, service=each.service, carrier=DEFAULT_CARRIER,
            priority=each.priority, promised_at=each.promised_at, cut_off_at=each.cut_off_at, payment=each.payment,
            partial=each.partial, handling=each.handling, digest=_digest(each), lines=tuple(lines),
        )  # fmt: skip
        return new, contact, each

    def _batch(
        self, batch: list[tuple[NewOrder, ContactId, OrderDocument]], report: Report
    ) -> Iterator[tuple[Work, int]]:
        here = known_orders(self.reader, self.site, [new.id for new, _, _ in batch])
        fresh: dict[OrderId, tuple[NewOrder, Row]] = {}
        for new, contact, each in batch:
            digest = here.get(new.id) or (fresh[new.id][0].digest if new.id in fresh else None)
            if digest is None:
                fresh[new.id] = (new, Contact(self.site, contact, *_contact(each)))
            elif digest == new.digest:
                report.unchanged += 1
            else:
                report.rejected += 1
                report.note(Entry(each.line, "order", each.external_id, Problem.DIFFERS, each.external_id, fatal=True))
        if fresh:
            command: Command = ReceiveOrders(**self._stamp(), orders=tuple(new for new, _ in fresh.values()))
            yield Work(command=command, private=tuple(row for _, row in fresh.values())), len(fresh)


def _contact(each: OrderDocument) -> tuple[str, ...]:
    c = each.contact
    return (
        c.name, c.company, c.lines, c.city, c.region, c.postcode, c.country, c.email, c.phone, c.gift_note, c.customer,
    )  # fmt: skip


def _digest(each: OrderDocument) -> bytes:
    """Return the hash of everything a document says, apart from where it stood in the file."""
    plain = codec.encode(each)
    plain.pop("line")
    for line in plain["lines"]:
        line.pop("line")
    return sha256(codec.canonical(plain).encode()).digest()


def _codes(each: ItemDocument) -> tuple[str, ...]:
    return (each.item.sku, *(code.code for code in each.item.codes))


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch
