"""What an import says at the end: counts, and every problem with line, column, value and reason."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from core.kernel.refusal import Fault

ENTRIES_KEPT = 1000
"""Problems kept word for word; beyond them only counts grow."""
_SHOWN = 80


class FileFault(Fault):
    """A file as a whole cannot be read; nothing of it was imported."""

    def __init__(self, file: str, reason: str, *, line: int = 0, column: str = "", value: str = "") -> None:
        """Name what is wrong and where."""
        place = f", line {line}" if line else ""
        place += f", column {column!r}" if column else ""
        shown = f" ({printable(value)})" if value else ""
        super().__init__(f"{file}{place}: {reason}{shown}")
        self.file, self.reason, self.line, self.column, self.value = file, reason, line, column, value


class Problem(StrEnum):
    """Why a line or document was not imported."""

    NOT_GOODS = "not_goods"
    CANCELLATION = "cancellation"
    MISSING_VALUE = "missing_value"
    NOT_A_NUMBER = "not_a_number"
    NOT_WHOLE = "not_whole"
    NOT_POSITIVE = "not_positive"
    NOT_A_DATE = "not_a_date"
    NOT_ALLOWED = "not_allowed"
    UNKNOWN_UNIT = "unknown_unit"
    UNKNOWN_SKU = "unknown_sku"
    UNKNOWN_LOCATION = "unknown_location"
    TOO_LONG = "too_long"
    NO_GOODS = "no_goods"
    DUPLICATE = "duplicate"
    DIFFERS = "differs"
    ALREADY_HERE = "already_here"
    CODE_TAKEN = "code_taken"


@dataclass(frozen=True, slots=True)
class Entry:
    """One problem."""

    line: int
    column: str
    value: str
    problem: Problem
    document: str
    fatal: bool
    """Whether its document was rejected for it; else only the line was left out."""


@dataclass(slots=True)
class Report:
    """What became of a file."""

    file: str
    lines: int = 0
    documents: int = 0
    imported: int = 0
    unchanged: int = 0
    rejected: int = 0
    problems: Counter[Problem] = field(default_factory=Counter)
    entries: list[Entry] = field(default_factory=list)

    def note(self, entry: Entry) -> None:
        """Keep a problem."""
        self.problems[entry.problem] += 1
        if len(self.entries) < ENTRIES_KEPT:
            self.entries.append(entry)

    def to_json(self) -> dict[str, object]:
        """Return the report as plain data."""
        return {
            "file": self.file,
            "lines": self.lines,
            "documents": self.documents,
            "imported": self.imported,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "problems": {str(problem): count for problem, count in sorted(self.problems.items())},
            "entries": [
                {
                    "line": each.line, "column": each.column, "value": printable(each.value),
                    "reason": str(each.problem), "document": each.document, "rejected": each.fatal,
                }
                for each in self.entries
            ],
        }  # fmt: skip

    def to_text(self, shown: int = 20) -> str:
        """Return the report for people: counts, then the first problems."""
        head = (
            f"{self.file}: {self.lines} lines, {self.documents} documents: {self.imported} imported, "
            f"{self.unchanged} already here, {self.rejected} rejected"
        )
        counts = [f"  {count:>7} x {problem}" for problem, count in self.problems.most_common()]
        words = [
            f"  line {each.line}, {each.column}: {each.problem} ({printable(each.value)})"
            for each in self.entries[:shown]
        ]
        return "\n".join([head, *counts, *words])


def printable(value: str) -> str:
    """Return a value as it may be shown: short, on one line, control characters visible."""
    text = value if len(value) <= _SHOWN else value[:_SHOWN] + "…"
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
