"""Dots: what a print head is told is what the preview shows, and what is said of a picture is read back as it was."""

import pytest

from printing import faces, png, raster
from printing.compose import Sheet
from printing.graphic import graphic_field, read_graphic
from printing.kinds import KINDS, lay_out
from printing.media import Language
from printing.render import composed
from tests.printing.samples import HOSTILE, Content, addressed, label_samples, media_of


def sheets(content: Content) -> tuple[Sheet, ...]:
    return composed(lay_out(content, KINDS[content.KIND].paper), media_of(content, 203, Language.ESC_POS))


@pytest.mark.parametrize("name", label_samples())
def test_a_page_of_dots_is_the_preview_in_black_and_white(name: str) -> None:
    for sheet in sheets(label_samples()[name].content):
        assert raster.page(sheet) == raster.packed(png.picture(sheet))


@pytest.mark.parametrize("script", ["umlauts", "arabic", "east asian", "thai", "emoji"])
def test_so_it_is_in_every_script(script: str) -> None:
    [sheet] = sheets(addressed(HOSTILE[script]))

    whole = raster.page(sheet)

    assert whole == raster.packed(png.picture(sheet))
    pieces = [each for each in raster.parts(sheet) if isinstance(each, raster.Picture)]
    for piece in pieces:
        picture = read_graphic(graphic_field(piece).removeprefix("^GF"))
        assert raster.packed(picture).data == piece.data


def test_plain_letters_are_in_both_of_our_own_fonts() -> None:
    plain = "".join(map(chr, range(0x20, 0x7F)))

    for strong in (False, True):
        [run] = faces.runs(plain, strong=strong)
        assert (run.text, run.shaped) == (plain, False)
        assert faces.width_em(plain, strong=strong) == pytest.approx(run.width_em)
