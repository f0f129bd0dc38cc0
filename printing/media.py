"""What is loaded in a printer and how it is spoken to; apart from `render`, whose libraries take a tenth of a second to load.

How dark and how fast a label is printed belongs to the paper and the ribbon that are loaded, never to a template: a
template that set it would print grey on the next roll.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from core.kernel.refusal import Fault
from printing.fault import LabelFault


class Language(StrEnum):
    """What a device understands."""

    ZPL = "zpl"
    EPL2 = "epl2"
    TSPL = "tspl"
    ESC_POS = "escpos"
    PDF = "pdf"
    PNG = "png"


class Letters(StrEnum):
    """Who draws the words of a ZPL label that are plain ASCII; all others are drawn by us in any case."""

    PRINTERS = "printers"
    """The printer's own scalable font: jobs of about a kilobyte."""
    OURS = "ours"
    """Ours, as pictures: exactly as previewed, jobs of about 30 kB at 203 dpi."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How dark a printer of one language can be told to print, in its own numbers."""

    least: int
    most: int
    ladder: tuple[int, ...]
    """The steps of the test label that finds the right one, lightest first."""


DARKNESS: Mapping[Language, Scale] = MappingProxyType(
    {
        Language.ZPL: Scale(0, 30, (8, 13, 18, 23, 28)),
        Language.EPL2: Scale(0, 15, (3, 6, 9, 12, 15)),
        Language.TSPL: Scale(0, 15, (3, 6, 9, 12, 15)),
        Language.ESC_POS: Scale(-6, 6, (-6, -3, 0, 3, 6)),
    }
)
"""`~SD`, `D`, `DENSITY` and function 49 of `GS ( K` (devices.md 2.3); paper that is not printed by heat has none."""
DPIS = (203, 300, 600)
"""Dots an inch of the heads that labels are laid out for."""
FASTEST_INCHES = 14
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*x\s*(\d+(?:\.\d+)?)\s*(mm|in)?", re.IGNORECASE)
_SHEETS = {"a4": (210.0, 297.0), "a5": (148.0, 210.0), "a6": (105.0, 148.0), "letter": (215.9, 279.4)}
_LEAST_MM, _MOST_MM = 10.0, 500.0
GAP_MM = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """What is loaded in a printer, and how it is spoken to."""

    dpi: int
    width_mm: float
    height_mm: float
    language: Language
    letters: Letters = Letters.PRINTERS
    gap_mm: float = GAP_MM
    """Between two labels; 0 on a roll without gaps."""
    marks: bool = False
    """Whether labels are told apart by black marks on their back, not by gaps."""
    darkness: int | None = None
    """In the language's own numbers (`DARKNESS`); None leaves the printer as it is set."""
    speed: int | None = None
    """Inches a second; None leaves the printer as it is set."""


def check(media: Media) -> None:
    """Let settings pass that a printer of this language can take.

    Raises:
        LabelFault: naming the setting, what it is, and what it may be.
    """
    if media.darkness is not None:
        scale = DARKNESS.get(media.language)
        if scale is None:
            raise LabelFault("darkness", f"{media.language.value} has none, {media.darkness} is set")
        if not scale.least <= media.darkness <= scale.most:
            raise LabelFault("darkness", f"{media.darkness} is not between {scale.least} and {scale.most}")
    if media.speed is not None and not 1 <= media.speed <= FASTEST_INCHES:
        raise LabelFault("speed", f"{media.speed} inches a second is not between 1 and {FASTEST_INCHES}")
    if not 0 <= media.gap_mm <= media.height_mm:
        raise LabelFault("gap", f"{media.gap_mm:g} mm between labels of {media.height_mm:g} mm")


def size_of(said: str) -> tuple[float, float]:
    """Return width and height in millimetres of a size as people write it: 100x50, 4x6in, A5.

    Raises:
        Fault: it is none, or none that a printer takes.
    """
    if said.lower() in _SHEETS:
        return _SHEETS[said.lower()]
    found = _SIZE.fullmatch(said.strip())
    if found is None:
        raise Fault(f"{said!r} is no size: write 100x50 (mm), 4x6in, A4, A5, A6 or letter")
    inch = 25.4 if (found[3] or "").lower() == "in" else 1.0
    wide, high = (round(float(each) * inch, 2) for each in (found[1], found[2]))
    if not all(_LEAST_MM <= each <= _MOST_MM for each in (wide, high)):
        raise Fault(f"{said}: a side is between {_LEAST_MM:g} and {_MOST_MM:g} mm")
    return wide, high


def dpi_fault(made_for: int, head: int) -> LabelFault | None:
    """Return why somebody else's label made for one resolution must not go to a head of another, or None where it may.

    Labels in a printer's language are never scaled: their bars would no longer be whole dots.

    Args:
        made_for: dots per inch that the bytes were made for, or that a printer's profile says it has.
        head: dots per inch of the printer.
    """
    if made_for == head:
        return None
    return LabelFault(
        "dpi",
        f"made for {made_for} dpi, the printer has {head}: fetch the label for {head} dpi, or as PDF or PNG",
    )


def mark(media: Media) -> str:
    """Return what a job says in its comment of the head it was made for."""
    return f"dpi={media.dpi}"


def fits(data: bytes, media: Media) -> bool:
    """Say whether bytes that were made and kept before are for the printer they are about to go to.

    A job that waits may be given to another printer. Its language is known by its first bytes, its resolution by the
    mark in its comment; bytes of ours without a mark are of a language that has no comments.
    """
    if not data.startswith(_BEGINNINGS[media.language]):
        return False
    said = _MARK.search(data[:_BEGINNING_BYTES])
    return said is None or int(said[1]) == media.dpi


_BEGINNINGS: Mapping[Language, tuple[bytes, ...]] = MappingProxyType(
    {
        Language.ZPL: (b"^XA", b"~SD"),
        Language.EPL2: (b"\nq",),
        Language.TSPL: (b"\r\nSIZE",),
        Language.ESC_POS: (b"\x1b@",),
        Language.PDF: (b"%PDF-",),
        Language.PNG: (b"\x89PNG",),
    }
)
_MARK = re.compile(rb"(?:\^FX|\n;|\nREM )[^\r\n]*dpi=(\d+)")
_BEGINNING_BYTES = 400
