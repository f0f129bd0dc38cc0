"""Setting words: as large as they go, between words first, and nothing lost without saying so."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing import faces, printer_font, typeset
from printing.label import Area, Text
from printing.typeset import OWN, measure, wrap

WORDS = st.lists(st.text(alphabet="abcdefghij", min_size=1, max_size=12), min_size=1, max_size=30).map(" ".join)


def text(words: str, *, width: float = 60, height: float = 20, lines: int = 4, shorten: bool = False) -> Text:
    return Text(
        name="t",
        area=Area(0, 0, width, height),
        text=words,
        capital_mm=5,
        least_mm=2,
        max_lines=lines,
        may_shorten=shorten,
    )


@given(WORDS)
def test_a_complete_setting_fits_and_keeps_every_character(words: str) -> None:
    setting = typeset.fit(text(words))
    assert len(setting.lines) <= 4
    assert typeset.height_mm(len(setting.lines), setting.capital_mm) <= 20.01
    assert all(measure(line, False) * setting.capital_mm <= 60.0001 for line in setting.lines)
    if setting.complete:
        assert "".join(setting.lines).replace(" ", "") == words.replace(" ", "")
    else:
        assert setting.lines[-1].endswith("...")
        assert setting.kept < setting.of == len(words)
        shown = "".join(setting.lines).removesuffix("...")
        assert shown.replace(" ", "") == words[: setting.kept].replace(" ", "")


def test_words_shrink_before_they_are_broken() -> None:
    setting = typeset.fit(text("Rechtsschutzversicherungsgesellschaft", width=70))
    assert setting.lines == ("Rechtsschutzversicherungsgesellschaft",)
    assert 2 < setting.capital_mm < 5


def test_a_word_wider_than_the_area_at_its_least_size_is_broken_and_whole() -> None:
    setting = typeset.fit(text("Rechtsschutzversicherungsgesellschaften", width=30))
    assert setting.complete
    assert len(setting.lines) > 1
    assert "".join(setting.lines) == "Rechtsschutzversicherungsgesellschaften"


def test_a_single_line_is_never_wrapped_and_says_that_it_was_cut() -> None:
    setting = typeset.fit(text("A-12-03 " * 20, lines=1, shorten=True))
    assert len(setting.lines) == 1
    assert not setting.complete
    assert setting.capital_mm == 2


def test_east_asian_text_wraps_between_characters_but_not_before_a_full_stop() -> None:
    words = "東京都千代田区丸の内一丁目。" * 3
    lines = typeset.wrap(words, 14, strong=False, breaking=False)
    assert lines is not None
    assert len(lines) > 1
    assert "".join(lines) == words
    assert not any(line.startswith("。") for line in lines)


@pytest.mark.parametrize("words", ["A-12-03", "----", "2027-01-31", "WWW", "Größe-1", "<<>>", "東京-1"])
def test_what_fits_fits_our_letters_and_a_printers(words: str) -> None:
    wide = measure(words, True)
    assert wide >= OWN.width(words, True)
    assert not printer_font.draws(words) or wide >= printer_font.width(words, True)
    setting = typeset.fit(replace(text(words, width=3 * wide, lines=1), strong=True))
    assert setting.complete
    assert setting.capital_mm <= 3


def test_nothing_to_say_is_no_line() -> None:
    assert typeset.fit(text(" \n\t")).lines == ()


def test_invisible_marks_and_controls_are_taken_out() -> None:
    assert faces.clean("a\u202eb\u200dc\x00d\ufe0f\r\n e ") == "abc d\ne"


def test_a_decomposed_letter_is_composed() -> None:
    assert faces.clean("Zoe\u0308") == "Zoë"


def test_each_script_has_its_font_and_blanks_stay_narrow() -> None:
    runs = faces.runs("Ines 東京 🎉 ok", strong=True)
    assert [(run.text, run.font) for run in runs] == [
        ("Ines ", faces.Font.STRONG),
        ("東京", faces.Font.EAST_ASIAN),
        (" ", faces.Font.STRONG),
        ("🎉", faces.Font.EMOJI),
        (" ok", faces.Font.STRONG),
    ]


def test_text_from_right_to_left_is_one_shaped_run_even_with_figures() -> None:
    [run] = faces.runs("شارع الملك فهد 12", strong=False)
    assert (run.font, run.shaped) == (faces.Font.WIDE, True)


def test_missing_letters_are_named_once_each() -> None:
    assert faces.missing("ไa\nहन") == "हन"


@pytest.mark.parametrize("width", [2.0, 3.0, 4.5, 7.0])
def test_a_line_of_thai_never_begins_with_a_mark_nor_ends_before_its_consonant(width: float) -> None:
    words = "ที่ปู่ญี่ปุ่นเชียงใหม่แม่ฮ่องสอน"
    lines = wrap(words, width, strong=False, breaking=True)
    assert lines is not None
    assert "".join(lines) == words
    assert all(unicodedata.category(line[0]) != "Mn" for line in lines)
    assert all(line[-1] not in "เแโใไ" for line in lines)
