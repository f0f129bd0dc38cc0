"""Rows to documents: whole or not at all, with every problem named by line, column and value.

A document whose rows do not lie together in the file is gathered first (one pass finds out which those are), so that it
too is imported whole; the others stream, and memory stays bounded whatever the file's length.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.catalog.codes import normalise_gtin
from core.catalog.commands import NewCode, NewItem, NewLocation
from core.catalog.model import Level, LocationRole
from core.exchange.documents import (
    ContactDocument,
    ItemDocument,
    LineDocument,
    LocationDocument,
    OrderDocument,
    StockDocument,
)
from core.exchange.mapping import GRAMS, MILLIMETRES, REQUIRED, Mapping, Rule
from core.exchange.report import Entry, Problem, Report
from core.exchange.rows import Row, Source
from core.exchange.values import BadValue, Values, text
from core.orders.model import PartialPolicy, PaymentState
from core.stock.model import Condition


class Converter:
    """What the four kinds of documents share: values with their problems."""

    def __init__(self, mapping: Mapping, report: Report) -> None:
        """Convert by a mapping, into a report."""
        self.mapping, self.report, self.values = mapping, report, Values(mapping)
        self._words, self._required = mapping.values, REQUIRED[mapping.kind]
        self._matches = {rule: re.compile(rule.matches) for rule in self._rules() if rule.matches}

    def _rules(self) -> Iterable[Rule]:
        return (*self.mapping.not_goods, *self.mapping.skip_documents)

    def word(self, row: Row, name: str) -> str:
        """Return a field's text, with the mapping's own words for ours.

        Raises:
            BadValue: it is too long, or missing where it must not be.
        """
        raw = row[1].get(name, "")
        value = text(raw) if raw else ""
        if name in self._words:
            value = self._words[name].get(value, value)
        if not value and name in self._required:
            raise BadValue(Problem.MISSING_VALUE)
        return value

    def problem(self, row: Row, name: str, problem: Problem, document: str, *, fatal: bool) -> None:
        """Put a problem into the report."""
        column = self.mapping.columns.get(name, name)
        self.report.note(Entry(row[0], column, row[1].get(name, ""), problem, document, fatal))

    def rule(self, rules: Iterable[Rule], row: Row) -> Rule | None:
        """Return the first rule that a row falls under."""
        for each in rules:
            if self._falls_under(each, row[1].get(each.field, "").strip()):
                return each
        return None

    def _falls_under(self, rule: Rule, value: str) -> bool:
        if rule.empty and not value:
            return True
        if value in rule.equals and value:
            return True
        if rule.begins and value.startswith(rule.begins):
            return True
        if rule.matches and self._matches[rule].fullmatch(value):
            return True
        if rule.at_most is None or not value:
            return False
        try:
            return self.values.number(value) <= rule.at_most
        except BadValue:
            return False


def read_orders(path: Path, mapping: Mapping, report: Report) -> Iterator[OrderDocument]:
    """Yield the orders of a file; what cannot be taken is in the report.

    Raises:
        FileFault: the file as a whole cannot be read.
    """
    converter = _Orders(mapping, report)
    scattered = _scattered(path, mapping)
    gathered: dict[str, list[Row]] = {}
    group: list[Row] = []
    for row in Source(path, mapping).rows():
        report.lines += 1
        name = row[1].get("order", "").strip()
        if name in scattered:
            gathered.setdefault(name, []).append(row)
            continue
        if group and group[0][1].get("order", "").strip() != name:
            yield from converter.document(group)
            group = []
        group.append(row)
    if group:
        yield from converter.document(group)
    for rows in gathered.values():
        yield from converter.document(rows)


def _scattered(path: Path, mapping: Mapping) -> set[str]:
    """Return the documents whose rows do not lie together."""
    if any(join.many for join in mapping.joins):
        return set()
    seen: set[str] = set()
    scattered: set[str] = set()
    last = None
    for name in Source(path, mapping).column("order"):
        if name != last:
            if name in seen:
                scattered.add(name)
            seen.add(name)
            last = name
    return scattered


@dataclass(slots=True)
class _Lines:
    """The lines of a document while they are read."""

    found: list[LineDocument] = field(default_factory=list)
    broken: bool = False


_CONTACT = (
    "name", "company", "address", "city", "region", "postcode", "country", "email", "phone", "gift_note", "customer",
)  # fmt: skip


class _Orders(Converter):
    """Rows of one order to its document."""

    def document(self, rows: list[Row]) -> Iterator[OrderDocument]:
        """Yield the document, or nothing when it cannot be taken."""
        self.report.documents += 1
        first = rows[0]
        name = first[1].get("order", "").strip()
        skipped = next((rule for row in rows if (rule := self.rule(self.mapping.skip_documents, row))), None)
        if skipped is not None:
            self.problem(first, skipped.field, Problem(skipped.reason), name, fatal=True)
            self.report.rejected += 1
            return
        lines = self._lines(rows, name)
        made = None if lines.broken else self._head(first, name, lines.found)
        if made is None or not lines.found:
            if made is not None:
                self.problem(first, "order", Problem.NO_GOODS, name, fatal=True)
            self.report.rejected += 1
            return
        yield made

    def _lines(self, rows: list[Row], name: str) -> _Lines:
        lines = _Lines()
        for row in rows:
            rule = self.rule(self.mapping.not_goods, row)
            if rule is not None:
                self.problem(row, rule.field, Problem(rule.reason), name, fatal=False)
                continue
            line = self._line(row, name, len(lines.found) + 1)
            if line is None:
                lines.broken = True
            else:
                lines.found.append(line)
        if self.mapping.sum_lines:
            lines.found = _summed(lines.found)
        return lines

    def _line(self, row: Row, name: str, number: int) -> LineDocument | None:
        asked = "sku"
        try:
            sku = self.word(row, "sku")
            asked = "quantity"
            counted = row[1].get("quantity", "").strip()
            quantity = (
                1 if self.mapping.count_rows and not counted else self.values.quantity(self.word(row, "quantity"))
            )
            asked = "unit_price"
            price = self.values.millionths(row[1].get("unit_price", ""))
            asked = "description"
            description = self.word(row, "description")
        except BadValue as bad:
            self.problem(row, asked, bad.problem, name, fatal=True)
            return None
        external = row[1].get("line", "").strip() or str(number)
        return LineDocument(row[0], external, sku, quantity, price, description)

    def _head(self, row: Row, name: str, lines: list[LineDocument]) -> OrderDocument | None:
        asked = "order"
        try:
            external = self.word(row, "order")
            instants = {}
            for asked in ("ordered_at", "promised_at", "cut_off_at"):
                instants[asked] = self.values.instant(row[1].get(asked, ""))
            asked = "priority"
            priority = self.values.whole(row[1].get("priority", ""))
            asked = "payment"
            payment = _one_of(PaymentState, self.word(row, "payment") or "paid")
            asked = "partial"
            partial = _one_of(PartialPolicy, self.word(row, "partial") or "partial")
            asked = "name"
            contact = self._contact(row)
        except BadValue as bad:
            self.problem(row, asked, bad.problem, name, fatal=True)
            return None
        return OrderDocument(
            line=row[0], channel=self.word(row, "channel") or "file", external_id=external, owner=self.word(row, "owner"),
            ordered_at=instants["ordered_at"], currency=self.word(row, "currency"), service=self.word(row, "service"),
            priority=priority, promised_at=instants["promised_at"], cut_off_at=instants["cut_off_at"], payment=payment,
            partial=partial, handling=self.word(row, "handling"), contact=contact, lines=tuple(lines),
        )  # fmt: skip

    def _contact(self, row: Row) -> ContactDocument:
        return ContactDocument(*(self.word(row, each) for each in _CONTACT))


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


def _one_of(kind: type, value: str):  # type: ignore[no-untyped-def]  # noqa: ANN202  the enumeration's own type
    try:
        return kind(value)
    except ValueError as e:
        raise BadValue(Problem.NOT_ALLOWED) from e


def read_items(path: Path, mapping: Mapping, report: Report) -> Iterator[ItemDocument]:
    """Yield the items of a file, the first row of each SKU.

    Raises:
        FileFault: the file as a whole cannot be read.
    """
    converter = Converter(mapping, report)
    seen: set[tuple[str, str]] = set()
    for row in Source(path, mapping).rows():
        report.lines += 1
        made = _item(converter, row)
        if made is None:
            report.documents += 1
            report.rejected += 1
        elif (made.owner, made.item.sku) not in seen:
            seen.add((made.owner, made.item.sku))
            report.documents += 1
            yield made


def _item(it: Converter, row: Row) -> ItemDocument | None:
    asked, raw = "sku", row[1]
    mapping = it.mapping
    try:
        sku, owner = it.word(row, "sku"), it.word(row, "owner")
        asked = "description"
        description = text(raw.get("description", "")) or sku
        sizes = {}
        for asked in ("length", "width", "height"):
            sizes[asked] = it.values.measure(raw.get(asked, ""), MILLIMETRES[mapping.length_unit])
        asked = "weight"
        weight = it.values.measure(raw.get("weight", ""), GRAMS[mapping.weight_unit])
        flags = {}
        for asked in ("lot_control", "serial_control", "expiry_control"):
            flags[asked] = it.values.flag(raw.get(asked, ""))
        asked = "barcode"
        codes = _codes(it, row)
    except BadValue as bad:
        it.problem(row, asked, bad.problem, raw.get("sku", ""), fatal=True)
        return None
    item = NewItem(
        sku=sku, description=description, variant=it.word(row, "variant"), length_mm=sizes["length"],
        width_mm=sizes["width"], height_mm=sizes["height"], weight_grams=weight, hazard=it.word(row, "hazard"),
        handling=it.word(row, "handling"), origin_country=it.word(row, "origin_country"), hs_code=it.word(row, "hs_code"),
        codes=codes, lot_control=flags["lot_control"], serial_control=flags["serial_control"],
        expiry_control=flags["expiry_control"],
    )  # fmt: skip
    return ItemDocument(row[0], owner, item)


def _codes(it: Converter, row: Row) -> tuple[NewCode, ...]:
    codes: list[NewCode] = []
    for name, level in (("barcode", Level.EACH), ("inner_barcode", Level.INNER), ("carton_barcode", Level.CARTON)):
        quantity = 1
        if level is not Level.EACH:
            quantity = it.values.whole(row[1].get(name.replace("barcode", "quantity"), "")) or 1
        for code in it.word(row, name).split():
            codes.append(NewCode(normalise_gtin(code) or code, level, quantity))  # noqa: PERF401  two loops read better
    return tuple(codes)


def read_locations(path: Path, mapping: Mapping, report: Report) -> Iterator[LocationDocument]:
    """Yield the locations of a file.

    Raises:
        FileFault: the file as a whole cannot be read.
    """
    it = Converter(mapping, report)
    for row in Source(path, mapping).rows():
        report.lines += 1
        report.documents += 1
        asked = "code"
        try:
            code = it.word(row, "code")
            asked = "role"
            role: LocationRole = _one_of(LocationRole, it.word(row, "role").lower())
            asked = "sequence"
            sequence = it.values.whole(row[1].get("sequence", "")) or report.lines
        except BadValue as bad:
            it.problem(row, asked, bad.problem, row[1].get("code", ""), fatal=True)
            report.rejected += 1
            continue
        yield LocationDocument(row[0], NewLocation(code, it.word(row, "zone") or code.split("-")[0], role, sequence))


def read_stock(path: Path, mapping: Mapping, report: Report) -> Iterator[StockDocument]:
    """Yield the stock rows of a file.

    Raises:
        FileFault: the file as a whole cannot be read.
    """
    it = Converter(mapping, report)
    for row in Source(path, mapping).rows():
        report.lines += 1
        report.documents += 1
        asked = "sku"
        try:
            sku = it.word(row, "sku")
            asked = "location"
            location = it.word(row, "location")
            asked = "quantity"
            quantity = it.values.quantity(it.word(row, "quantity"))
            asked = "expiry"
            expiry = it.values.date(row[1].get("expiry", ""))
            asked = "condition"
            condition: Condition = _one_of(Condition, it.word(row, "condition").lower() or "good")
        except BadValue as bad:
            it.problem(row, asked, bad.problem, row[1].get("sku", ""), fatal=True)
            report.rejected += 1
            continue
        yield StockDocument(
            row[0], it.word(row, "owner"), sku, location, it.word(row, "lot"), expiry, it.word(row, "serial"),
            condition.value, quantity,
        )  # fmt: skip
