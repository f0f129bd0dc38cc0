"""What a Zebra printer says about itself: variables (`! U1 getvar`), and its head's resolution (`~HI`).

A variable comes in quotation marks; one it does not know comes as a question mark, with marks or without.
"""

import re

IDENTITY = b"~HI"
LABELS, LENGTH = "odometer.total_label_count", "odometer.total_print_length"
MAKER, SERIAL = "appl.name", "device.unique_id"
WIDTH, TRACKING = "media.width_sense.in_mm", "ezpl.media_type"
"""The sensed width of the media (mobile printers), and how labels are told apart: `continuous`, `gap/notch` or `mark`."""
VIRTUAL = "DOCKSIDE-VIRTUAL"
"""How the model of our own virtual printer begins."""
_QUOTED = re.compile(rb'"([^"\r\n]*)"')
_LEADING = re.compile(r"\d+")
_DPI = {6: 152, 8: 203, 12: 300, 24: 600}
"""Dots a millimetre, as the guide names them, and what people call it."""


def question(name: str) -> bytes:
    """Return what asks for a variable."""
    return f'! U1 getvar "{name}"\r\n'.encode("ascii")


def is_complete(answer: bytes) -> bool:
    """Say whether an answer is there as a whole."""
    return answer.count(b'"') > 1 or answer.strip() == b"?"


def value(answer: bytes) -> str | None:
    """Return what a variable holds; None where the printer does not know it or did not say."""
    found = _QUOTED.search(answer)
    said = "" if found is None else found[1].decode("ascii", "replace").strip()
    return None if said in ("", "?") else said


def number(answer: bytes) -> int | None:
    """Return the number a variable holds, whatever unit stands behind it."""
    said = value(answer)
    found = None if said is None else _LEADING.match(said)
    return None if found is None else int(found[0])


def decimal(answer: bytes) -> float | None:
    """Return the decimal number a variable holds."""
    try:
        return float(value(answer) or "")
    except ValueError:
        return None


def identity(answer: bytes) -> tuple[str, str, int] | None:
    """Return model, firmware and dots an inch of an answer to `~HI`; None where it is none."""
    inner = answer[answer.find(b"\x02") + 1 : answer.find(b"\x03")] if b"\x02" in answer and b"\x03" in answer else b""
    parts = [part.strip() for part in inner.decode("ascii", "replace").split(",")]
    if len(parts) < 3 or not parts[2].isdigit() or int(parts[2]) not in _DPI:
        return None
    return parts[0], parts[1], _DPI[int(parts[2])]


def identity_is_complete(answer: bytes) -> bool:
    """Say whether an answer to `~HI` is there as a whole."""
    return b"\x03" in answer
