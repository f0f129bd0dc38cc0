"""A carrier's label as PDF or PNG for a printer of labels: its pages as the head's own dots, black or white.

The one thing a newcomer would get wrong: nothing is scaled. A page is as large as it says, in whole dots of the head; one
of another size than the label, or a picture for another head, is refused, since bars that were stretched do not scan.
What was made of grey is looked at again: each code that reads from the finer picture must read from the dots, one of them
says the parcel's number, and where bars stand from which none reads, somebody looks first.
"""

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image

from printing import png
from printing.bars import Field, fields_of
from printing.compose import Drawing, Rect, Sheet, dots
from printing.fault import LabelFault, picture_fault
from printing.label import MM_PER_INCH
from printing.media import Language, Media, dpi_fault

PDF, PICTURE = "the PDF", "the picture"
"""What a fault names that is about no page."""
PAGES = 10
"""More are no label."""
SAME_MM = 3.0
"""What a page and the label may differ by: 100 x 150 mm is printed on a roll of 4 x 6 inches."""
_SECONDS = 30
_FINER = 2
"""How much finer the picture is that a code is read from first."""
_BLACK_BELOW = 128
_LETTERS = 6
"""A reader takes a piece of a text for a code now and then, never for a long one."""
_CODES = zxingcpp.barcode_formats_from_str("Code128,QRCode,DataMatrix,PDF417,Aztec")
_SQUARE = zxingcpp.barcode_formats_from_str("QRCode,DataMatrix,PDF417,Aztec")
_PIECE = 4
"""Letters of a code that reads where bars stand: fewer may be a piece of it."""
NO_CODE_READS = "no code on it reads as it would be printed: look at it"
_BESIDE_A_NUMBER = re.compile(r"[^0-9A-Z]")
"""What people and GS1 put between its parts."""
_FIELD_BYTES = 30_000
"""Of one picture; `^GF` counts to 99,999 (ZPL programming guide)."""
_ENDS_WITHIN = 1024
"""Bytes from the end in which a PDF says that it ends (PDF 1.7, implementation note 18)."""


