"""Every reason and note has words, and the words fill in their facts."""

import string

import pytest

from core.kernel.flow import Say
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from desktop.messages import NOTES, REFUSALS, note_words, refusal_words


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
