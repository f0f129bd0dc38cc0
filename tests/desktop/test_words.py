"""Every reason and note has words, and the words fill in their facts."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.catalog.model import SIGNED, LocationRole
from core.kernel.flow import CodeKind, Say
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.station.home import ShowStock
from core.station.home_queries import StockLine, StockSummary
from desktop import messages
from desktop.fault_words import sentence_of
from desktop.languages import plain, speaking
from desktop.messages import NOTES, fault_words, note_words, refusal_words, trouble_words
from desktop.present import present
from desktop.presenters.words import grouped
from desktop.refusal_words import REFUSALS
from printing import firewall


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
    put: dict[str, str | int] = {"quantity": 2, "item": "MUG", "order": "100471", "tote": "TOTE-1"}
    assert note_words(Say(Note.PUT, {**put, "slot": 3})) == "Put: 2 x MUG in slot 3, order 100471"
    assert note_words(Say(Note.PUT, {**put, "slot": 0})) == "Put: 2 x MUG"
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


def _faults(path: Path) -> Iterator[str]:
    """Yield what a module says is wrong with a label or a template, an X in place of each value."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FAULTS:
            match node.args[1]:
                case ast.Constant(value=str() as words):
                    yield words
                case ast.JoinedStr(values=parts):
                    said = "".join(str(each.value) if isinstance(each, ast.Constant) else "X" for each in parts)
                    if said not in ("X: X", "is X"):  # a fault that is said once more
                        yield said
                case _:
                    pass  # what another function says


_FAULTS = ("LabelFault", "Finding", "_Wrong")


def test_what_may_be_wrong_with_a_label_a_list_or_a_template_is_said_in_every_language() -> None:
    root = Path(messages.__file__).parents[1]
    modules = [*sorted((root / "printing").rglob("*.py")), root / "desktop" / "label_rows.py"]
    said = {each: path.name for path in modules for each in _faults(path)}
    assert len(said) >= 90
    assert [f"{name}: {each}" for each, name in said.items() if sentence_of(each) is None] == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            "house_label.toml, line 4: to_lines: reaches 2.5 mm over the edge of the paper",
            "house_label.toml, Zeile 4: to_lines: ragt 2,5 mm über den Rand des Papiers",
        ),
        (
            "packing_slip.de.toml, line 2: sizes.title: there is no such text; there are none",
            "packing_slip.de.toml, Zeile 2: sizes.title: diesen Text gibt es nicht; es gibt nichts",
        ),
        (
            "house_label.toml, line 9: cannot be read: Expected '=' after a key in a key/value pair",
            "house_label.toml, Zeile 9: ist nicht lesbar: hinter einem Schlüssel fehlt das =",
        ),
        ("sscc: (00) bad length", "sscc: (00): falsche Länge"),
        ("code: modules of 0.125 mm, at least 0.248 needed", "code: Module von 0,125 mm, mindestens 0,248 nötig"),
        ("code: its quiet zone is overlapped by note, by 1.0 mm", "code: in seine Ruhezone ragt note, um 1,0 mm"),
        (
            "carrier_label: page 2 reaches 3.1 mm beyond the label",
            "Versandetikett: Seite 2: ragt 3,1 mm über das Etikett hinaus",
        ),
        ("the PDF is no whole PDF", "das PDF: ist kein ganzes PDF"),
        ("byte 153: ~JR restarts the printer", "Byte 153: ~JR: startet den Drucker neu"),
        (
            "carrier_label: byte 9: ! U1 setvar speaks to the printer's settings, not to a label",
            "Versandetikett: Byte 9: ! U1 setvar: spricht die Einstellungen des Druckers an, kein Etikett",
        ),
        (
            "byte 4: ^CC changes the caret, and with it what all later bytes mean",
            "Byte 4: ^CC: ändert das Zeichen Zirkumflex und damit, was alle späteren Bytes bedeuten",
        ),
        ("byte 0: there is no label in it", "Byte 0: es ist kein Etikett darin"),
        ("byte 7: 'AB' stands outside of a label", "Byte 7: AB steht außerhalb eines Etiketts"),
    ],
)
def test_what_is_wrong_with_a_label_is_said_with_its_measures(fault: str, words: str) -> None:
    with speaking("de"):
        assert trouble_words(fault) == words


def test_what_is_held_against_somebody_elses_zpl_is_said_in_every_language() -> None:
    tree = ast.parse(Path(firewall.__file__).read_text(encoding="utf-8"))
    told = [each.args[2] for each in ast.walk(tree) if isinstance(each, ast.Call) and _is_object(each.func)]
    said = {*firewall._DOES.values(), firewall._UNKNOWN, firewall._SPEAKS, *filter(None, map(_words_of, told))}
    assert len(said) >= 50
    assert {each for each in said if sentence_of(each) is None} == set()


def _is_object(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and called.attr == "object"


def _words_of(said: ast.expr) -> str:
    match said:
        case ast.Constant(value=str() as words):
            return words
        case ast.JoinedStr(values=parts):
            return "".join(str(each.value) if isinstance(each, ast.Constant) else "X" for each in parts)
        case _:
            return ""  # of the table


def test_a_mistake_in_a_list_is_said_with_its_place_and_what_nobody_knows_stays_as_it_is() -> None:
    with speaking("de"):
        mistake = "goods.csv, line 3, column 'gtin': check digit of 9501101530004 should be 3"
        assert fault_words(mistake) == "goods.csv, Zeile 3, Spalte gtin: die Prüfziffer von 9501101530004 müsste 3 sein"
        assert (
            trouble_words("to_lines: no font draws U+0928 (Devanagari)")
            == "to_lines: keine Schrift hat U+0928 (Devanagari)"
        )
        unknown = "house_label.toml, line 12: weigth: has gone"
        assert fault_words(unknown) == "house_label.toml, Zeile 12: weigth: has gone"
        assert trouble_words("paper_out,head_open") == "Etiketten nachlegen, Druckkopf schließen"
