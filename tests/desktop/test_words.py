"""Every reason and note has words, and the words fill in their facts."""

import string

import pytest

from core.catalog.model import SIGNED, LocationRole
from core.kernel.flow import CodeKind, Say
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.station.home import ShowStock
from core.station.home_queries import StockLine, StockSummary
from desktop.languages import plain, speaking
from desktop.messages import NOTES, REFUSALS, note_words, refusal_words
from desktop.present import present
from desktop.presenters.words import grouped


def test_every_reason_has_a_sentence() -> None:
    assert set(REFUSALS) == set(Reason)


def test_every_note_has_a_sentence() -> None:
    assert set(NOTES) == set(Note)


@pytest.mark.parametrize("sentence", [*REFUSALS.values(), *NOTES.values()])
def test_a_sentence_names_its_facts_plainly(sentence: str) -> None:
    names = [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]

    assert all(name.isidentifier() for name in names)
    assert "please" not in sentence.lower()


def test_facts_are_filled_in_and_missing_ones_leave_nothing() -> None:
    refusal = Refusal(Reason.WRONG_ITEM, {"got_label": "Mug, red", "expected_label": "Mug, blue"})

    assert refusal_words(refusal) == "Wrong item. Put it back. Scan Mug, blue."
    assert refusal_words(Refusal(Reason.WRONG_KIND, {"expected_kind": "cart"})) == "Not that code now. Scan the cart."
    assert note_words(Say(Note.PACKED, {"item": "MUG", "packed": 2, "units": 3})) == "MUG: 2 of 3"


@pytest.mark.parametrize("role", [each for each in LocationRole if each not in (LocationRole.PERSON, LocationRole.IN_TRANSIT, *SIGNED)])  # fmt: skip
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_what_a_place_is_for_is_said_in_the_language_that_is_spoken(role: LocationRole, language: str) -> None:
    with speaking(language):
        found = StockSummary(CodeKind.ITEM, "MUG", "Mug", (_line(role, "damaged"),))
        [row] = present(ShowStock(found)).proof.rows  # type: ignore[union-attr]

    said = plain(row.detail)
    assert said
    assert language == "en" or (role.value not in said.lower().split() and "damaged" not in said)


def test_of_good_units_nothing_is_said() -> None:
    [row] = present(ShowStock(StockSummary(CodeKind.ITEM, "MUG", "Mug", (_line("pick", "good"),)))).proof.rows  # type: ignore[union-attr]

    assert row.detail == "picked from"


def _line(role: str, condition: str) -> StockLine:
    return StockLine("MUG", "Mug", "", "A-01-01", role, "", "", "", condition, 3, 0, "")


def test_of_a_slips_code_only_the_end_is_said() -> None:
    assert plain(grouped("WMS-FILL-" + "A" * 300 + "B27CDE")) == "WMS-FILL-…B27CDE"
