"""From order documents to new orders: items found, ids given, in this process or, for a long file, in one of its own.

Reading and checking a row costs as much as writing it, and two threads of one interpreter only take turns; worse, a scan
would have to wait for the reader at every statement. So a long file is read by a process of its own that sends new orders
through a pipe, with the text that the log keeps of each. Nothing but the place where it happens differs.
"""

import copyreg
import gc
import os
import pickle
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any, NamedTuple

from core.catalog.commands import owner_id
from core.exchange.documents import OrderDocument
from core.exchange.mapping import load_mapping
from core.exchange.order_rows import read_orders
from core.exchange.report import ENTRIES_KEPT, Entry, FileFault, FileProblem, Problem, Report, Trouble, UnreadableFile
from core.kernel import codec
from core.kernel.ids import ContactId, IdSource, ItemId, OrderId, OwnerId, document_id
from core.kernel.operations import ROWS_PER_OPERATION
from core.orders.commands import ROWS_PER_LINE, ROWS_PER_ORDER, NewLine, NewOrder

DEFAULT_CARRIER = "HOUSE"
LONG_FILE = 1_000_000
"""Bytes from which on a file is read in a process of its own, whose start costs about half a second."""
_PACKED = (".gz", ".xz", ".xlsx")
WINDOW_LINES = 5_000
"""Order lines that are read before the first of them is written, so that they can be written in the order of their ids:
a batch then writes to few pages of each table."""
_BATCHES_AHEAD = 200
"""Batches that are read and not asked for yet: a window and some more."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a document's codes are looked up in."""

    items: Mapping[tuple[OwnerId, str], ItemId]
    default_owner: OwnerId
    ids: IdSource


class Made(NamedTuple):
    """An order ready to be written, its contact's words, where it stood in the file, and its text in the log."""

    order: NewOrder
    contact: tuple[str, ...]
    line: int
    text: str


Batch = list[Made]
"""What one operation writes."""


def batches_of_orders(path: Path, mapping_name: str, known: Known, report: Report) -> Iterator[Batch]:
    """Yield the orders of a file by batches, those of a window in the order of their ids; the rest is in the report.

    Raises:
        FileFault: the file as a whole cannot be read.
    """
    if path.is_file() and path.stat().st_size * (8 if path.suffix.lower() in _PACKED else 1) >= LONG_FILE:
        return _apart(path, mapping_name, known, report)
    return _batches(path, mapping_name, known, report)


def _batches(path: Path, mapping_name: str, known: Known, report: Report) -> Iterator[Batch]:
    batch: Batch = []
    rows = 0
    for window in _windows(path, mapping_name, known, report):
        for made in sorted(window, key=_id_of):
            cost = ROWS_PER_ORDER + ROWS_PER_LINE * len(made.order.lines)
            if batch and rows + cost > ROWS_PER_OPERATION:
                yield batch
                batch, rows = [], 0
            batch.append(made)
            rows += cost
    if batch:
        yield batch


def _windows(path: Path, mapping_name: str, known: Known, report: Report) -> Iterator[list[Made]]:
    window: list[Made] = []
    lines = 0
    for document in read_orders(path, load_mapping(mapping_name, "orders"), report):
        made = _made(document, known, report)
        if made is None:
            continue
        window.append(made)
        lines += len(made.order.lines)
        if lines >= WINDOW_LINES:
            yield window
            window, lines = [], 0
    yield window


def _id_of(made: Made) -> OrderId:
    return made.order.id


def _made(each: OrderDocument, known: Known, report: Report) -> Made | None:
    owner = owner_id(each.owner) if each.owner else known.default_owner
    lines: list[NewLine] = []
    for line in each.lines:
        item = known.items.get((owner, line.sku))
        if item is None:
            report.rejected += 1
            report.note(Entry(line.line, "sku", line.sku, Problem.UNKNOWN_SKU, each.external_id))
            return None
        lines.append(
            NewLine(
                line.external_line, item, line.quantity, line.unit_price_millionths, each.currency, line.description
            )
        )
    order = OrderId(document_id(each.ordered_at, each.channel, each.external_id))
    new = NewOrder(
        order, each.channel, each.external_id, each.external_id, owner, ContactId(known.ids.new()), each.ordered_at,
        each.service, DEFAULT_CARRIER, each.priority, each.promised_at, each.cut_off_at, each.payment, each.partial,
        each.handling, _digest(each), tuple(lines),
    )  # fmt: skip
    return Made(new, tuple(each.contact), each.line, codec.to_text(new))


