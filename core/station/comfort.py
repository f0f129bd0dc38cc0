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
    Go,
    Play,
    Pressed,
    Refuse,
    Run,
    Step,
    Tone,
)
from core.kernel.ids import CommandId
from core.people.commands import TEXT_SIZES, SetComfort
from core.people.model import Comfort
from core.people.queries import AskComfort
from core.station.questions import Answers, Questions, numbered

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


class ComfortFlow(Questions):
    """Text size and gloves."""

    NAME: ClassVar[str] = "comfort"
    STATES: ClassVar[Any] = State
    WAITS: ClassVar[tuple[type, ...]] = (LookUp, Saving)

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look up how it is set; the argument is the flow it was opened from."""
        return self._look(argument or "home", context)

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Look it up again."""
        return self._look(state.back, context)

    def answers(self, state: State) -> Answers:
        """Return the text sizes, and gloves behind them."""
        return numbered((*map(str, TEXT_SIZES), "gloves")) if isinstance(state, Choose) else {}

    def came(self, state: State, event: Any, context: Context) -> Step | None:
        """Show how it is set, or what became of the choice."""
        match state, event:
            case LookUp(), Answered(query=AskComfort(), answer=Comfort() as found):
                return Step(Choose(state.back, found.text_percent, found.gloves, found.version))
            case Saving(), Done():
                return self._look(state.back, context, Play(Tone.ACCEPT))
            case Saving(), Failed(refusal=refusal):
                return self._look(state.back, context, Refuse(refusal))
            case _:
                return None

    def back(self, state: State, event: Pressed, context: Context) -> Step:
        """Lead to the step below."""
        return Step(state, (Go(state.back),))

    def chosen(self, state: Choose, digit: int, event: Pressed, context: Context) -> Step:
        """Write the choice."""
        text = state.text_percent if digit == GLOVES else TEXT_SIZES[digit - 1]
        gloves = 1 - state.gloves if digit == GLOVES else state.gloves
        command = SetComfort(
            **context.stamp(event), person=context.actor, text_percent=text, gloves=gloves, base_version=state.version
        )
        return Step(Saving(state.back), (Run(command),))

    def _look(self, back: str, context: Context, *effects: Play | Refuse) -> Step:
        return Step(LookUp(back), (*effects, Ask(AskComfort(context.site, context.actor))))
