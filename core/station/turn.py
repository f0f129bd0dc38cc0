"""One input on its way through the station: what it led to so far, and what a supervisor could still make of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.kernel.flow import Flow, Say, Tone
from core.kernel.ids import CommandId, derive
from core.kernel.journal import GestureInput
from core.kernel.refusal import Refusal
from core.kernel.uow import NO_CHANGES, Changes
from core.rules.policies import SUPERVISOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """What came from outside, before anybody knows what it means."""

    kind: GestureInput
    text: str
    """The raw code, ``VERB`` or ``VERB-ARGUMENT``, or grams; what is recorded of it."""
    at: int
    secret: str = field(default="", repr=False)
    """A typed PIN: handed to the flow, recorded nowhere."""
    device: str = ""
    """Which scanner or scale it came from; empty for a keyboard, and where nobody knows."""
    trusted: bool = False
    """That scanner has shown that it passes separators on."""
    shown: str = ""
    """A weight as the scale itself said it, digit by digit, with its frame."""
    refusal: Refusal | None = None
    """Why it is no good, whatever is asked for: half a scan, a weight that did not stand still."""


@dataclass(slots=True)
class Turn:
    """One input on its way: what it led to so far."""

    input: Input | None
    id: CommandId
    at: int
    step: str
    refusal: Refusal | None = None
    tone: Tone = Tone.NONE
    note: Say | None = None
    changes: Changes = NO_CHANGES
    result: Mapping[str, str | int] = field(default_factory=dict)
    before: Any = None
    """The state it found."""
    written: bool = False
    """Whether its gesture is in the database."""
    done: bool = False
    """Whether a command of it was committed: the state that follows is then not written, it follows from the log."""
    event: Any = None
    """What the input was read as."""
    held: "Held | None" = None
    """What a supervisor could pass, if nothing else comes of it."""
    overridden: frozenset[str] = frozenset()
    """The checks that a supervisor passed for it."""


@dataclass(frozen=True, slots=True)
class Held:
    """A refused gesture that a supervisor's badge and PIN would let through."""

    what: str
    """The check that refused it."""
    passed_by: str
    """The roles whose badge and PIN do, comma-separated; empty where nobody's do."""
    event: Any
    passes: CommandId
    """The id that it is taken under then."""


@dataclass(frozen=True, slots=True)
class Paused:
    """The step that waits while a supervisor passes a check."""

    flow: Flow
    state: Any
    held: Held


def held_by(turn: Turn) -> Held | None:
    """Return what a supervisor could pass of the gesture that was just refused; None for everything else."""
    if turn.refusal is None or turn.input is None or "override" not in turn.refusal.facts:
        return turn.held
    what = str(turn.refusal.facts["override"])
    passed_by = str(turn.refusal.facts.get("passed_by", SUPERVISOR))
    return Held(what, passed_by, turn.event, CommandId(derive(turn.id, "passed")))
