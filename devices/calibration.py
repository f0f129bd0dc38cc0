"""Learning a scanner from one sheet of known codes (devices.md 0.3, 1.4, 1.5).

The sheet's codes are scanned in their order. What a keyboard scanner typed is laid beside what it should have typed:
that gives the layout of the station's keyboard, what became of the group separator, whether the symbology id is sent,
the terminator, and how fast its keys come. The one thing a newcomer would get wrong: a dead key writes nothing and
changes the next letter. So each sign is followed by an `e` for it to change, and an `n` that says where the next begins.
"""

import math
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from devices.framing.keys import without_marks
from devices.framing.text import Ending

SEPARATOR = "\x1d"
_UPPER, _LOWER, _DIGITS, _GS1 = 0, 1, 2, -1
_PREY, _NEXT = "e", "n"
_SIGNS = tuple(string.punctuation[at : at + 8] for at in range(0, len(string.punctuation), 8))
SHEET = (
    string.ascii_uppercase,
    string.ascii_lowercase,
    string.digits,
    *("".join(sign + _PREY + _NEXT for sign in signs) for signs in _SIGNS),
    f"010950600013435210CALIB{SEPARATOR}17291231",
)
"""What the sheet's codes hold, in the order in which they are scanned: Code 128, the last one GS1-128."""
_BEFORE, _AFTER = SHEET[_GS1].split(SEPARATOR)
_AIM_LENGTH = 3
_AIM = re.compile(r"\][CQ][0-9A-Fa-f]")
"""Of Code 128, or of a QR code off the screen."""
_CUT_AIM = re.compile(r"[^\]]?[CQ][0-9A-Fa-f]?")
"""The same without its bracket."""
LONGEST_PREFIX = 8
_ENDINGS = {"\r\n": Ending.CRLF, "\r": Ending.CR, "\n": Ending.LF, "\t": Ending.TAB, "": Ending.SILENCE}
_NOT_IN_GS1 = "#$@[\\]^`{|}~ "
"""Characters that no GS1 value of ours holds (CSET 82): one of them may stand for the separator."""
_SLOW = 0.95


