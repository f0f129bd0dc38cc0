"""Rows to orders: the rows of one order are one document, wherever they stand in the file."""

import json
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from contextlib import ExitStack
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import IO, Any
from zlib import crc32

from core.exchange.convert import Converter
from core.exchange.documents import ContactDocument, LineDocument, OrderDocument
from core.exchange.mapping import LANGUAGE, Mapping
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


@lru_cache(maxsize=1)
def _by_country() -> MappingOf[str, str]:
    """Return the languages of countries that come with the program."""
    return dict(tomllib.loads(files("resources").joinpath("paper", "languages.toml").read_text(encoding="utf-8")))


_often = lru_cache(maxsize=50_000)
"""Remembers conversions: the same few codes and numbers stand in a file again and again."""

Name = tuple[str, str]
"""Channel and external id, as the file writes them."""


def read_orders(path: Path, mapping: Mapping, report: Report) -> Iterator[OrderDocument]:
    """Yield the orders of a file; what cannot be taken is in the report.

    Raises:
        FileFault: the file as a whole cannot be read.
    """
    source = Source(path, mapping)
    orders = _Orders(mapping, report, source.places)
    scattered = _scattered(path, mapping)
    with ExitStack() as stack:
        aside = _Aside(stack)
        for name, rows in groupby(_counted(source, report), _name_reader(source.places)):
            if name in scattered:
                aside.put(name, rows)
            elif not name[1]:
                # Rows without a number belong to no document, least of all to one together.
                yield from filter(None, (orders.document(name, [row]) for row in rows))
            else:
                document = orders.document(name, list(rows))
                if document is not None:
                    yield document
        for name, some in aside.documents(source.places):
            document = orders.document(name, some)
            if document is not None:
                yield document


def _counted(source: Source, report: Report) -> Iterator[Row]:
    for row in source.rows():
        report.lines += 1
        yield row


def _name_reader(places: MappingOf[str, int]) -> Callable[[Row], Name]:
    """Return what reads the name of a row's document."""
    channel, order = places.get("channel"), places["order"]
    if channel is None:
        return lambda row: ("", row.values[order].strip())
    return lambda row: (row.values[channel].strip(), row.values[order].strip())


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

    def put(self, name: Name, rows: Iterator[Row]) -> None:
        """Put rows of one document aside."""
        bucket = crc32("\n".join(name).encode("utf-8", "surrogatepass")) % _BUCKETS
        if bucket not in self._files:
            file = tempfile.TemporaryFile("w+", encoding="utf-8", prefix="dockside-")  # noqa: SIM115  the stack closes it
            self._files[bucket] = self._stack.enter_context(file)
        for row in rows:
            self._files[bucket].write(json.dumps((name, row.line, row.values, row.surplus)) + "\n")

    def documents(self, places: MappingOf[str, int]) -> Iterator[tuple[Name, list[Row]]]:
        """Yield the rows of each document with its name, in the order of the file."""
        for file in self._files.values():
            file.seek(0)
            by_name: dict[Name, list[Row]] = {}
            for (channel, order), line, values, surplus in map(json.loads, file):
                by_name.setdefault((channel, order), []).append(Row(line, values, places, surplus))
            yield from by_name.items()


class _Record:
    """The fields of one kind of record, each with its conversion; what the file does not have is converted once."""

    def __init__(self, conversions: Sequence[tuple[str, Callable[[str], Any]]], places: MappingOf[str, int]) -> None:
        """Convert these fields, in the record's order, of rows that have some at these places."""
        self._names = [name for name, _ in conversions]
        self._blank = [None if name in places else convert("") for name, convert in conversions]
        self._given = [(n, places[name], convert) for n, (name, convert) in enumerate(conversions) if name in places]

    def values(self, row: Row) -> list[Any]:
        """Return a row's values.

        Raises:
            BadValue: one of them will not do.
        """
        values, told = self._blank.copy(), row.values
        for n, place, convert in self._given:
            try:
                values[n] = convert(told[place])
            except BadValue as bad:
                raise BadValue(bad.problem, self._names[n]) from bad
        return values


