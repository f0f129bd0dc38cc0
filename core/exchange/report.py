"""What an import says at the end: counts, and every problem with line, column, value and reason."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from core.kernel.refusal import Fault

ENTRIES_KEPT = 1000
"""Problems kept word for word; beyond them only counts grow."""
_SHOWN = 80


class FileFault(Fault):
    """A file as a whole cannot be used: not read, not written, not understood as a mapping."""

    def __init__(
        self, file: str, reason: str, *, line: int = 0, column: str = "", part: str = "", key: str = ""
    ) -> None:
        """Name what is wrong and where: a line and column of a file, a part and key of a mapping."""
        place = f", line {line}" if line else ""
        place += f", column {column!r}" if column else ""
        place += f", [{part}]" if part else ""
        place += f", key {key!r}" if key else ""
        super().__init__(f"{file}{place}: {reason}")


class FileProblem(StrEnum):
    """Why a file that is to be read in, or the mapping that says how, cannot be read as a whole."""

    FOLDER = "folder"
    MISSING = "missing"
    NO_FILE = "no_file"
    NOT_OPENED = "not_opened"
    EMPTY = "empty"
    DAMAGED = "damaged"
    BOMB = "bomb"
    LONG_LINE = "long_line"
    EMPTY_LINES = "empty_lines"
    NUL = "nul"
    ENCODING = "encoding"
    UNKNOWN_ENCODING = "unknown_encoding"
    WIDE = "wide"
    NOT_CSV = "not_csv"
    NOT_JSON = "not_json"
    NO_OBJECT = "no_object"
    NOT_XLSX = "not_xlsx"
    NO_SHEET = "no_sheet"
    BAD_CELL = "bad_cell"
    COLUMN_TWICE = "column_twice"
    TOO_MANY_COLUMNS = "too_many_columns"
    NO_COLUMN = "no_column"
    NO_KEY = "no_key"
    BROKEN_OFF = "broken_off"

    NO_MAPPING = "no_mapping"
    NOT_TOML = "not_toml"
    UNKNOWN_PART = "unknown_part"
    SAYS_NOTHING = "says_nothing"
    UNKNOWN_KEY = "unknown_key"
    UNKNOWN_FIELD = "unknown_field"
    NO_SOURCE = "no_source"
    LACKS_KEY = "lacks_key"
    NEEDS_TEXT = "needs_text"
    NEEDS_FLAG = "needs_flag"
    NEEDS_TABLE = "needs_table"
    NEEDS_LIST = "needs_list"
    NEEDS_NUMBER = "needs_number"
    NEEDS_CHARACTER = "needs_character"
    NEEDS_OTHER_MARK = "needs_other_mark"
    NEEDS_DATE_FORMAT = "needs_date_format"
    UNKNOWN_UNIT = "unknown_unit"
    UNKNOWN_ZONE = "unknown_zone"
    NOT_BESIDE = "not_beside"
    MANY_JOINS = "many_joins"
    NO_PATTERN = "no_pattern"
    NO_REASON = "no_reason"


FILE_WORDS: Mapping[FileProblem, str] = {
    FileProblem.FOLDER: "is a folder, not a file",
    FileProblem.MISSING: "does not exist",
    FileProblem.NO_FILE: "is not a file that can be read again: a pipe or a device",
    FileProblem.NOT_OPENED: "cannot be opened: {why}",
    FileProblem.EMPTY: "is empty",
    FileProblem.DAMAGED: "is damaged: {why}",
    FileProblem.BOMB: "unpacks to {size} bytes and more: refused",
    FileProblem.LONG_LINE: "has a line longer than {most} characters",
    FileProblem.EMPTY_LINES: "has more than {most} empty lines after each other",
    FileProblem.NUL: "holds a NUL byte",
    FileProblem.ENCODING: "is not {encoding}: {why}",
    FileProblem.UNKNOWN_ENCODING: "has an encoding nobody knows: {encoding}",
    FileProblem.WIDE: "is {found}, the mapping says {encoding}",
    FileProblem.NOT_CSV: "is not CSV: {why}",
    FileProblem.NOT_JSON: "is not JSON: {why}",
    FileProblem.NO_OBJECT: "a line is not an object",
    FileProblem.NOT_XLSX: "is not a readable XLSX: {why}",
    FileProblem.NO_SHEET: "has no sheet {sheet}; it has {sheets}",
    FileProblem.BAD_CELL: "a cell holds what no cell may",
    FileProblem.COLUMN_TWICE: "names a column twice",
    FileProblem.TOO_MANY_COLUMNS: "has {count} columns, {most} are allowed",
    FileProblem.NO_COLUMN: "has no column {wanted}; it has {columns}",
    FileProblem.NO_KEY: "joins {beside} by a column that {other} has not",
    FileProblem.BROKEN_OFF: "was not read to its end: {why}",
    FileProblem.NO_MAPPING: "is no mapping; there are {known}, or name a .toml file",
    FileProblem.NOT_TOML: "is not TOML: {why}",
    FileProblem.UNKNOWN_PART: "has an unknown part, {known} are known",
    FileProblem.SAYS_NOTHING: "says nothing about {kind}",
    FileProblem.UNKNOWN_KEY: "has an unknown key, {known} are known",
    FileProblem.UNKNOWN_FIELD: "has an unknown field, {known} are known",
    FileProblem.NO_SOURCE: "does not say where this field comes from",
    FileProblem.LACKS_KEY: "lacks this key",
    FileProblem.NEEDS_TEXT: "needs text here, not {value}",
    FileProblem.NEEDS_FLAG: "needs true or false here, not {value}",
    FileProblem.NEEDS_TABLE: "needs a table here, not {value}",
    FileProblem.NEEDS_LIST: "needs a list here, not {value}",
    FileProblem.NEEDS_NUMBER: "needs a whole number here, not {value}",
    FileProblem.NEEDS_CHARACTER: "needs one character that is no digit, quote or line break",
    FileProblem.NEEDS_OTHER_MARK: "needs one character that is not the decimal mark, or none",
    FileProblem.NEEDS_DATE_FORMAT: "needs a format such as {such}, not {value}",
    FileProblem.UNKNOWN_UNIT: "has an unknown unit, {known} are known",
    FileProblem.UNKNOWN_ZONE: "has a time zone nobody knows: {zone}",
    FileProblem.NOT_BESIDE: "names a file that does not lie beside FILE: {beside}",
    FileProblem.MANY_JOINS: "may have one join with many rows",
    FileProblem.NO_PATTERN: "is no pattern: {why}",
    FileProblem.NO_REASON: "is no reason, {known} are known",
}
"""What is said of the file; facts are filled in by name."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a file as a whole could not be read in, where, and with which facts."""

    file: str
    problem: FileProblem
    line: int = 0
    column: str = ""
    part: str = ""
    """Of a mapping, as its heading is written: orders, orders.join."""
    key: str = ""
    facts: tuple[tuple[str, str | int], ...] = ()


