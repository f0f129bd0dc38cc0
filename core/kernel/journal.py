"""What a station keeps of the operator's own doing: every gesture, and the state its flow is in.

Both are local tables, written in the transaction of the command they led to, or alone when there was none: a refused
scan writes one gesture row and nothing else. The flow's row says *waiting for this command*; after a crash the log gives
its `Done` again, and what follows from it runs again under the same derived id.
"""

from enum import StrEnum

from core.kernel.ids import CommandId, PersonId, SessionId, StationId
from core.kernel.tables import Partial, Row, TableClass, table


class GestureInput(StrEnum):
    """How a gesture came in."""

    SCAN = "scan"
    KEY = "key"
    MANUAL = "manual"
    """Typed by hand for a code that will not scan: recorded, never shown, in no ranking."""
    WEIGHT = "weight"


class GestureOutcome(StrEnum):
    """What became of a gesture."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    QUEUED = "queued"
    DROPPED = "dropped"
    """Read before a refusal was painted: counted and named, never applied."""


@table(
    TableClass.LOCAL,
    key=("station", "number"),
    indexes={"gesture_led": Partial(("station", "at"), where="command IS NOT NULL")},
)
class Gesture(Row):
    """One scan, key press or weight, with its verdict."""

    station: StationId
    number: int
    at: int
    actor: PersonId
    session: SessionId
    flow: str
    step: str
    """The state the flow was in: what the operator was asked for."""
    input: GestureInput
    raw: str
    outcome: GestureOutcome
    reason: str
    """The refusal's reason, empty when there was none."""
    command: CommandId | None
    """The operation it led to."""
    device: str
    """Which scanner or scale it came from, by its profile's id; empty for a keyboard, and where nobody knows."""


@table(TableClass.LOCAL, key=("station",))
class FlowState(Row):
    """Where a station's flow stands; one row a station."""

    station: StationId
    flow: str
    version: int
    state: str
    """Canonical JSON of the state."""
    waiting: CommandId | None
    """The command whose outcome the state waits for: written in that command's own transaction, so it is in the log."""
    at: int
