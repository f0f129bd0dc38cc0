"""Bars are found on every page of ours that has some, where their code stands; words, tables and combs are none."""

import io
from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from printing.bars import fields_of
from printing.kinds import Content
from printing.media import Language
from printing.render import render
from tests.printing.samples import HOSTILE, addressed, every_sample, media_of

PAGES = {name: each.content for name, each in every_sample().items()} | {
    f"hostile {name}": addressed(text) for name, text in HOSTILE.items()
}


def page(content: Content, dpi: int) -> Image.Image:
    media = replace(media_of(content, 203, Language.PNG), dpi=dpi)
    return Image.open(io.BytesIO(render(content, media=media).data)).convert("L")


@pytest.mark.parametrize("name", PAGES)
def test_where_bars_are_found_on_our_own_paper_a_code_reads(name: str) -> None:
    picture = page(PAGES[name], 406)
    read = [each.position for each in zxingcpp.read_barcodes(picture)]
    fields = fields_of(picture, 406)

    for field in fields:
        assert any(field.meets(at.top_left.x, at.top_left.y, at.bottom_right.x, at.bottom_right.y) for at in read), (
            field
        )
    linear = [each for each in zxingcpp.read_barcodes(picture, formats=_BARS) if each.orientation % 180 == 0]
    for each in linear:
        at = each.position
        tall = abs(at.bottom_left.y - at.top_left.y)
        wide = abs(at.top_right.x - at.top_left.x)
        if tall > 7 * 16 and wide > 8 * 16:
            assert any(f.meets(at.top_left.x, at.top_left.y, at.bottom_right.x, at.bottom_right.y) for f in fields), (
                each.text
            )


_BARS = zxingcpp.barcode_formats_from_str("Code128,EAN13,EAN8,UPCA")


def test_tables_rulers_combs_and_words_are_no_bars() -> None:
    picture = Image.new("L", (1624, 2436), 255)
    pen = ImageDraw.Draw(picture)
    for n in range(40):
        pen.line((40 + n * 20, 100, 40 + n * 20, 400), fill=0, width=4)  # a comb
        pen.rectangle((40 + n * 30, 500, 54 + n * 30, 700), fill=0)  # dashes
    for n in range(12):
        pen.line((40, 900 + n * 90, 1500, 900 + n * 90), fill=0, width=3)  # a table
        pen.line((40 + n * 130, 900, 40 + n * 130, 1890), fill=0, width=3)
    pen.rectangle((40, 2000, 1500, 2400), fill=120)

    assert fields_of(picture, 406) == ()
    assert fields_of(Image.new("L", (10, 10), 255), 406) == ()
