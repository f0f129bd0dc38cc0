"""Reading an ESC/POS printer's status, a byte to each of `DLE EOT 1` to `4`, and the mark that it sends back behind a job.

Sources: Epson manuals (`GS ( H` in that of the TM-L90), python-escpos. The one thing a newcomer would get wrong: every such byte has the form `0xx1xx10`. One that has not is something else that
came over the wire, and says nothing.
"""

from printing.drivers.protocols import Advice, PrinterStatus, Trouble, judged, unknown

QUERY = b"".join(b"\x10\x04" + bytes([n]) for n in (1, 2, 3, 4))
_COUNT = 4
_MASK, _FORM = 0x93, 0x12
_MEANING: tuple[dict[int, Trouble], ...] = (
    {0x08: Trouble.OFFLINE, 0x20: Trouble.ATTENTION, 0x40: Trouble.ATTENTION},
    {0x04: Trouble.COVER_OPEN, 0x08: Trouble.ATTENTION, 0x20: Trouble.PAPER_OUT, 0x40: Trouble.ERROR},
    {0x04: Trouble.ERROR, 0x08: Trouble.CUTTER, 0x20: Trouble.ERROR, 0x40: Trouble.TOO_HOT},
    {0x20: Trouble.PAPER_OUT, 0x40: Trouble.PAPER_OUT},
)
"""Bits of the answers to 1 (printer; 0x04 is the drawer), 2 (why offline), 3 (errors) and 4 (paper)."""
_NEAR_END = 0x0C
_FIRST_FOR_HANDS = (Trouble.COVER_OPEN, Trouble.PAPER_OUT, Trouble.CUTTER, Trouble.TOO_HOT, Trouble.ERROR)


def mark(name: str) -> bytes:
    """Return what asks for a word once everything before it is printed: `GS ( H`, function 48, with four characters."""
    return b"\x1d(H\x06\x00\x30\x30" + name.encode("ascii")


def has_come_out(answer: bytes, name: str) -> bool:
    """Say whether the word for a mark is among what came; what else a printer says by itself may stand around it."""
    return b"\x37\x22" + name.encode("ascii") + b"\x00" in answer


def is_complete(answer: bytes) -> bool:
    """Say whether all four are there."""
    return len(answer) >= _COUNT


def is_status(byte: int) -> bool:
    """Say whether a byte has the form of a status at all."""
    return byte & _MASK == _FORM


def parse(answer: bytes) -> PrinterStatus:
    """Return what the four bytes say; fewer, more, or one of another form is no status."""
    if not answer:
        return unknown(Trouble.SILENT)
    if len(answer) != _COUNT or not all(map(is_status, answer)):
        return unknown(Trouble.UNREADABLE)
    said = {
        trouble
        for byte, meaning in zip(answer, _MEANING, strict=True)
        for bit, trouble in meaning.items()
        if byte & bit
    }
    ordered = [each for each in _FIRST_FOR_HANDS if each in said]
    # That it is offline is a consequence of what is named; alone it is all there is to say.
    rest = [] if ordered else sorted(said)
    return judged(*ordered, *rest, advice=(Advice.PAPER_LOW,) if answer[3] & _NEAR_END else ())
