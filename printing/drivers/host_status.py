"""Reading a Zebra printer's `~HS` answer: three frames of comma separated fields (ZPL programming guide, `~HS`).

The one thing a newcomer would get wrong: a frame that cannot be read is no 'ready'. Clones answer in part, in other
lengths or with an echo of the question.
"""

import re

from printing.drivers.protocols import PrinterStatus, Trouble, judged, unknown

QUERY = b"~HS"
FRAMES = 3
_FRAME = re.compile(rb"\x02([^\x02\x03]*)\x03")
_FIELDS = (12, 11, 2)
_LONGEST_ANSWER = 4096
_CONTINUOUS = 0x80
"""The bit of the settings (mmm) that is set where it looks for no gaps and no marks."""
_MODE, _MODES_IN_LETTERS = (1, 5), (b"K", b"S")
"""Where the print mode stands; of a kiosk's printer it is a letter (*kiosk*, *stream*)."""
_FLAGS = (frozenset((b"0", b"1")), (1, 2, 5, 6, 7, 9, 10, 11), (2, 3, 7))
"""What a flag may be, and which fields are flags in the first and in the second frame."""


def is_complete(answer: bytes) -> bool:
    """Say whether nothing more is to be waited for: all frames are there, or it is certainly no status."""
    return len(_FRAME.findall(answer)) >= FRAMES or len(answer) > _LONGEST_ANSWER


def parse(answer: bytes) -> PrinterStatus:
    """Return what an answer to `~HS` says; silence and nonsense are `UNKNOWN`."""
    if not answer:
        return unknown(Trouble.SILENT)
    frames = _with_numbers([[part.strip() for part in frame.split(b",")] for frame in _FRAME.findall(answer)])
    if len(frames) < FRAMES or not all(map(_plausible, frames, _FIELDS)):
        return unknown(Trouble.UNREADABLE)
    values, first_flags, second_flags = _FLAGS
    first = [int(part) for part in frames[0]]
    second = [int(part) for part in frames[1]]
    # By the letters of the guide: o b p l k j g c f.
    said = (
        (Trouble.HEAD_OPEN, second[2]),
        (Trouble.PAPER_OUT, first[1]),
        (Trouble.RIBBON_OUT, second[3]),
        (Trouble.TOO_HOT, first[11]),
        (Trouble.TOO_COLD, first[10]),
        (Trouble.SETTINGS_LOST, first[9]),
        (Trouble.DIAGNOSTIC, first[6]),
        (Trouble.PAUSED, first[2]),
        (Trouble.BUFFER_FULL, first[5]),
    )
    strange = any(frames[0][n] not in values for n in first_flags) or any(
        frames[1][n] not in values for n in second_flags
    )
    return judged(
        *(trouble for trouble, flag in said if flag),
        *((Trouble.ERROR,) if strange else ()),
        waiting=first[4] + first[7],
        remaining=second[8],
        label_waiting=bool(second[7]),
        label_dots=first[3],
        continuous=bool(second[0] & _CONTINUOUS),
    )


def _plausible(fields: list[bytes], count: int) -> bool:
    return len(fields) == count and all(part.isdigit() for part in fields)


def _with_numbers(frames: list[list[bytes]]) -> list[list[bytes]]:
    """Return frames in which the print mode is a number where it is one of the two letters."""
    return [
        [b"0" if (n, at) == _MODE and part in _MODES_IN_LETTERS else part for at, part in enumerate(frame)]
        for n, frame in enumerate(frames)
    ]
