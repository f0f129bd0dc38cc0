"""Mappings: what the columns of somebody's file mean, as data with a checked schema (TOML).

Each kind of documents has a part in the same file: `[items]`, `[locations]`, `[stock]`, `[orders]`, `[people]`, `[containers]`,
`[boxes]`, `[deliveries]`. An unknown key is refused by name, so that a misspelt column is not silently nothing.
"""

import re
import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast
from zoneinfo import ZoneInfo

from core.exchange.readers import is_text_encoding
from core.exchange.report import FileProblem, Problem, UnreadableFile

T = TypeVar("T")

KINDS = ("items", "locations", "stock", "orders", "people", "containers", "boxes", "deliveries")

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
        "language",
    ),
    "people": ("badge", "name", "roles", "pin", "language", "preset", "active"),
    "containers": ("code", "kind", "slots", "max_weight", "volume"),
    "boxes": ("code", "name", "length", "width", "height", "tare", "max_weight", "carrier"),
    "deliveries": ("delivery", "owner", "supplier", "sku", "quantity"),
}  # fmt: skip

REQUIRED: MappingOf[str, tuple[str, ...]] = {
    "items": ("sku", "description"),
    "locations": ("code", "role"),
    "stock": ("sku", "location", "quantity"),
    "orders": ("order", "sku", "quantity"),
    "people": ("badge", "name", "roles"),
    "containers": ("code", "kind"),
    "boxes": ("code", "length", "width", "height"),
    "deliveries": ("delivery", "sku", "quantity"),
}

_TEXTS = (
    "encoding", "delimiter", "sheet", "date_format", "time_zone", "decimal", "thousands", "weight_unit", "length_unit",
    "file",
)  # fmt: skip
_FLAGS = ("sum_lines", "count_rows", "optional_columns", "first_row")
_TABLES = ("columns", "constants", "values")
_OF_ORDERS = ("languages",)
LANGUAGE = re.compile(r"([a-z]{2})(?:[-_][a-z]{2,4})?", re.IGNORECASE)
"""Two letters, perhaps with a country or a script behind them."""
_LISTS = ("join", "not_goods", "skip_documents")
_RULE_TEXTS = ("field", "begins", "matches", "reason")

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
    reason: Problem


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
    first_row: bool = False
    """Whether several rows may tell of one item, the first of which counts: items out of a file of orders."""
    sum_lines: bool = False
    """Whether rows of one order or delivery and item are one line whose quantity is their sum."""
    count_rows: bool = False
    """Whether a row is one unit where no quantity is given."""
    file: str = ""
    """The file beside FILE that holds this kind; empty for FILE itself."""
    optional_columns: bool = False
    """Whether columns that no document needs may be absent from the file."""
    values: MappingOf[str, MappingOf[str, str]] = field(default_factory=dict)
    """Words of the file for words of ours, by field."""
    languages: MappingOf[str, str] = field(default_factory=dict)
    """The language of a customer by the country as the file writes it, where an order says none."""


def load_mapping(name: str, kind: str) -> Mapping:
    """Return a mapping by the name of a shipped one, or by a file's path.

    Raises:
        UnreadableFile: there is none of that name, or it is not a mapping.
    """
    text, label = _text(name)
    try:
        data = _parsed(text)
    except (tomllib.TOMLDecodeError, RecursionError) as e:
        raise UnreadableFile(label, FileProblem.NOT_TOML, why=str(e)) from e
    unknown = [key for key in data if key not in (*KINDS, "title")]
    if unknown:
        raise UnreadableFile(label, FileProblem.UNKNOWN_PART, key=unknown[0], known=", ".join(KINDS))
    if kind not in data:
        raise UnreadableFile(label, FileProblem.SAYS_NOTHING, kind=kind)
    return _Schema(label, kind).mapping(_table(label, kind, data[kind]))


@lru_cache(maxsize=4)
def _parsed(text: str) -> MappingOf[str, Any]:
    """Return what a mapping says; the shipped ones are long, and every import reads its own more than once."""
    return tomllib.loads(text)


def shipped() -> tuple[str, ...]:
    """Return the names of the mappings that come with the program."""
    folder = files("resources").joinpath("mappings")
    return tuple(sorted(each.name.removesuffix(".toml") for each in folder.iterdir() if each.name.endswith(".toml")))


