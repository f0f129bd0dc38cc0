"""Pre-flight: what a printer says of itself before a job gets to it (devices.md 2.4), against what it is set up for.

Another head, other labels or no real printer at all: none of them is mended by waiting, and bytes that were sent all the
same would be wasted paper.
"""

import threading
from collections.abc import Callable

from printing.drivers.one_writer import writer_of
from printing.drivers.protocols import Loaded, PrinterState, PrinterStatus, SendFault, Trouble
from printing.drivers.variables import VIRTUAL
from printing.ledger import Surroundings, note_seen
from printing.media import Language, Media
from printing.outlet import Outlet

CALIBRATE_MS = 15_000
"""How long a printer may take to measure its labels."""
_SAME_MM = 3.0
"""What two labels of one size differ by, as printers measure them."""
_NOTE_MS = 60_000
"""Between two notes of what a printer says of itself."""
_ANY_DPI = (Language.PDF, Language.PNG)
"""What a printer draws in its own dots."""


class Preflight:
    """What is known of one printer, by its own word, since the program began."""

    def __init__(self, outlet: Outlet) -> None:
        """Know nothing: it is asked before its first job."""
        self._outlet = outlet
        self._looked_at = False
        self._identity: tuple[str, str, int] | None = None
        self._noted_at = -_NOTE_MS
        self._loaded: Loaded | None = None
        """What it said of its labels; None since they may be others."""
        self._wrong: Trouble | None = None
        """What no roll and no key mends: another head than the labels are made for, or no real printer."""

    def trouble(self, status: PrinterStatus, *, simulated: bool) -> Trouble | None:
        """Return why a printer that is ready gets nothing all the same.

        Args:
            status: what it says now.
            simulated: whether the station is, and may print on a virtual printer.
        """
        strange = self._strange(simulated=simulated) or other_media(self._outlet.media, status)
        if strange is not None or self._identity is None:
            return strange
        if self._loaded is None:
            self._loaded = self._outlet.printer.loaded()
        other = other_roll(self._outlet.media, self._loaded)
        if other is not None:
            self.forget_roll()
        return other

    def forget_roll(self) -> None:
        """Hear that other labels may lie in it: it was held, or measured them."""
        self._loaded = None

    def _strange(self, *, simulated: bool) -> Trouble | None:
        """Return what is wrong with the printer as such: it is looked at once, before its first job."""
        if self._looked_at:
            return self._wrong
        said = self._identity = self._outlet.printer.identity()
        self._looked_at = True
        if said is not None:
            model, _, dpi = said
            if model.startswith(VIRTUAL) and not simulated:
                self._wrong = Trouble.SIMULATED
            elif dpi != self._outlet.media.dpi and self._outlet.media.language not in _ANY_DPI:
                self._wrong = Trouble.OTHER_HEAD
        return self._wrong

    def note(self, around: Surroundings, status: PrinterStatus, labels: int) -> None:
        """Write now and then what the printer says of itself; one that says nothing was not seen."""
        now = around.clock.now_ms()
        if status.state is not PrinterState.UNKNOWN and now >= self._noted_at + _NOTE_MS:
            self._noted_at = now
            note_seen(around, self._outlet.name, self._identity, labels)


def other_media(media: Media, status: PrinterStatus) -> Trouble | None:
    """Return that other labels are loaded than the printer is set up for, by what it says of itself.

    Longer ones waste paper and nothing else; shorter ones tear a label apart. A printer that looks for gaps where a
    roll has none stops by itself, and many clones say so whatever they do.
    """
    if media.language in _ANY_DPI or status.continuous is None:
        return None
    short = media.height_mm - (status.label_dots or 0) * 25.4 / media.dpi
    too_short = bool(status.label_dots) and not status.continuous and short > _SAME_MM
    return Trouble.OTHER_MEDIA if too_short or (status.continuous and media.gap_mm > 0) else None


def other_roll(media: Media, loaded: Loaded) -> Trouble | None:
    """Return that other labels are loaded than the printer is set up for, by its own sensors where it has some.

    Wider ones waste paper and nothing else; narrower ones lose the right of each label. Looked for by marks that are not
    there, or by gaps, a label is never found.
    """
    if media.language in _ANY_DPI:
        return None
    if loaded.width_mm is not None and media.width_mm - loaded.width_mm > _SAME_MM:
        return Trouble.OTHER_WIDTH
    other = loaded.by_marks is not None and media.gap_mm > 0 and loaded.by_marks != media.marks
    return Trouble.OTHER_MARKS if other else None


def calibrated(
    outlet: Outlet, around: Surroundings, status_now: Callable[[], PrinterStatus], stop: threading.Event
) -> tuple[str, str]:
    """Let the printer measure its labels; return how that went and what it found, in millimetres, or why not."""
    clock, media = around.clock, outlet.media
    with writer_of(outlet.printer.address, clock.boot_ns, around.locks) as lease:
        if lease is None:
            return "not_calibrated", Trouble.IN_USE
        try:
            if not outlet.printer.calibrate():
                return "calibrated", ""
        except SendFault:
            return "not_calibrated", Trouble.UNREACHABLE
        end = clock.boot_ns() + CALIBRATE_MS * 1_000_000
        status = status_now()
        while not stop.is_set() and not status.may_be_sent_to and clock.boot_ns() < end:
            stop.wait(around.look_seconds)
            status = status_now()
    if not status.may_be_sent_to:
        return "not_calibrated", ",".join(status.troubles)
    if status.label_dots is None:
        return "calibrated", ""
    found = status.label_dots * 25.4 / media.dpi
    return "calibrated" if abs(found - media.height_mm) <= _SAME_MM else "wrong_media", str(round(found))
