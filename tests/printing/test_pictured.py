"""A carrier's PDF or PNG on a label printer: the carrier's code reads from the printer's dots, and what is no label is refused."""

import io
import re
import zlib
from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image, ImageFilter
from reportlab.graphics.barcode.code128 import Code128  # type: ignore[import-untyped]
from reportlab.lib.pdfencrypt import StandardEncryption  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from printing import pictured, png, raster
from printing.bars import fields_of
from printing.firewall import inspect
from printing.foreign import judge, to_look_at, to_send
from printing.media import Language, Media
from printing.render import Rendering
from tests.printing.readers import codes, pictures

MM = 72 / 25.4
TRACKING, ROUTING = "1Z999AA10123456784", "LEEDS-07"
FOUR_BY_SIX = (101.6, 152.4)
HEADS = (Language.ZPL, Language.EPL2, Language.TSPL, Language.ESC_POS)


def media(language: Language = Language.ZPL, dpi: int = 203, size: tuple[float, float] = FOUR_BY_SIX) -> Media:
    return Media(dpi=dpi, width_mm=size[0], height_mm=size[1], language=language)


def square(text: str) -> Image.Image:
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix)
    return Image.fromarray(zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=False))


def draw(page: Canvas, width_mm: float, height_mm: float) -> None:
    """Draw a label as carriers do: bars as lines, a square code as a picture, words in grey and black."""
    page.setFont("Helvetica", 11)
    page.drawString(8 * MM, (height_mm - 12) * MM, "KESTREL EXPRESS")
    page.setFillGray(0.4)
    page.drawString(8 * MM, (height_mm - 20) * MM, "14 Harbour Row, Whitby")
    page.setFillGray(0)
    Code128(TRACKING, barWidth=0.375 * MM, barHeight=25 * MM).drawOn(page, 2 * MM, 20 * MM)
    page.drawInlineImage(square(ROUTING), (width_mm - 40) * MM, (height_mm - 45) * MM, 16 * MM, 16 * MM)


def pdf(
    size: tuple[float, float] = FOUR_BY_SIX, pages: int = 1, drawn: Callable[..., None] = draw, **more: object
) -> bytes:  # fmt: skip
    kept = io.BytesIO()
    page = Canvas(kept, pagesize=(size[0] * MM, size[1] * MM), invariant=True, **more)
    for _ in range(pages):
        drawn(page, *size)
        page.showPage()
    page.save()
    return kept.getvalue()


def shot(dpi: int = 203, *, said: int | None = None, size: tuple[float, float] = FOUR_BY_SIX, mode: str = "L") -> bytes:
    """Return the same as a picture that was made for a head."""
    [sheet] = pictured.sheets_of(pdf(size), Language.PDF, 0, media(dpi=dpi, size=size))
    kept = io.BytesIO()
    told = {"dpi": (said or dpi, said or dpi)} if said != 0 else {}
    png.picture(sheet).convert(mode).save(kept, "PNG", **told)
    return kept.getvalue()


def printed(data: bytes, on: Media, dpi: int = 0) -> list[Image.Image]:
    found = judge(data, dpi=dpi, media=on)
    assert found.passes, found.why_not
    sent = to_send(data, found, dpi=dpi, media=on, job="0a1b")
    assert sent.how == f"drawn at {on.dpi} dpi"
    made = Rendering(data=sent.data, mime="", language=on.language, template="", template_version=0, pages=found.labels)
    return pictures(made, on)


@pytest.mark.parametrize(("language", "dpi"), [*((each, 203) for each in HEADS), (Language.ZPL, 300)])
def test_the_carriers_codes_read_exactly_from_what_the_head_prints(language: Language, dpi: int) -> None:
    [picture] = printed(pdf(), media(language, dpi))

    assert {each.data for each in codes(picture)} == {TRACKING, ROUTING}
    assert [level for level, dots in enumerate(picture.histogram()) if dots] == [0, 255], (
        "no grey is left, and none is made of dots"
    )


def test_zpl_made_of_it_passes_the_look_at_anybodys_zpl_and_names_job_and_head() -> None:
    on = media()
    found = judge(pdf(), media=on)
    sent = to_send(pdf(), found, media=on, job="0a1b").data

    assert inspect(sent).passes()
    assert b"job=0a1b dpi=203" in sent


