"""The darkness ladder: five labels, each darker than the one before, each saying how dark it is."""

from dataclasses import replace

import pytest

from core.printers.contents import DarknessLadder
from printing.darkness import read_step, step_code
from printing.fault import LabelFault
from printing.media import DARKNESS, Language, Media
from printing.render import render
from tests.printing import heads
from tests.printing.readers import codes, pictures

TOLD = {
    Language.ZPL: (b"~SD%02d\n^XA", b"^XZ\n~SD%02d\n"),
    Language.EPL2: (b"\nD%d\n", b"\nP1\nD%d\n"),
    Language.TSPL: (b"\r\nDENSITY %d\r\n", b"\r\nPRINT 1,1\r\nDENSITY %d\r\n"),
}


def media(language: Language, *, darkness: int | None = None, wide: float = 101.6, high: float = 50.8) -> Media:
    return Media(dpi=203, width_mm=wide, height_mm=high, language=language, darkness=darkness)


def ladder(language: Language) -> DarknessLadder:
    return DarknessLadder(language=language.value, printer="P-07")


@pytest.mark.parametrize(("wide", "high"), [(101.6, 50.8), (101.6, 152.4), (57.15, 31.75)])
@pytest.mark.parametrize("language", DARKNESS)
def test_five_labels_say_each_how_dark_they_are(language: Language, wide: float, high: float) -> None:
    loaded = media(language, wide=wide, high=high)
    made = render(ladder(language), media=loaded)
    said = [[code.data for code in codes(label)] for label in pictures(made, loaded)]
    assert made.pages == 5
    assert [read_step(code) for [code] in said] == [(language, step) for step in DARKNESS[language].ladder]


@pytest.mark.parametrize("language", TOLD)
def test_each_label_is_printed_as_dark_as_it_says_and_the_printer_left_as_it_is_to_be(language: Language) -> None:
    before, after = TOLD[language]
    steps = DARKNESS[language].ladder
    made = render(ladder(language), media=media(language)).data
    places = [made.index(before % step) for step in steps]
    assert places == sorted(places)
    assert made.endswith(after % steps[2]), "the middle, where nobody knows what it was"
    assert render(ladder(language), media=media(language, darkness=5)).data.endswith(after % 5)


def test_a_receipt_printer_forgets_by_itself() -> None:
    made = render(ladder(Language.ESC_POS), media=media(Language.ESC_POS)).data
    assert made.count(b"\x1b@\x1d(K\x02\x001") == 5
    assert heads.escpos(made).settings == {"darkness": "6"}


@pytest.mark.parametrize(
    ("content", "loaded", "reason"),
    [
        (ladder(Language.PDF), media(Language.PDF), "language: 'pdf' has no darkness to try out"),
        (replace(ladder(Language.ZPL), language="cpcl"), media(Language.ZPL), "language: 'cpcl' has no darkness"),
        (ladder(Language.ZPL), media(Language.TSPL), "darkness: 18 is not between 0 and 15"),
        (ladder(Language.ZPL), media(Language.ZPL, high=20), "paper: 20 mm high, at least 24 needed"),
    ],
)
def test_what_cannot_be_tried_out_is_refused(content: DarknessLadder, loaded: Media, reason: str) -> None:
    with pytest.raises(LabelFault, match=reason):
        render(content, media=loaded)


@pytest.mark.parametrize("code", ["", "DARK-Z-9", "DARK-Z-M8", "DARK-P-8", "DARK-Z-18-", "DARK-E-18", "x" * 90])
def test_no_other_code_is_a_step(code: str) -> None:
    assert read_step(code) is None


def test_a_step_is_read_as_a_scanner_with_caps_lock_or_blanks_sends_it() -> None:
    assert read_step(f" {step_code(Language.ESC_POS, -3).lower()}\r") == (Language.ESC_POS, -3)
