"""What a bench writes down of its operator's doing: one numbered row for each input, with what came of it."""

from dataclasses import replace

from core.kernel.flow import CodeKind, Context, Flow, Scanned
from core.kernel.ids import CommandId, StationId
from core.kernel.journal import Gesture, GestureInput, GestureOutcome
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.station.kept import last_gesture
from core.station.turn import Input, Turn
from core.station.world import World

_RAW_MAX = 500
"""Characters of an input that are kept."""
_BADGE = "badge"
"""In place of a badge's code, which signs its person in: whose it was the row's actor and what it led to say."""
_ASKS_BADGE = frozenset({"ScanBadge", "AskSupervisor", "ScanNewBadge"})
"""Steps at which whatever is scanned may be one, known here or not."""
_NOTE = "note"
"""In place of what somebody wrote down, which may be about anybody."""
_ASKS_NOTE = frozenset({"ShowNotes", "ConfirmNote", "ChoosePhoto", "ConfirmPhoto"})
"""Steps at which whatever is typed is one."""


class Notebook:
    """Makes the rows; whoever has them writes them with the rest of their transaction."""

    def __init__(self, world: World, station: StationId) -> None:
        """Begin behind the last row only when `open` says so."""
        self._world, self._station = world, station
        self._number = 0

    def open(self) -> None:
        """Go on behind the last row that was written."""
        self._number = last_gesture(self._world.reader, self._station)

    def gesture(self, turn: Turn, flow: Flow, context: Context, command: CommandId | None) -> Gesture | None:
        """Return the row of the input under way; None for what happened by itself."""
        if turn.input is None:
            return None
        outcome = GestureOutcome.ACCEPTED if turn.refusal is None else GestureOutcome.REFUSED
        badge = isinstance(turn.event, Scanned) and bool(turn.event.of(CodeKind.PERSON))
        given = replace(turn.input, text=_BADGE) if badge else turn.input
        return self._row(given, flow, turn.step, context, outcome, turn.refusal, command)

    def dropped(self, given: Input, flow: Flow, step: str, context: Context) -> Gesture:
        """Return the row of an input that was read before a refusal was painted."""
        return self._row(given, flow, step, context, GestureOutcome.DROPPED, Refusal(Reason.RESCAN_TOO_FAST), None)

    def _row(
        self, given: Input, flow: Flow, step: str, context: Context, outcome: GestureOutcome, refusal: Refusal | None,
        command: CommandId | None,
    ) -> Gesture:  # fmt: skip
        self._number += 1
        reason = "" if refusal is None else str(refusal.reason)
        raw = f"{given.text} {given.shown}" if given.shown else given.text
        if step in _ASKS_BADGE and given.kind is GestureInput.SCAN:
            raw = _BADGE
        if step in _ASKS_NOTE and given.kind is GestureInput.MANUAL:
            raw = _NOTE
        return Gesture(
            self._station, self._number, given.at, context.actor, context.session, flow.NAME, step, given.kind,
            raw[:_RAW_MAX], outcome, reason, command, given.device,
        )  # fmt: skip