def test_each_page_is_a_label_and_one_on_its_side_is_turned() -> None:
    on = media()
    assert judge(pdf(pages=3), media=on).labels == 3
    upright, aside = printed(pdf(), on), printed(pdf((152.4, 101.6)), on)
    assert len(upright) == len(aside) == 1
    read = zxingcpp.read_barcodes(aside[0], try_rotate=True)
    assert {each.text for each in read} == {TRACKING, ROUTING}
    assert aside[0].size == upright[0].size


def test_nothing_is_scaled() -> None:
    """A bar of exactly 20 mm is as long on every head, and on a roll that is a little larger than the page."""

    def bar(page: Canvas, _width: float, height: float) -> None:
        page.rect(10 * MM, (height - 40) * MM, 20 * MM, 5 * MM, stroke=0, fill=1)

    for dpi, roll in ((203, FOUR_BY_SIX), (300, FOUR_BY_SIX), (600, (100, 150))):
        [sheet] = pictured.sheets_of(pdf((100, 150), drawn=bar), Language.PDF, 0, media(dpi=dpi, size=roll))
        black = png.picture(sheet).point([255 - level for level in range(256)]).getbbox()
        assert black is not None
        left, top, right, bottom = black
        assert (right - left, bottom - top) == pytest.approx((20 * dpi / 25.4, 5 * dpi / 25.4), abs=1)


def test_a_picture_for_the_head_is_sent_dot_for_dot_and_one_for_another_is_refused() -> None:
    data = shot(203)
    with Image.open(io.BytesIO(data)) as came:
        [sheet] = pictured.sheets_of(data, Language.PNG, 0, media())
        assert png.picture(sheet).tobytes() == came.tobytes()
    assert {each.data for each in codes(printed(data, media())[0])} == {TRACKING, ROUTING}
    assert judge(data, media=media(dpi=300)).why_not == (
        "the picture is made for 203 dpi, the printer has 300: fetch the label for 300 dpi, or as PDF or PNG"
    )
    silent = shot(203, said=0)
    assert "does not say for how many dpi" in judge(silent, media=media()).why_not
    assert judge(silent, dpi=203, media=media()).passes, "whoever gave it may say"


def test_what_is_clear_is_white() -> None:
    whole = Image.open(io.BytesIO(shot(203))).convert("RGBA")
    white = whole.convert("L")
    clear = Image.new("RGBA", whole.size, (0, 0, 0, 0))
    clear.paste(whole, mask=white.point([255 - level for level in range(256)]))
    kept = io.BytesIO()
    clear.save(kept, "PNG", dpi=(203, 203))
    assert {each.data for each in codes(printed(kept.getvalue(), media())[0])} == {TRACKING, ROUTING}


def test_it_goes_to_a_printer_of_documents_as_it_came() -> None:
    on = Media(dpi=300, width_mm=148, height_mm=210, language=Language.PDF)
    found = judge(pdf(), media=on)
    assert found.passes
    assert to_send(pdf(), found, media=on).data == pdf()


def chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)


def vast(width: int, height: int, dpi: int = 203) -> bytes:
    """Return a picture of a few bytes that says that it is as large as a house."""
    per_metre = round(dpi / 0.0254).to_bytes(4)
    head = width.to_bytes(4) + height.to_bytes(4) + b"\x01\x00\x00\x00\x00"
    body = chunk(b"IHDR", head) + chunk(b"pHYs", per_metre * 2 + b"\x01") + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def nothing(_page: Canvas, _width: float, _height: float) -> None:
    """Draw nothing."""


def beyond(page: Canvas, width: float, height: float) -> None:
    page.rect((width - 5) * MM, 20 * MM, 5 * MM, 20 * MM, stroke=0, fill=1)