class UnreadableFile(FileFault):
    """A file as a whole, or the mapping it is read by, cannot be read; nothing of it was imported."""

    def __init__(
        self,
        file: str,
        problem: FileProblem,
        *,
        line: int = 0,
        column: str = "",
        part: str = "",
        key: str = "",
        **facts: str | int,
    ) -> None:
        """Name what is wrong and where."""
        super().__init__(file, FILE_WORDS[problem].format(**facts), line=line, column=column, part=part, key=key)
        self.trouble = Trouble(file, problem, line, column, part, key, tuple(facts.items()))

    @classmethod
    def of(cls, trouble: Trouble) -> Self:
        """Return it from what it carries: it came from another process."""
        return cls(
            trouble.file, trouble.problem, line=trouble.line, column=trouble.column, part=trouble.part, key=trouble.key,
            **dict(trouble.facts),
        )  # fmt: skip


class Problem(StrEnum):
    """Why a line or document was not imported."""

    NOT_GOODS = "not_goods"
    CANCELLATION = "cancellation"
    MISSING_VALUE = "missing_value"
    SURPLUS_VALUE = "surplus_value"
    NOT_A_NUMBER = "not_a_number"
    NOT_WHOLE = "not_whole"
    NOT_POSITIVE = "not_positive"
    TOO_LARGE = "too_large"
    NOT_A_DATE = "not_a_date"
    NOT_ALLOWED = "not_allowed"
    FORMULA = "formula"
    NESTED = "nested"
    CONTROL_CHARACTER = "control_character"
    UNKNOWN_SKU = "unknown_sku"
    UNKNOWN_LOCATION = "unknown_location"
    TOO_LONG = "too_long"
    TOO_MANY_LINES = "too_many_lines"
    NO_GOODS = "no_goods"
    DUPLICATE = "duplicate"
    DIFFERS = "differs"
    ALREADY_HERE = "already_here"
    CODE_TAKEN = "code_taken"
    RESERVED_CODE = "reserved_code"
    REFUSED = "refused"


WORDS: Mapping[Problem, str] = {
    Problem.NOT_GOODS: "is not goods, the mapping says",
    Problem.CANCELLATION: "is a cancellation or a return, not an order",
    Problem.MISSING_VALUE: "is missing",
    Problem.SURPLUS_VALUE: "has no column in the header",
    Problem.NOT_A_NUMBER: "is not a number",
    Problem.NOT_WHOLE: "is not a whole number",
    Problem.NOT_POSITIVE: "is not above zero",
    Problem.TOO_LARGE: "is too large",
    Problem.NOT_A_DATE: "is not a date in the mapping's format, or no possible one",
    Problem.NOT_ALLOWED: "is not one of the values that are allowed",
    Problem.FORMULA: "is a formula without a result: save the sheet with its values",
    Problem.NESTED: "is an object or a list, not one value",
    Problem.CONTROL_CHARACTER: "holds a control character",
    Problem.UNKNOWN_SKU: "is no item here",
    Problem.UNKNOWN_LOCATION: "is no location here",
    Problem.TOO_LONG: "is too long",
    Problem.TOO_MANY_LINES: "has more lines than an order may",
    Problem.NO_GOODS: "has no line left that is goods",
    Problem.DUPLICATE: "stands in the file more than once",
    Problem.DIFFERS: "is here already and says something else; it was left as it is",
    Problem.ALREADY_HERE: "is here already, at another place",
    Problem.CODE_TAKEN: "is the name of something else here",
    Problem.RESERVED_CODE: "is a command code of the station",
    Problem.REFUSED: "was refused",
}
"""What a report for people says after the value."""


