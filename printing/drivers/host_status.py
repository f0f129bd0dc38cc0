"""Reading a Zebra printer's `~HS` answer: three frames of comma separated fields (ZPL programming guide, `~HS`).

The one thing a newcomer would get wrong: a frame that cannot be read is no 'ready'. Clones answer in part, in other
lengths or with an echo of the question.
"""

import re

from printing.drivers.protocols import PrinterState, PrinterStatus, Trouble

QUERY = b"~HS"
FRAMES = 3
_FRAME = re.compile(rb"\x02([^\x02\x03]*)\x03")
_FIRST_FIELDS, _SECOND_FIELDS = 12, 11
_LONGEST_ANSWER = 4096


def is_complete(answer: bytes) -> bool:
    """Say whether nothing more is to be waited for: all frames are there, or it is certainly no status."""
    return len(_FRAME.findall(answer)) >= FRAMES or len(answer) > _LONGEST_ANSWER


def parse(answer: bytes) -> PrinterStatus:
    """Return what an answer to `~HS` says; silence and nonsense are `UNKNOWN`."""
    if not answer:
        return PrinterStatus(state=PrinterState.UNKNOWN, troubles=(Trouble.SILENT,))
    frames = [frame.split(b",") for frame in _FRAME.findall(answer)]
    if len(frames) < FRAMES or not _plausible(frames[0], _FIRST_FIELDS) or not _plausible(frames[1], _SECOND_FIELDS):
        return PrinterStatus(state=PrinterState.UNKNOWN, troubles=(Trouble.UNREADABLE,))
    first = [int(part) for part in frames[0]]
    second = [int(part) for part in frames[1]]
    # By the letters of the guide: o b p l j c f.
    said = (
        (Trouble.HEAD_OPEN, second[2]),
        (Trouble.PAPER_OUT, first[1]),
        (Trouble.RIBBON_OUT, second[3]),
        (Trouble.TOO_HOT, first[11]),
        (Trouble.SETTINGS_LOST, first[9]),
        (Trouble.PAUSED, first[2]),
        (Trouble.BUFFER_FULL, first[5]),
    )
    troubles = tuple(trouble for trouble, flag in said if flag)
    return PrinterStatus(
        state=PrinterState.HELD if troubles else PrinterState.READY,
        troubles=troubles,
        waiting_formats=first[4] + first[7],
        remaining_labels=second[8],
        label_waiting=bool(second[7]),
    )


def _plausible(fields: list[bytes], count: int) -> bool:
    return len(fields) == count and all(part.strip().isdigit() for part in fields)
