"""Flows that ask one question a screen: its answers have a digit each, *back* leads out, and nothing is kept over a restart.

Whatever is set up, looked at or chosen beside the work of the floor is asked so. A flow says which answers a state has and
what each does; which key stands for which, that a key nobody offered is refused, and that news of paper changes nothing, is
said here once. The one thing a newcomer would get wrong: a digit that is not among a state's answers never reaches the flow.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from core.kernel.flow import Context, Event, Expect, Pressed, PrintMoved, Refuse, Scanned, Step, Verb, Weighed
from core.kernel.ids import CommandId
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal

Answers = Mapping[int, str]
"""What each digit answers, by a name."""


def numbered(names: Iterable[str], first: int = 1) -> dict[int, str]:
    """Return answers with a digit each, in their order."""
    return dict(enumerate(names, first))


def key(code: str, meaning: str) -> Expect:
    """Return a key that a state takes."""
    return Expect("key", code, meaning)


class Questions:
    """A flow that asks; each area's own says what its answers do."""

    VERSION: ClassVar[int] = 1
    KEEPS: ClassVar[bool] = False
    WAITS: ClassVar[tuple[type, ...]] = ()
    """States that wait for an answer of the station's own: they take no key, not even back."""

    # What a state takes

    def answers(self, state: Any) -> Answers:
        """Return what each digit answers."""
        return {}

    def takes(self, state: Any) -> tuple[Expect, ...]:
        """Return what else a state takes, but the way back."""
        return ()

    def expects(self, state: Any) -> tuple[Expect, ...]:
        """Return the answers, what else there is, and the way back."""
        if isinstance(state, self.WAITS):
            return ()
        digits = (key(f"QTY-{digit}", f"answer:{name}") for digit, name in self.answers(state).items())
        return (*digits, *self.takes(state), key("NO", "back"))

    # What it does

    def handle(self, state: Any, event: Event, context: Context) -> Step:
        """Return what an event does; see the diagram.

        Raises:
            Bug: the event cannot happen in this state.
        """
        match event:
            case Pressed(verb=Verb.QTY, argument=digit):
                given = digit.isdecimal() and int(digit) in self.answers(state)
                step = self.chosen(state, int(digit), event, context) if given else self.counted(state, event)
            case Pressed(verb=Verb.NO):
                step = self.back(state, event, context)
            case Pressed():
                step = self.pressed(state, event, context)
            case Scanned():
                step = self.scanned(state, event, context)
            case Weighed():
                step = None
            case PrintMoved():
                step = self.heard(state, event, context)
            case _:
                step = self.came(state, event, context)
        match step, event:
            case None, Pressed(verb=verb):
                return Step(state, (Refuse(Refusal(Reason.COMMAND_NOT_NOW, {"command": verb})),))
            case None, Scanned() | Weighed():
                return Step(state, (Refuse(Refusal(Reason.COMMAND_NOT_NOW)),))
            case None, _:
                raise Bug(f"{event!r} in {type(state).__name__}")
            case _:
                return step

    def chosen(self, state: Any, digit: int, event: Pressed, context: Context) -> Step | None:
        """Return what an answer of a state does."""
        return None

    def counted(self, state: Any, event: Pressed) -> Step | None:
        """Return what a digit does that is no answer, where a number is asked; None for one that makes no sense now."""
        return None

    def back(self, state: Any, event: Pressed, context: Context) -> Step | None:
        """Return where the way back leads."""
        return None

    def pressed(self, state: Any, event: Pressed, context: Context) -> Step | None:
        """Return what another key does; None for one that makes no sense now."""
        return None

    def scanned(self, state: Any, event: Scanned, context: Context) -> Step | None:
        """Return what a scan does; None for one that makes no sense now."""
        return None

    def heard(self, state: Any, event: PrintMoved, context: Context) -> Step | None:
        """Return what news of a printer or a job does: nothing, where nobody waits for it."""
        return Step(state)

    def came(self, state: Any, event: Any, context: Context) -> Step | None:
        """Return what the answer of a query, or the outcome of a command, does; None for one that nobody asked for."""
        return None

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Return the first step."""
        raise NotImplementedError

    def resume(self, state: Any, at: int, cause: CommandId, context: Context) -> Step:
        """Begin again."""
        return self.begin("", at, cause, context)
