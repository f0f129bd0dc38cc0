"""What the spooler needs of a printer, and the exact meaning of its answers.

The one thing a newcomer would get wrong: 'failed' has two meanings. As long as no byte has left us, nothing can have
been printed and the job may be tried again by itself. After the first byte nobody knows, and a person must look.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.kernel.refusal import Fault

Progress = Callable[[int], None]
"""Called with the bytes that have left us so far, after each piece; the first call means: it is no longer clean."""


class PrinterState(StrEnum):
    """What a printer says about itself."""

    READY = "ready"
    HELD = "held"
    """It cannot print now: send nothing into its buffer."""
    UNKNOWN = "unknown"
    """It did not say, or not so that we understood. Never taken for ready by itself."""


class Trouble(StrEnum):
    """Why a printer is held, or why nothing is known of it."""

    PAPER_OUT = "paper_out"
    RIBBON_OUT = "ribbon_out"
    HEAD_OPEN = "head_open"
    PAUSED = "paused"
    BUFFER_FULL = "buffer_full"
    SETTINGS_LOST = "settings_lost"
    TOO_HOT = "too_hot"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    """Connected, but it does not answer: perhaps a printer that only listens."""
    UNREADABLE = "unreadable"
    """It answered something that is no status."""
    ONE_WAY = "one_way"
    """It is known not to answer: what is sent there is in doubt until its label is scanned."""
    COVER_OPEN = "cover_open"
    JAM = "jam"
    CUTTER = "cutter"
    HEAD_BROKEN = "head_broken"
    TOO_COLD = "too_cold"
    OFFLINE = "offline"
    DIAGNOSTIC = "diagnostic"
    """It prints what it hears as numbers."""
    MEMORY_FULL = "memory_full"
    ATTENTION = "attention"
    """It waits for a key of its own."""
    ERROR = "error"
    """It reports an error we have no name for."""
    BUSY = "busy"
    """It still prints what others sent: whose label its counter counts could not be told."""
    IN_USE = "in_use"
    """Another program prints on it now."""
    CHANGING = "changing"
    """Somebody changes its roll or ribbon."""
    OTHER_HEAD = "other_head"
    """Its head has another resolution than the labels are made for."""
    OTHER_MEDIA = "other_media"
    """Its labels are shorter than those it is set up for, or it looks for no gaps where there are some."""
    OTHER_WIDTH = "other_width"
    """Its labels are narrower than those it is set up for."""
    OTHER_MARKS = "other_marks"
    """It looks for black marks where its labels have gaps, or for gaps where they have marks."""
    IN_DOUBT = "in_doubt"
    """Nobody knows whether the label before came out."""
    SIMULATED = "simulated"
    """It is a virtual printer, and the station is none."""
    NO_PRINTER = "no_printer"
    """No printer is assigned to such paper here."""


class Advice(StrEnum):
    """What a printer asks for while it prints on."""

    CALIBRATE = "calibrate"
    CLEAN_HEAD = "clean_head"
    REPLACE_HEAD = "replace_head"
    PAPER_LOW = "paper_low"
    RIBBON_LOW = "ribbon_low"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterStatus:
    """One answer."""

    state: PrinterState
    troubles: tuple[Trouble, ...] = ()
    """What needs a hand first comes first."""
    waiting_formats: int = 0
    """Labels it has received and not printed."""
    remaining_labels: int = 0
    """Labels of the batch it is printing that are still to come."""
    label_waiting: bool = False
    """A label sticks out and waits to be taken (peel-off)."""
    printing: bool | None = None
    """Whether it prints at this moment; None where its answer does not say."""
    advice: tuple[Advice, ...] = ()
    label_dots: int | None = None
    """How long it takes its labels to be; None where it does not say."""
    continuous: bool | None = None
    """Whether it looks for no gaps and no marks; None where it does not say."""

    @property
    def idle(self) -> bool:
        """Say whether everything it was ever sent has come out, as far as it tells."""
        return not (self.waiting_formats or self.remaining_labels or self.printing)

    @property
    def may_be_sent_to(self) -> bool:
        """Say whether a job may go: to a printer that says it is ready, or to one that is known never to say anything."""
        return self.state is PrinterState.READY or self.troubles == (Trouble.ONE_WAY,)


def unknown(trouble: Trouble) -> PrinterStatus:
    """Return the status of a printer that gave none, and why."""
    return PrinterStatus(state=PrinterState.UNKNOWN, troubles=(trouble,))


def judged(
    *troubles: Trouble, waiting: int = 0, remaining: int = 0, label_waiting: bool = False,
    printing: bool | None = None, advice: tuple[Advice, ...] = (), label_dots: int | None = None,
    continuous: bool | None = None,
) -> PrinterStatus:  # fmt: skip
    """Return the status of a printer that gave one: ready where it named no trouble."""
    return PrinterStatus(
        state=PrinterState.HELD if troubles else PrinterState.READY,
        troubles=tuple(dict.fromkeys(troubles)),
        waiting_formats=waiting,
        remaining_labels=remaining,
        label_waiting=label_waiting,
        printing=printing,
        advice=advice,
        label_dots=label_dots,
        continuous=continuous,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """All bytes of a job left us. Not a word about paper."""

    bytes_sent: int
    ticket: str = ""
    """What a print server calls the job, or the mark that the printer sent back; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a printer says of the labels that lie in it, beside their length."""

    width_mm: float | None = None
    """As its sensor measures it; None where it has none or does not say."""
    by_marks: bool | None = None
    """Whether it finds a label by black marks, not by gaps; None where it does not say."""


NOTHING_SAID = Loaded()


class Fate(StrEnum):
    """What a print server, or the printer itself, says about a job of ours."""

    SAID = "said"
    """The printer itself sent back the mark that stands behind the job."""

    UNDER_WAY = "under_way"
    PRINTED = "printed"
    GONE = "gone"
    """It left the queue and nobody says that it was printed."""


class AddressFault(Fault):
    """An address that names no printer, or none that can be spoken to from here."""


class SendFault(Fault):
    """A job did not leave us as a whole."""

    def __init__(self, reason: str, *, bytes_left_us: int) -> None:
        """Say why, and how many bytes had been handed over before it."""
        super().__init__(reason)
        self.reason = reason
        self.bytes_left_us = bytes_left_us

    @property
    def clean(self) -> bool:
        """Say whether nothing can have been printed: no byte left us."""
        return self.bytes_left_us == 0


class Printer(Protocol):
    """One device; used by one spooler thread at a time."""

    @property
    def address(self) -> str:
        """Return where it is, the same text for everybody who may write to it."""

    def send(self, job: bytes, progress: Progress) -> Sent:
        """Hand over a job's bytes, all or as far as it goes.

        Raises:
            SendFault: with the bytes that left us; `clean` if none did.
        """

    def status(self) -> PrinterStatus:
        """Ask the printer how it is; never raises, an unreachable printer is `UNKNOWN`."""

    def labels_printed(self) -> int | None:
        """Return the printer's own count of labels since it was made, or None where it does not say."""

    def identity(self) -> tuple[str, str, int] | None:
        """Return model, firmware and dots an inch as the printer says, or None where it does not."""

    def loaded(self) -> Loaded:
        """Return what the printer says of the labels that lie in it."""

    def calibrate(self) -> bool:
        """Let it measure the labels that lie in it; return whether it can be told to.

        Raises:
            SendFault: the command did not leave us.
        """

    def fate(self, ticket: str) -> Fate | None:
        """Return what is said about a job by its ticket; None where nobody says anything."""

    def forget(self, ticket: str) -> bool:
        """Have whoever stands between us and it let go of a job that is over; return whether nothing is left to ask.

        Nothing is kept where nobody stands between; one that will not is asked once.
        """