@dataclass(frozen=True, slots=True)
class _Page:
    """One page: its size, its picture for the head, and a finer one."""

    width_mm: float
    height_mm: float
    grey: Image.Image
    finer: Image.Image | None


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What a file is on a label printer."""

    sheets: tuple[Sheet, ...]
    amiss: str
    """What does not read on them; empty where nothing is known to."""
    page: int
    """On which of them, from 0."""
    said: tuple[str, ...]
    """What the codes say that read from their dots."""


@lru_cache(maxsize=8)
def page_count(data: bytes, form: Language) -> int:
    """Return how many pages a PDF or a picture has.

    Raises:
        LabelFault: it is broken, locked, or has more pages than a label.
    """
    return 1 if form is Language.PNG else len(_asked(data, (), 0)[0]["pages"])


def sheets_of(data: bytes, form: Language, dpi: int, media: Media) -> tuple[Sheet, ...]:
    """Return the pages of a PDF or a picture as the dots of a label printer, black or white.

    Args:
        data: as it came.
        form: PDF or PNG.
        dpi: dots an inch that a picture was made for; 0 where only the picture itself may say.
        media: what is loaded.

    Raises:
        LabelFault: naming the page and why it cannot be printed as it is.
    """
    return _drawn(data, form, dpi, media).sheets


def unread_in(data: bytes, form: Language, dpi: int, media: Media, number: str) -> str:
    """Return which code does not read that should: none does, none says the number, or one beside others does not.

    Args:
        data: as it came, of which sheets can be made.
        form: PDF or PNG.
        dpi: as `sheets_of` takes it.
        media: what is loaded.
        number: what one of the codes says, whatever else is in it: the carrier's number of the parcel; empty where nobody knows.

    Returns:
        A sentence; empty where nothing is amiss.

    Raises:
        LabelFault: no sheets can be made of it.
    """
    found = _drawn(data, form, dpi, media)
    wanted = _bare(number)
    if found.amiss or any(wanted in _bare(each) for each in found.said):
        return found.amiss
    return f"no code on it says {number}, the number of its parcel: look at it"


def to_look_at(data: bytes, form: Language, dpi: int, media: Media) -> bytes:
    """Return a PNG of the page that somebody is to look at, as the head would print it.

    Raises:
        LabelFault: no sheets can be made of it.
    """
    found = _drawn(data, form, dpi, media)
    return png.build((found.sheets[found.page],))


def _bare(text: str) -> str:
    return _BESIDE_A_NUMBER.sub("", text.upper())


@lru_cache(maxsize=8)
def _drawn(data: bytes, form: Language, dpi: int, media: Media) -> _Drawn:
    """Return the sheets, and what reads and does not read on them."""
    pages = [_picture(data, dpi, media)] if form is Language.PNG else _pages(data, media)
    names = [PICTURE] if form is Language.PNG else [f"page {n}" for n in range(1, len(pages) + 1)]
    sheets = tuple(_sheet(name, page, media) for name, page in zip(names, pages, strict=True))
    read = [zxingcpp.read_barcodes(_black(page.grey)) for page in pages]
    said = tuple(code.text for codes in read for code in codes)
    if not said:
        return _Drawn(sheets, NO_CODE_READS, 0, ())
    for n, (page, codes) in enumerate(zip(pages, read, strict=True)):
        for why in _unread(page, codes):
            return _Drawn(sheets, f"{names[n]} {why}", n, said)
    return _Drawn(sheets, "", 0, said)


def _unread(page: _Page, codes: Sequence[zxingcpp.Barcode]) -> Iterator[str]:
    """Yield what looks like a code, and is none of those that read from the dots of a page."""
    finer = page.finer or page.grey
    a_mm = finer.width / page.width_mm
    ratio = finer.width / page.grey.width
    read = [_corners(each, ratio) for each in codes if len(each.text) >= _PIECE]
    for field in fields_of(finer, round(a_mm * MM_PER_INCH)):
        if not any(field.meets(*corners) for corners in read):
            yield f"has bars {field.left / a_mm:.0f} mm from the left and {field.top / a_mm:.0f} mm from the top that no code reads from: look at it"
    for each in zxingcpp.read_barcodes(finer, formats=_SQUARE, return_errors=True):
        left, top, right, bottom = _corners(each, 1)
        if not each.valid and not any(Field(left, top, right, bottom).meets(*corners) for corners in read):
            yield f"has a square code {left / a_mm:.0f} mm from the left and {top / a_mm:.0f} mm from the top that is broken: look at it"


def _black(grey: Image.Image) -> Image.Image:
    """Return a grey picture as the head prints it."""
    return grey.point([0] * _BLACK_BELOW + [255] * (256 - _BLACK_BELOW))


def _corners(code: zxingcpp.Barcode, ratio: float) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of a code in a picture that is so much finer than the one it was read from."""
    at = code.position
    corners = (at.top_left, at.top_right, at.bottom_left, at.bottom_right)
    x, y = [each.x for each in corners], [each.y for each in corners]
    return round(min(x) * ratio), round(min(y) * ratio), round(max(x) * ratio), round(max(y) * ratio)


def _sheet(name: str, page: _Page, media: Media) -> Sheet:
    width, height = dots(media.width_mm, media.dpi), dots(media.height_mm, media.dpi)
    turned = _is_turned(name, page.width_mm, page.height_mm, media)
    grey = page.grey.transpose(Image.Transpose.ROTATE_90) if turned else page.grey
    black = _black(grey)
    ink = black.point([255 - level for level in range(256)]).getbbox()
    if ink is None:
        raise LabelFault(name, "is empty")
    left, top = (width - black.width) // 2, (height - black.height) // 2
    over = max(-(left + ink[0]), -(top + ink[1]), left + ink[2] - width, top + ink[3] - height)
    if over > 0:
        raise LabelFault(name, f"reaches {over * MM_PER_INCH / media.dpi:.1f} mm beyond the label")
    whole = Image.new("L", (width, height), 255)
    whole.paste(black, (left, top))
    lost = [] if page.finer is None else _lost(page.finer, _black(page.grey))
    if lost:
        raise LabelFault(
            name, f"the code {lost[0]!r} does not read at {media.dpi} dpi: fetch the label as {media.language.value}"
        )
    return Sheet(
        width=width, height=height, dpi=media.dpi, darkness=None, cut=(),
        parts=tuple(_bands(name, whole)),
    )  # fmt: skip


