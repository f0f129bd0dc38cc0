"""Notes: what people write down about an order or a case, or show of it, for whoever looks at it next.

The customer called, the pallet is torn, the third box is in the cage: what no key says is typed, read once more, and kept. A
note is appended and never changed, so nobody's is in the way of another's. Its words are nobody's business but of those who look at the
order: they are in no operation, and not in what is written down of the station's inputs. A photo is a note with a picture, with words or
without: it is looked at once more, and its bytes are kept before anything names them.

    LookAtNotes --looked--> ShowNotes
    ShowNotes --typed--> ConfirmNote
    ConfirmNote --typed again--> ConfirmNote
    ConfirmNote --YES--> Writing
    ShowNotes --PHOTO, nothing was dropped or pasted--> ChoosePhoto
    ShowNotes, ChoosePhoto --PHOTO, what was dropped or pasted--> MakePhoto
    ChoosePhoto --answer, path--> MakePhoto
    MakePhoto --made--> ConfirmPhoto
    ConfirmPhoto --its words typed--> ConfirmPhoto
    ConfirmPhoto --YES--> KeepPhoto
    KeepPhoto --kept--> Writing
    KeepPhoto --no room, NO--> ConfirmPhoto
    Writing --done--> LookAtNotes
    Writing --failed--> ShowNotes
    ShowNotes --QTY-1, where there are photos--> ShowPhoto
    LookAtNotes --looked, a photo was shown--> ShowPhoto
    ConfirmNote, ChoosePhoto, ConfirmPhoto, ShowPhoto --NO--> ShowNotes

From ShowNotes NO leads back to the order or the case, and from MakePhoto to where the picture was chosen: a drive that does not answer
holds nobody up.
"""

import unicodedata
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from core.cases.commands import AddPhoto, WriteNote, note_id
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
    Start,
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
from core.station.note_queries import About, AskNotes, NoteSeen, PhotoSeen
from core.station.photo_desk import NO_PHOTOS, KeepBytes, PhotoDesk, PhotoOf, Prepared, WhatIsHanded, WhatIsReady
from core.station.questions import Answers, Questions, key, numbered

NOTES = "note"
SHOWN = 3
"""Notes of one screen."""
LONGEST = 300
"""Characters of a note: as many as can be typed in one line."""


@dataclass(frozen=True, slots=True)
class LookAtNotes:
    """They are being looked at."""

    about: About
    photo: str = ""
    """Which photo is shown, by its digest; empty for none."""


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

    @property
    def photos(self) -> tuple[NoteSeen, ...]:
        """Return all notes with a picture, the oldest first."""
        return tuple(each for each in self.notes if each.photo is not None)

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


@dataclass(frozen=True, slots=True)
class ChoosePhoto:
    """Which picture?"""

    shown: ShowNotes
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConfirmPhoto:
    """Is that the photo that is to be kept?"""

    shown: ShowNotes
    photo: Prepared
    text: str = ""


@dataclass(frozen=True, slots=True)
class MakePhoto:
    """A picture is being read and made small, beside the station."""

    before: ShowNotes | ChoosePhoto | ConfirmPhoto

    @property
    def shown(self) -> ShowNotes:
        """Return the notes that it is to be added to."""
        return self.before if isinstance(self.before, ShowNotes) else self.before.shown


@dataclass(frozen=True, slots=True)
class KeepPhoto:
    """Its bytes are being kept."""

    shown: ShowNotes
    photo: Prepared
    text: str


@dataclass(frozen=True, slots=True)
class ShowPhoto:
    """A photo, as large as it can be seen."""

    shown: ShowNotes
    note: NoteSeen

    def earlier(self) -> "ShowPhoto":
        """Return the photo before; from the first one, the newest again."""
        photos = self.shown.photos
        return replace(self, note=photos[photos.index(self.note) - 1])


State = LookAtNotes | ShowNotes | ConfirmNote | Writing | ChoosePhoto | MakePhoto | ConfirmPhoto | KeepPhoto | ShowPhoto
_CHOICES = 6


