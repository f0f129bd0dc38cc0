"""Rows of FILE and of the files beside it, as values by field: columns found once, joins looked up by key."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from core.exchange.mapping import REQUIRED, Join
from core.exchange.mapping import Mapping as FileMapping
from core.exchange.readers import read_rows
from core.exchange.report import FileProblem, UnreadableFile, printable

Getter = Callable[[Sequence[str], Sequence[Sequence[str]]], str]


class Row(NamedTuple):
    """The values of a row, and where they stood."""

    line: int
    values: Sequence[str]
    places: Mapping[str, int]
    """Where a field stands among the values."""
    surplus: str
    """The first value beyond the header, empty for none: every value of such a row may stand in the wrong column."""

    def told(self, name: str) -> str:
        """Return what the row says of a field; nothing where the file has none such."""
        place = self.places.get(name)
        return "" if place is None else self.values[place]


class Source:
    """A file with those beside it: yields rows as values by field."""

    def __init__(self, path: Path, mapping: FileMapping) -> None:
        """Open the file and read the ones beside it.

        Raises:
            UnreadableFile: a file cannot be read, or a column is missing.
        """
        self._path, self._mapping = path, mapping
        header, self._rows = read_rows(
            path, encoding=mapping.encoding, delimiter=mapping.delimiter, sheet=mapping.sheet
        )
        self._header = header
        self._joins = [_Joined(path, mapping, join) for join in mapping.joins]
        self._keys = [self._key(join) for join in mapping.joins]
        self.fields = self._getters()
        self.places = {name: n for n, name in enumerate(self.fields)}
        """Where each field stands among a row's values."""
        indexes, self._constants = self._behind(self.fields.values())
        # One value more than fields: of one alone there would be no tuple.
        self._pick = itemgetter(*indexes, 0)

    def _key(self, join: Join) -> int:
        where, index = self._place(join.here)
        if where >= 0:
            raise UnreadableFile(
                self._mapping.name, FileProblem.NO_KEY, column=join.here, beside=join.file, other=self._path.name
            )
        return index

    def _place(self, column: str) -> tuple[int, int]:
        """Return where a column is: -1 and its index in FILE, or the join's number and its index there."""
        if column in self._header:
            return (-1, self._header.index(column))
        for number, joined in enumerate(self._joins):
            if column in joined.header:
                return (number, joined.header.index(column))
        raise _no_column(self._path.name, column, self._header)

    def _getters(self) -> dict[str, tuple[int, int] | str]:
        places: dict[str, tuple[int, int] | str] = dict(self._mapping.constants)
        for name, column in self._mapping.columns.items():
            try:
                places[name] = self._place(column)
            except UnreadableFile:
                if not self._mapping.optional_columns or name in REQUIRED[self._mapping.kind]:
                    raise
        return places

    def rows(self) -> Iterator[Row]:
        """Yield every row, once per joined row where a join has many."""
        width, places, constants, pick = len(self._header), self.places, self._constants, self._pick
        for number, values in self._rows:
            surplus = ""
            if len(values) != width:
                surplus = next((each for each in values[width:] if each.strip()), "")
                values = _widened(values, width)  # noqa: PLW2901
            if self._joins:
                for beside in self._beside(values):
                    together = [_value(place, values, beside) for place in self.fields.values()]
                    yield Row(number, together, places, surplus)
            else:
                yield Row(number, pick([*values, *constants] if constants else values), places, surplus)

    def columns(self, *names: str) -> Iterator[tuple[str, ...]]:
        """Yield some fields of every row of FILE itself, stripped: for a first look over a long file.

        A field that comes out of a file beside FILE is told as nothing.
        """
        width = len(self._header)
        indexes, constants = self._behind(self.fields.get(name, "") for name in names)
        for _, values in self._rows:
            row = values if len(values) == width else _widened(values, width)
            if constants:
                row = [*row, *constants]
            yield tuple([row[index].strip() for index in indexes])

    def _behind(self, places: Iterable[tuple[int, int] | str]) -> tuple[list[int], list[str]]:
        """Return where places are among a row's own values with constants behind them, and the constants.

        What comes out of a file beside FILE is a constant here: nothing.
        """
        indexes: list[int] = []
        constants: list[str] = []
        for place in places:
            if isinstance(place, str) or place[0] >= 0:
                indexes.append(len(self._header) + len(constants))
                constants.append(place if isinstance(place, str) else "")
            else:
                indexes.append(place[1])
        return indexes, constants

    def _beside(self, values: Sequence[str]) -> Iterator[list[Sequence[str]]]:
        found = [joined.rows.get(values[key], ()) for joined, key in zip(self._joins, self._keys, strict=True)]
        many = next((n for n, join in enumerate(self._mapping.joins) if join.many), None)
        single = [rows[0] if rows else self._joins[n].blank for n, rows in enumerate(found)]
        if many is None:
            yield single
            return
        for row in found[many] or [self._joins[many].blank]:
            single[many] = row
            yield list(single)


class _Joined:
    """A file beside FILE, in memory by its key."""

    def __init__(self, path: Path, mapping: FileMapping, join: Join) -> None:
        """Read it.

        Raises:
            UnreadableFile: it cannot be read, or lacks its key.
        """
        beside = path.parent / join.file
        self.header, rows = read_rows(beside, encoding=mapping.encoding, delimiter=mapping.delimiter)
        if join.there not in self.header:
            raise _no_column(join.file, join.there, self.header)
        key = self.header.index(join.there)
        self.rows: dict[str, list[Sequence[str]]] = defaultdict(list)
        self.blank: Sequence[str] = [""] * len(self.header)
        for _, values in rows:
            if key < len(values):
                self.rows[values[key]].append(values)


def _widened(values: Sequence[str], width: int) -> Sequence[str]:
    """Return values in the header's width: a short row ends in nothing."""
    return [*values[:width], *([""] * (width - len(values)))]


def _no_column(file: str, column: str, header: Sequence[str]) -> UnreadableFile:
    names = printable(", ".join(header), 300)
    return UnreadableFile(file, FileProblem.NO_COLUMN, column=column, wanted=repr(column), columns=names)


def _value(place: tuple[int, int] | str, values: Sequence[str], beside: Sequence[Sequence[str]]) -> str:
    if isinstance(place, str):
        return place
    where, index = place
    row = values if where < 0 else beside[where]
    return row[index] if index < len(row) else ""
