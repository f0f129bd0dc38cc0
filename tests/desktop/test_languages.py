"""Every sentence is in every catalogue, fills in its facts, and stands the right way round."""

import ast
import string
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from core.kernel.commands import REGISTRY
from core.picking.decide import SHORT_REASONS
from core.printers.commands import REPRINT_REASONS
from core.station.flows import all_flows
from desktop import languages, messages
from desktop.languages import PSEUDO, accented, clock, isolated, joined, kilograms, language, measured, speaking, tr
from desktop.present import present
from printing.drivers.protocols import Trouble
from tests.station.desk import FakeDesk

ROOT = Path(__file__).parents[2]
TRANSLATED = [each for each in languages.LANGUAGES if each != languages.SOURCE]
FORMS = {"en": {"one", "other"}, "de": {"one", "other"}, "ar": {"zero", "one", "two", "few", "many", "other"}}
SPOKEN = ("desktop/present.py", "desktop/presenters", "desktop/app.py", "desktop/views", "desktop/widgets")
"""Where an operator's words are made."""


def _modules(*names: str) -> Iterator[Path]:
    for name in names:
        path = ROOT / name
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _calls_of_tr(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
            yield node


def _said_by_tables() -> set[str]:
    tables = [value for name, value in vars(messages).items() if name.isupper() and isinstance(value, Mapping)]
    assert len(tables) >= 9
    said = (each for table in tables for each in table.values())
    return {sentence for each in said for sentence in (each if isinstance(each, tuple) else (each,))}


def _sources() -> set[str]:
    found = _said_by_tables()
    for path in _modules("desktop"):
        for call in _calls_of_tr(path):
            first = call.args[0]
            if isinstance(first, ast.Constant):
                found.add(first.value)
            else:
                assert path.name == "messages.py", f"{path.name}:{call.lineno}: a sentence is a literal, or in a table"
    return found


def _names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def _forms(found: str | Mapping[str, str]) -> Mapping[str, str]:
    return {"other": found} if isinstance(found, str) else found


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_sentence_is_translated_and_none_is_left_over(code: str) -> None:
    assert set(language(code).sentences) == _sources()


@pytest.mark.parametrize("code", languages.LANGUAGES)
def test_a_translation_names_the_same_facts_as_its_source(code: str) -> None:
    spoken = language(code)
    for source, found in spoken.sentences.items():
        for form, words in _forms(found).items():
            # One, two and none may be said in words.
            missing_ok = {"n"} if form in ("zero", "one", "two") else set()
            assert _names(words) <= _names(source), f"{source!r} {form}"
            assert _names(source) - _names(words) <= missing_ok, f"{source!r} {form}"


@pytest.mark.parametrize("code", languages.LANGUAGES)
def test_a_sentence_that_depends_on_a_count_has_every_form(code: str) -> None:
    for source, found in language(code).sentences.items():
        if not isinstance(found, str):
            assert set(found) == FORMS[code], source
    assert {languages.plural(code, count) for count in range(200)} <= FORMS[code]


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_refusal_keeps_its_title_apart_from_what_to_do(code: str) -> None:
    """The first sentence is the title of the refusal, so a translation divides where its source does."""
    for source in messages.REFUSALS.values():
        found = language(code).sentences[source]
        assert isinstance(found, str)
        assert (". " in found) == (". " in source), source


def test_no_catalogue_says_a_word_nobody_translated() -> None:
    """German that equals its English is named here, so that a forgotten one is seen."""
    same = {
        "Code: {code}",
        "{column}: {value}",
        "{hours} h {minutes} min",
        "{n} min",
        "{quantity} x {item}",
        "{grams} g",
        "{what}",
        "IT",
        "Hub",
        "Codes",
    }

    assert {source for source, words in language("de").sentences.items() if words == source} == same


def test_words_of_a_presenter_go_through_the_catalogue() -> None:
    """A literal with two words, or a whole word beside a fact, is a sentence somebody forgot to make translatable."""
    for path in _modules(*SPOKEN):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        said = {id(part) for call in _calls_of_tr(path) for part in ast.walk(call)}
        for node in ast.walk(tree):
            for part in node.values if isinstance(node, ast.JoinedStr) else []:
                if isinstance(part, ast.Constant) and id(part) not in said:
                    assert not _words_in(part.value), f"{path.name}:{node.lineno}: {part.value!r}"
            if isinstance(node, ast.keyword) and node.arg in ("prompt", "detail", "lead", "middle"):
                literal = node.value
                assert not (
                    isinstance(literal, ast.Constant) and isinstance(literal.value, str) and _words_in(literal.value)
                ), f"{path.name}:{literal.lineno}: {literal.value!r}"


def _words_in(text: str) -> list[str]:
    """Return the words of a text, without what styles, keys and names of assets are written in."""
    if any(sign in text for sign in ("{", "}", ":", ";", "#", "QTY-", "_", "/")):
        return []
    return [word for word in text.split() if word.isalpha() and len(word) > 2]


# What the core knows has words


def test_every_state_of_every_flow_has_a_screen() -> None:
    states = {state for flow in all_flows(FakeDesk()).values() for state in flow.STATES.__args__}

    assert states - set(present.registry) == set()


def test_every_operation_has_words_in_the_story_of_an_order() -> None:
    assert set(messages.EVENTS) == {kind for kind in REGISTRY if not kind.startswith("test.")}


def test_every_answer_and_every_trouble_of_a_printer_has_words() -> None:
    assert {*SHORT_REASONS, *REPRINT_REASONS} <= set(messages.ANSWERS)
    assert set(messages.PRINTER_TROUBLES) == {str(each) for each in Trouble}
    assert {each for each in messages.PRINTER_STEPS if each} <= set(messages.PRINTER_TROUBLES)


# Saying it


def test_a_count_chooses_the_form() -> None:
    with speaking("en"):
        assert [tr("{n} orders", n=n) for n in (0, 1, 2)] == ["0 orders", "1 order", "2 orders"]
    with speaking("de"):
        assert [tr("{n} orders", n=n) for n in (1, 5)] == ["1 Auftrag", "5 Aufträge"]
    with speaking("ar"):
        assert languages.plain(tr("{n} orders", n=2)) == "طلبان"
        assert languages.plain(tr("{n} orders", n=7)) == "7 طلبات"
        assert languages.plain(tr("{n} orders", n=14)) == "14 طلبًا"
        assert languages.plain(tr("{n} orders", n=100)) == "100 طلب"


def test_codes_ranges_and_times_are_isolated_from_right_to_left_words() -> None:
    with speaking("ar"):
        assert "\u2068A-12-03\u2069" in tr("Order {order}", order="A-12-03")
        assert isolated("14-3") == "\u2068\u200e14-3\u2069"
        assert clock(1_800_000_000_000).startswith("\u2068")
        assert joined(["A", "", "B"]) == "\u2068A\u2069، \u2068B\u2069"
        # What is isolated within it gives a list no direction: it is read from the right as the sentence around it.
        assert "\u2067\u2068A\u2069، \u2068B\u2069\u2069" in tr("Order {order}", order=joined(["A", "B"]))
        assert languages.plain(tr("Order {order}", order=joined(["A", "B"]))).endswith("A، B")
    with speaking("en"):
        assert "\u2068" not in tr("Order {order}", order="A-12-03") + isolated("14-3") + clock(1_800_000_000_000)


def test_times_are_those_of_the_site() -> None:
    noon_utc = 1_782_043_200_000
    with speaking("en", "UTC"):
        assert clock(noon_utc) == "12:00"
    with speaking("de", "Europe/Berlin"):
        assert clock(noon_utc) == "14:00"


def test_a_scales_own_digits_have_the_languages_decimal_sign() -> None:
    with speaking("en"):
        assert measured("1.240 kg") == "1.240 kg"
    with speaking("de"):
        assert measured("1.240 kg") == "1,240 kg"


def test_numbers_carry_their_unit_and_the_languages_decimal_sign() -> None:
    with speaking("en"):
        assert (kilograms(420), kilograms(1420)) == ("420 g", "1.42 kg")
    with speaking("de"):
        assert kilograms(1420) == "1,42 kg"


def test_what_was_spoken_is_spoken_again_afterwards() -> None:
    before = languages.spoken()
    with speaking("ar"):
        assert languages.spoken().right_to_left
    assert languages.spoken() is before


def test_an_unknown_language_is_english() -> None:
    assert language("xx").code == "en"


@pytest.mark.parametrize("sentence", ["Go to", "Short", "{n} more scans not taken. Scan them again."])
def test_the_pseudo_locale_is_two_fifths_longer_and_keeps_its_facts(sentence: str) -> None:
    made = accented(sentence)

    assert _names(made) == _names(sentence)
    assert made != sentence
    letters = sum(len(words) for words, _, _, _ in string.Formatter().parse(sentence))
    assert len(made) - len(sentence) >= 0.4 * letters - 1e-9
    with speaking(PSEUDO):
        assert tr(sentence, n=3).startswith("[")
