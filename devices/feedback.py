"""What is said to a scanner: accepted, refused, how it shall behave, and whether it still lives (devices.md 1.8).

A beep means that the work was taken, not that a symbol was decoded. All of it is bytes by the kind of scanner; a
scanner that cannot be told anything has an empty answer, and the station's own sound and colour say it alone. The one
thing a newcomer would get wrong: `!` changes a Honeywell scanner until it is switched off, `.` writes into a flash
that wears out.
"""

from enum import StrEnum

from devices.framing import ssi

SYN, ESC, BEL, CR = b"\x16", b"\x1b", b"\x07", b"\r"
_BEEP, _LED_ON, _LED_OFF = 0xE6, 0xE7, 0xE8
_PARAM_SEND, _PERMANENT = 0xC6, 0x08
_SILENT = 0xFF
_REVISION, _REVISION_AT = 0xA4, 4
"""Zebra's answer to REQUEST_REVISION, and where its text begins."""
_FIRST_PRINTABLE, _DELETE = 0x20, 0x7F
_TRANSMIT_CODE_ID, _AIM = 45, 1
_BATCH_MODE, _NORMAL = 544, 0
_EXTENDED = 256


class Sink(StrEnum):
    """How a scanner is told."""

    SSI = "ssi"
    HONEYWELL = "honeywell"
    """With Host ACK on: it is silent and blind until it is told, for up to ten seconds."""
    DATALOGIC = "datalogic"
    CIPHERLAB = "cipherlab"
    """It beeps when it is told, and has no other tone: an acceptance alone."""
    BEL = "bel"
    """It beeps on BEL and knows nothing else: an acceptance alone."""
    NONE = "none"


class Light(StrEnum):
    """A lamp at a Zebra scanner."""

    GREEN = "green"
    RED = "red"


_LIGHTS = {Light.GREEN: b"\x01", Light.RED: b"\x02"}


def beep(code: int) -> bytes:
    """Return Zebra's beep: 0 one short high, 1 two of them, 12h as for a bad read (S16)."""
    return ssi.packet(_BEEP, bytes((code,)))


def light(lamp: Light, *, on: bool) -> bytes:
    """Return Zebra's command for a lamp."""
    return ssi.packet(_LED_ON if on else _LED_OFF, _LIGHTS[lamp])


def parameter(number: int, value: int, *, permanent: bool = False, beeping: bool = False) -> bytes:
    """Return Zebra's command that sets a parameter of one byte, until it is switched off or for good.

    Example:
        >>> parameter(402, 2).hex(" ")
        '08 c6 04 00 ff f0 92 02 fc ab'
    """
    # From 256 on, a byte from F0 up says how many times 256 were taken off.
    name = bytes((0xF0 + number // _EXTENDED - 1, number % _EXTENDED)) if number >= _EXTENDED else bytes((number,))
    data = (b"\x00" if beeping else bytes((_SILENT,))) + name + bytes((value,))
    return ssi.packet(_PARAM_SEND, data, status=_PERMANENT if permanent else 0)


def menu(command: str, *, permanent: bool = False) -> bytes:
    """Return Honeywell's menu command."""
    return SYN + b"M" + CR + command.encode("ascii") + (b"." if permanent else b"!")


SCAN_ENABLE, SCAN_DISABLE = ssi.packet(0xE9), ssi.packet(0xEA)
START_SESSION, STOP_SESSION = ssi.packet(0xE4), ssi.packet(0xE5)
REQUEST_REVISION = ssi.packet(0xA3)
PICK_LIST = parameter(402, 2)
"""A Zebra scanner decodes only the code under the aimer."""

GOOD_READ, BAD_READ = ESC + b"7,", ESC + b"8,"
BEEP_LOW, BEEP_MEDIUM, BEEP_HIGH = ESC + b"4,", ESC + b"5,", ESC + b"6,"
GREEN_SHORT, GREEN_LONG, GREEN_LONGEST = ESC + b"1,", ESC + b"2,", ESC + b"3,"
MENU_CHANGED, MENU_REFUSED = ESC + b"a,", ESC + b"b,"
CIPHERLAB_BEEP = b"#@////" + CR
TRIGGER_ON, TRIGGER_OFF, HONEYWELL_BEEP = SYN + b"T" + CR, SYN + b"U" + CR, SYN + BEL + CR


def accept(sink: Sink) -> bytes:
    """Return what says that the scan was taken."""
    match sink:
        case Sink.SSI:
            return beep(0x01)
        case Sink.HONEYWELL:
            return GOOD_READ
        case Sink.DATALOGIC:
            return b"B"
        case Sink.CIPHERLAB:
            return CIPHERLAB_BEEP
        case Sink.BEL:
            return BEL
        case Sink.NONE:
            return b""


def refuse(sink: Sink) -> bytes:
    """Return what says that the scan was not taken."""
    match sink:
        case Sink.SSI:
            return beep(0x12) + light(Light.RED, on=True)
        case Sink.HONEYWELL:
            return BAD_READ * 2
        case Sink.DATALOGIC:
            return b"F"
        case Sink.CIPHERLAB | Sink.BEL | Sink.NONE:
            return b""


def settled(sink: Sink) -> bytes:
    """Return what ends the refusal that still shows: the red lamp of a Zebra scanner."""
    return light(Light.RED, on=False) if sink is Sink.SSI else b""


def initialisation(sink: Sink) -> tuple[bytes, ...]:
    """Return what is sent whenever a scanner comes (back): symbology ids on, waiting for the host on, memory off."""
    match sink:
        case Sink.SSI:
            return (
                parameter(_TRANSMIT_CODE_ID, _AIM),
                parameter(_BATCH_MODE, _NORMAL),
                SCAN_ENABLE,
            )
        case Sink.HONEYWELL:
            # HSTACK1 (Host ACK on) is not in our sources: to be confirmed at a device.
            return menu("DECHDR1"), menu("HSTACK1")
        case Sink.DATALOGIC | Sink.CIPHERLAB:
            return (b"E",)
        case Sink.BEL | Sink.NONE:
            return ()


def heartbeat(sink: Sink) -> bytes:
    """Return a query that a living scanner answers, or nothing where there is none.

    A Datalogic scanner answers in plain text: ask only one that sends the symbology id with every scan.
    """
    match sink:
        case Sink.SSI:
            return REQUEST_REVISION
        case Sink.HONEYWELL:
            return menu("REVINF^")
        case Sink.DATALOGIC:
            return b"i"
        case Sink.CIPHERLAB | Sink.BEL | Sink.NONE:
            return b""


def firmware(sink: Sink, reply: bytes) -> str:
    """Return the version that a scanner named in answer to its `heartbeat`; empty where it spoke of something else."""
    match sink:
        case Sink.SSI if len(reply) > _REVISION_AT and reply[1] == _REVISION:
            said = reply[_REVISION_AT:]
        case Sink.HONEYWELL if reply.startswith(b"REVINF"):
            said = reply.removeprefix(b"REVINF").lstrip(b": ")
        case Sink.DATALOGIC:
            said = reply
        case _:
            return ""
    return "".join(chr(byte) for byte in said if _FIRST_PRINTABLE <= byte < _DELETE).strip()
