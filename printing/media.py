"""What is loaded in a printer and how it is spoken to; apart from `render`, whose libraries take a tenth of a second to load."""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """What a device understands."""

    ZPL = "zpl"
    PDF = "pdf"
    PNG = "png"


class Letters(StrEnum):
    """Who draws the words of a ZPL label that is plain ASCII; any other label is drawn by us in any case."""

    PRINTERS = "printers"
    """The printer's own scalable font: jobs of about a kilobyte."""
    OURS = "ours"
    """Ours, as pictures: exactly as previewed, jobs of about 30 kB at 203 dpi."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """What is loaded in a printer, and how it is spoken to."""

    dpi: int
    width_mm: float
    height_mm: float
    language: Language
    letters: Letters = Letters.PRINTERS
