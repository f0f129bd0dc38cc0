"""Notes: what people write down about an order or a case, for whoever looks at it next.

The customer called, the pallet is torn, the third box is in the cage: what no key says is typed, read once more, and kept. A
note is appended and never changed, so nobody's is in the way of another's. Its words are nobody's business but of those who look at the
order: they are in no operation, and not in what is written down of the station's inputs.

    LookAtNotes --looked--> ShowNotes
    ShowNotes --typed--> ConfirmNote
    ConfirmNote --typed again--> ConfirmNote
    ConfirmNote --YES--> Writing
    Writing --done--> LookAtNotes
    Writing --failed--> ShowNotes
    ConfirmNote --NO--> ShowNotes

From ShowNotes NO leads back to the order or the case.
"""

import unicodedata
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from core.cases.commands import WriteNote, note_id
from core.cases.model import NoteText
from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    Context,
    Expect,
    Go,
    Play,
    Pressed,
    Refuse,
    Run,
    Say,
    Scanned,
    Step,
    Tone,
    Verb,
)
from core.kernel.ids import NO_ID, CaseId, CommandId, OrderId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.people.roles import allowed
from core.station.home import order_screen
from core.station.menu import CASES
from core.station.note_queries import About, AskNotes, NoteSeen
from core.station.questions import Answers, Questions, key

NOTES = "note"
SHOWN = 3
"""Notes of one screen."""
LONGEST = 300
"""Characters of a note: as many as can be typed in one line."""


@dataclass(frozen=True, slots=True)
class LookAtNotes:
    """They are being looked at."""

    about: About


@dataclass(frozen=True, slots=True)
class ShowNotes:
    """What is there, and is there more to say?"""

    about: About
    notes: tuple[NoteSeen, ...]
    back: int = 0
    """Pages back from the newest."""

    @property
    def shown(self) -> tuple[NoteSeen, ...]:
        """Return the notes of the page."""
        end = max(0, len(self.notes) - self.back * SHOWN)
        return self.notes[max(0, end - SHOWN) : end]

    @property
    def oldest(self) -> bool:
        """Return whether nothing comes before the page."""
        return len(self.notes) <= (self.back + 1) * SHOWN

    @property
    def more(self) -> bool:
        """Return whether there are others than those that are shown."""
        return len(self.notes) > SHOWN

    def turned(self) -> "ShowNotes":
        """Return the page before; from the first one, the newest again."""
        return replace(self, back=0 if self.oldest else self.back + 1)


@dataclass(frozen=True, slots=True)
class ConfirmNote:
    """Is that what is to be kept?"""

    shown: ShowNotes
    text: str


@dataclass(frozen=True, slots=True)
class Writing:
    """It is being written."""

    shown: ShowNotes


State = LookAtNotes | ShowNotes | ConfirmNote | Writing


class NoteFlow(Questions):
    """What was written down, and what is to be?"""

    NAME: ClassVar[str] = NOTES
    STATES: ClassVar[Any] = State
    WAITS: ClassVar[tuple[type, ...]] = (LookAtNotes, Writing)

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look at the notes: the argument is ``order`` or ``case`` and the id in hex."""
        kind, _, name = argument.partition(" ")
        if kind not in ("order", "case"):
            return Step(None, (Go("home"),))
        found = bytes.fromhex(name)
        about = About(OrderId(found), CaseId(NO_ID)) if kind == "order" else About(OrderId(NO_ID), CaseId(found))
        return _look(about, context)

    def resume(self, state: Any, at: int, cause: CommandId, context: Context) -> Step:
        """Look again; what was typed and not kept is typed again."""
        match state:
            case LookAtNotes(about=about) | ShowNotes(about=about):
                return _look(about, context)
            case ConfirmNote(shown=shown) | Writing(shown=shown):
                return _look(shown.about, context)
            case _:
                return Step(None, (Go("home"),))

    def answers(self, state: Any) -> Answers:
        """Return the way to the notes before."""
        return {1: "before"} if isinstance(state, ShowNotes) and state.more else {}

    def takes(self, state: Any) -> tuple[Expect, ...]:
        """Return the yes."""
        return (key("YES", "next"),) if isinstance(state, ConfirmNote) else ()

    def chosen(self, state: Any, digit: int, event: Pressed, context: Context) -> Step | None:
        """Show the notes before."""
        return Step(state.turned()) if isinstance(state, ShowNotes) else None

    def pressed(self, state: Any, event: Pressed, context: Context) -> Step | None:
        """Keep what was typed."""
        if not isinstance(state, ConfirmNote) or event.verb is not Verb.YES:
            return None
        about, stamp = state.shown.about, context.stamp(event)
        write = WriteNote(**stamp, order=about.order, subject=about.case)
        words = NoteText(context.site, note_id(write.id), state.text)
        return Step(Writing(state.shown), (Run(write, {NoteText: [NoteText.TABLE.values(words)]}),))

    def scanned(self, state: Any, event: Scanned, context: Context) -> Step | None:
        """Take what was typed as a note; a code that is scanned is none."""
        if not event.typed or not isinstance(state, ShowNotes | ConfirmNote):
            return None
        if not allowed(context.roles, WriteNote.PERMISSION):
            return Step(state, (Refuse(Refusal(Reason.NOT_ALLOWED)),))
        shown = state if isinstance(state, ShowNotes) else state.shown
        text = unicodedata.normalize("NFC", event.raw.strip())[:LONGEST]
        return Step(ConfirmNote(shown, text), (Play(Tone.CAUTION),))

    def came(self, state: Any, event: Any, context: Context) -> Step | None:
        """Show them, and those that are new."""
        match state, event:
            case LookAtNotes(), Answered(answer=(About() as about, tuple() as notes)):
                return Step(ShowNotes(about, notes))
            case LookAtNotes(), Answered():
                return Step(state, (Refuse(Refusal(Reason.NOT_FOUND)), Go("home")))
            case Writing(shown=shown), Done():
                after = _look(shown.about, context)
                return Step(after.state, (Play(Tone.ACCEPT), Say(Note.NOTE_WRITTEN), *after.effects))
            case Writing(shown=shown), Failed(refusal=refusal):
                return Step(shown, (Refuse(refusal),))
            case _:
                return None

    def back(self, state: Any, event: Pressed, context: Context) -> Step | None:
        """Lead back to the notes, and from those to what they are about."""
        match state:
            case ConfirmNote(shown=shown):
                return Step(shown, (Play(Tone.ACCEPT),))
            case ShowNotes(about=about) if about.case != NO_ID:
                return Step(state, (Go(CASES, about.case.hex()),))
            case ShowNotes(about=about):
                return Step(state, (order_screen(about.order),))
            case _:
                return None


def _look(about: About, context: Context) -> Step:
    return Step(LookAtNotes(about), (Ask(AskNotes(context.site, about)),))