class Trouble(StrEnum):
    """Why nothing was learnt."""

    COUNT = "count"
    """Not as many scans as the sheet has codes."""
    OTHER_CODES = "other_codes"
    """They are not the sheet's codes, or not in its order."""
    SYMBOLOGY = "symbology"
    """The bracket of the symbology id is a dead key in this layout: it can only be calibrated without the id."""
    SEPARATOR = "separator"
    """What comes for the separator takes the next character with it: every code with one would be another."""
    PREFIX = "prefix"
    """It sends a prefix, and needs none: its scans come whole."""
    ENDINGS = "endings"
    """The scans ended in different ways."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """One thing that came from the scanner: a key's text, or bytes as Latin-1, and when."""

    text: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What was learnt of one scanner at one station."""

    layout: Mapping[str, str] = field(default_factory=dict)
    """What is meant by a character that comes, where that is another one."""
    unclear: str = ""
    """Characters that do not come, or come as another does: codes that hold them cannot be read with this scanner."""
    separator: str = ""
    """What comes for the group separator; nothing if it is dropped."""
    prefix: str = ""
    """What comes in front of every scan, and of its symbology id."""
    aim_ok: bool = False
    ending: Ending = Ending.ANY
    gap_p95_ms: int = 0

    @property
    def gs_ok(self) -> bool:
        """Say whether separators arrive: then a code is read strictly (devices.md 1.3)."""
        return bool(self.separator)

    @property
    def begins(self) -> bool:
        """Say whether anything marks where a scan begins: then noise in front of one is not taken for a part of it."""
        return self.aim_ok or bool(self.prefix)

    def without_prefix(self, typed: str) -> str:
        """Return what came behind the prefix; all of it where it has none."""
        return typed.removeprefix(self.prefix)

    def meant(self, typed: str) -> str:
        """Return what was scanned, from what came without its prefix."""
        head = _AIM_LENGTH if self.aim_ok else 0
        parts = typed[head:].split(self.separator) if self.separator else [typed[head:]]
        return self._by_layout(typed[:head]) + SEPARATOR.join(self._by_layout(part) for part in parts)

    def _by_layout(self, typed: str) -> str:
        return "".join(self.layout.get(char, char) for char in without_marks(typed))


def calibrate(scans: Sequence[Sequence[Keyed]]) -> Calibration | Trouble:
    """Learn from the scans of the sheet, one after another, each up to its terminator."""
    if len(scans) != len(SHEET):
        return Trouble.COUNT
    typed = ["".join(key.text for key in scan) for scan in scans]
    bodies = [text.rstrip("\r\n\t") for text in typed]
    endings = {_ending(text[len(body) :]) for text, body in zip(typed, bodies, strict=True)}
    if len(endings) != 1:
        return Trouble.ENDINGS
    more = len(bodies[_UPPER]) - len(SHEET[_UPPER])
    if not 0 <= more <= LONGEST_PREFIX + _AIM_LENGTH:
        return Trouble.OTHER_CODES
    codes = [body[more:] for body in bodies]
    pairs = _pairs(codes)
    if pairs is None:
        return Trouble.OTHER_CODES
    layout, unclear = _layout(pairs)
    fronts = [body[:more] for body in bodies]
    named = ["".join(layout.get(char, char) for char in front[-_AIM_LENGTH:]) for front in fronts]
    with_aim = all(_AIM.fullmatch(aim) for aim in named)
    prefixes = {front[:-_AIM_LENGTH] if with_aim else front for front in fronts}
    if len(prefixes) != 1 or (not with_aim and _CUT_AIM.fullmatch(named[0])):
        return Trouble.SYMBOLOGY if 0 < more < _AIM_LENGTH else Trouble.OTHER_CODES
    separator = _separator(codes[_GS1], layout)
    if isinstance(separator, Trouble):
        return separator
    return Calibration(
        layout={came: meant for came, meant in layout.items() if came != meant},
        unclear=unclear,
        separator=separator if _may_separate(separator, layout) else "",
        prefix=prefixes.pop(),
        aim_ok=with_aim,
        ending=endings.pop(),
        gap_p95_ms=_gap_p95(scans),
    )


def _ending(tail: str) -> Ending:
    """Return the ending of a tail that may hold it twice."""
    half = tail[: len(tail) // 2]
    return _ENDINGS.get(half if half and half * 2 == tail else tail, Ending.ANY)


def _pairs(codes: Sequence[str]) -> list[tuple[str, str]] | None:
    """Lay what came beside what was meant: pairs of one meant character and what came for it."""
    pairs: list[tuple[str, str]] = []
    for which in (_UPPER, _LOWER, _DIGITS):
        if len(codes[which]) != len(SHEET[which]):
            return None
        pairs += zip(SHEET[which], codes[which], strict=True)
    came = dict(pairs)
    for signs, code in zip(_SIGNS, codes[_DIGITS + 1 : _GS1], strict=True):
        parts = code.split(came[_NEXT])
        if len(parts) != len(signs) + 1 or parts[-1]:
            return None
        pairs += ((sign, part[0] if part[1:] == came[_PREY] else "") for sign, part in zip(signs, parts, strict=False))
    return pairs


def _layout(pairs: Sequence[tuple[str, str]]) -> tuple[dict[str, str], str]:
    """Return what each character that comes means, and which meant ones cannot be told."""
    came = [each for _, each in pairs]
    sure = {each: meant for meant, each in pairs if len(each) == 1 and came.count(each) == 1}
    return sure, "".join(meant for meant, each in pairs if sure.get(each) != meant)


def _separator(code: str, layout: Mapping[str, str]) -> str | Trouble:
    """Return what came between the two halves of the GS1 code."""
    back = {meant: came for came, meant in layout.items()}
    before, after = ("".join(back.get(char, char) for char in half) for half in (_BEFORE, _AFTER))
    if not code.startswith(before):
        return Trouble.OTHER_CODES
    if not code.endswith(after) or len(code) < len(before + after):
        return Trouble.SEPARATOR
    return code[len(before) : len(code) - len(after)]


def _may_separate(separator: str, layout: Mapping[str, str]) -> bool:
    """Say whether what comes for the separator cannot be part of a value."""
    return len(separator) > 1 or separator not in layout or layout[separator] in _NOT_IN_GS1


def _gap_p95(scans: Sequence[Sequence[Keyed]]) -> int:
    gaps = sorted(later.at_ms - sooner.at_ms for scan in scans for sooner, later in pairwise(scan))
    return gaps[math.ceil(len(gaps) * _SLOW) - 1] if gaps else 0
