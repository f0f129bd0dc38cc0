"""Fitting words into an area: as large as they go, wrapped between words, never cut without saying so.

Sizes are capitals' heights in millimetres and widths are measured in capital heights, so one routine serves our own
letters and those inside a printer. The one thing a newcomer would get wrong: words shrink before they are broken, and
a line is only ended with an ellipsis where its element allows it; everywhere else what does not fit is a fault.
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from printing import faces
from printing.label import Text

LINE_PITCH = 1.72
"""From baseline to baseline, in capital heights (1.25 em)."""
_STEP = 0.95
_BEFORE_THEIR_CONSONANT = "เแโใไ"
"""Thai, which is written without blanks between words: a line may have to break within."""
_ROUNDING_MM = 0.01


@dataclass(frozen=True, slots=True)
class Face:
    """Letters to set with: a width for any line, in capital heights, and what stands for left out words."""

    width: Callable[[str, bool], float]
    ellipsis: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A text as it will be drawn."""

    lines: tuple[str, ...]
    capital_mm: float
    complete: bool
    """False where words had to be left out."""


def _own_width(line: str, strong: bool) -> float:
    return faces.width_em(line, strong=strong) / faces.CAPITAL_EM


OWN = Face(_own_width, "…")


def height_mm(lines: int, capital_mm: float) -> float:
    """Return the height from the top of the first capitals to the last baseline."""
    return capital_mm * (1 + LINE_PITCH * (lines - 1)) if lines else 0.0


@lru_cache(maxsize=4096)
def fit(text: Text, face: Face) -> Setting:
    """Return the largest setting of a text in its area, at its least size and shortened if nothing else fits."""
    words = faces.clean(text.text)
    if not words:
        return Setting((), text.capital_mm, complete=True)
    for breaking in (False, True):
        for capital_mm in _sizes(text):
            lines = wrap(words, text.area.width_mm / capital_mm, face, strong=text.strong, breaking=breaking)
            if lines is not None and _stands(lines, capital_mm, text):
                return Setting(tuple(lines), capital_mm, complete=True)
        if text.max_lines == 1:
            break
    return _shortened(words, text, face)


def wrap(words: str, width: float, face: Face, *, strong: bool, breaking: bool) -> list[str] | None:
    """Return the lines of a text at a width in capital heights, or None where a word is wider and may not break."""
    lines: list[str] = []
    for paragraph in words.split("\n"):
        line = ""
        for glue, word in _words(paragraph):
            longer = f"{line}{glue}{word}" if line else word
            if face.width(longer, strong) <= width:
                line = longer
                continue
            if line:
                lines.append(line.rstrip())
            line = word
            while face.width(line, strong) > width:
                if not breaking:
                    return None
                head = _head(line, width, face, strong=strong)
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
        glue, piece = " ", ""
        for char in each:
            if piece and (_wide(char) or _wide(piece[-1])) and unicodedata.category(char) not in ("Pe", "Pf", "Po"):
                yield glue, piece
                glue, piece = "", ""
            piece += char
        yield glue, piece


def _wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in ("W", "F")


def _head(word: str, width: float, face: Face, *, strong: bool) -> str:
    """Return the longest beginning that fits, one character at least."""
    low, high = 1, len(word)
    while low < high:
        middle = (low + high + 1) // 2
        if face.width(word[:middle], strong) <= width:
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


def _shortened(words: str, text: Text, face: Face) -> Setting:
    capital_mm = text.least_mm
    width = text.area.width_mm / capital_mm
    if text.max_lines == 1:
        lines = [words.replace("\n", " ")]
    else:
        lines = wrap(words, width, face, strong=text.strong, breaking=True) or []
    room = 1 + int((text.area.height_mm + _ROUNDING_MM - capital_mm) / (capital_mm * LINE_PITCH))
    kept = lines[: max(1, min(text.max_lines, room))]
    last = kept[-1]
    while last and face.width(last + face.ellipsis, text.strong) > width:
        last = last[:-1]
    return Setting((*kept[:-1], last.rstrip() + face.ellipsis), capital_mm, complete=False)
