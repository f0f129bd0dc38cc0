"""What is to be printed, from the command line: ranges of codes, lists in files, and rows of the station.

A kind's columns are the fields of its content. The one thing a newcomer would get wrong: nothing is printed before every
row has become a label, so that a list with a mistake in row 700 costs no roll; every mistake names file, line and column.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from itertools import product
from pathlib import Path
from typing import Any

from core.exchange.readers import FORMULA, MARK, Rows, read_rows
from core.kernel.refusal import Fault
from desktop.options import AnswerIsNo
from printing.fault import LabelFault
from printing.kinds import KINDS, Content, Kind, lay_out
from printing.lint import Finding, check_numbers

LABELS_MOST = 20_000
"""Of one call: more is a mistyped range."""
DRAWN = "sscc"
"""A column that a list may lack: a station draws the numbers then."""
NOTHING_WRITTEN = "nothing was written"
_FAULTS_SHOWN = 20
_LABEL = "_label"
_OURS = ("copy_number", "job")
_RANGE = ".."
_PARTS = re.compile(r"\d+|[A-Za-z]+|[^0-9A-Za-z]+")
_MIDNIGHT = " 00:00:00"
_DELIMITERS = (";", "\t")
"""What spreadsheets of other countries put between values, where there is no comma."""


@dataclass(frozen=True, slots=True)
class Row:
    """One label to be: its values by column, and where they stand."""

    values: Mapping[str, str]
    place: str
    """`labels.csv, line 3`, or the range it is part of."""


def label_kinds() -> dict[str, Kind]:
    """Return every kind of label by the name it is asked for on the command line."""
    return {name.removesuffix(_LABEL).replace("_", "-"): kind for name, kind in KINDS.items() if name.endswith(_LABEL)}


def kind_called(name: str) -> Kind:
    """Return a kind of label.

    Raises:
        Fault: there is none of that name.
    """
    kinds = label_kinds()
    wanted = name.strip().lower().replace("_", "-").removesuffix("-label")
    if wanted not in kinds:
        raise Fault(f"{name!r} is no kind of label: {', '.join(sorted(kinds))}")
    return kinds[wanted]


def columns(kind: Kind) -> dict[str, bool]:
    """Return the columns a kind's rows may have, and whether each is needed."""
    return {
        each.name: each.default is MISSING and each.default_factory is MISSING
        for each in fields(kind.content)
        if each.name not in _OURS
    }


def has_numbers(kind: Kind) -> bool:
    """Say whether labels of a kind carry a number that only one pallet or carton may have."""
    return DRAWN in columns(kind)


def spread(said: str) -> Iterator[str]:
    """Yield the codes of a range such as `A-01-01..A-04-12`, the last part fastest; a code alone is itself.

    Raises:
        Fault: the two ends are not built alike, or run backwards.
    """
    first, dots, last = said.partition(_RANGE)
    if not dots:
        yield said
        return
    ends = [_PARTS.findall(each.strip()) for each in (first, last)]
    if not ends[0] or len(ends[0]) != len(ends[1]):
        raise Fault(f"{said}: {first!r} and {last!r} are not built alike")
    steps = [_steps(said, a, b) for a, b in zip(*ends, strict=True)]
    count = 1
    for step in steps:
        count *= len(step)
    if count > LABELS_MOST:
        raise Fault(f"{said} are {count} labels, at most {LABELS_MOST} at once")
    for parts in product(*steps):
        yield "".join(parts)


def _steps(said: str, first: str, last: str) -> Sequence[str]:
    if first == last:
        return (first,)
    if first.isdecimal() and last.isdecimal():
        wide = len(first) if len(first) == len(last) else 0
        low, high = int(first), int(last)
        if not wide and (first.startswith("0") or last.startswith("0")):
            raise Fault(f"{said}: {first} is not written with as many digits as {last}: which of them is meant?")
        if low <= high and high - low <= LABELS_MOST:
            return [str(n).zfill(wide) for n in range(low, high + 1)]
        raise Fault(f"{said}: {first} to {last} " + ("runs backwards" if low > high else "is too much at once"))
    if len(first) == len(last) == 1 and first.isalpha() and last.isalpha() and first.isupper() == last.isupper():
        if first <= last:
            return [chr(n) for n in range(ord(first), ord(last) + 1)]
        raise Fault(f"{said}: {first} to {last} runs backwards")
    raise Fault(f"{said}: from {first!r} to {last!r} there is no way to count")


