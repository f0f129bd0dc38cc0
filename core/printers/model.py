"""Tables of printers and of what goes to which."""

from enum import StrEnum

from core.kernel.ids import SiteId
from core.kernel.tables import Row, TableClass, table


class Speech(StrEnum):
    """Whether a printer answers when it is asked."""

    UNTRIED = "untried"
    ANSWERS = "answers"
    ONE_WAY = "one_way"
    """It was asked and kept silent, or echoed: it is not asked again, and what it got is in doubt until it is scanned."""


def printer_subject(name: str) -> bytes:
    """Return what news of a printer, and its test labels, are about."""
    return f"printer {name}".encode()


@table(TableClass.FEED, key=("site", "name"), name="printer")
class PrinterRow(Row):
    """A printer as somebody set it up."""

    site: SiteId
    name: str
    """What stands on it: P-07."""
    address: str
    """How it is reached: tcp:10.0.0.7:9100, usb:/dev/usb/lp0, serial:/dev/ttyUSB0, ipp://host/ipp/print, windows:name."""
    language: str
    """What it is sent: zpl, epl2, tspl, escpos, pdf."""
    asked: str
    """How it is asked how it is: zpl, epl2, tspl, escpos, dpl, sbpl; empty for what its language implies."""
    dpi: int
    width_tenths: int
    """Of the paper that is loaded, in tenths of a millimetre."""
    height_tenths: int
    media: str
    """What is loaded, by the house's word for it."""
    place: str
    """Where it stands, for whoever has to fetch a label there."""
    gap_tenths: int
    """Between two labels of what is loaded, in tenths of a millimetre; 0 on a roll without gaps."""
    darkness: int | None
    """In the numbers of its language; None leaves it as it is set."""
    speed: int | None
    """Inches a second; None leaves it as it is set."""
    speech: Speech
    version: int
    station: str = ""
    """The id, as hex, of the station that alone prints on it; empty where every one may."""
    marks: int = 0
    """1 where labels are told apart by black marks on their back, not by gaps."""


@table(TableClass.LOCAL, key=("site", "name"))
class PrinterSeen(Row):
    """What a printer said of itself at this station, when it was last heard: its part of the profile that nobody sets."""

    site: SiteId
    name: str
    model: str
    firmware: str
    labels: int
    """Its own count of labels since it was made; 0 where it does not count."""
    seen_at: int
    """When it last answered."""


@table(TableClass.FEED, key=("site", "station", "document", "carrier", "size", "media", "dpi", "language"))
class PrintRoute(Row):
    """Which printer takes a kind of paper; an empty condition is met by everything."""

    site: SiteId
    station: str
    """The station's id as hex."""
    document: str
    """A content kind, such as ``house_label``, or the role it asks for: ``label`` or ``document``."""
    carrier: str
    size: str
    media: str
    dpi: int
    language: str
    printer: str
    fallback: str
    """Where it may go instead, once somebody at the station says so; empty for nowhere."""
    version: int
