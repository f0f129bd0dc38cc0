"""Commands made from their types alone: one example of each for the golden files, any for Hypothesis.

A command with a field of a kind that is not known here fails: nothing is left out silently.
"""

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from core.kernel import codec
from core.kernel.commands import Command, body_of
from core.kernel.feed import TRAVELS, content_text, key_text
from core.kernel.ids import NO_ID, NO_SESSION, CommandId, SiteId
from core.kernel.operations import GENESIS, Operation, OperationOutcome, OperationState, operation_hash
from core.kernel.tables import TABLES, Row
from tests.support import NOON, PICKER, SITE, STATION

GOLDEN = Path(__file__).parent / "kernel" / "operations"
"""One file for each kind and version of operation: a body that every later program must read, and its hash."""

ROWS = Path(__file__).parent / "kernel" / "rows"
"""One file for each release's tables: a row of each that travels, as the feed says it, which every later program must take."""

_BASE = frozenset(field.name for field in fields(Command))


def _kind(hint: Any) -> tuple[str, Any]:
    """Return what sort of type a hint is, with what it holds."""
    if get_origin(hint) in (Union, types.UnionType):
        (inner,) = (arg for arg in get_args(hint) if arg is not type(None))
        return "maybe", inner
    if get_origin(hint) is tuple:
        args = get_args(hint)
        return ("many", args[0]) if args[1:] == (Ellipsis,) else ("tuple", args)
    if hint is SiteId:
        return "site", hint
    if hasattr(hint, "__supertype__"):
        assert hint.__supertype__ is bytes, hint
        return "id", hint
    for plain in (bytes, str, int, bool):
        if hint is plain:
            return plain.__name__, hint
    if isinstance(hint, type) and issubclass(hint, Enum):
        return "enum", hint
    assert is_dataclass(hint) or hasattr(hint, "_fields"), f"no generator for {hint!r}"
    return "record", hint


def _fields(cls: Any) -> Sequence[tuple[str, Any]]:
    hints = get_type_hints(cls)
    names = [each.name for each in fields(cls)] if is_dataclass(cls) else cls._fields
    return [(name, hints[name]) for name in names]


def example(cls: type[Command]) -> Command:
    """Return one command of a kind, the same on every machine and day; every optional part is there."""
    own = {name: _example(hint, f"{cls.KIND}.{name}") for name, hint in _fields(cls) if name not in _BASE}
    base = {name: _example(hint, f"base.{name}") for name, hint in _fields(Command) if name not in ("site", "at")}
    return cls(**base, site=SITE, at=NOON, **own)


def example_row(cls: type[Row]) -> Row:
    """Return one row of a table, the same on every machine and day; every optional column has a value."""
    return cls(**{name: _example(hint, f"{cls.TABLE.name}.{name}") for name, hint in _fields(cls)})


def example_record(cls: type[Any]) -> Any:
    """Return one record of a kind, the same on every machine and day; every optional part is there."""
    return cls(**{name: _example(hint, f"{cls.__name__}.{name}") for name, hint in _fields(cls)})


def _example(hint: Any, path: str) -> Any:
    sort, inner = _kind(hint)
    match sort:
        case "maybe":
            return _example(inner, path)
        case "many":
            return tuple(_example(inner, f"{path}.{n}") for n in range(2))
        case "tuple":
            return tuple(_example(each, f"{path}.{n}") for n, each in enumerate(inner))
        case "site":
            return SITE
        case "id" | "bytes":
            return sha256(path.encode()).digest()[:16]
        case "str":
            return f"{path.rsplit('.', 1)[-1]} é"
        case "int":
            return 1 + sha256(path.encode()).digest()[0] % 9
        case "bool":
            return True
        case "enum":
            return tuple(inner)[0]
        case _:
            return inner(**{name: _example(each, f"{path}.{name}") for name, each in _fields(inner)})


