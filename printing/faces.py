"""The letters we own: which font draws which character, how wide it is, and how a line becomes grey dots.

One typeface (Inter) draws everything it can; four more stand in for scripts it lacks, at the same size and baseline.
The one thing a newcomer would get wrong: simple text is set letter by letter with the font's own unhinted widths, so
that a PDF, a preview and a printed bitmap break their lines alike. Only text whose letters join or run from right to
left goes through Pillow's shaping (HarfBuzz and FriBiDi), and where that is missing such a text is refused.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features
from reportlab.pdfbase.ttfonts import TTFontFile  # type: ignore[import-untyped]

FONTS = Path(__file__).resolve().parents[1] / "resources" / "fonts"
CAPITAL_EM = 0.7275
"""Height of Inter's capitals in em (OS/2 sCapHeight 1490 of 2048)."""
DESCENT_CAPITALS = 0.34
"""How far letters reach below the baseline, in capital heights (hhea descent 494 of 2048)."""
ASCENT_CAPITALS = 0.33
"""How far accents reach above the capitals."""
_TALL = frozenset("()[]{}|/\\@$%&'\"`^~")
_LOW = frozenset("gjpqyQ,;_")
_HIGH = frozenset("bdfhiklt")
_HIGH_CAPITALS = 0.08
"""How far tall small letters reach above the capitals."""
_OVERSHOOT = 0.04
"""What round letters take beyond the lines, where nothing else does."""
_MEASURING_PX = 1000
_PLACES = 4
"""A letter begins at the nearest quarter of a dot."""
_REMEMBERED = 4096
"""Texts that were looked at: a label asks the same of each of its texts several times, and most labels share most."""
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
# Marks that order text (a customer's name could turn the digits after it), joiners and variants that only pick colour.
# Isolates that begin and end in the same line turn nothing around them: our own words need them (`style.py`).
_UNPRINTED = re.compile(r"[\u200b\u200d-\u200f\u202a-\u202e\u2060-\u2067\ufe00-\ufe0f\ufeff\U0001f3fb-\U0001f3ff]")
_ISOLATES = ("\u2068", "\u2069")
_PLAIN = re.compile(r"[ -~\n]*")
"""What most labels are made of: nothing of it is composed, hidden, joined or lacking."""


class Font(Enum):
    """A font file we ship, in the order in which they are asked for a character."""

    REGULAR = "Inter-Regular"
    STRONG = "Inter-SemiBold"
    WIDE = "DejaVuSans"
    EAST_ASIAN = "DroidSansFallback"
    THAI = "NotoSansThai-Regular"
    EMOJI = "NotoEmoji-Regular"

    # Each letter is looked up by its font, and the hash that an enumeration has is written in Python.
    __hash__ = object.__hash__

    @property
    def path(self) -> Path:
        """Return the file."""
        return FONTS / f"{self.value}.ttf"


