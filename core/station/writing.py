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
    ShowNotes, ChoosePhoto --PHOTO, what was dropped or pasted--> ConfirmPhoto
    ChoosePhoto --answer, path--> ConfirmPhoto
    ConfirmPhoto --its words typed--> ConfirmPhoto
    ConfirmPhoto --YES--> KeepPhoto
    KeepPhoto --kept--> Writing
    KeepPhoto --no room--> ConfirmPhoto
    Writing --done--> LookAtNotes
    Writing --failed--> ShowNotes
    ShowNotes --QTY-1, where there are photos--> ShowPhoto
    LookAtNotes --looked, a photo was shown--> ShowPhoto
    ConfirmNote, ChoosePhoto, ConfirmPhoto, ShowPhoto --NO--> ShowNotes

From ShowNotes NO leads back to the order or the case.
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
from core.station.photo_desk import NO_PHOTOS, KeepPicture, PhotoDesk, Prepared, TakePicture, WhatIsHanded
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


State = LookAtNotes | ShowNotes | ConfirmNote | Writing | ChoosePhoto | ConfirmPhoto | KeepPhoto | ShowPhoto
_CHOICES = 6


class NoteFlow(Questions):
    """What was written down, and what is to be?"""

    NAME: ClassVar[str] = NOTES
    STATES: ClassVar[Any] = State
    WAITS: ClassVar[tuple[type, ...]] = (LookAtNotes, Writing, KeepPhoto)

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
            case KeepPhoto(shown=shown) | ShowPhoto(shown=shown):
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
                return Step(state, (Ask(TakePicture(self._photos, names[digit - 1])),))
            case _:
                return None

    def pressed(self, state: Any, event: Pressed, context: Context) -> Step | None:
        """Keep what was typed, or look for a photo and keep it."""
        match state, event.verb:
            case ConfirmNote(shown=shown, text=text), Verb.YES:
                about = shown.about
                return _writing(shown, WriteNote(**context.stamp(event), order=about.order, subject=about.case), text)
            case ShowNotes() | ChoosePhoto() | ConfirmPhoto(), Verb.PHOTO:
                if not allowed(context.roles, AddPhoto.PERMISSION):
                    return Step(state, (Refuse(Refusal(Reason.NOT_ALLOWED)),))
                return Step(state, (Ask(WhatIsHanded(self._photos)),))
            case ConfirmPhoto(shown=shown, photo=photo, text=text), Verb.YES:
                return Step(KeepPhoto(shown, photo, text), (Ask(KeepPicture(self._photos, photo.digest)),))
            case _:
                return None

    def scanned(self, state: Any, event: Scanned, context: Context) -> Step | None:
        """Take what was typed as a note, a photo's words or a picture's path; a code that is scanned is none of them."""
        if not event.typed:
            return None
        if isinstance(state, ChoosePhoto):
            return Step(state, (Ask(TakePicture(self._photos, event.raw)),))
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
            case ShowNotes() | ChoosePhoto() | ConfirmPhoto(), Answered(answer=answer):
                return _prepared(state, answer)
            case _:
                return None

    def _kept(self, state: KeepPhoto, event: Answered, context: Context) -> Step:
        """Write what names the bytes, once they are there."""
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
            case ShowNotes(about=about) if about.case != NO_ID:
                return Step(state, (Go(CASES, about.case.hex()),))
            case ShowNotes(about=about):
                return Step(state, (order_screen(about.order),))
            case _:
                return None

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


def _prepared(state: ShowNotes | ChoosePhoto | ConfirmPhoto, answer: Any) -> Step | None:
    """Show what a picture would be as a photo, or the pictures there are to choose from."""
    shown = state if isinstance(state, ShowNotes) else state.shown
    match answer:
        case Prepared():
            text = state.text if isinstance(state, ConfirmPhoto) else ""
            return Step(ConfirmPhoto(shown, answer, text), (Play(Tone.CAUTION),))
        case Refusal():
            return Step(state, (Refuse(answer),))
        case tuple():
            return Step(ChoosePhoto(shown, answer[:_CHOICES]))
        case _:
            return None
