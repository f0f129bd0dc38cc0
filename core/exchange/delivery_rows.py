"""Rows to deliveries: the rows of one delivery are one document, wherever they stand in the file, and an item is on one of its lines.

They are held in memory together: what a supplier announces is hundreds of lines, and nobody announces a million.
"""

from collections.abc import Iterator
from pathlib import Path

from core.catalog.command_codes import is_reserved
from core.exchange.convert import Converter
from core.exchange.documents import AnnouncedLine, DeliveryDocument
from core.exchange.mapping import Mapping
from core.exchange.report import Fate, Problem, Report
from core.exchange.rows import Row, Source
from core.exchange.values import BadValue, code

LINES_MAX = 5_000
"""Lines a delivery may have: one operation writes them all."""

Name = tuple[str, str]
"""Owner and number, as the file writes them."""


def read_deliveries(path: Path, mapping: Mapping, report: Report) -> Iterator[DeliveryDocument]:
    """Yield the deliveries of a file; what cannot be taken is in the report.

    Raises:
        FileFault: the file as a whole cannot be read.
    """
    by_name: dict[Name, list[Row]] = {}
    nameless: list[Row] = []
    for row in Source(path, mapping).rows():
        report.lines += 1
        name = (row.told("owner").strip(), row.told("delivery").strip())
        # Rows without a number belong to no document, least of all to one together.
        (by_name.setdefault(name, []) if name[1] else nameless).append(row)
    it = _Deliveries(mapping, report)
    for (_, number), rows in by_name.items():
        made = it.document(number, rows)
        if made is not None:
            yield made
    for row in nameless:
        it.document("", [row])


class _Deliveries(Converter):
    """Rows of one delivery to its document."""

    def document(self, name: str, rows: list[Row]) -> DeliveryDocument | None:
        """Return the document of a name, or None when it cannot be taken."""
        self.report.documents += 1
        first = rows[0]
        skipped = next((rule for row in rows if (rule := self.rule(self.mapping.skip_documents, row))), None)
        if skipped is not None:
            self.skip(first, skipped.field, skipped.reason, name)
            self.report.skipped_lines += len(rows)
            return None
        if len(rows) > LINES_MAX:
            self.reject(first, "delivery", Problem.TOO_MANY_LINES, name)
            return None
        lines = self._lines(rows, name)
        if lines is not None and not lines:
            self.skip(first, "delivery", Problem.NO_GOODS, name)
            return None
        made = self._head(first, name, lines) if lines else None
        if made is None:
            self.report.rejected += 1
        return made

    def _head(self, row: Row, name: str, lines: dict[str, AnnouncedLine]) -> DeliveryDocument | None:
        try:
            owner, number = self.word(row, "owner", code), self.value(row, "delivery", self._number)
            return DeliveryDocument(row.line, owner, number, self.word(row, "supplier"), tuple(lines.values()))
        except BadValue as bad:
            self.problem(row, bad.field, bad.problem, name, Fate.REJECTED)
            return None

    def _number(self, raw: str) -> str:
        number = self.words("delivery", code)(raw)
        if is_reserved(number):
            raise BadValue(Problem.RESERVED_CODE)
        return number

    def _lines(self, rows: list[Row], name: str) -> dict[str, AnnouncedLine] | None:
        """Return a document's lines by their items, None where one of them will not do."""
        found: dict[str, AnnouncedLine] = {}
        broken = False
        for row in rows:
            rule = self.rule(self.mapping.not_goods, row)
            if rule is not None:
                self.problem(row, rule.field, rule.reason, name, Fate.LINE_SKIPPED)
                self.report.skipped_lines += 1
                continue
            try:
                made = self._line(row, found)
            except BadValue as bad:
                self.problem(row, bad.field, bad.problem, name, Fate.REJECTED)
                broken = True
            else:
                found[made.sku] = made
        return None if broken else found

    def _line(self, row: Row, found: dict[str, AnnouncedLine]) -> AnnouncedLine:
        """Return a row's line, with what earlier rows said of its item where the mapping adds them up."""
        self.whole_row(row)
        sku, quantity = self.word(row, "sku", code), self.counted(row, "quantity")
        known = found.get(sku)
        if known is None:
            return AnnouncedLine(row.line, sku, quantity)
        if not self.mapping.sum_lines:
            raise BadValue(Problem.DUPLICATE, "sku")
        return AnnouncedLine(known.line, sku, known.quantity + quantity)
