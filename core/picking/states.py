"""The states of a pick: each is named after what the picker must do next, and carries what its screen shows."""

from dataclasses import dataclass

from core.kernel.ids import BatchId
from core.kernel.reasons import Reason
from core.picking.fill_codes import ToteCode
from core.picking.views import BatchOffer, Picked, TaskView
from core.rules.reasons import SHORT_REASONS


@dataclass(frozen=True, slots=True)
class LookForWork:
    """The next thing to do is being looked up."""


@dataclass(frozen=True, slots=True)
class NoWork:
    """Nothing is released, or everything is taken."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class ScanCart:
    """A batch waits: scan the cart to take it."""

    offer: BatchOffer


@dataclass(frozen=True, slots=True)
class GoToLocation:
    """Walk to the location and scan it."""

    view: TaskView
    question: str = ""
    """The code whose second scan confirms taking from there instead; empty when nothing is asked."""


@dataclass(frozen=True, slots=True)
class TakeItem:
    """Take the units and scan one of them."""

    view: TaskView
    question: str = ""
    """The code whose second scan confirms another lot; empty when nothing is asked."""
    unscanned: int = 0
    """1 when it is asked whether the units are taken without being scanned."""


@dataclass(frozen=True, slots=True)
class PutInTote:
    """Put units into the tote of a slot and scan it."""

    view: TaskView
    taken: int
    """Units in hand for this stop, all puts together."""
    put: int
    """Units of them that lie in totes already."""
    full: int = 0
    """1 after *tote full*: the next tote scanned is another one for this slot."""


@dataclass(frozen=True, slots=True)
class SayWhatFits:
    """The tote takes no more: how many of these fitted?"""

    view: TaskView
    taken: int
    put: int


@dataclass(frozen=True, slots=True)
class AskShortReason:
    """Why are there fewer?"""

    view: TaskView
    missing: int
    reasons: tuple[str, ...] = SHORT_REASONS
    """The answers, the likeliest first: the site's own codes where it has any."""
    at_shelf: int = 0
    """1 when the location was proved already: *no* leads back there."""


@dataclass(frozen=True, slots=True)
class ConfirmDamaged:
    """So many units are damaged: yes?"""

    view: TaskView
    quantity: int
    at_shelf: int = 0
    """1 when the location was proved already: the picker goes on there."""


@dataclass(frozen=True, slots=True)
class Saving:
    """A command is being written; what comes next is looked up after it."""

    batch: BatchId
    note: str
    facts: tuple[tuple[str, str | int], ...] = ()
    keep: "GoToLocation | TakeItem | PutInTote | AskShortReason | SayWhatFits | ConfirmDamaged | BatchDone | ShowCode | None" = None
    """Where the picker stands on with the same stop or walk; None to look up the next."""


@dataclass(frozen=True, slots=True)
class BatchDone:
    """Everything is picked: bring the cart to the benches."""

    done: Picked
    slips: int = 0
    """Slips that were printed for its totes, because the hub does not know of its picks."""
    leaving: int = 0
    """1 while it is looked once more whether the hub knows, before the cart is left."""


@dataclass(frozen=True, slots=True)
class ShowCode:
    """Let the bench scan what is in a tote."""

    codes: tuple[ToteCode, ...]
    at: int
    """Which of them is shown."""
    back: GoToLocation | BatchDone

    @property
    def code(self) -> ToteCode:
        """Return the one that is shown."""
        return self.codes[self.at]

    @property
    def batch(self) -> BatchId:
        """Return the walk."""
        return self.back.done.batch if isinstance(self.back, BatchDone) else self.back.view.batch


State = (
    LookForWork
    | NoWork
    | ScanCart
    | GoToLocation
    | TakeItem
    | PutInTote
    | SayWhatFits
    | AskShortReason
    | ConfirmDamaged
    | Saving
    | BatchDone
    | ShowCode
)
