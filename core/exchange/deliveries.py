"""Announced deliveries to commands: those that are not here yet, or were finished: it comes after all.

One that says something else is told and left as it is.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

import sqlalchemy as sa

from core.catalog.commands import owner_id
from core.catalog.queries import item_ids, owners
from core.exchange.documents import DeliveryDocument
from core.exchange.masters import Planned
from core.exchange.report import Entry, Problem, Report
from core.kernel import codec
from core.kernel.executor import Work
from core.kernel.flow import Stamp
from core.kernel.ids import ItemId, OwnerId, SiteId
from core.kernel.operations import ROWS_PER_OPERATION
from core.receiving.commands import AnnounceDeliveries, NewDelivery, NewDeliveryLine, delivery_id
from core.receiving.queries import delivery_row


@dataclass(frozen=True, slots=True)
class Announcing:
    """One import of deliveries."""

    site: SiteId
    reader: sa.Connection
    stamp: Callable[[], Stamp]
    report: Report

    def works(self, documents: Iterable[DeliveryDocument]) -> Iterator[Planned]:
        """Yield what announces deliveries, some of them together as far as one operation may."""
        known = item_ids(self.reader, self.site)
        here = owners(self.reader, self.site)
        usual = here[0].id if here else owner_id("")
        batch: list[NewDelivery] = []
        rows = 0
        for each in documents:
            made = self._made(each, owner_id(each.owner) if each.owner else usual, known)
            if made is None:
                continue
            if batch and rows + 1 + len(made.lines) > ROWS_PER_OPERATION:
                yield self._work(batch)
                batch, rows = [], 0
            batch.append(made)
            rows += 1 + len(made.lines)
        if batch:
            yield self._work(batch)

    def _work(self, batch: list[NewDelivery]) -> Planned:
        return Work(command=AnnounceDeliveries(**self.stamp(), deliveries=tuple(batch))), len(batch)

    def _made(
        self, each: DeliveryDocument, owner: OwnerId, known: dict[tuple[OwnerId, str], ItemId]
    ) -> NewDelivery | None:
        """Return a delivery that is new here, or finished."""
        lines = []
        for line in each.lines:
            item = known.get((owner, line.sku))
            if item is None:
                self._reject(line.line, "sku", line.sku, Problem.UNKNOWN_SKU, each.number)
                return None
            lines.append(NewDeliveryLine(item, line.quantity))
        id_, said = delivery_id(owner, each.number), _digest(each)
        first = delivery_row(self.reader, self.site, id_)
        if first is None or (first.digest == said and first.finished_at):
            return NewDelivery(id_, owner, each.number, each.supplier, said, tuple(lines))
        if first.digest == said:
            self.report.unchanged += 1
        else:
            self._reject(each.line, "delivery", each.number, Problem.DIFFERS, each.number)
        return None

    def _reject(self, line: int, column: str, value: str, problem: Problem, document: str) -> None:
        self.report.rejected += 1
        self.report.note(Entry(line, column, value, problem, document))


def _digest(each: DeliveryDocument) -> bytes:
    """Return the hash of everything a document says, apart from where it stood in the file."""
    said = (each.number, each.supplier, [(line.sku, line.quantity) for line in each.lines])
    return sha256(codec.canonical(said).encode()).digest()
