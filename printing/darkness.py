"""How dark a label is printed: as what is loaded says, unless it is a step of the ladder that finds it out.

The ladder is five labels, each printed darker than the one before, each with a code that says how dark it is. Whoever
sets up a printer scans the one whose bars are sharpest, and that number belongs to the printer from then on.
"""

import re
from collections.abc import Sequence

from printing.compose import Sheet
from printing.media import DARKNESS, Language, Media

_CODE = re.compile(r"DARK-[A-Z]-(M?)(\d{1,2})")
_LETTERS = {Language.ZPL: "Z", Language.EPL2: "E", Language.TSPL: "T", Language.ESC_POS: "R"}


def darkness_of(sheet: Sheet, media: Media) -> int | None:
    """Return how dark a label is to be printed; None leaves the printer as it is set."""
    return media.darkness if sheet.darkness is None else sheet.darkness


def afterwards(sheets: Sequence[Sheet], media: Media) -> int | None:
    """Return what a printer is to be set to after labels that tried something out; None where none did.

    Printers keep what they were told last, which was the darkest step. What it was before nobody knows where the media
    do not say; then the middle of the ladder is no worse a guess than any.
    """
    if all(sheet.darkness is None for sheet in sheets):
        return None
    ladder = DARKNESS[media.language].ladder
    return ladder[len(ladder) // 2] if media.darkness is None else media.darkness


def step_code(language: Language, darkness: int) -> str:
    """Return the code of a step, which says its language and its number; a number below nothing has an M before it."""
    return f"DARK-{_LETTERS[language]}-{'M' if darkness < 0 else ''}{abs(darkness)}"


def read_step(code: str) -> tuple[Language, int] | None:
    """Return the language and the darkness that a scanned step says; None where it is no step of a ladder."""
    found = _CODE.fullmatch(code.strip().upper())
    if found is None:
        return None
    for language, scale in DARKNESS.items():
        darkness = int(found[2]) * (-1 if found[1] else 1)
        if step_code(language, darkness) == found[0] and darkness in scale.ladder:
            return language, darkness
    return None
