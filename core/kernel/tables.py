"""Rows and tables in one declaration: a frozen dataclass that also is a table, with its class.

`@table(TableClass.FEED, key=("site", "id"))` makes a dataclass and the SQLAlchemy Core table behind it. Types mean the
same in SQLite and PostgreSQL: integers are BigInteger, text is Text, ids are bytes, enumerations are their text. The
newcomer's mistake: a UNIQUE beyond the primary key is not a column option but `unique=`, since guards exist only where
the database is the authority (`guards.py` makes and unmakes them).
"""

import re
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from enum import Enum, StrEnum
from operator import attrgetter
from typing import Any, ClassVar, TypeVar, Union, cast, dataclass_transform, get_args, get_origin, get_type_hints

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex

Key = tuple[Any, ...]
Values = tuple[Any, ...]
"""Those of a row, in the order of its columns, as its fields hold them."""

NAMING = {
    "pk": "pk_%(table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "%(table_name)s_%(column_0_N_name)s",
}

metadata = sa.MetaData(naming_convention=NAMING)
"""Every table of the core, in the order its areas are imported."""


class TableClass(StrEnum):
    """How a table's rows travel; every table declares one."""

    FEED = "feed"
    """Replicated by site, without personal data."""
    LEDGER = "ledger"
    """Insert-only, replicated."""
    PRIVATE = "private"
    """Personal data under random ids: beside the feed, outside operations and hashes."""
    LOCAL = "local"
    """This station's own: flow state, spool, gestures, the operation log."""
    DERIVED = "derived"
    """Recomputed from the others; `verify` compares."""