def operation(kind: str, version: int, body: Any) -> Operation:
    """Return the first operation of a station with this body."""
    blank = Operation(
        1, 1, CommandId(b"operation-000001"), kind, version, codec.canonical(body), SITE, PICKER, NO_SESSION, STATION, 1,
        NOON, NOON * 1_000_000, 0, 0, GENESIS, GENESIS, OperationState.LOCAL, "{}", OperationOutcome.APPLIED,
    )  # fmt: skip
    return replace(blank, hash=operation_hash(blank))


def frozen(command: Command) -> dict[str, Any]:
    """Return what the golden file of a command holds."""
    body = codec.parse(body_of(command))
    made = operation(command.KIND, command.VERSION, body)
    return {"kind": made.kind, "version": made.version, "body": body, "hash": made.hash.hex()}


def frozen_rows() -> list[str]:
    """Return what the file of today's tables holds: a line for each that travels."""
    rows = [example_row(info.cls) for _, info in sorted(TABLES.items()) if info.kind in TRAVELS]
    return [
        codec.canonical(
            {"entity": row.TABLE.name, "key": key_text(row.TABLE.key_of(row)), "content": content_text(row)}
        )
        for row in rows
    ]


class Pool:
    """Values that rows of a database have: ids by the name of their type, words and numbers by their column's."""

    def __init__(self) -> None:
        self.ids: dict[str, set[bytes]] = {}
        self.words: dict[str, set[str]] = {}

    def add(self, hints: Mapping[str, Any], row: Any) -> None:
        """Take the values of a row."""
        for name, hint in hints.items():
            value = getattr(row, name, None)
            if isinstance(value, bytes) and hasattr(hint, "__supertype__"):
                self.ids.setdefault(hint.__name__, set()).add(value)
            elif isinstance(value, bytes):
                self.ids.setdefault("bytes", set()).add(value)
            elif isinstance(value, str) and not isinstance(value, Enum):
                self.words.setdefault(name, set()).add(value)

    def some(self, sort: str, name: str) -> list[Any]:
        """Return values for a field: of its kind as rows have them, none, and one that no row has."""
        if name == "sscc":
            # Label numbers are rights: no two facts ever carry the same.
            return ["", "095011010000099999"]
        if sort == "words":
            return [*sorted(self.words.get(name, ()))[:8], "", "nobody's"]
        known = self.ids.get(name, set()) if name != "bytes" else set().union(*self.ids.values())
        return [*sorted(known)[:40], NO_ID, b"nobody-knows-me!"]


def commands(cls: type[Command], pool: Pool, base: Callable[[], Mapping[str, Any]]) -> st.SearchStrategy[Command]:
    """Return a strategy of commands of a kind about things that are there, mostly."""
    own = {name: _values(hint, name, pool) for name, hint in _fields(cls) if name not in _BASE}
    return st.builds(lambda **values: cls(**base(), **values), **own)


def _values(hint: Any, name: str, pool: Pool) -> st.SearchStrategy[Any]:
    sort, inner = _kind(hint)
    match sort:
        case "maybe":
            return st.none() | _values(inner, name, pool)
        case "many":
            return st.lists(_values(inner, name, pool), max_size=3).map(tuple)
        case "tuple":
            return st.tuples(*(_values(each, name, pool) for each in inner))
        case "site":
            return st.just(SITE)
        case "id":
            return st.sampled_from(pool.some("ids", inner.__name__))
        case "bytes":
            return st.sampled_from(pool.some("ids", "bytes"))
        case "str":
            return st.sampled_from(pool.some("words", name))
        case "int":
            # Flags may be 0; a fact about no units is refused where it happens.
            return st.integers(min_value={"quantity": 1, "difference": -4}.get(name, 0), max_value=4)
        case "enum":
            return st.sampled_from(list(inner))
        case _:
            return st.builds(inner, **{each: _values(kind, each, pool) for each, kind in _fields(inner)})
