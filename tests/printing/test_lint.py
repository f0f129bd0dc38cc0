"""The linter: each way in which paper can be wrong is found, named, and stops the job."""

import re
from dataclasses import replace

import pytest

from printing import faces, lint
from printing.compose import Code, compose
from printing.fault import LabelFault
from printing.label import Area, Barcode, Box, Document, Element, Page, Paper, Reverse, Rule, Symbology, Text
from printing.media import Language
from printing.render import lay_out, render
from printing.typeset import OWN
from tests.printing.samples import HOUSE, QUARANTINE, every_sample, media_of

SSCC = Barcode(
    name="sscc",
    symbology=Symbology.GS1_128,
    data="00006141410000000012",
    area=Area(5, 20, 90, 34),
    module_mm=0.5,
    least_module_mm=0.495,
    least_height_mm=32,
)
SAID = Text(name="sscc digits", area=Area(5, 70, 90, 4), text="(00) 0061 4141 0000 0000 12", capital_mm=4)
WORDS = Text(name="words", area=Area(5, 5, 60, 4), text="Ines Okafor", capital_mm=4)


def found(*elements: Element, dpi: int = 203, least_capital_mm: float = 2.0) -> list[str]:
    """Return what the linter says of a 4 by 4 inch label, a finding a line."""
    page = Page(elements=elements)
    document = Document(
        template="t",
        version=1,
        width_mm=101.6,
        height_mm=101.6,
        margin_mm=2,
        pages=(page,),
        least_capital_mm=least_capital_mm,
    )
    sheet = compose(document, page, dpi=dpi, face=OWN)
    return [f"{finding.element}: {finding.reason}" for finding in lint.findings(document, page, sheet)]


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_a_sound_label_has_no_findings(dpi: int) -> None:
    block = Area(5, 60, 30, 8)
    warning = Text(name="warning", area=Area(7, 62, 26, 4), text="FRAGILE", capital_mm=4)
    elements = (
        WORDS,
        SSCC,
        SAID,
        Reverse(name="warning", area=block, texts=(warning,)),
        Box(name="box", area=Area(50, 60, 20, 8), line_mm=0.5),
    )
    assert found(*elements, dpi=dpi) == []


@pytest.mark.parametrize(
    ("element", "finding"),
    [
        (
            replace(WORDS, area=Area(0.5, 5, 60, 4)),
            "words: reaches 1.5 mm outside the printable area, 2 mm from the edges",
        ),
        (
            Rule(name="rule", area=Area(5, 5, 95, 1)),
            "rule: reaches 0.4 mm outside the printable area, 2 mm from the edges",
        ),
        (
            replace(WORDS, text="Peggy", capital_mm=8, area=Area(5, 91.5, 90, 8)),
            "words: reaches 0.6 mm over the edge of the paper",
        ),
        (replace(SSCC, area=Area(15, 20, 90, 34)), "sscc: reaches 2.4 mm over the edge of the paper"),
        (
            replace(SSCC, area=Area(25, 20, 90, 34)),
            "sscc: reaches 9.4 mm outside the printable area, 2 mm from the edges",
        ),
        (replace(WORDS, text="W" * 60), f"words: does not fit: {'W' * 40!r} in letters of 2 mm, its smallest"),
        (replace(WORDS, text="no font for हन"), "words: no font draws U+0939 U+0928 (Devanagari)"),
        (
            replace(WORDS, capital_mm=1.5, least_mm=1.5),
            "words: letters of 1.50 mm are too small to read, at least 2 needed",
        ),
        (replace(SSCC, area=Area(5, 20, 70, 34)), "sscc: modules of 0.375 mm, at least 0.495 needed"),
        (replace(SSCC, area=Area(5, 20, 90, 20)), "sscc: 20.0 mm high, at least 32 needed"),
        (replace(SSCC, data="00006141410000000013"), "sscc: check digit of 006141410000000013 should be 2"),
        (replace(SSCC, data="0006141410000000012"), "sscc: (00) bad length"),
        (replace(SSCC, data="01006141410000000012"), "sscc: check digit of 00614141000000 should be 5"),
        (replace(SSCC, data="029501"), "sscc: (02) bad length"),
        (
            replace(SSCC, data="02095011015300033712"),
            "sscc: (37) needs another identifier beside it that is not on the label",
        ),
        (
            replace(SSCC, data="010950110153000302095011015300033712"),
            "sscc: (01) must not stand beside what else is on the label",
        ),
    ],
)
def test_a_fault_in_one_element_is_named(element: Element, finding: str) -> None:
    assert finding in found(element)


@pytest.mark.parametrize(
    ("near", "deep"),
    [
        (replace(WORDS, area=Area(10, 50, 60, 4)), "4.4"),
        (Rule(name="words", area=Area(6, 30, 2, 2)), "2.0"),
        (Box(name="words", area=Area(6, 15, 89, 50), line_mm=1), "1.0"),
    ],
)
def test_ink_in_a_quiet_zone_is_found(near: Element, deep: str) -> None:
    assert f"sscc: its quiet zone is overlapped by words, by {deep} mm" in found(SSCC, near)


