"""The picture on the screen is read from the bytes that were sent, and shows what another reader of them shows."""

import io

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from printing import code128
from printing.graphic import graphic_field, read_graphic
from printing.media import Language, Letters
from printing.preview import preview
from printing.raster import packed
from printing.render import render
from tests.printing.readers import codes, zpl_pictures
from tests.printing.samples import DPIS, HOSTILE, HOUSE, QUARANTINE, addressed, media_of

LABELS = [HOUSE, QUARANTINE]
ASCII = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)


def read(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(preview(data))).convert("L")


@pytest.mark.parametrize("letters", list(Letters))
@pytest.mark.parametrize("dpi", DPIS)
@pytest.mark.parametrize("content", LABELS, ids=lambda each: each.KIND)
def test_a_label_looks_as_an_interpreter_of_its_own_draws_it(content: object, dpi: int, letters: Letters) -> None:
    made = render(content, media=media_of(content, dpi, Language.ZPL, letters)).data
    [other] = zpl_pictures(made, dpi)
    mine = read(made)
    same = other.crop((0, 0, *mine.size))

    # The printer's letters are others than ours: where there is ink, and about how much, is the same.
    small = (mine.width // 16, mine.height // 16)
    apart = ImageChops.difference(mine.resize(small), same.resize(small))
    levels = apart.tobytes()
    assert sum(levels) / len(levels) < (1 if letters is Letters.OURS else 14)
    assert codes(mine) == codes(same)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_words_from_outside_are_drawn_and_never_obeyed(text: str) -> None:
    content = addressed(text)
    made = render(content, media=media_of(content, 203, Language.ZPL)).data
    assert read(made).size == (812, 1218)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"%PDF-1.7", b"\xff\xfe", b"^XA^XZ", b"^XA^PW812^LL1218^FO1,1^GB9,9,2^FS^XZ", b"^XA^PW9^LL9^FO0,0^GC9,9,B^FS^XZ",
        b"^XA^PW99999999^LL99999999^FO0,0^GB9,9,9^FS^XZ", b"^XA^PW9^LL9^FO0,0^FDhanging^FS^XZ", b"^XA^PW9^LL9^FOx,y^FS^XZ",
        b"^XA^PW80^LL80^FO0,0^GFA,8,8,1,FFGFF^FS^XZ", b"^XA^PW80^LL80^FO0,0^BY2^BCN,20,N,N,N,N^FH^FDplain^FS^XZ",
    ],
)  # fmt: skip
def test_of_bytes_that_say_anything_else_there_is_no_picture(data: bytes) -> None:
    assert preview(data) == b""


@given(st.integers(1, 50), st.integers(1, 12), st.data())
def test_a_picture_is_read_dot_for_dot(width: int, height: int, data: st.DataObject) -> None:
    dots = data.draw(st.lists(st.booleans(), min_size=width * height, max_size=width * height))
    grey = Image.new("L", (width, height))
    grey.putdata([0 if dot else 255 for dot in dots])
    back = read_graphic(graphic_field(packed(grey)).removeprefix("^GF")).crop((0, 0, width, height))
    assert [level < 128 for level in back.tobytes()] == dots


@given(ASCII, st.booleans())
def test_a_code_is_read_as_it_was_planned(text: str, gs1: bool) -> None:
    planned = code128.plan(text, gs1=gs1)
    assert code128.read_zpl(code128.zpl(planned)) == planned


def test_the_bars_of_the_picture_can_be_scanned() -> None:
    made = render(HOUSE, media=media_of(HOUSE, 203, Language.ZPL)).data
    [found] = zxingcpp.read_barcodes(read(made))
    assert found.text.replace("(", "").replace(")", "").endswith(HOUSE.sscc)