def rows_of_ranges(kind: Kind, said: Sequence[str]) -> list[Row]:
    """Return a row for each code that is named or lies in a range.

    Raises:
        Fault: the kind has no code, or a range is none.
    """
    if said and "code" not in columns(kind):
        raise Fault(f"a {kind.content.KIND.replace('_', ' ')} is not made from a code alone: name a --file")
    return [Row({"code": code}, "" if code == each else each) for each in said for code in spread(each)]


def header_of(file: Path) -> list[str]:
    """Return the columns that a list names, as kinds call them.

    Raises:
        UnreadableFile: the file cannot be read.
    """
    return [name for name in map(_column, _read(file)[0]) if name]


def _read(file: Path) -> tuple[list[str], Rows]:
    header, lines = read_rows(file, encoding="utf-8", delimiter=",")
    other = next((each for each in _DELIMITERS if len(header) == 1 and each in header[0]), "")
    return read_rows(file, encoding="utf-8", delimiter=other) if other else (header, lines)


def _column(shown: str) -> str:
    return shown.strip().lower().replace(" ", "_").replace("-", "_")


def rows_of_file(kind: Kind, file: Path) -> list[Row]:
    """Return a row for each line of a list, whose header names columns of the kind.

    Raises:
        UnreadableFile: the file cannot be read.
        Fault: a column is unknown or missing.
    """
    header, lines = _read(file)
    names = [_column(each) for each in header]
    known = columns(kind)
    for shown, name in zip(header, names, strict=True):
        if name and name not in known:
            raise Fault(f"{file.name}, column {shown!r}: this kind of label has {', '.join(known)}")
    for name, needed in known.items():
        if needed and name not in names and name != DRAWN:
            raise Fault(f"{file.name}: column {name!r} is missing")
    found: list[Row] = []
    for number, values in lines:
        if len(values) > len(names) and any(values[len(names) :]):
            raise Fault(f"{file.name}, line {number}: {len(values)} values, the header names {len(names)} columns")
        named = {name: value for name, value in zip(names, values, strict=False) if name}
        if any(value.strip() for value in named.values()):
            found.append(Row(named, f"{file.name}, line {number}"))
        if len(found) > LABELS_MOST:
            raise Fault(f"{file.name}: more than {LABELS_MOST} labels at once")
    return found


def contents(kind: Kind, rows: Sequence[Row], constant: Mapping[str, str]) -> list[Content]:
    """Return what is to be printed.

    Args:
        kind: of label.
        rows: a label each.
        constant: columns with the same value on every label, where a row says nothing else.

    Raises:
        Fault: a constant's column is unknown.
        AnswerIsNo: rows have mistakes; it names each, up to twenty.
    """
    unknown = [name for name in constant if name not in columns(kind)]
    if unknown:
        raise Fault(f"{unknown[0]!r} is no column: this kind of label has {', '.join(columns(kind))}")
    made = [_content(kind, {**constant, **{n: v for n, v in row.values.items() if v.strip()}}) for row in rows]
    found = [each for each in made if not isinstance(each, tuple)]
    if len(found) < len(made):
        # Whoever mends the list wants all of it at once, also what would only show when a label is laid out.
        wrong = (each if isinstance(each, tuple) else _laid_out_wrong(kind, each) for each in made)
        known = columns(kind)
        _refuse([_sentence(row, fault, known) for row, faults in zip(rows, wrong, strict=True) for fault in faults])
    return found


def _laid_out_wrong(kind: Kind, content: Content) -> tuple[LabelFault, ...]:
    try:
        lay_out(content, kind.paper)
    except LabelFault as fault:
        return (fault,)
    return ()


