"""Rows of FILE and of the files beside it, as values by field: columns found once, joins looked up by key."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from core.exchange.mapping import REQUIRED, Join
from core.exchange.mapping import Mapping as FileMapping
from core.exchange.readers import read_rows
from core.exchange.report import FileProblem, UnreadableFile, printable

Getter = Callable[[Sequence[str], Sequence[Sequence[str]]], str]


class Row(NamedTuple):
    """Values by field, and where they stood."""

    line: int
    values: Mapping[str, str]
    surplus: str
    """The first value beyond the header, empty for none: every value of such a row may stand in the wrong column."""


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
        self._fixed = {name: place for name, place in self.fields.items() if isinstance(place, str)}
        own = {name: place[1] for name, place in self.fields.items() if not isinstance(place, str)}
        self._names = tuple(own)
        # One value more than names, or it would not give a tuple for one name alone.
        self._pick = itemgetter(*own.values(), 0)

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
        width = len(self._header)
        for number, values in self._rows:
            surplus = ""
            if len(values) != width:
                surplus = next((each for each in values[width:] if each.strip()), "")
                values = [*values[:width], *([""] * (width - len(values)))]  # noqa: PLW2901  short rows end in nothing
            if self._joins:
                for beside in self._beside(values):
                    yield Row(number, self._put_together(values, beside), surplus)
            else:
                yield Row(number, {**self._fixed, **dict(zip(self._names, self._pick(values), strict=False))}, surplus)

    def _put_together(self, values: Sequence[str], beside: Sequence[Sequence[str]]) -> dict[str, str]:
        return {name: _value(place, values, beside) for name, place in self.fields.items()}

    def columns(self, *names: str) -> Iterator[tuple[str, ...]]:
        """Yield some fields of every row of FILE itself, stripped: for a first look over a long file.

        A field that comes out of a file beside FILE is told as nothing.
        """
        places = [self.fields.get(name, "") for name in names]
        for _, values in self._rows:
            yield tuple(
                place.strip()
                if isinstance(place, str)
                else (values[place[1]].strip() if place[0] < 0 and place[1] < len(values) else "")
                for place in places
            )

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


def _no_column(file: str, column: str, header: Sequence[str]) -> UnreadableFile:
    names = printable(", ".join(header), 300)
    return UnreadableFile(file, FileProblem.NO_COLUMN, column=column, wanted=repr(column), columns=names)


def _value(place: tuple[int, int] | str, values: Sequence[str], beside: Sequence[Sequence[str]]) -> str:
    if isinstance(place, str):
        return place
    where, index = place
    row = values if where < 0 else beside[where]
    return row[index] if index < len(row) else ""
