"""The states of packing: each is named after what the packer must do next, and carries what its screen shows."""

from dataclasses import dataclass
from enum import StrEnum

from core.kernel.reasons import Reason
from core.packing.views import BoxChoice, ClosedParcel, DueWork, PackView
from core.packing.weight import WeightCheck
from core.printers.queries import WayOut


@dataclass(frozen=True, slots=True)
class LookForWork:
    """What is due is being looked up."""

    tote: str = ""
    """A tote that was scanned before the bench was opened: it is opened next."""


@dataclass(frozen=True, slots=True)
class ScanWork:
    """Scan a tote, an order, or a single unit."""

    due: tuple[DueWork, ...]


@dataclass(frozen=True, slots=True)
class ScanTote:
    """A tote's slip was read: scan the tote it lies in, which proves that it is that one's."""

    slip: str
    tote: str
    besides: tuple[str, ...] = ()
    """Slips of an order that must go whole, read before: what they say is here as well."""


@dataclass(frozen=True, slots=True)
class ScanCarton:
    """Take a carton and scan it."""

    view: PackView
    question: str = ""
    """A carton that is too small, whose second scan takes it all the same; empty when nothing is asked."""


@dataclass(frozen=True, slots=True)
class VerifyUnit:
    """Scan the next unit and put it in."""

    view: PackView
    box: BoxChoice
    weight_grams: int = 0
    """What the scale said since something last went in or out; 0 for nothing yet."""
    question: str = ""
    """A carton that is too small, whose second scan takes it all the same; empty when nothing is asked."""
    rest: int = 0
    """1 when it is asked whether the rest goes in without being scanned."""


@dataclass(frozen=True, slots=True)
class WeighParcel:
    """Everything is in: put it on the scale."""

    view: PackView
    box: BoxChoice
    check: WeightCheck
    """What it should weigh, how far off it may be, and whether one missing unit would be seen."""
    outside: int = 0
    """A weight that did not fit, waiting for a word; 0 for none."""


@dataclass(frozen=True, slots=True)
class AskMissing:
    """Units are not in the tote: wait in the hospital, ship without them, or pick others?"""

    view: PackView
    box: BoxChoice | None


class Instead(StrEnum):
    """What an order does without units that are missing."""

    GO = "go"
    """It goes without them."""
    PICK = "pick"
    """Others are picked."""


@dataclass(frozen=True, slots=True)
class AskMissingReason:
    """Why are they not in the tote?"""

    view: PackView
    box: BoxChoice | None
    instead: Instead
    reasons: tuple[str, ...] = ()
    """Empty while they are being looked up."""


class Then(StrEnum):
    """What comes after a command."""

    GO_ON = "go_on"
    """The next unit, in the order as it was decided."""
    LOOK_AGAIN = "look_again"
    """The same order, looked up."""
    LABEL = "label"
    """The parcel's label."""
    CLOSE = "close"
    """What is in the carton goes as it is: it is closed."""
    WORK = "work"
    """The next order."""


@dataclass(frozen=True, slots=True)
class Saving:
    """A command is being written; what comes next is looked up after it."""

    note: str
    facts: tuple[tuple[str, str | int], ...]
    then: Then
    target: bytes
    """The fulfilment or parcel that is looked up."""
    box: BoxChoice | None = None
    back: "PackView | None" = None
    """The order as it is once the command is done; None when it is looked up."""
    order: str = ""
    """Its number, for the stop when it must not go on."""


@dataclass(frozen=True, slots=True)
class StickLabel:
    """The label is printing: stick it on, scan it."""

    parcel: ClosedParcel
    job_state: str = "queued"
    fault: str = ""
    percent: int = 0
    """How much of a long job has left us."""
    way: WayOut | None = None
    """Which printer it waits for, and which other may print it; None while it waits for none."""

    @property
    def elsewhere(self) -> WayOut | None:
        """Return the other printer that somebody here may confirm; None where there is none, or nothing waits."""
        return self.way if self.waits and self.way is not None and self.way.fallback else None

    @property
    def waits(self) -> bool:
        """Return whether the printer needs a hand before anything is sent to it."""
        return self.job_state in ("held", "failed_clean")


@dataclass(frozen=True, slots=True)
class AskReprintReason:
    """Why is the label printed again?"""

    parcel: ClosedParcel


@dataclass(frozen=True, slots=True)
class ConfirmReopen:
    """Open this parcel again: yes?"""

    parcel: ClosedParcel
    paper: tuple[str, ...] = ()
    """Content kinds of its paper that is on it or in it, and void then."""


@dataclass(frozen=True, slots=True)
class StopPacking:
    """The order must not go on: put it aside."""

    reason: Reason
    order: str
    paper: tuple[str, ...] = ()
    """Content kinds of paper of its carton that is on it or in it, or is about to come out."""


State = (
    LookForWork
    | ScanWork
    | ScanTote
    | ScanCarton
    | VerifyUnit
    | WeighParcel
    | AskMissing
    | AskMissingReason
    | Saving
    | StickLabel
    | AskReprintReason
    | ConfirmReopen
    | StopPacking
)