_STAND_INS = (Font.WIDE, Font.EAST_ASIAN, Font.THAI, Font.EMOJI)


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive characters of a line that one font draws."""

    text: str
    font: Font
    shaped: bool
    width_em: float


@lru_cache(maxsize=_REMEMBERED)
def clean(text: str) -> str:
    """Return text as it can be set: composed (NFC), newlines kept, other controls and invisible marks gone."""
    if _PLAIN.fullmatch(text):
        return "\n".join(map(str.strip, text.split("\n"))).strip("\n")
    spaced = "".join(" " if unicodedata.category(c) == "Cc" and c != "\n" else c for c in text.replace("\r\n", "\n"))
    visible = _UNPRINTED.sub("", unicodedata.normalize("NFC", spaced))
    return "\n".join(_balanced(line.strip()) for line in visible.split("\n")).strip("\n")


def _balanced(line: str) -> str:
    """Return a line without isolates where one of them has no partner in it, or nothing in it reads from the right."""
    if not any(each in line for each in _ISOLATES):
        return line
    opened = 0
    for char in line:
        opened += (char == _ISOLATES[0]) - (char == _ISOLATES[1])
        if opened < 0:
            break
    keep = opened == 0 and any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in line)
    return line if keep else re.sub("[\u2068\u2069]", "", line)


def reach(text: str) -> tuple[float, float]:
    """Return how far a line's letters may reach above the capitals' top and below the baseline, in capital heights."""
    tall = not text.isascii() or not _TALL.isdisjoint(text)
    low = tall or not _LOW.isdisjoint(text)
    up = ASCENT_CAPITALS if tall else _OVERSHOOT if _HIGH.isdisjoint(text) else _HIGH_CAPITALS
    return up, DESCENT_CAPITALS if low else _OVERSHOOT


@lru_cache(maxsize=_REMEMBERED)
def needs_shaping(text: str) -> bool:
    """Say whether letters join, stack or run from right to left."""
    return not text.isascii() and any(
        unicodedata.bidirectional(c) in _RIGHT_TO_LEFT or unicodedata.category(c) in ("Mn", "Mc") for c in text
    )


@cache
def can_shape() -> bool:
    """Say whether this machine has what joining letters takes (libraqm with FriBiDi)."""
    return bool(features.check("raqm") and features.check("fribidi"))


@lru_cache(maxsize=_REMEMBERED)
def missing(text: str) -> str:
    """Return the characters that no font of ours draws, each once, in order of appearance."""
    if _PLAIN.fullmatch(text):
        return ""
    passed = ("\n", *_ISOLATES)
    return "".join(dict.fromkeys(c for c in text if c not in passed and _font_of(c, strong=False) is None))


@lru_cache(maxsize=_REMEMBERED)
def runs(line: str, *, strong: bool) -> tuple[Run, ...]:
    """Divide one line into runs, in reading order; a character without a font is drawn as nothing."""
    if needs_shaping(line) and all(c in _ISOLATES or _has(Font.WIDE, c) for c in line):
        return (Run(line, Font.WIDE, True, _shaped_width(line, Font.WIDE)),)
    pieces: list[tuple[Font, str]] = []
    for char in line:
        font = _font_of(char, strong=strong)
        if font is None:
            continue
        if pieces and pieces[-1][0] is font:
            pieces[-1] = (pieces[-1][0], pieces[-1][1] + char)
        else:
            pieces.append((font, char))
    return tuple(_run(text, font) for font, text in pieces)


def width_em(line: str, *, strong: bool) -> float:
    """Return how wide a line is, in em."""
    try:
        return sum(map(_simple(_main(strong)).__getitem__, line))
    except KeyError:
        return sum(run.width_em for run in runs(line, strong=strong))


def draw(image: Image.Image, line: str, left: float, baseline: float, em: float, *, strong: bool, ink: int) -> None:
    """Draw one line into a grey image; `left`, `baseline` and `em` in dots, `ink` 0 (black) to 255."""
    pen = ImageDraw.Draw(image)
    for letter, x, y in letters(line, left, baseline, em, strong=strong):
        pen.bitmap((x, y), letter, ink)


def letters(
    line: str, left: float, baseline: float, em: float, *, strong: bool
) -> Iterator[tuple[Image.Image, int, int]]:  # fmt: skip
    """Yield the grey pictures that make a line, 255 where there is ink, each with its left and upper edge in dots."""
    for run in runs(line, strong=strong):
        for piece, width_em in [(run.text, run.width_em)] if run.shaped else _advances(run):
            if piece != " ":
                dots, quarters = divmod(round(left * _PLACES), _PLACES)
                picture, across, down = _drawn(run.font, em, piece, quarters, run.shaped)
                yield picture, dots + across, round(baseline) + down
            left += width_em * em


def _advances(run: Run) -> Iterator[tuple[str, float]]:
    simple = _simple(run.font)
    return ((char, simple[char]) for char in run.text)


class _Simple(dict[str, float]):
    """How far the letters of one font move on that are set one by one, in em; found out as they come."""

    def __init__(self, font: Font) -> None:
        super().__init__()
        self._font = font

    def __missing__(self, char: str) -> float:
        if not _has(self._font, char) or needs_shaping(char):
            raise KeyError(char)
        width = self[char] = _advance(self._font, char)
        return width


@cache
def _simple(font: Font) -> _Simple:
    return _Simple(font)


def _main(strong: bool) -> Font:
    return Font.STRONG if strong else Font.REGULAR


@lru_cache(maxsize=_REMEMBERED)
def _drawn(font: Font, em: float, text: str, quarters: int, shaped: bool) -> tuple[Image.Image, int, int]:
    """Return the grey picture of a letter, or of joined ones, that begins so many quarters of a dot aside.

    Labels of a day are written in the same few sizes: what a letter looks like is found out once. With the picture
    comes where its left and upper edge lie from the pen.
    """
    loaded = _loaded(font, em, shaped=shaped)
    left, top, right, bottom = (round(side) for side in loaded.getbbox(text, anchor="ls"))
    picture = Image.new("L", (max(1, right - left + 3), max(1, bottom - top + 2)))
    ImageDraw.Draw(picture).text((1 - left + quarters / _PLACES, 1 - top), text, 255, loaded, "ls")
    return picture, left - 1, top - 1


def _run(text: str, font: Font) -> Run:
    shaped = needs_shaping(text)
    return Run(text, font, shaped, _shaped_width(text, font) if shaped else sum(_advance(font, c) for c in text))


def _font_of(char: str, *, strong: bool) -> Font | None:
    for font in (_main(strong), *_STAND_INS):
        if _has(font, char):
            return font
    return None


def _has(font: Font, char: str) -> bool:
    return ord(char) in _tables(font).charToGlyph


def _advance(font: Font, char: str) -> float:
    tables = _tables(font)
    return float(tables.charWidths.get(ord(char), tables.defaultWidth)) / 1000


def _shaped_width(text: str, font: Font) -> float:
    if not can_shape():
        return sum(_advance(font, c) for c in text)
    return _loaded(font, _MEASURING_PX, shaped=True).getlength(text) / _MEASURING_PX


@cache
def _tables(font: Font) -> TTFontFile:
    return TTFontFile(str(font.path), charInfo=1)


@lru_cache(maxsize=256)
def _loaded(font: Font, em: float, *, shaped: bool) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.RAQM if shaped and can_shape() else ImageFont.Layout.BASIC
    return ImageFont.truetype(font.path, em, layout_engine=engine)