def _bands(name: str, whole: Image.Image) -> Iterator[Drawing]:
    """Yield a page in pieces that no printer's field of a picture is too small for."""
    rows = _FIELD_BYTES * 8 // whole.width
    for top in range(0, whole.height, rows):
        band = whole.crop((0, top, whole.width, min(whole.height, top + rows)))
        yield Drawing(element=name, area=Rect(0, top, band.width, band.height), grey=band.tobytes())


def _is_turned(name: str, width_mm: float, height_mm: float, media: Media) -> bool:
    """Return whether a page lies on its side.

    Raises:
        LabelFault: it is of another size, either way.
    """
    for turned, (width, height) in ((False, (width_mm, height_mm)), (True, (height_mm, width_mm))):
        if abs(width - media.width_mm) <= SAME_MM and abs(height - media.height_mm) <= SAME_MM:
            return turned
    raise LabelFault(
        name,
        f"is {width_mm:.1f} x {height_mm:.1f} mm, the label {media.width_mm:.1f} x {media.height_mm:.1f} mm: "
        "fetch it in the size of the label",
    )


def _lost(finer: Image.Image, black: Image.Image) -> list[str]:
    """Return the codes that read from the finer picture and not from the dots."""
    wanted = [text for text in _read(finer) if len(text) >= _LETTERS]
    there = set(_read(black)) if wanted else set()
    return [text for text in wanted if text not in there]


def _read(picture: Image.Image) -> list[str]:
    return [each.text for each in zxingcpp.read_barcodes(picture, formats=_CODES, try_invert=False)]


# PDF


def _pages(data: bytes, media: Media) -> list[_Page]:
    most = max(media.width_mm, media.height_mm) + SAME_MM
    said, drawings = _asked(data, (media.dpi, media.dpi * _FINER), most)
    for n, (width, height) in enumerate(said["pages"], 1):
        _is_turned(f"page {n}", width, height, media)
    found = iter(drawings)
    return [
        _Page(width, height, *(Image.frombytes("L", (wide, high), next(found)) for wide, high in made))
        for (width, height), made in zip(said["pages"], said["drawn"], strict=True)
    ]


def _asked(data: bytes, dpis: Sequence[int], most_mm: float) -> tuple[dict[str, Any], list[bytes]]:
    """Return the sizes of a PDF's pages, and their dots where no page is larger than the most it may be."""
    if b"%%EOF" not in data[-_ENDS_WITHIN:]:
        raise LabelFault(PDF, "is cut off: its end is missing")
    question = json.dumps({"most_pages": PAGES, "dpis": list(dpis), "most_mm": most_mm}).encode() + b"\n"
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "printing.pdf_process"], input=question + data, capture_output=True,
            timeout=_SECONDS, check=True, cwd=Path(__file__).parents[1],
        ).stdout  # fmt: skip
    except subprocess.TimeoutExpired as e:
        raise LabelFault(PDF, f"takes more than {_SECONDS} seconds to draw") from e
    except subprocess.CalledProcessError as e:
        raise LabelFault(PDF, "takes more memory or time than a label, or is broken") from e
    line, _, rest = answer.partition(b"\n")
    said = json.loads(line)
    if "fault" in said:
        raise LabelFault(PDF, said["fault"])
    return said, list(_pieces(rest, [wide * high for made in said["drawn"] for wide, high in made]))


def _pieces(data: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size


# PNG


def _picture(data: bytes, dpi: int, media: Media) -> _Page:
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
            made_for = dpi or _said(picture)
            if not made_for:
                raise LabelFault(PICTURE, f"does not say for how many dpi it was made, the printer has {media.dpi}")
            fault = dpi_fault(made_for, media.dpi)
            if fault is not None:
                raise LabelFault(PICTURE, f"is {fault.reason}")
            size = [side * MM_PER_INCH / made_for for side in picture.size]
            # Before it is loaded: a picture of a few bytes may be as large as a house.
            _is_turned(PICTURE, size[0], size[1], media)
            clear = picture.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as e:
        raise LabelFault(PICTURE, f"is no whole PNG: {picture_fault(e)}") from e
    whole = Image.new("RGBA", clear.size, "white")
    whole.alpha_composite(clear)
    grey = whole.convert("L")
    return _Page(size[0], size[1], grey, grey)


def _said(picture: Image.Image) -> int:
    """Return the dots an inch that a picture says it was made for; 0 where it does not, or in none of equal sides."""
    across, down = (round(float(each)) for each in picture.info.get("dpi", (0, 0)))
    return across if across == down else 0