def tiny(page: Canvas, _width: float, _height: float) -> None:
    """Draw bars too fine for a head of 203 dpi."""
    Code128(TRACKING, barWidth=0.14 * MM, barHeight=25 * MM).drawOn(page, 4 * MM, 20 * MM)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (lambda: pdf((210, 297)), "page 1 is 210.0 x 297.0 mm, the label 101.6 x 152.4 mm: fetch it in the size of the label"),
        (lambda: pdf((5000, 5000)), "page 1 is 5000.0 x 5000.0 mm, the label"),
        (lambda: pdf(pages=1000, drawn=nothing), "the PDF has 1000 pages, a label has at most 10"),
        (lambda: pdf(encrypt=StandardEncryption("secret")), "the PDF is locked by a password"),
        (lambda: pdf()[:-400], "the PDF is cut off: its end is missing"),
        (lambda: b"%PDF-1.7\nthis is nothing\n%%EOF\n", "the PDF is no whole PDF"),
        (lambda: pdf(drawn=nothing), "page 1 is empty"),
        (lambda: pdf((104, 152.4), drawn=beyond), "page 1 reaches 1.1 mm beyond the label"),
        (lambda: pdf(drawn=tiny), f"page 1 the code '{TRACKING}' does not read at 203 dpi: fetch the label as zpl"),
        (lambda: vast(60_000, 60_000), "the picture is no whole PNG: Image size (3600000000 pixels)"),
        (lambda: vast(9_000, 9_000), "the picture is 1126.1 x 1126.1 mm, the label"),
        (lambda: shot()[:-2000], "the picture is no whole PNG"),
        (lambda: b"\x89PNG\r\n\x1a\nnothing", "the picture is no whole PNG"),
    ],
    ids=["a4", "huge", "thousand", "locked", "cut", "nothing", "empty", "beyond", "tiny", "vast", "large", "cut-png", "no-png"],
)  # fmt: skip
def test_what_is_no_label_is_refused_by_page_and_reason(data: Callable[[], bytes], why: str) -> None:
    found = judge(data(), media=media())
    assert not found.passes
    assert found.why_not.startswith(why), found.why_not


def test_a_document_that_takes_memory_or_time_without_end_ends_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pdf(drawn=lambda page, width, height: page.drawInlineImage(square(ROUTING), 10 * MM, 10 * MM, 9, 9))
    monkeypatch.setattr(pictured, "_SECONDS", 0.001)
    assert "takes more than 0.001 seconds to draw" in judge(data, media=media()).why_not


def test_dots_of_a_page_are_not_dithered() -> None:
    """A grey area is black or white as a whole: bars that were dithered would not scan."""

    def grey(page: Canvas, _width: float, _height: float) -> None:
        page.setFillGray(0.3)
        page.rect(10 * MM, 10 * MM, 20 * MM, 20 * MM, stroke=0, fill=1)
        page.setFillGray(0.7)
        page.rect(40 * MM, 10 * MM, 20 * MM, 20 * MM, stroke=0, fill=1)

    [sheet] = pictured.sheets_of(pdf(drawn=grey), Language.PDF, 0, media())
    black = sum(byte.bit_count() for byte in raster.page(sheet).data)
    assert black == pytest.approx((20 * 203 / 25.4) ** 2, rel=0.02)


def test_a_label_on_which_no_code_reads_is_refused_until_somebody_looked_at_it() -> None:
    def words(page: Canvas, width_mm: float, height_mm: float) -> None:
        page.setFont("Helvetica", 30)
        page.drawString(8 * MM, 60 * MM, "1Z999AA10123456784")

    bare = pdf(drawn=words)
    found = judge(bare, media=media())
    assert (found.passes, found.why_not, found.first.for_good) == (False, pictured.NO_CODE_READS, False)
    assert judge(bare, media=media(), unread=True).passes
    assert judge(pdf(), media=media()).passes


def test_a_code_that_reads_only_from_a_finer_picture_is_none_that_is_printed_whoever_knows_the_number() -> None:
    def small(page: Canvas, width_mm: float, height_mm: float) -> None:
        Code128("AB12", barWidth=0.12 * MM, barHeight=10 * MM).drawOn(page, 10.03 * MM, 20 * MM)

    for number in ("", TRACKING):
        assert judge(pdf(drawn=small), media=media(), number=number).why_not == pictured.NO_CODE_READS