class Row:
    """What every row class inherits; gives `UnitOfWork.get` its type."""

    __slots__ = ()
    TABLE: ClassVar["TableInfo"]


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True, eq=False)
class TableInfo:
    """What the unit of work knows of a table."""

    name: str
    kind: TableClass
    cls: type[Row]
    sql: sa.Table
    key: tuple[str, ...]
    columns: tuple[str, ...]
    unique: Mapping[str, "Unique"]
    touch: str | None
    """The column that names the order a row belongs to: the order's timeline."""
    enums: Mapping[int, type[Enum]]
    places: Mapping[str, int]
    """Where each column stands in `columns`."""
    read_fields: Callable[[Row], tuple[Any, ...]]
    read_key: Callable[[Row], tuple[Any, ...]]
    read_values: Callable[[Row], tuple[Any, ...]]
    bare_values: Callable[[Row], tuple[Any, ...]]
    """The same with bytes as they are: PostgreSQL's driver takes them so."""
    plain: Callable[[Values], tuple[Any, ...]]
    """What the database takes of values in column order."""
    make_row: Callable[[Sequence[Any]], Row]
    readers: dict[tuple[str, ...], Callable[[Row], tuple[Any, ...]]]
    """What reads some columns, made when it was first asked for."""
    changers: dict[tuple[str, ...], Callable[..., Row]]
    """What changes some columns, made likewise."""

    def key_of(self, row: Row) -> Key:
        """Return a row's primary key values."""
        return self.read_key(row)

    def values(self, row: Row) -> tuple[Any, ...]:
        """Return a row's column values as the database takes them, in column order."""
        return self.read_values(row)

    def reader(self, columns: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
        """Return what reads some columns of a row."""
        found = self.readers.get(columns)
        if found is None:
            found = self.readers[columns] = _reader(columns)
        return found

    def changed(self, row: R, changes: Mapping[str, object]) -> R:
        """Return a row with these values in some columns: the row itself where it has them."""
        names = tuple(changes)
        change = self.changers.get(names)
        if change is None:
            change = self.changers[names] = _changer(self.cls, self.columns, names)
        return cast("R", change(row, *changes.values()))

    def row(self, raw: Sequence[Any]) -> Row:
        """Return the row that a result's values, in column order, stand for."""
        return self.make_row(raw)


@dataclass(frozen=True, slots=True)
class Unique:
    """A uniqueness the authority's database enforces beyond the primary key."""

    columns: tuple[str, ...]
    where: str | None = None
    """SQL condition of a partial index, portable."""


@dataclass(frozen=True, slots=True)
class Partial:
    """A plain index of some of the rows only."""

    columns: tuple[str, ...]
    where: str | None = None
    """SQL condition, portable; a statement that should use the index says it in these words."""


TABLES: dict[str, TableInfo] = {}
"""Every declared table by name."""


def info_of(cls: type[Row]) -> TableInfo:
    """Return what is known of a row class's table."""
    return cls.TABLE


def sql_of(cls: type[Row]) -> sa.Table:
    """Return the SQLAlchemy Core table of a row class, for queries."""
    return cls.TABLE.sql


def rows_of(cls: type[R], result: Iterable[Sequence[Any]]) -> tuple[R, ...]:
    """Return the rows that a result of `select(sql_of(cls))` holds."""
    return tuple(cast("R", cls.TABLE.row(raw)) for raw in result)


_WHERE = "where"


@compiles(CreateIndex)
def _create_index(create: CreateIndex, compiler: Any, **options: Any) -> str:
    """Return the statement that makes an index, of some rows where it is partial.

    SQLAlchemy's own way is an argument by database, and naming PostgreSQL's loads all of it at every station's start.
    """
    made = str(compiler.visit_create_index(create, **options))
    where = create.element.info.get(_WHERE)
    return made if where is None else f"{made} WHERE {where}"


@dataclass_transform(frozen_default=True)
def table(
    kind: TableClass,
    *,
    key: tuple[str, ...],
    unique: Mapping[str, Unique | tuple[str, ...]] | None = None,
    indexes: Mapping[str, "tuple[str, ...] | Partial"] | None = None,
    checks: Mapping[str, str] | None = None,
    touch: str | None = None,
    name: str | None = None,
) -> Callable[[type[R]], type[R]]:
    """Declare a frozen row class and its table.

    Args:
        kind: how its rows travel.
        key: the primary key columns; they lead with the site and are never updated.
        unique: named uniqueness that holds at an authority; at a replica they are plain indexes.
        indexes: named plain indexes, of all rows or of some.
        checks: named CHECK conditions that hold everywhere.
        touch: the column naming the order a row belongs to.
        name: the table's name where it is not the class's in snake case.
    """

    def declare(cls: type[R]) -> type[R]:
        made = cast("type[R]", dataclass(frozen=True, slots=True, init=False)(cls))
        made.__init__ = _init(made)  # type: ignore[method-assign]
        table_name = name or re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        hints = get_type_hints(made)
        columns, enums = _columns(made, hints, key)
        sql = sa.Table(
            table_name,
            metadata,
            *columns,
            *(sa.CheckConstraint(text, name=check) for check, text in (checks or {}).items()),
            info={"class": kind},
            sqlite_with_rowid=kind in (TableClass.LEDGER, TableClass.LOCAL),
        )
        for index, of in (indexes or {}).items():
            part = of if isinstance(of, Partial) else Partial(of)
            sa.Index(index, *(sql.c[column] for column in part.columns), info={_WHERE: part.where})
        uniques = {n: u if isinstance(u, Unique) else Unique(u) for n, u in (unique or {}).items()}
        names = tuple(str(c.name) for c in columns)
        made.TABLE = TableInfo(
            table_name, kind, made, sql, key, names, uniques, touch, enums,
            {name: n for n, name in enumerate(names)}, _reader(names), _reader(key), *_values_readers(sql, enums), _row_maker(made, names, enums), {}, {},
        )  # fmt: skip
        if table_name in TABLES:
            raise ValueError(f"table {table_name} is declared twice")
        TABLES[table_name] = made.TABLE
        return made

    return declare


def _init(cls: type[Row]) -> Callable[..., None]:
    """Return an `__init__` that fills a frozen row's slots: a fifth of what `dataclass` writes.

    Rows are what this program makes most of. A frozen class lets nobody assign, and calling a slot to be filled costs ten
    times as much as assigning: so a row is for the time of its making one of a class that has the same slots and is open.
    """
    given = fields(cast("Any", cls))
    inside: dict[str, Any] = {f"default_{each.name}": each.default for each in given if each.default is not MISSING}
    inside["_turn"] = object.__dict__["__class__"].__set__
    inside |= {"_frozen": cls, "_open": type(cls.__name__, cls.__bases__, {"__slots__": cls.__slots__})}
    words = (f"{e.name}=default_{e.name}" if e.default is not MISSING else e.name for e in given)
    body = "\n".join(f"    self.{each.name} = {each.name}" for each in given)
    exec(  # noqa: S102  our own names
        f"def __init__(self, {', '.join(words)}):\n    _turn(self, _open)\n{body}\n    self.__class__ = _frozen", inside
    )
    return cast("Callable[..., None]", inside["__init__"])


def _reader(names: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
    if len(names) == 1:
        name = names[0]
        return lambda row: (getattr(row, name),)
    return attrgetter(*names)


def _changer(cls: type[Row], columns: tuple[str, ...], names: tuple[str, ...]) -> Callable[..., Row]:
    """Return what changes some columns of a row, written out as well: a scan changes seven rows."""
    same = " and ".join(f"row.{name} == {name}" for name in names) or "True"
    values = ", ".join(name if name in names else f"row.{name}" for name in columns)
    inside: dict[str, Any] = {"_cls": cls}
    exec(  # noqa: S102  our own names
        f"def change(row, {', '.join(names)}):\n    return row if {same} else _cls({values})", inside
    )
    return cast("Callable[..., Row]", inside["change"])


def _values_readers(
    sql: sa.Table, enums: Mapping[int, type[Enum]]
) -> tuple[Callable[[Row], tuple[Any, ...]], Callable[[Row], tuple[Any, ...]], Callable[[Values], tuple[Any, ...]]]:
    """Return what makes values for the database of a row (SQLite's, PostgreSQL's), and of a row's values.

    Written out as one expression, as `dataclass` does with its methods: a loop over the columns takes four times as long.
    Every written row goes through one. Bytes become what SQLite's driver takes without asking whether they are to be adapted.
    """
    of_row: list[str] = []
    of_values: list[str] = []
    bare: list[str] = []
    for index, column in enumerate(sql.columns):
        for value, parts in ((f"row.{column.name}", of_row), (f"row.{column.name}", bare), (f"_{index}", of_values)):
            plain = value
            if index in enums:
                plain = f"{value}._value_"
            elif isinstance(column.type, sa.LargeBinary) and parts is not bare:
                plain = f"bytearray({value})"
            parts.append(f"None if {value} is None else {plain}" if column.nullable and plain != value else plain)
    inside: dict[str, Any] = {}
    taken = ",".join(f"_{index}" for index in range(len(of_values)))
    body = f"def plain(values):\n    [{taken}] = values\n    return ({','.join(of_values)},)"
    body += f"\ndef read(row):\n    return ({','.join(of_row)},)\ndef bare(row):\n    return ({','.join(bare)},)"
    exec(body, inside)  # noqa: S102  our own names
    return inside["read"], inside["bare"], inside["plain"]


def _row_maker(
    cls: type[Row], names: tuple[str, ...], enums: Mapping[int, type[Enum]]
) -> Callable[[Sequence[Any]], Row]:
    """Return what makes a row of a result's values, written out for the same reason."""
    inside: dict[str, Any] = {"cls": cls} | {f"members_{n}": dict(enum._value2member_map_) for n, enum in enums.items()}
    inside |= {f"enum_{n}": enum for n, enum in enums.items()}
    told = [
        # A value that is none of the enumeration's is told by the enumeration.
        f"None if _{n} is None else members_{n}.get(_{n}) or enum_{n}(_{n})" if n in enums else f"_{n}"
        for n in range(len(names))
    ]
    taken = ",".join(f"_{n}" for n in range(len(names)))
    exec(f"def make(raw):\n    [{taken}] = raw\n    return cls({','.join(told)})", inside)  # noqa: S102  our own names
    return cast("Callable[[Sequence[Any]], Row]", inside["make"])


def _columns(
    cls: type[Row], hints: Mapping[str, Any], key: tuple[str, ...]
) -> tuple[list[sa.Column[Any]], dict[int, type[Enum]]]:
    columns: list[sa.Column[Any]] = []
    enums: dict[int, type[Enum]] = {}
    for index, each in enumerate(fields(cast("Any", cls))):
        base, nullable = _base(hints[each.name])
        if issubclass(base, Enum):
            enums[index] = base
        columns.append(
            sa.Column(each.name, _sql_type(base), primary_key=each.name in key, nullable=nullable, autoincrement=False)
        )
    return columns, enums


def _base(hint: Any) -> tuple[type, bool]:
    if hasattr(hint, "__supertype__"):
        return _base(hint.__supertype__)
    if get_origin(hint) in (Union, types.UnionType):
        inner = [arg for arg in get_args(hint) if arg is not type(None)]
        if len(inner) != 1:
            raise TypeError(f"a column holds one type: {hint!r}")
        return _base(inner[0])[0], True
    return hint, False


def _sql_type(base: type) -> sa.types.TypeEngine[Any]:
    if issubclass(base, bool | float):
        raise TypeError(f"{base.__name__} does not mean the same in SQLite and PostgreSQL: use int")
    if issubclass(base, str):
        return sa.Text()
    if issubclass(base, int):
        return sa.BigInteger()
    if issubclass(base, bytes):
        return sa.LargeBinary()
    raise TypeError(f"no column type for {base!r}")
