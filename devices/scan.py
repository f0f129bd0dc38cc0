"""One scan, as a scanner hands it over: the bytes of the symbol, what kind of symbol it was, by which device, when.

Whoever takes it gives `code` to `core/catalog/codes.py`, which goes by the symbology id in front. The one thing a
newcomer would get wrong: a scan that is `stored` was made somewhere else and some time ago. It is never work: it is
listed, and a person confirms or discards it.
"""

import re
from dataclasses import dataclass

_AIM_ID = re.compile(rb"\][A-Za-z][0-9A-Fa-f]")
_AIM_LENGTH = 3
_EAN_13, _UPC_A_LENGTH = "]E0", 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What one trigger pull delivered."""

    data: bytes
    """The symbol's own bytes: without symbology id and terminator, with its separators (0x1D)."""
    device: str
    """The id of the device's profile."""
    at_ms: int
    """When its last byte arrived, by the clock that was handed in."""
    aim: str = ""
    """The symbology (`]C1`, ISO/IEC 15424), or nothing where the device does not say."""
    stored: bool = False
    """It comes out of a cordless scanner's memory (batch mode, back in range)."""

    @property
    def text(self) -> str:
        """Return the data as text: UTF-8, or Latin-1 where it is not."""
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            return self.data.decode("latin-1")

    @property
    def code(self) -> str:
        """Return what is looked up: the text with the symbology id in front, where there is one."""
        return self.aim + self.text


def split_aim(data: bytes) -> tuple[str, bytes]:
    """Take the symbology id off the front of what a scanner sent.

    Example:
        >>> split_aim(b"]C110ABC")
        (']C1', b'10ABC')
    """
    if _AIM_ID.match(data):
        return data[:_AIM_LENGTH].decode("ascii"), data[_AIM_LENGTH:]
    return "", data


def as_ean_13(aim: str, data: bytes) -> bytes:
    """Return the digits of what its device calls a UPC-A as the symbology id promises them, thirteen (devices.md 1.2).

    Example:
        >>> as_ean_13("]E0", b"416000336108")
        b'0416000336108'
    """
    return b"0" + data if aim == _EAN_13 and len(data) == _UPC_A_LENGTH and data.isdigit() else data
