"""The ESC/POS back end (receipt printers that print labels on a roll): the whole page as raster, then a cut.

A receipt printer has neither positions on a page nor a font it shares with the next model, so the page goes to it as
dots, in bands that fit the smallest buffer. Nothing else is sent: no text, so no code page and nothing to escape, and
no comment, since the language has none. Sources: ESC/POS command reference (`ESC @`, `GS v 0`, `GS V`, `GS ( K`).
"""

import struct

from printing.compose import Sheet
from printing.darkness import darkness_of
from printing.media import Media
from printing.raster import page

MIME = "application/vnd.epson.escpos"
_BAND_ROWS = 128
_RESET = b"\x1b@"
_FEED_AND_CUT = b"\x1dVB\x00"
_DARKNESS = b"\x1d(K\x02\x00\x31"


def build(sheets: tuple[Sheet, ...], media: Media) -> bytes:
    """Return the job's bytes, each sheet cut off after its last row."""
    return b"".join(_label(sheet, media) for sheet in sheets)


def _label(sheet: Sheet, media: Media) -> bytes:
    whole = page(sheet)
    said = [_RESET]
    darkness = darkness_of(sheet, media)
    if darkness is not None:
        said.append(_DARKNESS + struct.pack("b", darkness))
    for top in range(0, whole.height, _BAND_ROWS):
        rows = min(_BAND_ROWS, whole.height - top)
        start = top * whole.row_bytes
        said.append(b"\x1dv0\x00" + struct.pack("<HH", whole.row_bytes, rows))
        said.append(whole.data[start : start + rows * whole.row_bytes])
    return b"".join((*said, _FEED_AND_CUT))
