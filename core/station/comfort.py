"""How somebody likes the screen: text size and gloves, kept with the person and applied wherever their badge signs in.

Opened from the menu over any step, and left to that step again. Each answer is taken at once and seen at once; the
screen that asks is the example.

    LookUp --found--> Choose
    Choose --answer--> Saving
    Saving --done--> LookUp
    Choose --NO--> the step it was opened from
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    Context,
    Event,
    Expect,
    Go,
    Play,
    Pressed,
    PrintMoved,
    Refuse,
    Run,
    Scanned,
    Step,
    Tone,
    Verb,
    Weighed,
)
from core.kernel.ids import CommandId
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.people.commands import TEXT_SIZES, SetComfort
from core.people.model import Comfort
from core.people.queries import AskComfort

GLOVES = len(TEXT_SIZES) + 1
"""The number of the answer behind the text sizes."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """How it is set now is being looked up."""

    back: str


@dataclass(frozen=True, slots=True)
class Choose:
    """Which text, and gloves or none?"""

    back: str
    """The flow it was opened from."""
    text_percent: int
    gloves: int
    version: int


@dataclass(frozen=True, slots=True)
class Saving:
    """The choice is being written."""

    back: str


State = LookUp | Choose | Saving


class ComfortFlow:
    """Text size and gloves."""

    NAME: ClassVar[str] = "comfort"
    VERSION: ClassVar[int] = 1
    STATES: ClassVar[Any] = State
    KEEPS: ClassVar[bool] = False

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look up how it is set; the argument is the flow it was opened from."""
        return self._look(argument or "home", context)

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Look it up again."""
        return self._look(state.back, context)

    def expects(self, state: State) -> tuple[Expect, ...]:
        """Return a key for each answer."""
        if not isinstance(state, Choose):
            return ()
        sizes = (Expect("key", f"QTY-{n}", f"answer:{size}") for n, size in enumerate(TEXT_SIZES, 1))
        return (*sizes, Expect("key", f"QTY-{GLOVES}", "answer:gloves"), Expect("key", "NO", "back"))

    def handle(self, state: State, event: Event, context: Context) -> Step:
        """Return what an event does; see the diagram."""
        match state, event:
            case _, PrintMoved():
                return Step(state)
            case LookUp(), Answered(query=AskComfort(), answer=Comfort() as found):
                return Step(Choose(state.back, found.text_percent, found.gloves, found.version))
            case Choose(), Pressed(verb=Verb.NO):
                return Step(state, (Go(state.back),))
            case Choose(), Pressed(verb=Verb.QTY, argument=argument):
                return self._chosen(state, event, argument, context)
            case Choose(), Pressed() | Scanned() | Weighed():
                return Step(state, (Refuse(Refusal(Reason.COMMAND_NOT_NOW)),))
            case Saving(), Done():
                return self._look(state.back, context, Play(Tone.ACCEPT))
            case Saving(), Failed(refusal=refusal):
                return self._look(state.back, context, Refuse(refusal))
            case _:
                raise Bug(f"{event!r} while the screen is set")

    def _chosen(self, state: Choose, event: Pressed, argument: str, context: Context) -> Step:
        answer = int(argument) if argument.isdecimal() else 0
        text, gloves = state.text_percent, state.gloves
        if 1 <= answer < GLOVES:
            text = TEXT_SIZES[answer - 1]
        elif answer == GLOVES:
            gloves = 1 - gloves
        else:
            return Step(state, (Refuse(Refusal(Reason.COMMAND_NOT_NOW, {"command": event.verb})),))
        command = SetComfort(
            **context.stamp(event), person=context.actor, text_percent=text, gloves=gloves, base_version=state.version
        )
        return Step(Saving(state.back), (Run(command),))

    def _look(self, back: str, context: Context, *effects: Play | Refuse) -> Step:
        return Step(LookUp(back), (*effects, Ask(AskComfort(context.site, context.actor))))
