"""Every published vector of the GS1 syntax dictionary, and our rule table against the dictionary itself."""

import json
import re
from itertools import chain, filterfalse
from typing import Any

import pytest

from core.catalog.gs1 import Identifier, identifiers, value_flaw
from core.catalog.gs1_checks import CHECKS, Check
from core.catalog.readings import Flaw
from tests.shared_data import shared

VECTORS: dict[str, list[dict[str, Any]]] = json.loads(
    (shared("gs1_vectors") / "linter_vectors.json").read_text(encoding="utf-8")
)["linters"]

# These ask whether a company prefix has been licensed, as told by a service of GS1's that answers "no" or is offline
# in turn for the same value. A station has no such service, so the check is not made.
NEED_THE_PREFIX_SERVICE = {"INVALID_GCP_PREFIX", "GCP_DATASOURCE_OFFLINE"}
PREFIX_LINTERS = {"gcppos1", "gcppos2"}

EXACT = {
    "NON_DIGIT_CHARACTER": Flaw.BAD_CHARACTER,
    "INVALID_CSET39_CHARACTER": Flaw.BAD_CHARACTER,
    "INVALID_CSET64_CHARACTER": Flaw.BAD_CHARACTER,
    "INVALID_CSET82_CHARACTER": Flaw.BAD_CHARACTER,
    "INVALID_CSET64_PADDING": Flaw.BAD_LENGTH,
    "INCORRECT_CHECK_DIGIT": Flaw.BAD_CHECK_DIGIT,
    "INCORRECT_CHECK_PAIR": Flaw.BAD_CHECK_DIGIT,
    "INCORRECT_IBAN_CHECKSUM": Flaw.BAD_CHECK_DIGIT,
    "ILLEGAL_MONTH": Flaw.BAD_DATE,
    "ILLEGAL_DAY": Flaw.BAD_DATE,
    "DATE_TOO_SHORT": Flaw.BAD_LENGTH,
    "DATE_TOO_LONG": Flaw.BAD_LENGTH,
    "NOT_ISO3166": Flaw.BAD_VALUE,
    "NOT_ISO4217": Flaw.BAD_VALUE,
    "ZERO_PIECE_NUMBER": Flaw.BAD_VALUE,
    "ILLEGAL_HOUR": Flaw.BAD_VALUE,
}


def needs_prefix_service(vector: dict[str, Any]) -> bool:
    return vector.get("error") in NEED_THE_PREFIX_SERVICE


def test_all_vectors_are_here_and_only_those_of_the_prefix_service_are_left_out() -> None:
    assert sum(map(len, VECTORS.values())) == 5671
    assert sum(map(needs_prefix_service, chain.from_iterable(VECTORS.values()))) == 12
    assert set(VECTORS) == set(CHECKS)
    assert all(map(needs_prefix_service, chain.from_iterable(VECTORS[name] for name in PREFIX_LINTERS)))


def test_every_vector_of_every_check_holds() -> None:
    wrong = []
    for name, check in CHECKS.items():
        for vector in filterfalse(needs_prefix_service, VECTORS[name]):
            flaw = check(vector["value"])
            if (flaw is None) != vector["ok"] or EXACT.get(vector.get("error", ""), flaw) is not flaw:
                wrong.append((name, vector["value"], flaw, vector.get("error")))
    assert wrong == []


DICTIONARY_LINE = re.compile(r"(?P<ais>\d{2,4}(?:-\d{2,4})?)\s+(?P<flags>[*?]*)\s+(?P<rest>[^#]*)")


def dictionary() -> dict[str, tuple[str, list[str]]]:
    """Return flags and words of every identifier of the dictionary."""
    entries = {}
    text = (shared("gs1_vectors") / "gs1-syntax-dictionary.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        match = DICTIONARY_LINE.match(line)
        if match is None:
            continue
        first, _, last = match["ais"].partition("-")
        for number in range(int(first), int(last or first) + 1):
            entries[str(number).zfill(len(first))] = (match["flags"], match["rest"].split())
    return entries


DICTIONARY = dictionary()


def matching(pattern: str) -> frozenset[str]:
    return frozenset(ai for ai in DICTIONARY if re.fullmatch(pattern.replace("n", r"\d"), ai))


def attribute(words: list[str], name: str) -> list[str]:
    return [choice for word in words if word.startswith(name + "=") for choice in word.partition("=")[2].split(",")]


def test_we_know_every_identifier_and_no_other() -> None:
    assert len(DICTIONARY) > 500
    assert set(identifiers()) == set(DICTIONARY)


def test_our_rule_of_every_identifier_is_the_dictionary_s() -> None:
    for ai, (flags, words) in sorted(DICTIONARY.items()):
        rule = identifiers()[ai]
        assert (rule.fixed, rule.in_query) == ("*" in flags, "?" in flags), ai
        assert described(rule) == [expected_part(word) for word in words if re.match(r"\[?[NXYZ]", word)], ai
        assert list(rule.needs) == [tuple(map(matching, way.split("+"))) for way in attribute(words, "req")], ai
        forbidden = frozenset[str]().union(*map(matching, attribute(words, "ex"))) - {ai}
        assert rule.never == forbidden, ai
        keys = [word for word in words if word.startswith("dlpkey")]
        ways = [way.split(",") if way else [] for key in keys for way in key.partition("=")[2].split("|")]
        assert [list(way) for way in rule.qualifiers or ()] == ways, ai
        assert (rule.qualifiers is not None) == bool(keys), ai


def described(rule: Identifier) -> list[tuple[int, int, bool, list[str]]]:
    """Return the parts of a rule; their checks by name, that of base64url's padding left out as the dictionary does."""
    return [(part.shortest, part.longest, part.optional, named(part.checks)) for part in rule.parts]


def named(checks: tuple[Check, ...]) -> list[str]:
    return [
        next(name for name, known in CHECKS.items() if known is check)
        for check in checks
        if check is not CHECKS["cset64"]
    ]


def expected_part(word: str) -> tuple[int, int, bool, list[str]]:
    form, *linters = word.split(",")
    optional = form.startswith("[")
    form = form.strip("[]")
    longest = int(form[1:].removeprefix(".."))
    return (1 if ".." in form else longest, longest, optional, linters)


@pytest.mark.parametrize(
    ("ai", "value", "flaw"),
    [
        ("8003", "0614141000010012345678901234567", Flaw.TOO_LONG),
        ("8003", "0614141000010", Flaw.BAD_LENGTH),
        ("253", "4012345000009ABC", None),
        ("253", "4012345000009", None),
        ("423", "276826", None),
        ("423", "27682", Flaw.BAD_LENGTH),
        ("423", "276999", Flaw.BAD_VALUE),
        ("8008", "26010112", None),
        ("8008", "260101125960", Flaw.BAD_VALUE),
        ("8010", "614141ABC#1", None),
        ("8010", "614141abc", Flaw.BAD_CHARACTER),
        ("8013", "1987654Ad4X4bL5ttr2310c2K", None),
        ("8004", "4012345ABC", None),
        ("8004", "401", Flaw.BAD_LENGTH),
        ("8004", "40A2345", Flaw.BAD_VALUE),
        ("401", "X012345", Flaw.BAD_VALUE),
        ("7023", "4012345", None),
        ("7023", "-012345", Flaw.BAD_VALUE),
        ("8030", "QUJD", None),
        ("8030", "QUJ!", Flaw.BAD_CHARACTER),
    ],
)
def test_values_of_several_parts(ai: str, value: str, flaw: Flaw | None) -> None:
    assert value_flaw(identifiers()[ai], value) is flaw
