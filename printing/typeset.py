"""Fitting words into an area: as large as they go, wrapped between words, never cut without saying so.

Sizes are capitals' heights in millimetres and widths are measured in capital heights, by the wider of our own letters and
those inside a printer: what fits, fits whoever draws it. The one thing a newcomer would get wrong: words shrink before
they are broken, and end in an ellipsis only where their element allows it; everywhere else what does not fit is a fault.
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from printing import faces, printer_font
from printing.label import Text

LINE_PITCH = 1.72
"""From baseline to baseline, in capital heights (1.25 em)."""
_STEP = 0.95
_BEFORE_THEIR_CONSONANT = "เแโใไ"
"""Thai, which is written without blanks between words: a line may have to break within."""
_ROUNDING_MM = 0.01


@dataclass(frozen=True, slots=True)
class Face:
    """Letters to draw with: a width for any line, in capital heights."""

    width: Callable[[str, bool], float]


@dataclass(frozen=True, slots=True)
class Setting:
    """A text as it will be drawn."""

    lines: tuple[str, ...]
    capital_mm: float
    kept: int
    """Characters of the words that are there; fewer than all where an ellipsis stands for the rest."""
    of: int
    """Characters of the words."""

    @property
    def complete(self) -> bool:
        """Say whether nothing was left out."""
        return self.kept == self.of


def _own_width(line: str, strong: bool) -> float:
    return faces.width_em(line, strong=strong) / faces.CAPITAL_EM


OWN = Face(_own_width)
PRINTER = Face(printer_font.width)
"""The letters inside a printer, which draw plain words only."""


def face_for(face: Face, *texts: Text) -> Face:
    """Return the letters that texts are set in which belong together: the printer's where it draws all of each, else ours."""
    plain = all(printer_font.draws(faces.clean(text.text)) for text in texts)
    return face if plain else OWN


@lru_cache(maxsize=4096)
def measure(line: str, strong: bool) -> float:
    """Return how wide a line is, in capital heights, in whichever of our letters and a printer's it is wider."""
    own = _own_width(line, strong)
    return max(own, printer_font.width(line, strong)) if printer_font.draws(line) else own


def height_mm(lines: int, capital_mm: float) -> float:
    """Return the height from the top of the first capitals to the last baseline."""
    return capital_mm * (1 + LINE_PITCH * (lines - 1)) if lines else 0.0


def lines_needed(words: str, width_mm: float, capital_mm: float, *, strong: bool = False) -> int:
    """Return how many lines words take in letters of a size."""
    cleaned = faces.clean(words)
    return len(wrap(cleaned, width_mm / capital_mm, strong=strong, breaking=True) or []) if cleaned else 0


@lru_cache(maxsize=4096)
def fit(text: Text) -> Setting:
    """Return the largest setting of a text in its area, at its least size and shortened if nothing else fits."""
    words = faces.clean(text.text)
    if not words:
        return Setting((), text.capital_mm, 0, 0)
    for breaking in (False, True):
        for capital_mm in _sizes(text):
            width = text.area.width_mm / capital_mm
            lines = wrap(words, width, strong=text.strong, breaking=breaking, most=text.max_lines)
            if lines is not None and _stands(lines, capital_mm, text):
                return Setting(tuple(lines), capital_mm, len(words), len(words))
        if text.max_lines == 1:
            break
    return _shortened(words, text)


def wrap(words: str, width: float, *, strong: bool, breaking: bool, most: int | None = None) -> list[str] | None:
    """Return the lines of a text at a width in capital heights.

    Returns:
        None where a word is wider and may not break, or where more lines are needed than `most` allows.
    """
    paragraphs = [(each, measure(each, strong) <= width) for each in words.split("\n")]
    # What is too wide takes two lines at least: most texts that shrink to fit are known to be too wide by that alone.
    if most is not None and sum(1 if whole else 2 for _, whole in paragraphs) > most:
        return None
    lines: list[str] = []
    for paragraph, whole in paragraphs:
        if whole:
            lines.append(paragraph)
            continue
        line = ""
        for glue, word in _words(paragraph):
            longer = f"{line}{glue}{word}" if line else word
            if measure(longer, strong) <= width:
                line = longer
                continue
            if line:
                lines.append(line.rstrip())
            line = word
            while measure(line, strong) > width:
                if not breaking:
                    return None
                head = _head(line, width, strong=strong)
                lines.append(head)
                line = line[len(head) :]
        lines.append(line)
    return lines


def _sizes(text: Text) -> Iterator[float]:
    size = text.capital_mm
    while size > text.least_mm:
        yield size
        size *= _STEP
    yield text.least_mm


def _stands(lines: list[str], capital_mm: float, text: Text) -> bool:
    tall = height_mm(len(lines), capital_mm)
    return len(lines) <= text.max_lines and tall <= text.area.height_mm + _ROUNDING_MM


def _words(paragraph: str) -> Iterator[tuple[str, str]]:
    """Yield each unbreakable piece with what joins it to the one before: a blank, or nothing within East Asian text."""
    for each in paragraph.split(" "):
        if each.isascii():
            yield " ", each
            continue
        glue, piece = " ", ""
        for char in each:
            if piece and (_wide(char) or _wide(piece[-1])) and unicodedata.category(char) not in ("Pe", "Pf", "Po"):
                yield glue, piece
                glue, piece = "", ""
            piece += char
        yield glue, piece


def _wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in ("W", "F")


def _head(word: str, width: float, *, strong: bool) -> str:
    """Return the longest beginning that fits, one character at least."""
    low, high = 1, len(word)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(word[:middle], strong) <= width:
            low = middle
        else:
            high = middle - 1
    # A mark stays with its letter, and a vowel that is written before its consonant with that.
    whole = low
    while 1 < whole < len(word) and (
        unicodedata.category(word[whole]) in ("Mn", "Mc") or word[whole - 1] in _BEFORE_THEIR_CONSONANT
    ):
        whole -= 1
    return word[: whole if whole > 1 else low]


def _shortened(words: str, text: Text) -> Setting:
    capital_mm = text.least_mm
    width = text.area.width_mm / capital_mm
    ellipsis = "..." if printer_font.draws(words) else "…"
    if text.max_lines == 1:
        lines = [words.replace("\n", " ")]
    else:
        lines = wrap(words, width, strong=text.strong, breaking=True) or []
    room = 1 + int((text.area.height_mm + _ROUNDING_MM - capital_mm) / (capital_mm * LINE_PITCH))
    kept = lines[: max(1, min(text.max_lines, room))]
    last = kept[-1]
    while last and measure(last + ellipsis, text.strong) > width:
        last = last[:-1]
    kept[-1] = last.rstrip()
    there = _reached(words, "".join(kept))
    kept[-1] += ellipsis
    return Setting(tuple(kept), capital_mm, there, len(words))


def _reached(words: str, drawn: str) -> int:
    """Return how many characters of the words are drawn; lines lose the blanks they were broken at."""
    left = len(drawn) - drawn.count(" ")
    for place, char in enumerate(words):
        if not left:
            return place
        left -= char not in " \n"
    return len(words)
