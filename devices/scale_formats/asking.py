"""Which protocols there are, what reads each, and what a scale is asked: to weigh, to zero, to take off the tare.

An empty request is one the protocol does not have: a stream is not asked, and some scales are zeroed at their own key.
The one thing a newcomer would get wrong: what answers a question is told from a weight by the reader, not by order.
"""

from dataclasses import dataclass
from enum import StrEnum

from devices.scale_formats.cas import CasTill, Stream
from devices.scale_formats.hid import HidScale
from devices.scale_formats.nci import Nci
from devices.scale_formats.reading import ScaleFormat
from devices.scale_formats.sics import Sics
from devices.scale_formats.silent import Adam, Digi
from devices.scale_formats.toledo import Toledo8217, ToledoContinuous


class ScaleProtocol(StrEnum):
    """How a scale speaks."""

    SICS = "sics"
    TOLEDO_8217 = "toledo_8217"
    TOLEDO_CONTINUOUS = "toledo_continuous"
    NCI = "nci"
    CAS_TILL = "cas_till"
    STREAM = "stream"
    ADAM = "adam"
    DIGI = "digi"
    HID = "hid"


@dataclass(frozen=True, slots=True)
class Requests:
    """What a scale is sent."""

    weigh: bytes = b""
    zero: bytes = b""
    tare: bytes = b""
    tare_now: bytes = b""
    """Which tare is taken off, where the weight itself does not say that it is a net one."""
    clear_tare: bytes = b""
    identity: tuple[bytes, ...] = ()
    """Who it is: model, software, serial number."""


REQUESTS = {
    ScaleProtocol.SICS: Requests(
        b"SI\r\n", b"Z\r\n", b"T\r\n", b"TA\r\n", b"TAC\r\n", (b"I2\r\n", b"I3\r\n", b"I4\r\n")
    ),
    ScaleProtocol.TOLEDO_8217: Requests(b"W", b"Z", b"T\r", clear_tare=b"C"),
    ScaleProtocol.TOLEDO_CONTINUOUS: Requests(),
    ScaleProtocol.NCI: Requests(b"W\r", b"Z\r"),
    ScaleProtocol.CAS_TILL: Requests(b"\x05"),
    ScaleProtocol.STREAM: Requests(),
    ScaleProtocol.ADAM: Requests(b"P\r\n"),
    ScaleProtocol.DIGI: Requests(b"\x02W\x03"),
    ScaleProtocol.HID: Requests(),
}


def reader(protocol: ScaleProtocol, *, unit: str = "", checksum: bool = True, only_still: bool = False) -> ScaleFormat:
    """Return what reads a scale, by what its profile says of it.

    Args:
        protocol: how it speaks.
        unit: its unit, where it does not send one.
        checksum: its continuous output has a checksum.
        only_still: it answers only when it stands still, and does not say so in the answer.
    """
    match protocol:
        case ScaleProtocol.SICS:
            return Sics()
        case ScaleProtocol.TOLEDO_8217:
            return Toledo8217(unit)
        case ScaleProtocol.TOLEDO_CONTINUOUS:
            return ToledoContinuous(checksum=checksum)
        case ScaleProtocol.NCI:
            return Nci()
        case ScaleProtocol.CAS_TILL:
            return CasTill()
        case ScaleProtocol.STREAM:
            return Stream()
        case ScaleProtocol.ADAM:
            return Adam(only_still=only_still)
        case ScaleProtocol.DIGI:
            return Digi(unit, only_still=only_still)
        case ScaleProtocol.HID:
            return HidScale()
