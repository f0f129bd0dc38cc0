"""Mappings: what the columns of somebody's file mean, as data with a checked schema (TOML).

Four kinds of documents have one each in the same file: `[items]`, `[locations]`, `[stock]`, `[orders]`. An unknown key is
refused by name, so that a misspelt column is not silently nothing.
"""

import tomllib
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from core.exchange.report import FileFault

KINDS = ("items", "locations", "stock", "orders")

FIELDS: MappingOf[str, tuple[str, ...]] = {
    "items": (
        "owner", "sku", "description", "variant", "barcode", "inner_barcode", "inner_quantity", "carton_barcode",
        "carton_quantity", "length", "width", "height", "weight", "lot_control", "serial_control", "expiry_control",
        "hazard", "handling", "origin_country", "hs_code",
    ),
    "locations": ("code", "zone", "role", "sequence"),
    "stock": ("owner", "sku", "location", "lot", "expiry", "serial", "condition", "quantity"),
    "orders": (
        "channel", "order", "line", "owner", "sku", "description", "quantity", "unit_price", "currency", "ordered_at",
        "customer", "name", "company", "address", "city", "region", "postcode", "country", "email", "phone", "service",
        "priority", "promised_at", "cut_off_at", "payment", "partial", "handling", "gift_note", "status",
    ),
}  # fmt: skip

REQUIRED: MappingOf[str, tuple[str, ...]] = {
    "items": ("sku", "description"),
    "locations": ("code", "role"),
    "stock": ("sku", "location", "quantity"),
    "orders": ("order", "sku", "quantity"),
}

_KEYS = {
    "columns", "constants", "encoding", "delimiter", "sheet", "date_format", "date_only_format", "time_zone",
    "decimal", "thousands", "weight_unit", "length_unit", "join", "not_goods", "skip_documents", "sum_lines", "values",
    "count_rows", "optional_columns", "file",
}  # fmt: skip

GRAMS = {
    "mg": (1, 1000),
    "g": (1, 1),
    "kg": (1000, 1),
    "lb": (45_359_237, 100_000),
    "oz": (28_349_523_125, 1_000_000_000),
}
MILLIMETRES = {"mm": (1, 1), "cm": (10, 1), "m": (1000, 1), "in": (254, 10)}


@dataclass(frozen=True, slots=True)
class Join:
    """A file beside FILE whose rows belong to FILE's by a key."""

    file: str
    here: str
    there: str
    many: bool
    """Whether one row here has many there: lines of an order."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Lines, or whole documents, that are not goods: a column whose value begins, equals or is below zero."""

    field: str
    equals: tuple[str, ...]
    begins: str
    matches: str
    """Regular expression the whole value must match."""
    at_most: int | None
    empty: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """How one kind of document is read from one kind of file."""

    name: str
    kind: str
    columns: MappingOf[str, str]
    constants: MappingOf[str, str]
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str = ""
    date_format: str = "%Y-%m-%d %H:%M:%S"
    time_zone: str = "UTC"
    decimal: str = "."
    thousands: str = ""
    weight_unit: str = "g"
    length_unit: str = "mm"
    joins: tuple[Join, ...] = ()
    not_goods: tuple[Rule, ...] = ()
    skip_documents: tuple[Rule, ...] = ()
    sum_lines: bool = False
    """Whether rows of one order and item are one line whose quantity is their sum."""
    count_rows: bool = False
    """Whether a row is one unit where no quantity is given."""
    file: str = ""
    """The file beside FILE that holds this kind; empty for FILE itself."""
    optional_columns: bool = False
    """Whether columns that no document needs may be absent from the file."""
    values: MappingOf[str, MappingOf[str, str]] = field(default_factory=dict)
    """Words of the file for words of ours, by field."""


def load_mapping(name: str, kind: str) -> Mapping:
    """Return a mapping by the name of a shipped one, or by a file's path.

    Raises:
        FileFault: there is none of that name, or it is not a mapping.
    """
    text, label = _text(name)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise FileFault(label, f"is not TOML: {e}") from e
    unknown = [key for key in data if key not in (*KINDS, "title")]
    if unknown:
        raise FileFault(label, f"has an unknown part, {', '.join(KINDS)} are known", column=unknown[0])
    if kind not in data:
        raise FileFault(label, f"says nothing about {kind}")
    return _checked(label, kind, data[kind])


