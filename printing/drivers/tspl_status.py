"""Reading a TSPL printer's status: one byte to `ESC ! ?`, a frame of four letters to `ESC ! S` (TSC manuals)."""

import re

from printing.drivers.protocols import Advice, PrinterStatus, Trouble, judged, unknown

QUERY, LONG_QUERY = b"\x1b!?", b"\x1b!S"
_PRINTING = 0x20
_TROUBLES = {
    0x1: Trouble.HEAD_OPEN,
    0x2: Trouble.JAM,
    0x4: Trouble.PAPER_OUT,
    0x8: Trouble.RIBBON_OUT,
    0x10: Trouble.PAUSED,
    0x40: Trouble.COVER_OPEN,
    0x80: Trouble.TOO_HOT,
}
_FRAME = re.compile(rb"\x02([\x40-\x7f]{4})\x03")
_LETTER = 0x40
"""Every letter has this bit; those below it are the flags."""
_AT_WORK = b"BCFPW"
_MESSAGES = {ord("`"): Trouble.PAUSED, ord("K"): Trouble.ATTENTION, ord("E"): Trouble.ERROR}
_WARNINGS = {0x1: Advice.PAPER_LOW, 0x2: Advice.RIBBON_LOW}
_BUFFER_FULL = 0x8
_FIRST = {0x1: Trouble.TOO_HOT, 0x2: Trouble.TOO_HOT, 0x8: Trouble.CUTTER, 0x10: Trouble.MEMORY_FULL}
_SECOND = {0x1: Trouble.PAPER_OUT, 0x2: Trouble.JAM, 0x4: Trouble.RIBBON_OUT}


def is_complete(answer: bytes) -> bool:
    """Say whether the byte is there."""
    return bool(answer)


def parse(answer: bytes) -> PrinterStatus:
    """Return what the byte says; an echo of the question, or more than one byte, is no status."""
    if not answer:
        return unknown(Trouble.SILENT)
    if len(answer) != 1:
        return unknown(Trouble.UNREADABLE)
    bits = answer[0]
    return judged(*(trouble for bit, trouble in _TROUBLES.items() if bits & bit), printing=bool(bits & _PRINTING))


def long_is_complete(answer: bytes) -> bool:
    """Say whether the frame is there."""
    return b"\x03" in answer


def parse_long(answer: bytes) -> PrinterStatus:
    """Return what the frame says: a message, warnings, and two letters of errors whose bits are flags."""
    if not answer:
        return unknown(Trouble.SILENT)
    found = _FRAME.search(answer)
    if found is None:
        return unknown(Trouble.UNREADABLE)
    message, warning, first, second = found[1]
    troubles = [
        *_flags(second, _SECOND),
        *_flags(first, _FIRST),
        *([Trouble.BUFFER_FULL] if warning & _BUFFER_FULL else []),
    ]
    if message in _MESSAGES:
        # That there is an error is said by its own letters, too, where they say which.
        named = _MESSAGES[message]
        troubles += [] if named is Trouble.ERROR and troubles else [named]
    elif message not in b"@L" and message not in _AT_WORK:
        troubles.append(Trouble.ERROR)
    advice = [each for bit, each in _WARNINGS.items() if warning & bit]
    if warning & ~(_LETTER | _BUFFER_FULL | sum(_WARNINGS)):
        advice.append(Advice.OTHER)
    return judged(*troubles, label_waiting=message == ord("L"), printing=message in _AT_WORK, advice=tuple(advice))


def _flags(letter: int, meaning: dict[int, Trouble]) -> list[Trouble]:
    known = [trouble for bit, trouble in meaning.items() if letter & bit]
    return [*known, Trouble.ERROR] if letter & ~(_LETTER | sum(meaning)) else known
