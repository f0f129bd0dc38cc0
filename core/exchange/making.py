"""From order documents to new orders: items found, ids given, in this process or, for a long file, in one of its own.

Reading and checking a row costs as much as writing it, and two threads of one interpreter only take turns; worse, a scan
would have to wait for the reader at every statement. So a long file is read by a process of its own that sends new orders
through a pipe. Nothing but the place where it happens differs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from multiprocessing import get_context
from multiprocessing.connection import Connection
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from core.catalog.commands import owner_id
from core.exchange.documents import ContactDocument, LineDocument, OrderDocument
from core.exchange.mapping import load_mapping
from core.exchange.order_rows import read_orders
from core.exchange.report import ENTRIES_KEPT, Entry, FileFault, FileProblem, Problem, Report, Trouble, UnreadableFile
from core.kernel import codec
from core.kernel.clock import day_start_ms
from core.kernel.ids import ContactId, IdSource, ItemId, OrderId, OwnerId, document_id
from core.orders.commands import NewLine, NewOrder

DEFAULT_CARRIER = "HOUSE"
LONG_FILE = 1_000_000
"""Bytes from which on a file is read in a process of its own, whose start costs about half a second."""
_PACKED = (".gz", ".xz", ".xlsx")
WINDOW_LINES = 20_000
"""Order lines that are read before the first of them is written, so that they can be written in the order of their ids."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a document's codes are looked up in."""

    items: Mapping[tuple[OwnerId, str], ItemId]
    default_owner: OwnerId
    ids: IdSource


class Made(NamedTuple):
    """An order ready to be written, its contact's words, and where it stood in the file."""

    order: NewOrder
    contact: tuple[str, ...]
    line: int


def windows_of_orders(path: Path, mapping_name: str, known: Known, report: Report) -> Iterator[list[Made]]:
    """Yield the orders of a file by windows, each in the order of its ids; what cannot be taken is in the report.

    Raises:
        UnreadableFile: the file as a whole cannot be read.
    """
    if path.is_file() and path.stat().st_size * (8 if path.suffix.lower() in _PACKED else 1) >= LONG_FILE:
        return _apart(path, mapping_name, known, report)
    return _windows(path, mapping_name, known, report)


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
            yield sorted(window, key=_id_of)
            window, lines = [], 0
    yield sorted(window, key=_id_of)


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
    order = OrderId(document_id(day_start_ms(each.ordered_at), each.channel, each.external_id))
    new = NewOrder(
        id=order, channel=each.channel, external_id=each.external_id, number=each.external_id, owner=owner,
        contact=ContactId(known.ids.new()), ordered_at=each.ordered_at, service=each.service, carrier=DEFAULT_CARRIER,
        priority=each.priority, promised_at=each.promised_at, cut_off_at=each.cut_off_at, payment=each.payment,
        partial=each.partial, handling=each.handling, digest=_digest(each), lines=tuple(lines),
    )  # fmt: skip
    return Made(new, _CONTACT(each.contact), each.line)


_CONTACT = attrgetter(*(part.name for part in fields(ContactDocument)))
_HEAD = attrgetter(*(part.name for part in fields(OrderDocument) if part.name not in ("line", "contact", "lines")))
_LINE = attrgetter(*(part.name for part in fields(LineDocument) if part.name != "line"))


def _digest(each: OrderDocument) -> bytes:
    """Return the hash of everything a document says, apart from where it stood in the file."""
    said = (_HEAD(each), _CONTACT(each.contact), [_LINE(line) for line in each.lines])
    return sha256(codec.canonical(said).encode()).digest()


# The pipe: plain tuples travel three times as fast as dataclasses.

_ORDER_NAMES = tuple(part.name for part in fields(NewOrder))
_ORDER_PARTS = attrgetter(*_ORDER_NAMES)
_LINES_AT = _ORDER_NAMES.index("lines")
_LINE_PARTS = attrgetter(*(part.name for part in fields(NewLine)))


def _flat(made: Made) -> tuple[Any, ...]:
    parts = list(_ORDER_PARTS(made.order))
    parts[_LINES_AT] = tuple(_LINE_PARTS(line) for line in made.order.lines)
    return (parts, made.contact, made.line)


def _unflat(flat: tuple[Any, ...]) -> Made:
    parts, contact, line = flat
    parts[_LINES_AT] = tuple(NewLine(*each) for each in parts[_LINES_AT])
    return Made(NewOrder(**dict(zip(_ORDER_NAMES, parts, strict=True))), contact, line)


def _apart(path: Path, mapping_name: str, known: Known, report: Report) -> Iterator[list[Made]]:
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


def _received(pipe: "Connection[Any, Any]", path: Path, report: Report) -> Iterator[list[Made]]:
    while True:
        try:
            kind, content, counts = pipe.recv()
        except EOFError:
            raise UnreadableFile(path.name, FileProblem.BROKEN_OFF, why="its reader ended") from None
        if kind == "fault":
            raise UnreadableFile.of(content)
        report.lines, report.documents, report.skipped, report.skipped_lines, rejected, entries, problems = counts
        report.rejected += rejected
        report.problems.update(problems)
        report.entries.extend(entries[: max(0, ENTRIES_KEPT - len(report.entries))])
        yield [_unflat(each) for each in content]
        if kind == "end":
            return


def _read(pipe: "Connection[Any, Any]", path: Path, mapping_name: str, known: Known) -> None:
    """Read a file and send what becomes of it; runs in the process of its own."""
    report = Report(path.name)
    try:
        for window in _windows(path, mapping_name, known, report):
            pipe.send(("orders", [_flat(made) for made in window], _counts(report)))
        pipe.send(("end", (), _counts(report)))
    except UnreadableFile as fault:
        pipe.send(("fault", fault.trouble, ()))
    except BrokenPipeError:
        # Whoever wanted it is gone.
        return
    except (FileFault, OSError) as fault:
        # The mapping changed meanwhile, or there is no room to put rows aside.
        why = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
        pipe.send(("fault", Trouble(path.name, FileProblem.BROKEN_OFF, facts=(("why", why),)), ()))


def _counts(report: Report) -> tuple[Any, ...]:
    """Return what the report came to since the last call: totals of what is counted there alone, the rest anew."""
    totals = (report.lines, report.documents, report.skipped, report.skipped_lines)
    counts = (*totals, report.rejected, report.entries, dict(report.problems))
    report.rejected, report.entries = 0, []
    report.problems.clear()
    return counts