class _Orders(Converter):
    """Rows of one order to its document."""

    def __init__(self, mapping: Mapping, report: Report, places: MappingOf[str, int]) -> None:
        """Convert by a mapping, into a report, rows that have fields at these places."""
        super().__init__(mapping, report)
        instant = self.values.instant
        line = (
            ("sku", self._code("sku")), ("quantity", _often(self._quantity)), ("unit_price", self.values.millionths),
            ("line", self._code("line")), ("description", self.words("description")),
        )  # fmt: skip
        head = (
            ("channel", self._code("channel")), ("order", self.words("order", code)), ("owner", self._code("owner")),
            ("ordered_at", instant), ("currency", self._code("currency")), ("service", self._code("service")),
            ("priority", _often(self.values.whole)), ("promised_at", instant), ("cut_off_at", instant),
            ("payment", self.choices("payment", PaymentState, PaymentState.PAID.value)),
            ("partial", self.choices("partial", PartialPolicy, PartialPolicy.PARTIAL.value)),
            ("handling", self.words("handling")),
        )  # fmt: skip
        self._line_record, self._head_record = _Record(line, places), _Record(head, places)
        contact = [(name, self.words(name)) for name in _CONTACT]
        self._contact_record = _Record([*contact, ("language", _often(self._language))], places)

    def _code(self, name: str) -> Callable[[str], str]:
        return _often(self.words(name, code))

    def _language(self, raw: str) -> str:
        said = self.words("language")(raw)
        if said and LANGUAGE.fullmatch(said) is None:
            raise BadValue(Problem.NOT_ALLOWED)
        return said[:2].lower()

    def _spoken(self, contact: ContactDocument) -> ContactDocument:
        """Return a contact with the language that its country speaks, where the order says none."""
        if contact.language or not contact.country:
            return contact
        country = contact.country.upper()
        return contact._replace(language=self.mapping.languages.get(country, _by_country().get(country, "")))

    def _quantity(self, raw: str) -> int:
        return 1 if self.mapping.count_rows and not raw.strip() else self.quantity(raw)

    def document(self, named: Name, rows: list[Row]) -> OrderDocument | None:
        """Return the document of a name, or None when it cannot be taken."""
        self.report.documents += 1
        first, name = rows[0], named[1]
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
        if lines is not None and not lines:
            self.skip(first, "order", Problem.NO_GOODS, name)
            return None
        made = self._head(first, name, lines) if lines else None
        if made is None:
            self.report.rejected += 1
        return made

    def _lines(self, rows: list[Row], name: str) -> list[LineDocument] | None:
        """Return a document's lines, None where one of them will not do."""
        found: list[LineDocument] = []
        names: set[str] = set()
        rules, broken = self.mapping.not_goods, False
        for row in rows:
            rule = self.rule(rules, row) if rules else None
            if rule is not None:
                self.problem(row, rule.field, rule.reason, name, Fate.LINE_SKIPPED)
                self.report.skipped_lines += 1
                continue
            try:
                found.append(self._line(row, len(found) + 1, names))
            except BadValue as bad:
                self.problem(row, bad.field, bad.problem, name, Fate.REJECTED)
                broken = True
        if broken:
            return None
        return _summed(found) if self.mapping.sum_lines else found

    def _line(self, row: Row, number: int, names: set[str]) -> LineDocument:
        """Return a row's line, the `number`-th of its document, whose other lines have names already."""
        if row.surplus:
            self.whole_row(row)
        sku, quantity, price, external, description = self._line_record.values(row)
        if external:
            if external in names:
                raise BadValue(Problem.DUPLICATE, "line")
            names.add(external)
        return LineDocument(row.line, external or str(number), sku, quantity, price, description)

    def _head(self, row: Row, name: str, lines: list[LineDocument]) -> OrderDocument | None:
        try:
            channel, *rest = self._head_record.values(row)
            contact = self._spoken(ContactDocument._make(self._contact_record.values(row)))
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