def refuse_numbers(rows: Sequence[Row], made: Sequence[Content], faults: Mapping[str, str]) -> None:
    """Refuse labels whose numbers cannot be given out.

    Args:
        rows: what the labels are made from.
        made: the labels.
        faults: by number why not.

    Raises:
        AnswerIsNo: there are some; it names each, up to twenty.
    """
    found = [(row, str(getattr(content, "sscc", ""))) for row, content in zip(rows, made, strict=True)]
    _refuse([_sentence(row, LabelFault("sscc", faults[number])) for row, number in found if number in faults])


def each_rendered(
    kind: Kind,
    rows: Sequence[Row],
    made: Sequence[Content],
    render: Callable[[Content], tuple[bytes, Sequence[Finding]]],
) -> tuple[list[bytes], list[str]]:
    """Return the bytes of each label, and a sentence for each text of which a label shows the beginning only.

    Raises:
        AnswerIsNo: some cannot be printed; it names each, up to twenty.
    """
    found: list[bytes] = []
    faults: list[str] = []
    shortened: list[str] = []
    given: set[str] = set()
    for row, content in zip(rows, made, strict=True):
        numbers = [number for number in (str(getattr(content, "sscc", "")),) if number]
        try:
            check_numbers(numbers, before=given)
            given.update(numbers)
            data, notes = render(content)
            found.append(data)
            shortened += [_sentence(row, LabelFault(each.element, each.reason), columns(kind)) for each in notes]
        except LabelFault as fault:
            faults.append(_sentence(row, fault, columns(kind)))
    _refuse(faults)
    return found, shortened


def some_of(sentences: Sequence[str]) -> list[str]:
    """Return as many sentences as anybody reads, and how many more there are."""
    more = len(sentences) - _FAULTS_SHOWN
    return [*sentences[:_FAULTS_SHOWN], *([f"and {more} more"] if more > 0 else [])]


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        raise AnswerIsNo("\n".join([*some_of(faults), NOTHING_WRITTEN]))


def _sentence(row: Row, fault: LabelFault, known: Mapping[str, bool] | None = None) -> str:
    is_column = known is None or fault.element in known
    where = f"column {fault.element!r}" if is_column else fault.element
    code = row.values.get("code", "")
    place = row.place or code
    if code and code not in place and not row.place.count("line"):
        place = f"{place}, {code}"
    return f"{place}, {where}: {fault.reason}" if place else f"{where}: {fault.reason}"


def _content(kind: Kind, values: Mapping[str, str]) -> Content | tuple[LabelFault, ...]:
    """Return a content from its columns, or everything that is wrong with them."""
    made: dict[str, Any] = {}
    faults: list[LabelFault] = []
    for each in fields(kind.content):
        if each.name in _OURS:
            continue
        value = values.get(each.name, "").strip()
        if not value:
            faults += [LabelFault(each.name, "is missing")] if columns(kind)[each.name] else []
            continue
        try:
            made[each.name] = _value(each.name, str(each.type), value)
        except LabelFault as fault:
            faults.append(fault)
    return tuple(faults) or kind.content(**made)


def _parts(text: str) -> tuple[str, ...] | None:
    """Return the lines of one column, divided by bars or as a list of a JSON line; None for what is neither."""
    if not text.startswith(MARK):
        given = re.split(r"[|\n]", text)
    elif text.startswith(f"{MARK}["):
        given = json.loads(text.removeprefix(MARK))
    else:
        return None
    if not all(isinstance(each, str) for each in given):
        return None
    return tuple(filter(None, map(str.strip, given)))


def _value(name: str, kind: str, text: str) -> object:
    if "tuple" in kind and (parts := _parts(text)) is not None:
        return parts
    if text.startswith(MARK):
        raise LabelFault(name, "a formula without a result" if text.startswith(FORMULA) else "not a plain value")
    if "int" in kind:
        if not (text.isascii() and text.isdecimal() and len(text) <= len(str(LABELS_MOST)) + 4):
            raise LabelFault(name, f"{text!r} is no whole number")
        return int(text)
    # A spreadsheet's day comes with the first second of it.
    return text.removesuffix(_MIDNIGHT)