def test_words_on_words_are_found() -> None:
    assert found(WORDS, replace(WORDS, name="other", area=Area(20, 7, 60, 4))) == ["other: overlaps words by 2.0 mm"]


def test_words_that_leave_their_block_are_found() -> None:
    block = Reverse(name="block", area=Area(5, 5, 10, 6), texts=(replace(WORDS, area=Area(6, 6, 60, 4)),))
    assert found(block) == ["words: reaches 21.0 mm out of its black block"]


@pytest.mark.parametrize(
    ("words", "finds"),
    [
        ((), True),
        ((replace(SAID, text="(00) 0061 4141 0000 0000 13"),), True),
        ((replace(SAID, text="(00) 0061 4141"), replace(SAID, name="rest", text="0000 0000 12")), True),
        ((replace(SAID, area=Area(5, 70, 20, 3), capital_mm=3, may_shorten=True),), True),
        ((SAID,), False),
        ((replace(SAID, text="Parcel 00006141410000000012, 1 of 2"),), False),
    ],
)
def test_bars_that_nobody_could_type_are_found(words: tuple[Text, ...], finds: bool) -> None:
    finding = "sscc: nothing on the label says '00006141410000000012' for people"
    assert (finding in found(SSCC, *words)) is finds


def test_a_code_that_is_nobodys_to_read_needs_no_words() -> None:
    assert found(replace(SSCC, secret=True)) == []


def test_a_square_code_needs_no_words() -> None:
    assert found(replace(SSCC, symbology=Symbology.QR, data="x", least_height_mm=0)) == []


SHIPPED = replace(SSCC, area=Area(5, 5, 90, 34))
CONTAINED = Barcode(
    name="contained", symbology=Symbology.GS1_DATA_MATRIX, data="02095011015300033712", area=Area(5, 60, 30, 30),
    module_mm=1, least_module_mm=0.5,
)  # fmt: skip


@pytest.mark.parametrize(
    ("second", "finding"),
    [
        (replace(CONTAINED, name="sscc"), "sscc: stands on the label 2 times, at most 1 may"),
        (replace(CONTAINED, symbology=Symbology.GS1_128, data=SSCC.data), "contained: stands on the label 2 times"),
        (
            replace(CONTAINED, data="00106141410000000019"),
            "contained: (00) is 106141410000000019 here and 006141410000000012 elsewhere on the label",
        ),
    ],
)
def test_what_is_said_twice_is_found(second: Barcode, finding: str) -> None:
    assert any(each.startswith(finding) for each in found(SHIPPED, second))


def test_two_codes_that_say_different_things_of_the_same_goods_are_sound() -> None:
    said = replace(SAID, area=Area(5, 46, 90, 4))
    assert found(SHIPPED, said, CONTAINED) == []


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        # A layout that asks for less than the standard allows is not believed.
        (replace(SSCC, least_module_mm=0.1, area=Area(5, 20, 70, 34)), "sscc: modules of 0.375 mm, at least 0.495 needed"),
        (
            replace(SSCC, symbology=Symbology.QR, data="x", module_mm=0.13, least_module_mm=0.1),
            "sscc: modules of 0.125 mm, at least 0.25 needed",
        ),
        (
            replace(SSCC, symbology=Symbology.GS1_128, data="91" + "7" * 60, module_mm=0.25, least_module_mm=0.25),
            "sscc: 62 characters, at most 48 allowed",
        ),
    ],
)  # fmt: skip
def test_the_standards_limits_hold_whatever_a_layout_asks_for(code: Barcode, finding: str) -> None:
    assert finding in found(code)


def test_bars_too_wide_for_scanners_are_found() -> None:
    page = Page(elements=(replace(SSCC, area=Area(5, 20, 290, 40), module_mm=1.1),))
    document = Document(template="t", version=1, width_mm=300, height_mm=100, margin_mm=2, pages=(page,))
    sheet = compose(document, page, dpi=203, face=OWN)
    said = [finding.reason for finding in lint.findings(document, page, sheet)]
    assert "modules of 1.126 mm, at most 1.016 allowed" in said
    assert "198.2 mm wide, at most 165 allowed" in said


def test_modules_that_are_no_whole_dots_are_found() -> None:
    page = Page(elements=(SSCC, SAID))
    document = Document(template="t", version=1, width_mm=101.6, height_mm=101.6, margin_mm=2, pages=(page,))
    sheet = compose(document, page, dpi=203, face=OWN)
    bent = replace(sheet, parts=tuple(replace(p, module=3.5) if isinstance(p, Code) else p for p in sheet.parts))  # type: ignore[arg-type]
    reasons = [finding.reason for finding in lint.findings(document, page, bent)]
    assert "its modules are 3.5 dots, whole ones are needed" in reasons


