"""How large everything is: a millimetre is a millimetre, larger text where there is room, never a layout without any."""

import pytest

from desktop.theme import BARE, DPI, GLOVED, ROOM, USUAL, unit, zoom_for

WINDOWS = [(1024, 600), (1280, 800), (1366, 768), (1920, 1080), (3840, 2160)]
every_window = pytest.mark.parametrize("window", WINDOWS, ids=lambda window: f"{window[0]}x{window[1]}")


def test_what_is_touched_is_twenty_millimetres_and_with_gloves_twenty_five_five_apart() -> None:
    millimetre = DPI / 25.4
    assert BARE.target >= 20 * millimetre
    assert GLOVED.target >= 24.8 * millimetre
    assert BARE.gap == unit()
    assert GLOVED.gap == pytest.approx(5 * millimetre, abs=0.2)


def test_the_usual_window_is_painted_as_it_is_laid_out() -> None:
    assert zoom_for(DPI, *USUAL) == 1.0
    assert zoom_for(1.5 * DPI, 2049, 1152) == 1.5, "a finer screen has more pixels a millimetre"


@every_window
def test_larger_text_is_as_large_as_asked_for_where_the_layout_has_room(window: tuple[int, int]) -> None:
    usual = zoom_for(DPI, *window)
    for text in (1.25, 2.0):
        zoom = zoom_for(DPI, *window, text=text)
        assert usual <= zoom <= usual * text
        full = zoom == usual * text
        roomy = window[0] / (usual * text) >= ROOM[0] and window[1] / (usual * text) >= ROOM[1]
        assert full == roomy
