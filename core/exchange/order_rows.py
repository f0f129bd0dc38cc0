"""Rows to orders: the rows of one order are one document, wherever they stand in the file."""

import json
import tempfile
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import IO, Any
from zlib import crc32

from core.exchange.convert import Converter
from core.exchange.documents import ContactDocument, LineDocument, OrderDocument
from core.exchange.mapping import Mapping
from core.exchange.report import Fate, Problem, Report
from core.exchange.rows import Row, Source
from core.exchange.values import BadValue, code
from core.orders.model import PartialPolicy, PaymentState

LINES_MAX = 5_000
"""Lines an order may have: one operation writes them all."""
_BUCKETS = 64
_CONTACT = (
    "name", "company", "address", "city", "region", "postcode", "country", "email", "phone", "gift_note", "customer",
)  # fmt: skip

Name = tuple[str, str]
"""Channel and external id, as the file writes them."""


def read_orders(path: Path, mapping: Mapping, report: Report) -> Iterator[OrderDocument]:
    """Yield the orders of a file; what cannot be taken is in the report.

    Raises:
        FileFault: the file as a whole cannot be read.
    """
    source = Source(path, mapping)
    orders = _Orders(mapping, report, source.fields)
    scattered = _scattered(path, mapping)
    with ExitStack() as stack:
        aside = _Aside(stack)
        for name, rows in groupby(_counted(source, report), _name):
            if name in scattered:
                aside.put(rows)
            elif not name[1]:
                # Rows without a number belong to no document, least of all to one together.
                yield from filter(None, (orders.document([row]) for row in rows))
            else:
                document = orders.document(list(rows))
                if document is not None:
                    yield document
        yield from filter(None, map(orders.document, aside.documents()))


def _counted(source: Source, report: Report) -> Iterator[Row]:
    for row in source.rows():
        report.lines += 1
        yield row


def _name(row: Row) -> Name:
    return row.values.get("channel", "").strip(), row.values.get("order", "").strip()


def _scattered(path: Path, mapping: Mapping) -> set[Name]:
    """Look the file over and return the documents whose rows do not lie together.

    What was seen is remembered by hash: two names that share one only mean a document put aside for nothing.
    """
    seen: set[int] = set()
    scattered: set[Name] = set()
    last = None
    for name in Source(path, mapping).columns("channel", "order"):
        if name != last:
            last = name
            if hash(name) in seen and name[1]:
                scattered.add((name[0], name[1]))
            seen.add(hash(name))
    return scattered


class _Aside:
    """Rows that wait for the rest of their document: in files by the document's hash, so that memory stays bounded."""

    def __init__(self, stack: ExitStack) -> None:
        """Keep files until the stack closes."""
        self._stack = stack
        self._files: dict[int, IO[str]] = {}

    def put(self, rows: Iterator[Row]) -> None:
        """Put rows of one document aside."""
        for row in rows:
            bucket = crc32("\n".join(_name(row)).encode("utf-8", "surrogatepass")) % _BUCKETS
            if bucket not in self._files:
                file = tempfile.TemporaryFile("w+", encoding="utf-8", prefix="dockside-")  # noqa: SIM115  the stack closes it
                self._files[bucket] = self._stack.enter_context(file)
            self._files[bucket].write(json.dumps(row) + "\n")

    def documents(self) -> Iterator[list[Row]]:
        """Yield the rows of each document, in the order of the file."""
        for file in self._files.values():
            file.seek(0)
            by_name: dict[Name, list[Row]] = {}
            for row in (Row(*json.loads(line)) for line in file):
                by_name.setdefault(_name(row), []).append(row)
            yield from by_name.values()


@dataclass(slots=True)
class _Lines:
    """The lines of a document while they are read."""

    found: list[LineDocument] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    broken: bool = False


class _Record:
    """The fields of one kind of record, each with its conversion; what the file does not have is converted once."""

    def __init__(self, conversions: Sequence[tuple[str, Callable[[str], Any]]], given: Container[str]) -> None:
        """Convert these fields, in the record's order, of rows that have the ones given."""
        self._blank = [None if name in given else convert("") for name, convert in conversions]
        self._given = [(n, *each) for n, each in enumerate(conversions) if each[0] in given]

    def values(self, row: Row) -> list[Any]:
        """Return a row's values.

        Raises:
            BadValue: one of them will not do.
        """
        values, told = self._blank.copy(), row.values
        for n, name, convert in self._given:
            try:
                values[n] = convert(told[name])
            except BadValue as bad:
                raise BadValue(bad.problem, name) from bad
        return values


