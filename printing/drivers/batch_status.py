"""Reading printers that count a batch: Datamax DPL (`SOH A F E e`) and SATO SBPL (`ENQ`).

Sources: Honeywell/Datamax E-class manual, page 27; SATO S86-ex manual, page 328; the letters of SATO's status byte are
general knowledge and only those named here are taken for what they are.
"""

import re

from printing.drivers.protocols import Advice, PrinterStatus, Trouble, judged, unknown

DPL_FLAGS, DPL_BYTE, DPL_REMAINING, DPL_PRINTED = b"\x01A", b"\x01F", b"\x01E", b"\x01e"
SATO_QUERY = b"\x05"
_DPL_FLAGS = re.compile(rb"^([YN]{8})\r$")
_DPL_COUNT = re.compile(rb"^(\d{4,5})\r$")
_DPL_TROUBLES = {0x02: Trouble.PAPER_OUT, 0x04: Trouble.RIBBON_OUT, 0x20: Trouble.PAUSED}
_DPL_BUSY, _DPL_LABEL_WAITING, _DPL_UNUSED = 0x01 | 0x08 | 0x10, 0x40, 0x80
_SATO = re.compile(rb"^\x02(.{2})(.)(\d{6})\x03$", re.DOTALL)
_SATO_READY = {b"A": (), b"B": (Advice.RIBBON_LOW,), b"C": (), b"D": (Advice.RIBBON_LOW,)}
_SATO_AT_WORK = {b"G": (), b"H": (Advice.RIBBON_LOW,), b"I": (), b"J": (Advice.RIBBON_LOW,), b"S": ()}
_SATO_TROUBLES = {
    b"a": Trouble.BUFFER_FULL,
    b"b": Trouble.HEAD_OPEN,
    b"c": Trouble.PAPER_OUT,
    b"d": Trouble.RIBBON_OUT,
    b"g": Trouble.HEAD_BROKEN,
    b"j": Trouble.CUTTER,
    b"0": Trouble.OFFLINE,
}


def dpl_is_complete(answer: bytes) -> bool:
    """Say whether an answer's end is there."""
    return answer.endswith(b"\r")


def parse_dpl(answer: bytes) -> PrinterStatus:
    """Return what eight letters say, each Y or N, the first of them the lowest bit."""
    if not answer:
        return unknown(Trouble.SILENT)
    found = _DPL_FLAGS.match(answer)
    if found is None:
        return unknown(Trouble.UNREADABLE)
    return _dpl(sum(1 << n for n, letter in enumerate(found[1].decode("ascii")) if letter == "Y"))


def parse_dpl_byte(answer: bytes) -> PrinterStatus:
    """Return what one byte of flags says, with the end of the line behind it."""
    if not answer:
        return unknown(Trouble.SILENT)
    return _dpl(answer[0]) if len(answer) == 2 and answer[1:] == b"\r" else unknown(Trouble.UNREADABLE)


def dpl_count(answer: bytes) -> int | None:
    """Return the labels of a batch that remain or came out; None where it is no count."""
    found = _DPL_COUNT.match(answer)
    return None if found is None else int(found[1])


def sato_is_complete(answer: bytes) -> bool:
    """Say whether the frame is there."""
    return answer.endswith(b"\x03")


def parse_sato(answer: bytes) -> PrinterStatus:
    """Return what a frame of job, status and labels to come says; a status we do not know is an error."""
    if not answer:
        return unknown(Trouble.SILENT)
    found = _SATO.match(answer)
    if found is None:
        return unknown(Trouble.UNREADABLE)
    status, remaining = found[2], int(found[3])
    if status in _SATO_READY:
        return judged(remaining=remaining, printing=False, advice=_SATO_READY[status])
    if status in _SATO_AT_WORK:
        return judged(remaining=remaining, printing=True, advice=_SATO_AT_WORK[status])
    return judged(_SATO_TROUBLES.get(status, Trouble.ERROR), remaining=remaining)


def _dpl(bits: int) -> PrinterStatus:
    troubles = [trouble for bit, trouble in _DPL_TROUBLES.items() if bits & bit]
    if bits & _DPL_UNUSED:
        troubles.append(Trouble.ERROR)
    return judged(*troubles, printing=bool(bits & _DPL_BUSY), label_waiting=bool(bits & _DPL_LABEL_WAITING))
