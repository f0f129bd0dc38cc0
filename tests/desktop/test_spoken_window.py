"""The window speaks the language of the badge, and mirrors itself where it reads from the right."""

import pytest
from PySide6.QtCore import Qt

from core.kernel.flow import Say
from core.kernel.journal import GestureInput, GestureOutcome
from core.kernel.notes import Note
from core.station.station import Feedback
from core.station.turn import Input
from desktop.languages import PSEUDO, plain, speaking, spoken
from desktop.present import last_scan
from tests.desktop.bench import Bench

RIGHT_TO_LEFT, LEFT_TO_RIGHT = Qt.LayoutDirection.RightToLeft, Qt.LayoutDirection.LeftToRight


def _prompt(it: Bench) -> str:
    return plain(it.shell.prompt.accessibleName())


def test_the_window_speaks_the_language_of_the_badge(it: Bench) -> None:
    it.scan("BADGE-JONAS")
    assert _prompt(it).startswith("Scanne irgendetwas")
    assert "Angemeldet: Jonas Brandt" in it.shell.band.accessibleName()

    it.press("LOGOUT")
    assert _prompt(it).startswith("Scan your badge")
    it.scan("BADGE-NOOR")
    assert _prompt(it).startswith("امسح أي شيء")

    it.press("LOGOUT")
    it.scan("BADGE-MARA")
    assert _prompt(it).startswith("Scan anything")


def test_arabic_mirrors_the_window_and_neither_the_keys_nor_the_next_person(it: Bench) -> None:
    it.scan("BADGE-NOOR")

    assert it.shell.layoutDirection() is RIGHT_TO_LEFT
    assert it.shell.prompt.layoutDirection() is RIGHT_TO_LEFT
    assert it.shell.context.x() < it.shell.prompt.x()
    assert it.shell.keys.layoutDirection() is LEFT_TO_RIGHT

    it.scan("BADGE-MARA")
    assert it.shell.layoutDirection() is LEFT_TO_RIGHT
    assert it.shell.context.x() > it.shell.prompt.x()


def test_a_code_stands_unturned_among_arabic_words(it: Bench) -> None:
    it.scan("BADGE-NOOR")
    it.press("CONFIRM")
    it.next()
    assert it.state == "GoToLocation"
    assert f"\u2068{it.window.station.state.view.location_code}\u2069" in it.shell.prompt._screen.proof.code

    it.scan("BENCH-1")
    assert it.shell.refusing
    assert "\u2068BENCH-1\u2069" in it.shell.refusal._words.stop.rest


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_what_was_read_is_not_said_once_more_as_what_it_meant(language: str) -> None:
    sscc = "095011010000000018"
    read = Input(kind=GestureInput.SCAN, text=sscc, at=1)
    loaded = Say(Note.LOADED, {"label": sscc, "order": "100461", "carrier": "HOUSE"})
    found = Say(Note.LOOKED_UP, {"what": sscc})

    with speaking(language):
        bands = [
            last_scan(Feedback(input=read, outcome=GestureOutcome.ACCEPTED, flow="dispatch", state=None, note=note))
            for note in (loaded, found)
        ]

    assert all(band is not None and plain(band.got) == "0950 1101 0000 0000 18" for band in bands)
    order = {"en": "order 100461", "de": "Auftrag 100461", "ar": "الطلب 100461"}[language]
    assert [plain(band.meant) for band in bands if band is not None] == [order, ""]


@pytest.mark.parametrize("badge", ["BADGE-JONAS", "BADGE-NOOR"])
def test_an_order_goes_to_the_van_in_every_language(it: Bench, badge: str) -> None:
    it.scan(badge)
    it.press("CONFIRM")
    while it.next() != "BatchDone":
        pass
    it.window.station.go("pack")
    it.settle()
    while it.next() != "StickLabel":
        pass
    sscc = it.window.station.state.parcel.sscc
    it.next()
    it.window.station.go("dispatch")
    it.settle()
    it.scan(sscc)
    it.press("CONFIRM")
    assert it.press("YES") == "ScanParcel"
    assert spoken().code in ("de", "ar")


@pytest.mark.parametrize("size", [(1024, 600), (1366, 768), (1920, 1080)])
def test_the_pseudo_locale_is_laid_out_in_every_size(it: Bench, size: tuple[int, int]) -> None:
    it.shell.resize(*size)
    it.window._language = PSEUDO

    it.scan("BADGE-MARA")
    it.press("LOGOUT")

    picture = it.shell.grab()
    assert (picture.width(), picture.height()) == size
    assert _prompt(it).startswith("[Šçåñ")
