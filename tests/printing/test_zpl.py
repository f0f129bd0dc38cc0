"""ZPL: no data is ever a command, and only words that the printer has no letters for are pictures."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from printing import printer_font, zpl
from printing.compose import compose
from printing.graphic import graphic_field
from printing.label import Area, Document, Page, Reverse, Text
from printing.media import Language, Letters, Media
from printing.raster import packed
from printing.render import render
from printing.typeset import PRINTER
from tests.printing.readers import codes, pictures, zpl_pictures
from tests.printing.samples import HOSTILE, HOUSE, addressed, media_of

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)


def decoded(data: str) -> str:
    """Undo the hexadecimal escapes as a printer does."""
    return re.sub(rb"_([0-9A-F]{2})", lambda m: bytes.fromhex(m[1].decode()), data.encode("ascii")).decode("utf-8")


@given(ANY_TEXT)
def test_field_data_is_plain_ascii_without_prefixes_and_says_the_same(text: str) -> None:
    data = zpl.escape(text)
    assert all(" " <= c <= "}" for c in data)
    assert "^" not in data
    assert "~" not in data
    assert decoded(data) == text


@given(ANY_TEXT)
def test_a_field_is_escaped_and_ends_once(text: str) -> None:
    written = zpl.field(text)
    assert written.startswith("^FH^FD")
    assert written.endswith("^FS")
    assert re.findall(r"[\^~]", written) == ["^", "^", "^"]


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("^XZ^XA", "_5EXZ_5EXA"),
        ("~HS", "_7EHS"),
        ("a_b", "a_5Fb"),
        ("é", "_C3_A9"),
        ("\x00\x1b\x7f", "_00_1B_7F"),
        ("Canal Rd. 4, {x}", "Canal Rd. 4, {x}"),
    ],
)
def test_escapes_are_those_of_the_manual(text: str, data: str) -> None:
    assert zpl.escape(text) == data


@pytest.mark.parametrize("letters", list(Letters))
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_content_adds_a_command_to_a_label(text: str, letters: Letters) -> None:
    content = addressed(text)
    made = render(content, media=media_of(content, 203, Language.ZPL, letters)).data.decode("ascii")
    assert re.findall(r"\^X[AZ]", made) == ["^XA", "^XZ"]
    assert "~" not in made
    known = {
        "XA",
        "FX",
        "FS",
        "CI",
        "JZ",
        "PO",
        "PM",
        "LR",
        "LS",
        "FW",
        "CV",
        "PW",
        "LL",
        "LH",
        "FO",
        "A0",
        "FB",
        "FH",
        "FD",
        "GB",
        "FR",
        "BY",
        "BC",
        "GF",
        "PQ",
        "XZ",
    }
    assert {command.upper() for command in re.findall(r"\^(..)", made)} <= known


@pytest.mark.parametrize(
    ("words", "picture"),
    [("Main St. 4", False), ("Hauptstraße", True), ("back\\slash", True), ("café", True), ("tilde~hat^", False)],
)
def test_an_element_with_one_letter_beyond_ascii_is_a_picture_of_our_letters_and_the_rest_stays_the_printers(
    words: str, picture: bool
) -> None:
    plain, made = (
        render(addressed(each), media=media_of(addressed(each), 203, Language.ZPL)).data
        for each in ("Main St. 5", words)
    )
    assert (b"^GFA" in made) is picture
    assert made.count(b"^A0N") == plain.count(b"^A0N") - 4 * picture, "to whom, two lines, from whom, and the reference"


def test_a_label_with_one_arabic_name_is_little_larger_than_without_and_reads_the_same() -> None:
    content = replace(HOUSE, to_lines=("ليلى حداد", "14 Harbour Row", "Whitby"))
    media = media_of(content, 203, Language.ZPL)
    plain, made, ours = (
        render(HOUSE, media=media),
        render(content, media=media),
        render(content, media=replace(media, letters=Letters.OURS)),
    )
    assert len(plain.data) < len(made.data) < len(ours.data) / 3
    assert b"^FDYO21 3PU^FS" in made.data
    [picture] = pictures(made, media)
    assert codes(picture) == codes(pictures(plain, media)[0])


def test_what_stands_in_a_block_together_is_set_in_one_kind_of_letters() -> None:
    area, other = Area(5, 5, 20, 5), Area(5, 11, 20, 5)
    texts = (
        Text(name="block", area=area, text="GEFÄHRLICH", capital_mm=3),
        Text(name="more", area=other, text="UN 3481", capital_mm=3),
    )
    block = Reverse(name="block", area=Area(5, 5, 20, 12), texts=texts)
    alone = Text(name="alone", area=Area(5, 30, 30, 5), text="UN 3481", capital_mm=3)
    document = Document(
        template="t", version=1, width_mm=50, height_mm=50, margin_mm=1, pages=(Page(elements=(block, alone)),)
    )
    sheet = compose(document, document.pages[0], dpi=203, face=PRINTER)
    made = zpl.build((sheet,), Media(dpi=203, width_mm=50, height_mm=50, language=Language.ZPL), comment="", once=False)
    assert (made.count(b"^GFA"), made.count(b"^A0N")) == (1, 1)


def test_the_printers_letters_are_never_wider_than_we_measured() -> None:
    texts = ["Conveyancing W%&@ - 100482 <AB>", "iiiillll....,,,,''", "YO21 3PU QH-01 MMMWWW"]
    for dpi in (203, 300):
        for text in texts:
            height = 40
            [picture] = zpl_pictures(f"^XA^CI28^FO20,20^A0N,{height},{height}{zpl.field(text)}^XZ".encode(), dpi)
            box = picture.point(lambda level: 255 - level).getbbox()
            assert box is not None
            measured = printer_font.width(text, False) * height * printer_font.CAPITAL
            assert box[2] - 20 <= measured + 1


@given(st.integers(1, 50), st.integers(1, 12), st.data())
def test_a_picture_is_drawn_dot_for_dot(width: int, height: int, data: st.DataObject) -> None:
    dots = data.draw(st.lists(st.booleans(), min_size=width * height, max_size=width * height))
    dots[0] = dots[-1] = True
    grey = Image.new("L", (width, height))
    grey.putdata([0 if dot else 255 for dot in dots])
    [drawn] = zpl_pictures(f"^XA^FO8,8{graphic_field(packed(grey))}^FS^XZ".encode(), 203)
    back = drawn.crop((8, 8, 8 + width, 8 + height))
    assert [int(level) < 128 for level in back.tobytes()] == dots