def test_an_sscc_stands_for_one_thing_only() -> None:
    page = Page(elements=(SSCC, SAID))
    document = Document(template="t", version=1, width_mm=101.6, height_mm=101.6, margin_mm=2, pages=(page, page))
    with pytest.raises(LabelFault, match="sscc: 006141410000000012 is on two labels, at most 1 may carry it"):
        lint.check_together(document)
    lint.check_together(replace(document, pages=(page,)))
    numbers = ["006141410000000012", "106141410000000019"]
    lint.check_numbers(numbers)
    with pytest.raises(LabelFault, match="sscc: 106141410000000019 is on two labels"):
        lint.check_numbers(numbers, before=numbers[1:])


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("name", every_sample())
def test_every_kind_of_paper_is_sound(name: str, dpi: int) -> None:
    content = every_sample()[name].content
    media = media_of(content, dpi, Language.TSPL)
    document = lay_out(content, Paper(media.width_mm, media.height_mm))
    for page in document.pages:
        sheet = compose(document, page, dpi=dpi, face=OWN)
        assert list(lint.findings(document, page, sheet)) == []


def test_prose_is_shortened_and_that_is_said_and_stops_nothing() -> None:
    prose = replace(WORDS, text="W" * 60, may_shorten=True, column="note")
    assert found(prose) == ["note: shortened to 21 of 60 characters"]
    page = Page(elements=(prose,))
    document = Document(template="t", version=1, width_mm=101.6, height_mm=101.6, margin_mm=2, pages=(page,))
    sheet = compose(document, page, dpi=203, face=OWN)
    lint.check(document, page, sheet)
    assert list(lint.shortened(sheet)) == [lint.Finding("note", "shortened to 21 of 60 characters", stops=False)]


@pytest.mark.parametrize(("code", "finds"), [("SKU-1 ", "note: shortened to"), ("W" * 22, "sku: does not fit")])
def test_a_code_that_prose_begins_with_is_never_cut_off(code: str, finds: str) -> None:
    facts = (("sku", code.strip()), ("note", "W" * 60))
    [said] = found(replace(WORDS, text=code + "W" * 60, may_shorten=True, facts=facts, kept=("sku",)))
    assert said.startswith(finds)


def test_letters_in_the_hand_may_be_smaller() -> None:
    assert found(replace(WORDS, capital_mm=1.6, least_mm=1.6), least_capital_mm=1.6) == []


def test_joining_letters_are_refused_where_they_cannot_be_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    arabic = replace(WORDS, text="محمد")
    assert found(arabic) == []
    monkeypatch.setattr(faces, "can_shape", lambda: False)
    assert found(arabic) == ["words: its letters join, and the library that joins them (FriBiDi) is not installed"]


@pytest.mark.parametrize(
    ("barcode", "reason"),
    [
        (replace(SSCC, symbology=Symbology.CODE_128, data="Köln"), "sscc: cannot be a code_128: 'ö' is not"),
        (replace(SSCC, symbology=Symbology.QR, data=""), "sscc: cannot be a qr: nothing to encode"),
        (replace(SSCC, symbology=Symbology.CODE_128, data="A" * 90), r"sscc: 1045 modules do not fit in 90 mm"),
        (replace(SSCC, symbology=Symbology.DATA_MATRIX, data="x" * 4000), "sscc: cannot be a data_matrix"),
    ],
)
def test_a_code_that_cannot_be_drawn_is_a_fault(barcode: Barcode, reason: str) -> None:
    with pytest.raises(LabelFault, match=reason) as caught:
        found(barcode)
    assert caught.value.element == "sscc"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"sscc": "006141410000000013"}, "sscc: check digit of 006141410000000013 should be 2"),
        ({"sscc": "12345"}, "sscc: (00) bad length"),
        ({"to_lines": ("W" * 600,)}, "to_lines: does not fit"),
        ({"to_lines": ("नमन",)}, "to_lines: no font draws U+0928 U+092E (Devanagari)"),
        ({"to_postcode": "1234567890" * 3}, "to_postcode: does not fit"),
        ({"hazards": ("UN3481", "UN1203", "UN1950")}, "hazards: does not fit"),
    ],
)
@pytest.mark.parametrize("language", list(Language))
def test_a_bad_house_label_is_never_rendered(change: dict[str, object], fault: str, language: Language) -> None:
    content = replace(HOUSE, **change)  # type: ignore[arg-type]
    with pytest.raises(LabelFault, match=re.escape(fault)):
        render(content, media=media_of(content, 203, language))


def test_a_quarantine_code_too_long_for_its_bars_is_refused() -> None:
    content = replace(QUARANTINE, code="CASE-" + "X7" * 9)
    with pytest.raises(LabelFault, match=r"code: modules of 0\.125 mm, at least 0\.25 needed"):
        render(content, media=media_of(content, 203, Language.ZPL))
