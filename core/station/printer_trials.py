"""What is known of a printer while it is tried out: where it is, what it says of itself, and its test label.

The flow that adds printers (`adding_printers.py`) asks a desk for it; the composition root gives the desk, which speaks to the
printer on a thread of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from core.kernel.ids import SiteId, StationId
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.printers.model import PrinterRow, PrintRoute, Speech
from core.printers.queries import printers_of, routes_of

LISTED = 6
"""Printers that are found and have a digit each."""
HEADS = (203, 300, 600)
"""Dots an inch that labels are laid out for."""
LANGUAGES = ("zpl", "tspl", "epl2", "escpos")
"""What a printer that does not say so may speak."""
SHEETS = "pdf"
"""The language of printers for documents."""
PAPERS = ("label", "house_label", "document")
"""What a printer may be given here: all labels, parcels' labels alone, documents."""
_MEDIA_GAP = 30
"""Between two labels, in tenths of a millimetre, where they are no roll without gaps."""
_NETWORK = ("tcp", "ipp", "ipps")


@dataclass(frozen=True, slots=True)
class Size:
    """A size that paper often has."""

    name: str
    """As it is said, and may be typed: ``4x6in``, ``100x150``, ``A5``."""
    width_tenths: int
    height_tenths: int


SIZES: Mapping[bool, tuple[Size, ...]] = {
    False: (
        Size("4x6in", 1016, 1524), Size("100x150", 1000, 1500), Size("4x4in", 1016, 1016), Size("4x2in", 1016, 508),
        Size("100x50", 1000, 500), Size("76x51", 760, 510),
    ),
    True: (Size("A4", 2100, 2970), Size("A5", 1480, 2100), Size("letter", 2159, 2794), Size("4x6in", 1016, 1524)),
}  # fmt: skip
"""Of labels, and of sheets; another one is typed or scanned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A printer that announces itself or is plugged in, and is none of the site's: a suggestion."""

    address: str
    name: str
    """What it calls itself."""
    model: str = ""
    place: str = ""
    languages: tuple[str, ...] = ()
    """What it says it speaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How far it is with a printer that is tried out."""

    address: str = ""
    languages: tuple[str, ...] = ()
    """What its announcement says it speaks."""
    asking: bool = True
    """Whether it is still being asked."""
    answers: bool = False
    """Whether it said how it is; a clone says nothing, and is never asked again."""
    language: str = ""
    """What it speaks, as far as that is known."""
    dpi: int = 0
    """Dots an inch of its head; 0 where it does not say."""
    model: str = ""
    firmware: str = ""
    labels: int = 0
    """Its own count of labels."""
    length_tenths: int = 0
    """How long it takes its labels to be; 0 where it does not say."""
    continuous: bool = False
    """Whether it looks for no gaps."""
    width_tenths: int = 0
    height_tenths: int = 0
    """What is loaded, as somebody says."""
    name: str = ""
    """What it is to be called."""
    code: str = ""
    """What its test label says, once that was sent."""
    troubles: str = ""
    """Why nothing can be asked or printed now, comma-separated, by names that the words know."""
    fault: str = ""
    """Why its test label cannot be made, as the linter says it."""

    @property
    def on_sheets(self) -> bool:
        """Say whether it prints documents."""
        return self.language == SHEETS

    def row(self, site: SiteId, station: StationId) -> PrinterRow:
        """Return the printer as it is kept; one that hangs on this computer is this station's alone."""
        alone = "" if self.address.partition(":")[0] in _NETWORK else station.hex()
        return PrinterRow(
            site, self.name, self.address, self.language, "", self.dpi, self.width_tenths, self.height_tenths, "", "",
            0 if self.continuous or self.on_sheets else _MEDIA_GAP, None, None,
            Speech.ANSWERS if self.answers else Speech.ONE_WAY, 0, alone,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What became of something that was scanned or typed."""

    refusal: Refusal | None = None
    """Why it will not do."""
    address: str = ""
    """As a printer's row writes it."""
    printer: str = ""
    """The printer that is at that address already."""
    name: str = ""
    width_tenths: int = 0
    height_tenths: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """The printers of a site, and what goes to which from one station."""

    station: str
    """The station's id as hex."""
    printers: tuple[PrinterRow, ...]
    routes: tuple[PrintRoute, ...]

    def called(self, name: str) -> PrinterRow | None:
        """Return a printer by its name."""
        return next((each for each in self.printers if each.name == name), None)

    def now(self, paper: str) -> PrintRoute | None:
        """Return where a paper goes from here, whatever else it is: by the station's own route, else by the site's."""
        plain = [
            each for each in self.routes
            if each.document == paper and each.station in ("", self.station)
            and not (each.carrier or each.size or each.media or each.dpi or each.language)
        ]  # fmt: skip
        return max(plain, key=lambda each: bool(each.station), default=None)


class TrialDesk(Protocol):
    """Where printers are found and tried out; the composition root gives it."""

    def found(self) -> tuple[Found, ...]:
        """Return what announces itself or is plugged in, in the order in which it was found."""

    def address_of(self, said: str) -> str:
        """Return an address as a printer's row writes it; empty for what is none."""

    def size_of(self, said: str) -> tuple[int, int] | None:
        """Return width and height of a size in tenths of a millimetre; None for what is none."""

    def ask(self, trial: Trial) -> None:
        """Begin to ask the printer at an address what it is."""

    def print(self, trial: Trial) -> None:
        """Have it print its test label, as soon as it can."""

    def trial(self) -> Trial:
        """Return how far that is."""

    def give_up(self) -> None:
        """Ask and print no more."""


class _NothingFound:
    """A desk where nothing can be tried out."""

    def found(self) -> tuple[Found, ...]:
        """Return nothing."""
        return ()

    def address_of(self, said: str) -> str:
        """Know no address."""
        return ""

    def size_of(self, said: str) -> tuple[int, int] | None:
        """Know no size."""
        return None

    def ask(self, trial: Trial) -> None:
        """Ask nobody."""

    def print(self, trial: Trial) -> None:
        """Print nothing."""

    def trial(self) -> Trial:
        """Return that nothing is tried out."""
        return Trial()

    def give_up(self) -> None:
        """Try nothing out."""


NOTHING_FOUND: TrialDesk = _NothingFound()
"""For a station that is only replayed."""


@dataclass(frozen=True, slots=True)
class AskFound:
    """Which printers are found, and which does the site have?"""

    desk: TrialDesk
    site: SiteId
    station: StationId

    def run(self, connection: sa.Connection) -> tuple[tuple[Found, ...], tuple[PrinterRow, ...]]:
        """Return those that are none of the site's yet, and those of the site that this station may use."""
        rows = printers_of(connection, self.site)
        taken = {each.address for each in rows}
        mine = tuple(each for each in rows if each.station in ("", self.station.hex()))
        return tuple(each for each in self.desk.found() if each.address not in taken), mine


@dataclass(frozen=True, slots=True)
class AskKept:
    """Which printers are there, and what goes where?"""

    site: SiteId
    station: StationId
    printer: str
    """Which one is meant."""

    def run(self, connection: sa.Connection) -> Kept:
        """Return them."""
        return Kept(self.station.hex(), printers_of(connection, self.site), routes_of(connection, self.site))


@dataclass(frozen=True, slots=True)
class AskName:
    """What may a printer be called that has no name yet?"""

    site: SiteId

    def run(self, connection: sa.Connection) -> str:
        """Return the first name that none has."""
        return free_name(each.name for each in printers_of(connection, self.site))


@dataclass(frozen=True, slots=True)
class AskSaid:
    """What is that which was scanned or typed, and will it do?"""

    desk: TrialDesk
    about: str
    """``address``, ``size`` or ``name``."""
    said: str
    site: SiteId

    def run(self, connection: sa.Connection) -> Said:
        """Return what it is, or why it will not do."""
        said = self.said.strip()
        match self.about:
            case "address":
                address = self.desk.address_of(said)
                there = next((each for each in printers_of(connection, self.site) if each.address == address), None)
                if not address:
                    return Said(refusal=Refusal(Reason.NO_SUCH_ADDRESS, {"got": said}))
                return Said(address=address, printer="" if there is None else there.name)
            case "size":
                size = self.desk.size_of(said)
                if size is None:
                    return Said(refusal=Refusal(Reason.NO_SUCH_SIZE, {"got": said}))
                return Said(width_tenths=size[0], height_tenths=size[1])
            case "name":
                return Said(name=said, refusal=refuse_name(said, printers_of(connection, self.site)))
            case _:
                raise Bug(f"{self.about} is nothing that is said of a printer")


@dataclass(frozen=True, slots=True)
class TryPrinter:
    """A wish to the desk: ask, print, give up."""

    desk: TrialDesk
    wish: str
    trial: Trial | None = None

    def start(self) -> None:
        """Say it."""
        match self.wish, self.trial:
            case "ask", Trial() as trial:
                self.desk.ask(trial)
            case "print", Trial() as trial:
                self.desk.print(trial)
            case "give_up", None:
                self.desk.give_up()
            case _:
                raise Bug(f"{self.wish} {self.trial} is no wish")


def refuse_name(name: str, printers: Iterable[PrinterRow]) -> Refusal | None:
    """Return why a printer cannot be called so; None where it can."""
    if not name or not name.isprintable():
        return Refusal(Reason.NO_SUCH_NAME, {"got": name})
    there = next((each for each in printers if each.name == name), None)
    return None if there is None else Refusal(Reason.PRINTER_NAMED, {"printer": name, "address": there.address})


def free_name(taken: Iterable[str]) -> str:
    """Return the first name that no printer has: P-01."""
    used = set(taken)
    return next(name for n in range(1, len(used) + 2) if (name := f"P-{n:02}") not in used)
