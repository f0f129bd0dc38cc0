"""The states of packing: each is named after what the packer must do next, and carries what its screen shows."""

from dataclasses import dataclass

from core.kernel.reasons import Reason
from core.packing.views import BoxChoice, ClosedParcel, DueWork, PackView


@dataclass(frozen=True, slots=True)
class LookForWork:
    """What is due is being looked up."""


@dataclass(frozen=True, slots=True)
class ScanWork:
    """Scan a tote, an order, or a single unit."""

    due: tuple[DueWork, ...]


@dataclass(frozen=True, slots=True)
class ScanCarton:
    """Take a carton and scan it."""

    view: PackView


@dataclass(frozen=True, slots=True)
class VerifyUnit:
    """Scan the next unit and put it in."""

    view: PackView
    box: BoxChoice
    weight_grams: int = 0
    """What the scale last said; 0 for nothing yet."""


@dataclass(frozen=True, slots=True)
class WeighParcel:
    """Everything is in: put it on the scale."""

    view: PackView
    box: BoxChoice
    outside: int = 0
    """A weight that did not fit, waiting for a word; 0 for none."""


@dataclass(frozen=True, slots=True)
class AskMissing:
    """Units are not in the tote: wait in the hospital, or ship without them?"""

    view: PackView
    box: BoxChoice | None


@dataclass(frozen=True, slots=True)
class Saving:
    """A command is being written; what comes next is looked up after it."""

    note: str
    facts: tuple[tuple[str, str | int], ...]
    then: str
    """pack: the same order again; closed: the parcel's label; work: the next order."""
    target: bytes
    """The fulfilment or parcel that is looked up."""
    box: BoxChoice | None = None
    weight_grams: int = 0
    back: "PackView | None" = None


@dataclass(frozen=True, slots=True)
class StickLabel:
    """The label is printing: stick it on, scan it."""

    parcel: ClosedParcel
    job_state: str = "queued"
    fault: str = ""


@dataclass(frozen=True, slots=True)
class AskReprintReason:
    """Why is the label printed again?"""

    parcel: ClosedParcel


@dataclass(frozen=True, slots=True)
class ConfirmReopen:
    """Open this parcel again: yes?"""

    parcel: ClosedParcel


@dataclass(frozen=True, slots=True)
class StopPacking:
    """The order must not go on: put it aside."""

    reason: Reason
    view: PackView


State = (
    LookForWork
    | ScanWork
    | ScanCarton
    | VerifyUnit
    | WeighParcel
    | AskMissing
    | Saving
    | StickLabel
    | AskReprintReason
    | ConfirmReopen
    | StopPacking
)