class NoteFlow(Questions):
    """What was written down, and what is to be?"""

    NAME: ClassVar[str] = NOTES
    STATES: ClassVar[Any] = State
    WAITS: ClassVar[tuple[type, ...]] = (LookAtNotes, Writing)

    def __init__(self, photos: PhotoDesk = NO_PHOTOS) -> None:
        """Take photos from a desk."""
        self._photos = photos

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look at the notes: the argument is ``order`` or ``case`` and the id in hex."""
        kind, _, name = argument.partition(" ")
        if kind not in ("order", "case"):
            return Step(None, (Go("home"),))
        found = bytes.fromhex(name)
        about = About(OrderId(found), CaseId(NO_ID)) if kind == "order" else About(OrderId(NO_ID), CaseId(found))
        return self._look(about, context)

    def resume(self, state: Any, at: int, cause: CommandId, context: Context) -> Step:
        """Look again; what was typed and not kept is typed again."""
        match state:
            case LookAtNotes(about=about) | ShowNotes(about=about):
                return self._look(about, context)
            case ShowPhoto(shown=shown, note=NoteSeen(photo=PhotoSeen(digest=digest))):
                return self._look(shown.about, context, digest)
            case ConfirmNote(shown=shown) | Writing(shown=shown) | ChoosePhoto(shown=shown) | ConfirmPhoto(shown=shown):
                return self._look(shown.about, context)
            case MakePhoto() | KeepPhoto():
                return Step(state, (Ask(WhatIsReady(self._photos)),))
            case ShowPhoto(shown=shown):
                return self._look(shown.about, context)
            case _:
                return Step(None, (Go("home"),))

    def answers(self, state: Any) -> Answers:
        """Return the ways to photos and to the notes before, or the pictures to choose from."""
        match state:
            case ShowNotes():
                return ways(state)
            case ShowPhoto(shown=shown) if len(shown.photos) > 1:
                return {1: "earlier"}
            case ChoosePhoto(names=names):
                return numbered(names)
            case _:
                return {}

    def takes(self, state: Any) -> tuple[Expect, ...]:
        """Return the yes, and the way to another photo."""
        match state:
            case ConfirmNote() | ConfirmPhoto():
                return (key("YES", "next"),)
            case ShowNotes() | ChoosePhoto():
                return (key("PHOTO", "photo"),)
            case _:
                return ()

    def chosen(self, state: Any, digit: int, event: Pressed, context: Context) -> Step | None:
        """Show the notes or the photo before, or take a picture."""
        match state:
            case ShowNotes() if self.answers(state)[digit] == "photos":
                return Step(ShowPhoto(state, state.photos[-1]))
            case ShowNotes():
                return Step(state.turned())
            case ShowPhoto():
                return Step(state.earlier())
            case ChoosePhoto(names=names):
                return self._make(state, names[digit - 1])
            case _:
                return None

    def pressed(self, state: Any, event: Pressed, context: Context) -> Step | None:
        """Keep what was typed, or look for a photo and keep it."""
        match state, event.verb:
            case ConfirmNote(shown=shown, text=text), Verb.YES:
                about = shown.about
                return _writing(shown, WriteNote(**context.stamp(event), order=about.order, subject=about.case), text)
            case ShowNotes() | ChoosePhoto() | MakePhoto() | ConfirmPhoto(), Verb.PHOTO:
                if not allowed(context.roles, AddPhoto.PERMISSION):
                    return Step(state, (Refuse(Refusal(Reason.NOT_ALLOWED)),))
                return Step(state, (Ask(WhatIsHanded(self._photos)),))
            case ConfirmPhoto(shown=shown, photo=photo, text=text), Verb.YES:
                keep = KeepBytes(self._photos, photo.digest)
                return Step(KeepPhoto(shown, photo, text), (Start(keep), Ask(WhatIsReady(self._photos))))
            case _:
                return None

    def scanned(self, state: Any, event: Scanned, context: Context) -> Step | None:
        """Take what was typed as a note, a photo's words or a picture's path; a code that is scanned is none of them."""
        if not event.typed:
            return None
        if isinstance(state, ChoosePhoto):
            return self._make(state, event.raw)
        if isinstance(state, ConfirmPhoto):
            return Step(replace(state, text=_words(event)), (Play(Tone.CAUTION),))
        if not isinstance(state, ShowNotes | ConfirmNote):
            return None
        if not allowed(context.roles, WriteNote.PERMISSION):
            return Step(state, (Refuse(Refusal(Reason.NOT_ALLOWED)),))
        shown = state if isinstance(state, ShowNotes) else state.shown
        return Step(ConfirmNote(shown, _words(event)), (Play(Tone.CAUTION),))

    def came(self, state: Any, event: Any, context: Context) -> Step | None:
        """Show them, and those that are new."""
        match state, event:
            case LookAtNotes(photo=digest), Answered(answer=(About() as about, tuple() as notes)):
                shown = ShowNotes(about, notes)
                found = [each for each in shown.photos if each.photo is not None and each.photo.digest == digest]
                return Step(ShowPhoto(shown, found[0]) if found else shown)
            case LookAtNotes(), Answered():
                return Step(state, (Refuse(Refusal(Reason.NOT_FOUND)), Go("home")))
            case Writing(shown=shown), Done():
                after = self._look(shown.about, context)
                return Step(after.state, (Play(Tone.ACCEPT), Say(Note.NOTE_WRITTEN), *after.effects))
            case Writing(shown=shown), Failed(refusal=refusal):
                return Step(shown, (Refuse(refusal),))
            case KeepPhoto(), Answered():
                return self._kept(state, event, context)
            case ShowNotes() | ChoosePhoto() | MakePhoto() | ConfirmPhoto(), Answered(
                query=WhatIsHanded(), answer=answer
            ):
                return self._handed(state, answer)
            case MakePhoto(), Answered(answer=answer):
                return _made(state, answer)
            case _:
                return None

    def _handed(
        self, state: ShowNotes | ChoosePhoto | MakePhoto | ConfirmPhoto, answer: bool | tuple[str, ...]
    ) -> Step:
        """Make a photo of what was handed over, or show the pictures there are to choose from."""
        if isinstance(answer, tuple):
            shown = state if isinstance(state, ShowNotes) else state.shown
            return Step(ChoosePhoto(shown, answer[:_CHOICES]))
        return self._make(state.before if isinstance(state, MakePhoto) else state)

    def _kept(self, state: KeepPhoto, event: Answered, context: Context) -> Step:
        """Write what names the bytes, once they are there."""
        if event.answer is None:
            return Step(state)
        if isinstance(event.answer, Refusal):
            return Step(ConfirmPhoto(state.shown, state.photo, state.text), (Refuse(event.answer),))
        about, photo = state.shown.about, state.photo
        add = AddPhoto(
            **context.stamp(event), order=about.order, subject=about.case, digest=photo.digest, size=photo.size,
            station=context.station,
        )  # fmt: skip
        return _writing(state.shown, add, state.text)

    def back(self, state: Any, event: Pressed, context: Context) -> Step | None:
        """Lead back to the notes, and from those to what they are about."""
        match state:
            case (
                ConfirmNote(shown=shown) | ChoosePhoto(shown=shown) | ConfirmPhoto(shown=shown) | ShowPhoto(shown=shown)
            ):
                return Step(shown, (Play(Tone.ACCEPT),))
            case MakePhoto(before=before):
                return Step(before, (Play(Tone.ACCEPT),))
            case KeepPhoto(shown=shown, photo=photo, text=text):
                return Step(ConfirmPhoto(shown, photo, text), (Play(Tone.ACCEPT),))
            case ShowNotes(about=about) if about.case != NO_ID:
                return Step(state, (Go(CASES, about.case.hex()),))
            case ShowNotes(about=about):
                return Step(state, (order_screen(about.order),))
            case _:
                return None

    def _make(self, before: ShowNotes | ChoosePhoto | ConfirmPhoto, name: str = "") -> Step:
        """Make a photo of a picture by its name, or of what was handed over."""
        begin = Start(PhotoOf(self._photos, name))
        return Step(MakePhoto(before), (begin, Ask(WhatIsReady(self._photos))))

    def _look(self, about: About, context: Context, photo: str = "") -> Step:
        return Step(LookAtNotes(about, photo), (Ask(AskNotes(context.site, about, self._photos)),))


def ways(shown: ShowNotes) -> Answers:
    """Return what the digits at notes lead to: photos, where there are any, and the notes before."""
    there = (("photos", shown.photos), ("before", shown.more))
    return numbered(name for name, found in there if found)


def _words(event: Scanned) -> str:
    return unicodedata.normalize("NFC", event.raw.strip())[:LONGEST]


def _writing(shown: ShowNotes, write: WriteNote | AddPhoto, text: str) -> Step:
    """Write a note of either kind, with its words beside it."""
    words = (write.site, note_id(write.id), text)
    return Step(Writing(shown), (Run(write, {NoteText: [words]}),))


def _made(state: MakePhoto, answer: Prepared | Refusal | None) -> Step:
    """Show what a picture would be as a photo, once that is known."""
    match answer:
        case None:
            return Step(state)
        case Refusal():
            return Step(state.before, (Refuse(answer),))
        case _:
            text = state.before.text if isinstance(state.before, ConfirmPhoto) else ""
            return Step(ConfirmPhoto(state.shown, answer, text), (Play(Tone.CAUTION),))