def _digest(each: OrderDocument) -> bytes:
    """Return the hash of everything a document says, apart from where it stood in the file."""
    _, *head, contact, lines = each
    return sha256(codec.canonical((head, tuple(contact), [line[1:] for line in lines])).encode()).digest()


# The process of its own


def _by_its_parts(record: tuple[Any, ...]) -> tuple[type, tuple[Any, ...]]:
    """Return how a record is made again; the way through a named tuple's own methods takes twice as long."""
    return type(record), tuple(record)


for _kind in (Made, NewOrder, NewLine):
    copyreg.pickle(_kind, _by_its_parts)


def _apart(path: Path, mapping_name: str, known: Known, report: Report) -> Iterator[Batch]:
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    # A daemon: it ends with us, whatever ends us.
    child = context.Process(target=_read, args=(theirs, path, mapping_name, known), daemon=True)
    child.start()
    theirs.close()
    try:
        yield from _received(ours, path, report)
    finally:
        ours.close()
        child.terminate()
        child.join()


def _received(pipe: "Connection[Any, Any]", path: Path, report: Report) -> Iterator[Batch]:
    while True:
        try:
            kind, content, counts = pipe.recv()
        except (EOFError, OSError):
            # Between two messages, or in the middle of one.
            raise UnreadableFile(path.name, FileProblem.BROKEN_OFF, why="its reader ended") from None
        if kind == "fault":
            raise UnreadableFile.of(content)
        report.lines, report.documents, report.skipped, report.skipped_lines, rejected, entries, problems = counts
        report.rejected += rejected
        report.problems.update(problems)
        report.entries.extend(entries[: max(0, ENTRIES_KEPT - len(report.entries))])
        if kind == "end":
            return
        yield content


def _read(pipe: "Connection[Any, Any]", path: Path, mapping_name: str, known: Known) -> None:
    """Read a file and send what becomes of it; runs in the process of its own."""
    # A key that stops the program is its affair: this process ends with it, without a word of its own.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Orders are tuples of words and numbers, and there are many: looking for cycles among them costs a tenth.
    gc.disable()
    report = Report(path.name)
    read: Queue[bytes | None] = Queue(_BATCHES_AHEAD)
    # A pipe holds less than a window: while one is being written, the next one is read.
    sender = Thread(target=_send, args=(pipe, read), daemon=True)
    sender.start()
    try:
        for batch in _batches(path, mapping_name, known, report):
            read.put(pickle.dumps(("orders", batch, _counts(report))))
        read.put(pickle.dumps(("end", (), _counts(report))))
    except UnreadableFile as fault:
        read.put(pickle.dumps(("fault", fault.trouble, ())))
    except (FileFault, OSError) as fault:
        # The mapping changed meanwhile, or there is no room to put rows aside.
        why = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
        trouble = Trouble(path.name, FileProblem.BROKEN_OFF, facts=(("why", why),))
        read.put(pickle.dumps(("fault", trouble, ())))
    read.put(None)
    sender.join()


def _send(pipe: "Connection[Any, Any]", read: "Queue[bytes | None]") -> None:
    while (message := read.get()) is not None:
        try:
            pipe.send_bytes(message)
        except OSError:
            # Whoever wanted it is gone, and the reading would wait for them for ever.
            os._exit(1)


def _counts(report: Report) -> tuple[Any, ...]:
    """Return what the report came to since the last call: totals of what is counted there alone, the rest anew."""
    totals = (report.lines, report.documents, report.skipped, report.skipped_lines)
    counts = (*totals, report.rejected, report.entries, dict(report.problems))
    report.rejected, report.entries = 0, []
    report.problems.clear()
    return counts