def _text(name: str) -> tuple[str, str]:
    if name.endswith(".toml") or "/" in name or "\\" in name:
        path = Path(name)
        if not path.is_file():
            raise UnreadableFile(name, FileProblem.FOLDER if path.is_dir() else FileProblem.MISSING)
        try:
            return path.read_text(encoding="utf-8-sig"), path.name
        except OSError as e:
            raise UnreadableFile(name, FileProblem.NOT_OPENED, why=e.strerror or str(e)) from e
        except UnicodeDecodeError as e:
            raise UnreadableFile(name, FileProblem.ENCODING, encoding="UTF-8", why=e.reason) from e
    if name not in shipped():
        raise UnreadableFile(name or "''", FileProblem.NO_MAPPING, known=", ".join(shipped()))
    return files("resources").joinpath("mappings", f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml"


def _table(label: str, what: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableFile(label, FileProblem.NEEDS_TABLE, key=what, value=repr(value))
    return value


class _Schema:
    """What may stand in one part of a mapping; each mistake is named by its key."""

    def __init__(self, label: str, kind: str) -> None:
        """Check the part of one kind of documents."""
        self._label, self._kind = label, kind

    def mapping(self, data: dict[str, Any]) -> Mapping:
        """Return the part as a mapping.

        Raises:
            UnreadableFile: a key is unknown, missing, or of the wrong kind.
        """
        self._known(data, (*_TEXTS, *_FLAGS, *_TABLES, *_LISTS, *(_OF_ORDERS if self._kind == "orders" else ())))
        columns, constants = (self._words(data, name) for name in ("columns", "constants"))
        values = {name: self._word_table(name, words) for name, words in self._of(data, "values", dict, {}).items()}
        for name in (*columns, *constants, *values):
            if name not in FIELDS[self._kind]:
                self._fault(FileProblem.UNKNOWN_FIELD, name, known=", ".join(FIELDS[self._kind]))
        flags = {name: self._of(data, name, bool, False) for name in _FLAGS}
        joins = tuple(self._join(each) for each in self._of(data, "join", list, []))
        if sum(join.many for join in joins) > 1:
            self._fault(FileProblem.MANY_JOINS, "many", "join")
        given = {*columns, *constants} | ({"quantity"} if flags["count_rows"] else set())
        for name in REQUIRED[self._kind]:
            if name not in given:
                self._fault(FileProblem.NO_SOURCE, name)
        texts = {name: self._of(data, name, str, "") for name in _TEXTS if name in data}
        self._check_texts(texts)
        return Mapping(
            name=self._label, kind=self._kind, columns=columns, constants=constants, values=values,
            joins=joins, languages=self._languages(data),
            not_goods=self._rules(data, "not_goods"),
            skip_documents=self._rules(data, "skip_documents"),
            **cast("dict[str, Any]", {**texts, **flags}),
        )  # fmt: skip

    def _languages(self, data: dict[str, Any]) -> dict[str, str]:
        found = self._words(data, "languages")
        for country, language in found.items():
            if LANGUAGE.fullmatch(language) is None:
                self._fault(FileProblem.NEEDS_TEXT, country, "languages", value=repr(language))
        return {country.upper(): language[:2].lower() for country, language in found.items()}

    def _fault(self, problem: FileProblem, key: str, inside: str = "", **facts: Any) -> NoReturn:
        part = f"{self._kind}.{inside}" if inside else self._kind
        raise UnreadableFile(self._label, problem, part=part, key=key, **facts)

    def _known(self, data: dict[str, Any], keys: Iterable[str], inside: str = "") -> None:
        for key in data:
            if key not in keys:
                self._fault(FileProblem.UNKNOWN_KEY, key, inside, known=", ".join(keys))

    def _of(self, data: dict[str, Any], key: str, kind: type[T], default: T, inside: str = "") -> T:
        value = data.get(key, default)
        if not isinstance(value, kind):
            self._fault(_NEEDS[kind], key, inside, value=repr(value))
        return value

    def _words(self, data: dict[str, Any], key: str) -> dict[str, str]:
        return self._word_table(key, self._of(data, key, dict, {}))

    def _word_table(self, key: str, found: object) -> dict[str, str]:
        if not isinstance(found, dict):
            self._fault(FileProblem.NEEDS_TABLE, key, value=repr(found))
        for name, value in found.items():
            if isinstance(value, dict | list | float):
                self._fault(FileProblem.NEEDS_TEXT, name, value=repr(value))
        return {name: str(value) for name, value in found.items()}

    def _check_texts(self, texts: MappingOf[str, str]) -> None:
        for key, units in (("weight_unit", GRAMS), ("length_unit", MILLIMETRES)):
            if texts.get(key, next(iter(units))) not in units:
                self._fault(FileProblem.UNKNOWN_UNIT, key, known=", ".join(units))
        for key in ("delimiter", "decimal"):
            if len(texts.get(key, ",")) != 1 or texts.get(key, ",") in '"\r\n0123456789':
                self._fault(FileProblem.NEEDS_CHARACTER, key)
        if len(texts.get("thousands", "")) > 1 or texts.get("thousands") == texts.get("decimal", "."):
            self._fault(FileProblem.NEEDS_OTHER_MARK, "thousands")
        if not is_text_encoding(texts.get("encoding", "utf-8")):
            self._fault(FileProblem.UNKNOWN_ENCODING, "encoding", encoding=repr(texts["encoding"]))
        try:
            ZoneInfo(texts.get("time_zone", "UTC"))
        except (KeyError, ValueError, OSError):
            self._fault(FileProblem.UNKNOWN_ZONE, "time_zone", zone=repr(texts["time_zone"]))
        self._check_date_format(texts.get("date_format", "%Y"))
        self._beside(texts.get("file", ""))

    def _check_date_format(self, form: str) -> None:
        if "%" not in form:
            self._fault(FileProblem.NEEDS_DATE_FORMAT, "date_format", such="%d/%m/%Y", value=repr(form))
        try:
            datetime.strptime(datetime(2001, 2, 3, tzinfo=UTC).strftime(form), form)  # noqa: DTZ007  only its words count
        except ValueError:
            self._fault(FileProblem.NEEDS_DATE_FORMAT, "date_format", such="%d/%m/%Y", value=repr(form))

    def _beside(self, name: str, inside: str = "") -> str:
        if name and (Path(name).name != name or "\\" in name):
            self._fault(FileProblem.NOT_BESIDE, "file", inside, beside=name)
        return name

    def _join(self, data: object) -> Join:
        inside = _table(self._label, f"{self._kind}.join", data)
        self._known(inside, ("file", "here", "there", "many"), "join")
        for key in ("file", "here", "there"):
            if not self._of(inside, key, str, "", "join"):
                self._fault(FileProblem.LACKS_KEY, key, "join")
        many = self._of(inside, "many", bool, False, "join")
        return Join(self._beside(inside["file"], "join"), inside["here"], inside["there"], many)

    def _rules(self, data: dict[str, Any], part: str) -> tuple[Rule, ...]:
        return tuple(self._rule(each, part) for each in self._of(data, part, list, []))

    def _rule(self, data: object, part: str) -> Rule:
        inside = _table(self._label, f"{self._kind}.{part}", data)
        self._known(inside, (*_RULE_TEXTS, "equals", "at_most", "empty"), part)
        texts = {key: self._of(inside, key, str, "", part) for key in _RULE_TEXTS}
        if texts["field"] not in FIELDS[self._kind]:
            known = ", ".join(FIELDS[self._kind])
            self._fault(FileProblem.UNKNOWN_FIELD, texts["field"] or "field", part, known=known)
        try:
            re.compile(texts["matches"])
        except re.error as e:
            self._fault(FileProblem.NO_PATTERN, "matches", part, why=str(e))
        reason = texts["reason"] or Problem.NOT_GOODS.value
        if reason not in set(Problem):
            self._fault(FileProblem.NO_REASON, "reason", part, known=", ".join(Problem))
        at_most = inside.get("at_most")
        if at_most is not None and (not isinstance(at_most, int) or isinstance(at_most, bool)):
            self._fault(FileProblem.NEEDS_NUMBER, "at_most", part, value=repr(at_most))
        return Rule(
            texts["field"], tuple(str(each) for each in self._of(inside, "equals", list, [], part)), texts["begins"],
            texts["matches"], at_most, self._of(inside, "empty", bool, False, part), Problem(reason),
        )  # fmt: skip


_NEEDS: MappingOf[type, FileProblem] = {
    str: FileProblem.NEEDS_TEXT,
    bool: FileProblem.NEEDS_FLAG,
    dict: FileProblem.NEEDS_TABLE,
    list: FileProblem.NEEDS_LIST,
}