def test_the_parcels_number_must_read_from_the_heads_dots_whatever_else_its_code_says() -> None:
    assert judge(pdf(), media=media(), number="1Z999AA1 0123456784").passes
    assert judge(beside(bars("42028195" + "92001901755477")), media=media(), number="92001901755477").passes
    other = judge(pdf(), media=media(), number="1Z999AA10123456785")
    assert (other.passes, other.may_be_looked_at) == (False, True)
    assert other.why_not == "no code on it says 1Z999AA10123456785, the number of its parcel: look at it"
    assert judge(pdf(), media=media(), number="1Z999AA10123456785", unread=True).passes


@pytest.mark.parametrize(
    "low",
    [
        lambda: cut_bars().resize((812, 30)),
        lambda: bars("1Z999AA10123456785").filter(ImageFilter.GaussianBlur(16)),
    ],
    ids=["of two millimetres", "blurred to nothing"],
)
def test_a_code_that_nobody_finds_is_missed_by_its_number(low: Callable[[], Image.Image]) -> None:
    data = beside(low())
    assert judge(data, media=media()).passes, "nothing is seen of it"
    assert judge(data, media=media(), number="1Z999AA10123456785").may_be_looked_at


def test_the_page_to_look_at_is_the_one_that_is_amiss_in_the_heads_dots() -> None:
    kept = io.BytesIO()
    page = Canvas(kept, pagesize=(FOUR_BY_SIX[0] * MM, FOUR_BY_SIX[1] * MM), invariant=True)
    for second in (False, True):
        draw(page, *FOUR_BY_SIX)
        if second:
            page.drawInlineImage(cut_bars(), 5 * MM, 70 * MM, 40 * MM, 15 * MM)
        page.showPage()
    page.save()
    found = judge(kept.getvalue(), media=media())
    assert found.why_not.startswith("page 2 has bars")

    with Image.open(io.BytesIO(to_look_at(kept.getvalue(), found, media()))) as shown:
        levels = {level for level, dots in enumerate(shown.histogram()) if dots}
        assert (shown.size, levels) == ((812, 1218), {0, 255})
        assert any(500 < each.top < 600 for each in fields_of(shown.convert("L"), 203)), "page 1 has none there"


def beside(second: Image.Image, left_mm: float = 5, top_mm: float = 60) -> bytes:
    """Return the carrier's label with a picture of a second code on it, of 406 dots an inch."""

    def both(page: Canvas, width_mm: float, height_mm: float) -> None:
        draw(page, width_mm, height_mm)
        wide, high = (side * 25.4 / 406 for side in second.size)
        page.drawInlineImage(second, left_mm * MM, (height_mm - top_mm - high) * MM, wide * MM, high * MM)

    return pdf(drawn=both)


def bars(text: str = "ABC-12345678") -> Image.Image:
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    picture = Image.fromarray(
        zxingcpp.write_barcode_to_image(made, scale=4, add_hrt=False, add_quiet_zones=True)
    ).convert("L")
    return picture.resize((picture.width, 200))


def cut_bars() -> Image.Image:
    """Bars with a stain from top to bottom, as a scan of a crumpled label has."""
    picture = bars()
    picture.paste(255, (300, 0, 312, picture.height))
    return picture


def cut_square() -> Image.Image:
    picture = Image.fromarray(
        zxingcpp.write_barcode_to_image(
            zxingcpp.create_barcode("ROUTE-0815-LEEDS", zxingcpp.BarcodeFormat.QRCode), scale=10
        )
    ).convert("L")
    picture.paste(255, (120, 100, 180, 260))
    return picture


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (cut_bars(), "page 1 has bars"), (bars().filter(ImageFilter.GaussianBlur(5)), "page 1 has bars"),
        (cut_bars().rotate(90, expand=True), "page 1 has bars"), (cut_square(), "page 1 has a square code"),
    ],
    ids=["stained", "blurred", "lying", "square"],
)  # fmt: skip
def test_a_code_that_does_not_read_is_noticed_beside_one_that_does(second: Image.Image, why: str) -> None:
    assert judge(beside(bars()), media=media()).passes
    data = beside(second)

    found = judge(data, media=media())

    assert (found.passes, found.may_be_looked_at) == (False, True)
    assert found.why_not.startswith(why), found.why_not
    left, top = (int(n) for n in re.findall(r"(\d+) mm", found.why_not))
    assert abs(left - 9) <= 5, "where it is"
    assert abs(top - 63) <= 5
    assert judge(data, media=media(), unread=True).passes