class _Orders(Converter):
    """Rows of one order to its document."""

    def __init__(self, mapping: Mapping, report: Report, given: Container[str]) -> None:
        """Convert by a mapping, into a report, rows that have the fields given."""
        super().__init__(mapping, report)
        whole, instant = self.values.whole, self.values.instant
        line = (
            ("sku", self.words("sku", code)), ("quantity", self._quantity), ("unit_price", self.values.millionths),
            ("line", self.words("line", code)), ("description", self.words("description")),
        )  # fmt: skip
        head = (
            ("channel", self.words("channel", code)), ("order", self.words("order", code)),
            ("owner", self.words("owner", code)), ("ordered_at", instant), ("currency", self.words("currency", code)),
            ("service", self.words("service", code)), ("priority", whole), ("promised_at", instant),
            ("cut_off_at", instant), ("payment", self.choices("payment", PaymentState, PaymentState.PAID.value)),
            ("partial", self.choices("partial", PartialPolicy, PartialPolicy.PARTIAL.value)),
            ("handling", self.words("handling")),
        )  # fmt: skip
        self._line_record, self._head_record = _Record(line, given), _Record(head, given)
        self._contact_record = _Record([(name, self.words(name)) for name in _CONTACT], given)

    def _quantity(self, raw: str) -> int:
        return 1 if self.mapping.count_rows and not raw.strip() else self.quantity(raw)

    def document(self, rows: list[Row]) -> OrderDocument | None:
        """Return the document, or None when it cannot be taken."""
        self.report.documents += 1
        first = rows[0]
        name = _name(first)[1]
        rules = self.mapping.skip_documents
        skipped = next((rule for row in rows if (rule := self.rule(rules, row))), None) if rules else None
        if skipped is not None:
            self.skip(first, skipped.field, skipped.reason, name)
            self.report.skipped_lines += len(rows)
            return None
        if len(rows) > LINES_MAX:
            self.reject(first, "order", Problem.TOO_MANY_LINES, name)
            return None
        lines = self._lines(rows, name)
        if not lines.broken and not lines.found:
            self.skip(first, "order", Problem.NO_GOODS, name)
            return None
        made = None if lines.broken else self._head(first, name, lines.found)
        if made is None:
            self.report.rejected += 1
        return made

    def _lines(self, rows: list[Row], name: str) -> _Lines:
        lines = _Lines()
        rules = self.mapping.not_goods
        for row in rows:
            rule = self.rule(rules, row) if rules else None
            if rule is not None:
                self.problem(row, rule.field, rule.reason, name, Fate.LINE_SKIPPED)
                self.report.skipped_lines += 1
                continue
            try:
                lines.found.append(self._line(row, lines))
            except BadValue as bad:
                self.problem(row, bad.field, bad.problem, name, Fate.REJECTED)
                lines.broken = True
        if self.mapping.sum_lines:
            lines.found = _summed(lines.found)
        return lines

    def _line(self, row: Row, lines: _Lines) -> LineDocument:
        if row.surplus:
            self.whole_row(row)
        sku, quantity, price, external, description = self._line_record.values(row)
        if external:
            if external in lines.names:
                raise BadValue(Problem.DUPLICATE, "line")
            lines.names.add(external)
        return LineDocument(row.line, external or str(len(lines.found) + 1), sku, quantity, price, description)

    def _head(self, row: Row, name: str, lines: list[LineDocument]) -> OrderDocument | None:
        try:
            channel, *rest = self._head_record.values(row)
            contact = ContactDocument(*self._contact_record.values(row))
        except BadValue as bad:
            self.problem(row, bad.field, bad.problem, name, Fate.REJECTED)
            return None
        return OrderDocument._make((row.line, channel or "file", *rest, contact, tuple(lines)))


def _summed(lines: list[LineDocument]) -> list[LineDocument]:
    """Return one line per item, its quantity the sum of the rows'."""
    by_sku: dict[str, LineDocument] = {}
    for each in lines:
        known = by_sku.get(each.sku)
        if known is None:
            by_sku[each.sku] = each
        else:
            total = known.quantity + each.quantity
            by_sku[each.sku] = LineDocument(
                known.line, known.external_line, known.sku, total, known.unit_price_millionths, known.description
            )
    return list(by_sku.values())