def shipped() -> tuple[str, ...]:
    """Return the names of the mappings that come with the program."""
    folder = files("resources").joinpath("mappings")
    return tuple(sorted(each.name.removesuffix(".toml") for each in folder.iterdir() if each.name.endswith(".toml")))


def _text(name: str) -> tuple[str, str]:
    if name.endswith(".toml") or "/" in name or "\\" in name:
        path = Path(name)
        try:
            return path.read_text(encoding="utf-8"), path.name
        except OSError as e:
            raise FileFault(path.name, f"cannot be read: {e.strerror}") from e
        except UnicodeDecodeError as e:
            raise FileFault(path.name, "is not UTF-8") from e
    if name not in shipped():
        raise FileFault(name, f"is no mapping; there are {', '.join(shipped())}, or name a .toml file")
    return files("resources").joinpath("mappings", f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml"


def _checked(label: str, kind: str, data: dict[str, Any]) -> Mapping:
    unknown = [key for key in data if key not in _KEYS]
    if unknown:
        raise FileFault(label, f"[{kind}] has an unknown key", column=unknown[0])
    columns, constants = dict(data.get("columns", {})), {k: str(v) for k, v in data.get("constants", {}).items()}
    for name in (*columns, *constants, *data.get("values", {})):
        if name not in FIELDS[kind]:
            raise FileFault(label, f"[{kind}] has an unknown field, {', '.join(FIELDS[kind])} are known", column=name)
    given = {*columns, *constants} | ({"quantity"} if data.get("count_rows") else set())
    missing = [name for name in REQUIRED[kind] if name not in given]
    if missing:
        raise FileFault(label, f"[{kind}] does not say where this field comes from", column=missing[0])
    for key, units in (("weight_unit", GRAMS), ("length_unit", MILLIMETRES)):
        if data.get(key, next(iter(units))) not in units:
            raise FileFault(label, f"[{kind}] has an unknown unit, {', '.join(units)} are known", column=key)
    plain = {
        key: data[key]
        for key in (
            "encoding", "delimiter", "sheet", "date_format", "time_zone", "decimal", "thousands", "weight_unit",
            "length_unit", "sum_lines", "count_rows", "optional_columns", "values", "file",
        )
        if key in data
    }  # fmt: skip
    return Mapping(
        name=label,
        kind=kind,
        columns=columns,
        constants=constants,
        joins=tuple(_join(label, each) for each in data.get("join", [])),
        not_goods=tuple(_rule(label, kind, each) for each in data.get("not_goods", [])),
        skip_documents=tuple(_rule(label, kind, each) for each in data.get("skip_documents", [])),
        **plain,
    )


def _join(label: str, data: dict[str, Any]) -> Join:
    unknown = [key for key in data if key not in ("file", "here", "there", "many")]
    if unknown:
        raise FileFault(label, "a join has an unknown key", column=unknown[0])
    try:
        return Join(str(data["file"]), str(data["here"]), str(data["there"]), bool(data.get("many", False)))
    except KeyError as e:
        raise FileFault(label, "a join lacks a key", column=str(e.args[0])) from e


def _rule(label: str, kind: str, data: dict[str, Any]) -> Rule:
    unknown = [k for k in data if k not in ("field", "equals", "begins", "matches", "at_most", "empty", "reason")]
    if unknown:
        raise FileFault(label, "a rule has an unknown key", column=unknown[0])
    if data.get("field") not in FIELDS[kind]:
        raise FileFault(label, f"[{kind}] a rule is about an unknown field", column=str(data.get("field")))
    return Rule(
        str(data["field"]), tuple(str(each) for each in data.get("equals", [])), str(data.get("begins", "")),
        str(data.get("matches", "")), data.get("at_most"), bool(data.get("empty", False)),
        str(data.get("reason", "not_goods")),
    )  # fmt: skip
