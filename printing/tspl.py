r"""The TSPL back end (TSC and the many that speak like it): bars and lines as `BAR`, everything else as `BITMAP`.

As in EPL2 the printer sets no words and encodes no codes, for the same reasons (see `epl2`): its fonts differ from
model to model, its Code 128 chooses its own width, and a quote within data (`\["]`) need not be escaped where no data
are sent. Sources: TSPL programming manual (`BAR BITMAP CLS DENSITY DIRECTION GAP PRINT REM SIZE SPEED`), devices.md 2.3.
"""

from printing.compose import Rect, Sheet
from printing.darkness import afterwards, darkness_of
from printing.media import Media
from printing.raster import Picture, parts

MIME = "application/vnd.tsc-tspl"
_OVERWRITE = 0


def build(sheets: tuple[Sheet, ...], media: Media, *, comment: str) -> bytes:
    """Return the job's bytes, one label a sheet; `comment` rides along in a line that the printer ignores."""
    after = afterwards(sheets, media)
    reset = b"" if after is None else f"DENSITY {after}\r\n".encode("ascii")
    return b"".join(_label(sheet, media, comment) for sheet in sheets) + reset


def _label(sheet: Sheet, media: Media, comment: str) -> bytes:
    lines = ["", f"SIZE {media.width_mm:g} mm,{media.height_mm:g} mm", f"GAP {media.gap_mm:g} mm,0 mm"]
    if media.speed is not None:
        lines.append(f"SPEED {media.speed}")
    darkness = darkness_of(sheet, media)
    if darkness is not None:
        lines.append(f"DENSITY {darkness}")
    if comment:
        lines.append(f"REM {comment}")
    begun = "".join(f"{line}\r\n" for line in (*lines, "DIRECTION 0", "REFERENCE 0,0", "CLS")).encode("ascii")
    return begun + b"".join(_part(part) for part in parts(sheet)) + b"PRINT 1,1\r\n"


def _part(part: Rect | Picture) -> bytes:
    if isinstance(part, Rect):
        return f"BAR {part.x},{part.y},{part.width},{part.height}\r\n".encode("ascii")
    head = f"BITMAP {part.x},{part.y},{part.row_bytes},{part.height},{_OVERWRITE},"
    return head.encode("ascii") + part.white_set + b"\r\n"
