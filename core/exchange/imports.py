"""From documents to commands: batches of bounded rows, one operation each, handed to the writer behind waiting scans.

Reading and checking happen on the caller's thread, or for a long file of orders in a process of its own. A document that
is here already with the same content changes nothing, so a killed import is simply run again; one that differs is told
and left as it is.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from core.catalog.commands import owner_id
from core.catalog.queries import item_ids, owners
from core.exchange.convert import (
    read_boxes,
    read_containers,
    read_items,
    read_locations,
    read_people,
    read_stock,
)
from core.exchange.deliveries import Announcing
from core.exchange.delivery_rows import read_deliveries
from core.exchange.making import Batch, Known, Made, batches_of_orders
from core.exchange.mapping import load_mapping
from core.exchange.masters import Masters, Planned
from core.exchange.report import Entry, Problem, Report
from core.kernel.clock import Clock
from core.kernel.executor import Done, Failed, Outcome, Work
from core.kernel.flow import Stamp
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, IdSource, OwnerId, PersonId, SessionId, SiteId
from core.kernel.uow import ByClass
from core.orders.commands import ReceiveOrders, received_body
from core.orders.model import Contact
from core.orders.queries import known_orders

IN_FLIGHT = 16
"""Batches handed to the writer and not committed yet: reading goes on meanwhile, memory stays bounded."""


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
    actor: PersonId = SYSTEM
    """Who hands the file in; the system where nobody signed in for it."""
    session: SessionId = NO_SESSION

    def run(self, kind: str, path: Path, mapping_name: str) -> Report:
        """Import a file and return what became of it.

        Raises:
            FileFault: the file or the mapping as a whole cannot be read.
        """
        load_mapping(mapping_name, kind)
        if self.strict:
            tried = self._try(kind, path, mapping_name)
            if tried.rejected:
                tried.withheld, tried.imported, tried.strict = tried.imported, 0, True
                return tried
        report = Report(path.name)
        self._write(self._works(kind, path, mapping_name, report), report)
        return report

    def _works(self, kind: str, path: Path, mapping_name: str, report: Report) -> Iterator[Planned]:
        mapping = load_mapping(mapping_name, kind)
        report.columns = mapping.columns
        if kind == "orders":
            known = Known(item_ids(self.reader, self.site), self._default_owner(), self.ids)
            return self._orders(batches_of_orders(path, mapping_name, known, report), report)
        masters = Masters(self.site, self.reader, self._stamp, report)
        match kind:
            case "items":
                return masters.items(read_items(path, mapping, report))
            case "locations":
                return masters.locations(read_locations(path, mapping, report))
            case "people":
                return masters.people(read_people(path, mapping, report))
            case "containers":
                return masters.containers(read_containers(path, mapping, report))
            case "boxes":
                return masters.boxes(read_boxes(path, mapping, report))
            case "deliveries":
                documents = read_deliveries(path, mapping, report)
                return Announcing(self.site, self.reader, self._stamp, report).works(documents)
            case _:
                return masters.stock(read_stock(path, mapping, report))

    def _try(self, kind: str, path: Path, mapping_name: str) -> Report:
        """Read everything once without writing."""
        report = Report(path.name)
        for _, documents in self._works(kind, path, mapping_name, report):
            report.imported += documents
        return report

    def _write(self, works: Iterable[Planned], report: Report) -> None:
        flying: deque[tuple[Future[Outcome], Work, int]] = deque()
        for work, documents in works:
            flying.append((self.submit(work), work, documents))
            if len(flying) >= IN_FLIGHT:
                self._landed(*flying.popleft(), report)
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
        # What is known to be refused never gets here; this is told rather than guessed at.
        report.rejected += documents
        refusal = outcome.refusal
        words = ", ".join(f"{name} {value}" for name, value in refusal.facts.items())
        kind = "" if work.command is None else work.command.KIND
        report.note(Entry(0, kind, f"{refusal.reason} {words}".strip(), Problem.REFUSED, ""))

    def _stamp(self) -> Stamp:
        return Stamp(
            id=CommandId(self.ids.new()), site=self.site, at=self.clock.now_ms(), actor=self.actor, session=self.session
        )

    def _default_owner(self) -> OwnerId:
        known = owners(self.reader, self.site)
        return known[0].id if known else owner_id("")

    # Orders

    def _orders(self, batches: Iterable[Batch], report: Report) -> Iterator[Planned]:
        # Some batches may still be on their way to the writer: what they hold is not seen in the database yet.
        recent: deque[dict[tuple[str, str], bytes]] = deque(maxlen=IN_FLIGHT)
        for batch in batches:
            here = known_orders(self.reader, self.site, [_name(made) for made in batch])
            for each in recent:
                here |= each
            fresh = self._fresh(batch, here, report)
            if fresh:
                recent.append({_name(made): made.order.digest for made in fresh})
                yield self._work(fresh)

    def _fresh(self, batch: Batch, here: dict[tuple[str, str], bytes], report: Report) -> Batch:
        """Return what is not here yet; what is here with other content is told and left as it is."""
        fresh: Batch = []
        for made in batch:
            digest = here.get(_name(made))
            if digest is None:
                here[_name(made)] = made.order.digest
                fresh.append(made)
            elif digest == made.order.digest:
                report.unchanged += 1
            else:
                name = made.order.external_id
                report.rejected += 1
                report.note(Entry(made.line, "order", name, Problem.DIFFERS, name))
        return fresh

    def _work(self, batch: Batch) -> Planned:
        orders = tuple(made.order for made in batch)
        private: ByClass = {Contact: [(self.site, made.order.contact, *made.contact) for made in batch]}
        body = received_body(made.text for made in batch)
        return Work(command=ReceiveOrders(**self._stamp(), orders=orders), private=private, body=body), len(batch)


def _name(made: Made) -> tuple[str, str]:
    return (made.order.channel, made.order.external_id)
