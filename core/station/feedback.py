"""What the operator sees and hears for one input, after its commit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.kernel.flow import Expect, Say, Tone
from core.kernel.journal import GestureOutcome
from core.kernel.refusal import Refusal
from core.kernel.uow import NO_CHANGES, Changes
from core.station.turn import Input


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What the operator sees and hears for one input, after its commit."""

    input: Input | None
    """None for what happened by itself (a printer, a start)."""
    outcome: GestureOutcome
    flow: str
    state: Any
    refusal: Refusal | None = None
    tone: Tone = Tone.NONE
    note: Say | None = None
    expects: tuple[Expect, ...] = ()
    changes: Changes = NO_CHANGES
    dropped: int = 0
    """Scans not taken because they were read before a refusal was painted."""
    result: Mapping[str, str | int] = field(default_factory=dict)