class Fate(StrEnum):
    """What became of what a problem is about."""

    REJECTED = "rejected"
    """The document was not taken, and should have been."""
    SKIPPED = "skipped"
    """The document is none, the mapping says: a cancellation, an order of nothing but postage."""
    LINE_SKIPPED = "line_skipped"
    """The line is not goods, the mapping says; the rest of its document was taken."""


_FATES: Mapping[Fate, str] = {
    Fate.REJECTED: "the document was rejected",
    Fate.SKIPPED: "the document was skipped",
    Fate.LINE_SKIPPED: "the line was left out",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One problem."""

    line: int
    column: str
    value: str
    problem: Problem
    document: str
    fate: Fate = Fate.REJECTED

    def __str__(self) -> str:
        """Return the sentence a person reads."""
        place = f"line {self.line}, {self.column}" if self.line else self.column
        of = f" of {printable(self.document)}" if self.document and self.document != self.value else ""
        shown = f"{printable(self.value)} " if self.value else ""
        return f"{place}{of}: {shown}{WORDS[self.problem]} ({self.problem}); {_FATES[self.fate]}"


@dataclass(slots=True)
class Report:
    """What became of a file: every document of it is imported, unchanged, skipped, rejected or withheld."""

    file: str
    lines: int = 0
    documents: int = 0
    imported: int = 0
    unchanged: int = 0
    skipped: int = 0
    """Documents that are none, the mapping says: nobody has to put them right."""
    rejected: int = 0
    withheld: int = 0
    """Good documents that were not imported because of the rejected ones."""
    strict: bool = False
    """Whether nothing was imported because something was rejected."""
    skipped_lines: int = 0
    """Lines that are not goods, the mapping says, in whichever document they stand."""
    problems: Counter[Problem] = field(default_factory=Counter)
    entries: list[Entry] = field(default_factory=list)
    columns: Mapping[str, str] = field(default_factory=dict, compare=False)
    """What the file calls a field: whoever reads the report looks for it in the file. A process that reads a long file has
    it for itself."""

    def note(self, entry: Entry) -> None:
        """Keep a problem with a field, under the name of its column."""
        self.problems[entry.problem] += 1
        if len(self.entries) < ENTRIES_KEPT:
            self.entries.append(replace(entry, column=self.columns.get(entry.column, entry.column)))

    @property
    def failed(self) -> bool:
        """Return whether nothing of the file is here because of what was rejected."""
        return self.rejected > 0 and self.imported == self.unchanged == 0

    def to_json(self) -> dict[str, object]:
        """Return the report as plain data."""
        return {
            "file": self.file,
            "lines": self.lines,
            "documents": self.documents,
            "imported": self.imported,
            "unchanged": self.unchanged,
            "skipped": self.skipped,
            "rejected": self.rejected,
            "withheld": self.withheld,
            "strict": self.strict,
            "skipped_lines": self.skipped_lines,
            "problems": {str(problem): count for problem, count in sorted(self.problems.items())},
            "entries": [
                {
                    "line": each.line, "column": each.column, "value": printable(each.value),
                    "reason": str(each.problem), "document": each.document, "outcome": str(each.fate),
                }
                for each in self.entries
            ],
        }  # fmt: skip

    def to_text(self, shown: int = 20) -> str:
        """Return the report for people: counts, then the first problems."""
        head = (
            f"{self.file}: {self.lines} lines, {self.documents} documents: {self.imported} imported, "
            f"{self.unchanged} already here, {self.skipped} skipped, {self.rejected} rejected"
        )
        told: list[str] = []
        if self.strict:
            told.append(
                f"Nothing was imported: --strict wants every document to be good; {self.withheld} good ones wait."
            )
        if self.skipped_lines:
            told.append(f"{self.skipped_lines} lines are no goods of an order, the mapping says.")
        counts = [f"  {count:>7} x {problem}" for problem, count in self.problems.most_common()]
        words = [f"  {each}" for each in self.entries[:shown]]
        more = sum(self.problems.values()) - len(words)
        rest = [f"  and {more} more; --json tells the first {ENTRIES_KEPT} of them"] if more > 0 else []
        return "\n".join([head, *told, *counts, *words, *rest])


def printable(value: str, longest: int = _SHOWN) -> str:
    """Return a value as it may be shown: short, on one line, control characters visible."""
    text = value if len(value) <= longest else value[:longest] + "…"
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
