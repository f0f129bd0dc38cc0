"""Rows to documents: whole or not at all, with every problem named by line, column and value.

Every file is looked over once before the first document is made: whatever is wrong with it as a whole is known before
anything is written, and so are the documents that stand in it twice or whose rows do not lie together.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from core.catalog.codes import normalise_gtin
from core.catalog.command_codes import is_reserved
from core.catalog.commands import NewBoxType, NewCode, NewContainer, NewItem, NewLocation
from core.catalog.model import ContainerKind, Level, LocationRole
from core.exchange.documents import (
    BoxDocument,
    ContainerDocument,
    ItemDocument,
    LocationDocument,
    PersonDocument,
    StockDocument,
)
from core.exchange.mapping import GRAMS, MILLIMETRES, REQUIRED, Mapping, Rule
from core.exchange.readers import MARK
from core.exchange.report import Entry, Fate, Problem, Report
from core.exchange.rows import Row, Source
from core.exchange.values import CODE_MAX, BadValue, Values, code, text
from core.people.roles import ROLES
from core.people.secrets import MIN_BADGE, is_pin
from core.rules.policies import FIRST_DAY, PRESETS
from core.stock.model import Condition

T = TypeVar("T")
W = TypeVar("W", bound=StrEnum)
Key = tuple[str, ...]

_SECRETS = ("badge", "pin")
"""Fields whose value no report repeats."""


class Converter:
    """What all kinds of documents share: values with their problems."""

    def __init__(self, mapping: Mapping, report: Report) -> None:
        """Convert by a mapping, into a report."""
        self.mapping, self.report, self.values = mapping, report, Values(mapping)
        report.columns = mapping.columns
        self._words, self._required = mapping.values, REQUIRED[mapping.kind]
        self._particular = {*self._words, *self._required}
        self._matches = {rule: re.compile(rule.matches) for rule in self._rules() if rule.matches}

    def _rules(self) -> Iterable[Rule]:
        return (*self.mapping.not_goods, *self.mapping.skip_documents)

    def words(self, name: str, clean: Callable[[str], str] = text) -> Callable[[str], str]:
        """Return what makes a field's text of what the file says, with the mapping's own words for ours."""
        if name not in self._particular:
            return clean
        ours, required = self._words.get(name, {}), name in self._required

        def convert(raw: str) -> str:
            value = clean(raw)
            value = ours.get(value, value)
            if required and not value:
                raise BadValue(Problem.MISSING_VALUE, name)
            return value

        return convert

    def word(self, row: Row, name: str, clean: Callable[[str], str] = text) -> str:
        """Return a field's text, with the mapping's own words for ours.

        Raises:
            BadValue: it is no such text, or missing where it must not be.
        """
        return self.value(row, name, self.words(name, clean))

    def value(self, row: Row, name: str, convert: Callable[[str], T]) -> T:
        """Return a field as something else than text.

        Raises:
            BadValue: it will not do.
        """
        try:
            return convert(row.told(name))
        except BadValue as bad:
            raise BadValue(bad.problem, name) from bad

    def counted(self, row: Row, name: str) -> int:
        """Return a field as a counted quantity.

        Raises:
            BadValue: it is missing, or none.
        """
        return self.value(row, name, self.quantity)

    def quantity(self, raw: str) -> int:
        """Return a counted quantity.

        Raises:
            BadValue: it is missing, or none.
        """
        if not raw.strip():
            raise BadValue(Problem.MISSING_VALUE)
        return self.values.quantity(raw)

    def choices(self, name: str, kind: type[W], default: str = "") -> Callable[[str], W]:
        """Return what makes one of a few words of what the file says."""
        words = self.words(name)

        def convert(raw: str) -> W:
            try:
                return kind(words(raw).lower() or default)
            except ValueError as e:
                raise BadValue(Problem.NOT_ALLOWED, name) from e

        return lru_cache(maxsize=1000)(convert)

    def choice(self, row: Row, name: str, kind: type[W], default: str = "") -> W:
        """Return a field as one of a few words.

        Raises:
            BadValue: it is none of them.
        """
        return self.value(row, name, self.choices(name, kind, default))

    def whole_row(self, row: Row) -> None:
        """Refuse a row with more values than the header has names.

        Raises:
            BadValue: it has.
        """
        if row.surplus:
            raise BadValue(Problem.SURPLUS_VALUE, "beyond the header")

    def problem(self, row: Row, name: str, problem: Problem, document: str, fate: Fate) -> None:
        """Put a problem into the report."""
        value = row.surplus if problem is Problem.SURPLUS_VALUE else row.told(name).removeprefix(MARK)
        value = "" if name in _SECRETS else value
        self.report.note(Entry(row.line, name, value, problem, document.removeprefix(MARK), fate))

    def reject(self, row: Row, name: str, problem: Problem, document: str) -> None:
        """Put the problem into the report that a document of one row is rejected for."""
        self.problem(row, name, problem, document, Fate.REJECTED)
        self.report.rejected += 1

    def skip(self, row: Row, name: str, problem: Problem, document: str) -> None:
        """Put into the report why a document is none."""
        self.problem(row, name, problem, document, Fate.SKIPPED)
        self.report.skipped += 1

    def rule(self, rules: Iterable[Rule], row: Row) -> Rule | None:
        """Return the first rule that a row falls under."""
        for each in rules:
            if self._falls_under(each, row.told(each.field).strip()):
                return each
        return None

    def _falls_under(self, rule: Rule, value: str) -> bool:
        if rule.empty and not value:
            return True
        if value in rule.equals and value:
            return True
        if rule.begins and value.startswith(rule.begins):
            return True
        if rule.matches and self._matches[rule].fullmatch(value):
            return True
        if rule.at_most is None or not value:
            return False
        try:
            return self.values.number(value) <= rule.at_most
        except BadValue:
            return False


def _several(path: Path, mapping: Mapping, names: Key, *, same_is_one: bool) -> set[Key]:
    """Look a file over and return the keys under which it tells more than one thing.

    Args:
        path: the file.
        mapping: how it is read.
        names: the fields that name a document.
        same_is_one: whether rows that say the same throughout are one document.
    """
    fields = (*names, *(name for name in mapping.columns if name not in names))
    if not same_is_one:
        counts = Counter(Source(path, mapping).columns(*names))
        return {key for key, count in counts.items() if count > 1}
    first: dict[Key, int] = {}
    several: set[Key] = set()
    for values in Source(path, mapping).columns(*fields):
        key = values[: len(names)]
        if first.setdefault(key, hash(values)) != hash(values):
            several.add(key)
    return several


def _documents(
    path: Path, mapping: Mapping, report: Report, names: Key, make: Callable[[Converter, Row], T], called: str = ""
) -> Iterator[T]:
    """Yield what becomes of each row of a file in which a row is a document.

    Args:
        path: the file.
        mapping: how it is read.
        report: where problems go.
        names: the fields that name a document.
        make: makes it of a row.
        called: the field by which a report names it; the first of `names` where that is no secret.

    Raises:
        FileFault: the file as a whole cannot be read.
    """
    several = _several(path, mapping, names, same_is_one=mapping.kind != "stock")
    it = Converter(mapping, report)
    seen: set[Key] = set()
    rules = (*mapping.skip_documents, *mapping.not_goods)
    for row in Source(path, mapping).rows():
        report.lines += 1
        key = tuple(row.told(name).strip() for name in names)
        if key in seen:
            continue
        report.documents += 1
        name = row.told(called or names[0]).strip()
        rule = it.rule(rules, row)
        if rule is not None:
            it.skip(row, rule.field, rule.reason, name)
            report.skipped_lines += 1
            continue
        try:
            it.whole_row(row)
            made = make(it, row)
        except BadValue as bad:
            it.reject(row, bad.field, bad.problem, name)
            continue
        if key in several and not mapping.first_row:
            it.reject(row, names[0], Problem.DUPLICATE, name)
            continue
        seen.add(key)
        yield made


def read_items(path: Path, mapping: Mapping, report: Report) -> Iterator[ItemDocument]:
    """Yield the items of a file.

    Raises:
        FileFault: the file as a whole cannot be read.
    """
    return _documents(path, mapping, report, ("sku", "owner"), _item)


def _item(it: Converter, row: Row) -> ItemDocument:
    mapping = it.mapping
    sku, owner = it.word(row, "sku", code), it.word(row, "owner", code)
    lengths = (
        it.value(row, name, lambda value: it.values.measure(value, MILLIMETRES[mapping.length_unit]))
        for name in ("length", "width", "height")
    )
    length, width, height = lengths
    lot, serial, expiry = (
        it.value(row, name, it.values.flag) for name in ("lot_control", "serial_control", "expiry_control")
    )
    item = NewItem(
        sku=sku, description=it.value(row, "description", text) or sku, variant=it.word(row, "variant"),
        length_mm=length, width_mm=width, height_mm=height,
        weight_grams=it.value(row, "weight", lambda value: it.values.measure(value, GRAMS[mapping.weight_unit])),
        hazard=it.word(row, "hazard"), handling=it.word(row, "handling"),
        origin_country=it.word(row, "origin_country"), hs_code=it.word(row, "hs_code"), codes=_codes(it, row),
        lot_control=lot, serial_control=serial, expiry_control=expiry,
    )  # fmt: skip
    if is_reserved(sku):
        raise BadValue(Problem.RESERVED_CODE, "sku")
    return ItemDocument(row.line, owner, item)


def _codes(it: Converter, row: Row) -> tuple[NewCode, ...]:
    codes: list[NewCode] = []
    for name, level in (("barcode", Level.EACH), ("inner_barcode", Level.INNER), ("carton_barcode", Level.CARTON)):
        found = it.word(row, name, lambda value: text(value, breaks="")).split()
        counted = name.replace("barcode", "quantity")
        # What a package of unknown content counts for would be a guess, and one unit a wrong one.
        is_counted = level is not Level.EACH and bool(found or row.told(counted).strip())
        quantity = it.counted(row, counted) if is_counted else 1
        for each in found:
            if len(each) > CODE_MAX:
                raise BadValue(Problem.TOO_LONG, name)
            if is_reserved(each):
                raise BadValue(Problem.RESERVED_CODE, name)
            codes.append(NewCode(normalise_gtin(each) or each, level, quantity))
    return tuple(codes)


def read_locations(path: Path, mapping: Mapping, report: Report) -> Iterator[LocationDocument]:
    """Yield the locations of a file.

    Raises:
        FileFault: the file as a whole cannot be read.
    """
    return _documents(path, mapping, report, ("code",), _location)


_OUTSIDE = (LocationRole.WORLD, LocationRole.UNEXPLAINED)


def _location(it: Converter, row: Row) -> LocationDocument:
    name = it.word(row, "code", code)
    role = it.choice(row, "role", LocationRole)
    if role in _OUTSIDE:
        raise BadValue(Problem.NOT_ALLOWED, "role")
    if is_reserved(name):
        raise BadValue(Problem.RESERVED_CODE, "code")
    zone = it.word(row, "zone", code) or name.split("-")[0]
    sequence = it.value(row, "sequence", it.values.whole) or it.report.lines
    return LocationDocument(row.line, NewLocation(name, zone, role, sequence))


def read_stock(path: Path, mapping: Mapping, report: Report) -> Iterator[StockDocument]:
    """Yield the stock rows of a file.

    Raises:
        FileFault: the file as a whole cannot be read.
    """
    return _documents(path, mapping, report, ("sku", "owner", "location", "lot", "serial", "condition"), _stock)


def _stock(it: Converter, row: Row) -> StockDocument:
    document = StockDocument(
        row.line, it.word(row, "owner", code), it.word(row, "sku", code), it.word(row, "location", code),
        it.word(row, "lot", code), it.value(row, "expiry", it.values.date), it.word(row, "serial", code),
        it.choice(row, "condition", Condition, Condition.GOOD.value).value, it.counted(row, "quantity"),
    )  # fmt: skip
    if document.serial and document.quantity != 1:
        raise BadValue(Problem.NOT_ALLOWED, "quantity")
    return document


def read_containers(path: Path, mapping: Mapping, report: Report) -> Iterator[ContainerDocument]:
    """Yield the totes and carts of a file.

    Raises:
        FileFault: the file as a whole cannot be read.
    """
    return _documents(path, mapping, report, ("code",), _container)


def _container(it: Converter, row: Row) -> ContainerDocument:
    name, kind = it.word(row, "code", code), it.choice(row, "kind", ContainerKind)
    if is_reserved(name):
        raise BadValue(Problem.RESERVED_CODE, "code")
    slots, volume = (it.value(row, each, it.values.whole) for each in ("slots", "volume"))
    for each, value in (("slots", slots), ("volume", volume)):
        if value < 0:
            raise BadValue(Problem.NOT_POSITIVE, each)
    return ContainerDocument(row.line, NewContainer(name, kind, slots, _grams(it, row, "max_weight"), volume))


def _grams(it: Converter, row: Row, name: str) -> int:
    return it.value(row, name, lambda value: it.values.measure(value, GRAMS[it.mapping.weight_unit])) or 0


def read_boxes(path: Path, mapping: Mapping, report: Report) -> Iterator[BoxDocument]:
    """Yield the cartons of a file.

    Raises:
        FileFault: the file as a whole cannot be read.
    """
    return _documents(path, mapping, report, ("code",), _box)


def _box(it: Converter, row: Row) -> BoxDocument:
    name = it.word(row, "code", code)
    if is_reserved(name):
        raise BadValue(Problem.RESERVED_CODE, "code")
    sides = []
    for side in ("length", "width", "height"):
        length = it.value(row, side, lambda value: it.values.measure(value, MILLIMETRES[it.mapping.length_unit]))
        if not length:
            raise BadValue(Problem.MISSING_VALUE, side)
        sides.append(length)
    return BoxDocument(
        row.line,
        NewBoxType(
            name, it.word(row, "name") or name, sides[0], sides[1], sides[2], _grams(it, row, "tare"),
            _grams(it, row, "max_weight"), it.word(row, "carrier", code),
        ),
    )  # fmt: skip


def read_people(path: Path, mapping: Mapping, report: Report) -> Iterator[PersonDocument]:
    """Yield who works here by a file; a report names them by their names, never by badge or PIN.

    Raises:
        FileFault: the file as a whole cannot be read.
    """
    return _documents(path, mapping, report, ("badge",), _person, called="name")


_LANGUAGE = re.compile(r"[a-z]{2}")


def _person(it: Converter, row: Row) -> PersonDocument:
    badge, name = it.word(row, "badge", code), it.word(row, "name")
    if is_reserved(badge) or len(badge) < MIN_BADGE:
        raise BadValue(Problem.NOT_ALLOWED, "badge")
    roles = re.split(r"[\s,;+]+", it.word(row, "roles").lower())
    if not ROLES.keys() >= set(roles):
        raise BadValue(Problem.NOT_ALLOWED, "roles")
    pin = it.word(row, "pin")
    if pin and not is_pin(pin):
        raise BadValue(Problem.NOT_ALLOWED, "pin")
    language = it.word(row, "language").lower() or "en"
    if not _LANGUAGE.fullmatch(language):
        raise BadValue(Problem.NOT_ALLOWED, "language")
    preset = it.word(row, "preset").lower() or FIRST_DAY
    if preset not in PRESETS:
        raise BadValue(Problem.NOT_ALLOWED, "preset")
    active = it.value(row, "active", it.values.flag) if row.told("active").strip() else 1
    return PersonDocument(row.line, name, badge, pin, ",".join(dict.fromkeys(roles)), language, preset, active)
