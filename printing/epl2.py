"""The EPL2 back end (Eltron, Zebra's older desktop printers): bars and lines as `LO`, everything else as `GW`.

The printer sets no words and encodes no codes. Its fonts know one code page at a time, so that a name beyond it would
print as boxes; and its firmware chooses the code sets of a Code 128 itself, so that a code could become wider than the
linter measured. What is drawn as dots is exactly what was looked at, in any script, and no data of ours ever stands
between the quotes of a command: there is nothing to escape. A linear code costs a short line for each bar, hardly more
than the command that would have encoded it. Sources: EPL programming guide (`D GW LO N P Q q S ;`), devices.md 2.3.
"""

from printing.compose import Rect, Sheet, dots
from printing.darkness import afterwards, darkness_of
from printing.media import Media
from printing.raster import Picture, parts

MIME = "application/vnd.eltron-epl"


def build(sheets: tuple[Sheet, ...], media: Media, *, comment: str) -> bytes:
    """Return the job's bytes, one label a sheet; `comment` rides along in a line that the printer ignores."""
    after = afterwards(sheets, media)
    reset = b"" if after is None else f"D{after}\n".encode("ascii")
    return b"".join(_label(sheet, media, comment) for sheet in sheets) + reset


def _label(sheet: Sheet, media: Media, comment: str) -> bytes:
    # The first line end closes whatever half a command an earlier sender left; q empties the picture, N does for sure.
    lines = [
        "",
        f"q{dots(media.width_mm, sheet.dpi)}",
        f"Q{dots(media.height_mm, sheet.dpi)},{dots(media.gap_mm, sheet.dpi)}",
    ]
    if media.speed is not None:
        lines.append(f"S{media.speed}")
    darkness = darkness_of(sheet, media)
    if darkness is not None:
        lines.append(f"D{darkness}")
    if comment:
        lines.append(f";{comment}")
    begun = "".join(f"{line}\n" for line in (*lines, "N")).encode("ascii")
    return begun + b"".join(_part(part) for part in parts(sheet)) + b"P1\n"


def _part(part: Rect | Picture) -> bytes:
    if isinstance(part, Rect):
        return f"LO{part.x},{part.y},{part.width},{part.height}\n".encode("ascii")
    return f"GW{part.x},{part.y},{part.row_bytes},{part.height}\n".encode("ascii") + part.white_set + b"\n"
