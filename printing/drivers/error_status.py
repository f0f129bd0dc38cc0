"""Reading a Zebra printer's `~HQES` answer: errors and warnings as bits of hexadecimal groups (ZPL guide, `~HQ`).

The one thing a newcomer would get wrong: several bits are set at once. A group is a number and its bits are tested; it is
no list of characters to compare. A bit we have no name for is an error, never a 'ready'.
"""

import re

from printing.drivers.protocols import Advice, PrinterStatus, Trouble, judged, unknown

QUERY = b"~HQES"
_GROUP = rb":\s*([01])\s+([0-9A-Fa-f]{8})\s+([0-9A-Fa-f]{8})(?![0-9A-Fa-f])"
_ERRORS, _WARNINGS = re.compile(rb"ERRORS" + _GROUP), re.compile(rb"WARNINGS" + _GROUP)

ERRORS = {
    0x1: Trouble.PAPER_OUT,
    0x2: Trouble.RIBBON_OUT,
    0x4: Trouble.HEAD_OPEN,
    0x8: Trouble.CUTTER,
    0x10: Trouble.TOO_HOT,
    0x20: Trouble.TOO_HOT,
    0x40: Trouble.HEAD_BROKEN,
    0x80: Trouble.HEAD_BROKEN,
    0x100: Trouble.SETTINGS_LOST,
    0x200: Trouble.HEAD_BROKEN,
    0x1000: Trouble.JAM,
    0x2000: Trouble.JAM,
    0x4000: Trouble.JAM,
    0x8000: Trouble.JAM,
    0x10000: Trouble.PAUSED,
    0x20000: Trouble.JAM,
    0x40000: Trouble.PAPER_OUT,
    0x80000: Trouble.PAPER_OUT,
}
"""Bits of the first group of errors; from 0x1000 on those of a kiosk printer, whose missing mark is missing paper."""

WARNINGS = {
    0x1: Advice.CALIBRATE,
    0x2: Advice.CLEAN_HEAD,
    0x4: Advice.REPLACE_HEAD,
    0x8: Advice.PAPER_LOW,
} | {1 << n: Advice.OTHER for n in range(4, 12)}


def is_complete(answer: bytes) -> bool:
    """Say whether nothing more is to be waited for."""
    return b"\x03" in answer


def parse(answer: bytes) -> PrinterStatus:
    """Return what an answer to `~HQES` says; silence and nonsense are `UNKNOWN`."""
    if not answer:
        return unknown(Trouble.SILENT)
    errors, warnings = _ERRORS.search(answer), _WARNINGS.search(answer)
    if errors is None or warnings is None or not answer.rstrip().endswith(b"\x03"):
        return unknown(Trouble.UNREADABLE)
    flag, strange, bits = errors[1] == b"1", int(errors[2], 16), int(errors[3], 16)
    troubles = [trouble for bit, trouble in ERRORS.items() if bits & bit]
    if strange or bits & ~sum(ERRORS) or (flag and not bits):
        troubles.append(Trouble.ERROR)
    said = int(warnings[3], 16)
    advice = [each for bit, each in WARNINGS.items() if said & bit]
    if int(warnings[2], 16) or said & ~sum(WARNINGS):
        advice.append(Advice.OTHER)
    return judged(*troubles, advice=tuple(dict.fromkeys(advice)))
