"""Notes: what was written down or shown, the newest last, and what is to be."""

from core.kernel.ids import NO_ID
from core.station import writing
from core.station.note_queries import About, NoteSeen
from desktop.languages import isolated, joined, tr
from desktop.presenters.words import back, moment, present
from desktop.proofs import Picture
from desktop.screens import Answer, Screen
from desktop.storyline import Story, StoryRow, Weight


@present.register(writing.LookAtNotes)
@present.register(writing.Writing)
def _(_state: object, _now: int = 0) -> Screen:
    return Screen(prompt="…")


@present.register
def _(state: writing.ShowNotes, now: int = 0) -> Screen:
    rows = tuple(_row(each, now) for each in state.shown)
    ways = {"photos": tr("Look at the photos"), "before": tr("To the end") if state.oldest else tr("Earlier")}
    more = tuple(Answer(f"QTY-{n}", ways[name]) for n, name in writing.ways(state).items())
    return Screen(
        prompt=_about(state.about), proof=Story(rows, (), tr("Nothing was written down yet.")),
        answers=(Answer("FIND", tr("Write a note")), Answer("PHOTO", tr("Add a photo")), *more, back()), scan=bool(rows), text=True,
    )  # fmt: skip


@present.register
def _(state: writing.ConfirmNote, _now: int = 0) -> Screen:
    row = StoryRow("", isolated(state.text), "", "", Weight.LAST)
    return Screen(
        prompt=tr("Keep this note?"), detail=_about(state.shown.about), proof=Story((row,), (), ""),
        answers=(Answer("YES", tr("Keep it")), Answer("FIND", tr("Type it again")), back()), text=True,
    )  # fmt: skip


@present.register
def _(state: writing.ChoosePhoto, _now: int = 0) -> Screen:
    names = tuple(Answer(f"QTY-{n}", isolated(name)) for n, name in enumerate(state.names, 1))
    lead = tr("Drop a picture here, paste it with Ctrl V, or type its path.")
    answers = (*names, Answer("PHOTO", tr("Look again")), Answer("FIND", tr("Type a path")), back())
    return Screen(prompt=tr("Which picture?"), detail=lead, answers=answers, text=True)


@present.register
def _(state: writing.MakePhoto, _now: int = 0) -> Screen:
    return Screen(prompt=tr("The photo is being made…"), detail=_about(state.shown.about), answers=(back(),))


@present.register
def _(state: writing.KeepPhoto, _now: int = 0) -> Screen:
    return Screen(
        prompt=tr("The photo is being kept…"), detail=isolated(state.text) or _about(state.shown.about),
        proof=Picture(state.photo.digest), answers=(back(),),
    )  # fmt: skip


@present.register
def _(state: writing.ConfirmPhoto, _now: int = 0) -> Screen:
    return Screen(
        prompt=tr("Keep this photo?"), detail=isolated(state.text) or _about(state.shown.about),
        proof=Picture(state.photo.digest),
        answers=(Answer("YES", tr("Keep it")), Answer("FIND", tr("Write to it")), back()), text=True,
    )  # fmt: skip


@present.register
def _(state: writing.ShowPhoto, now: int = 0) -> Screen:
    note, photos = state.note, state.shown.photos
    newest = note == photos[0]
    more = (Answer("QTY-1", tr("To the end") if newest else tr("Earlier")),) if len(photos) > 1 else ()
    # The picture is what is largest, whatever was written to it.
    said = joined(filter(None, (isolated(note.text), moment(note.at, now), isolated(note.who))))
    return Screen(
        prompt=tr("Photo"), detail=said,
        proof=Picture(_here(note), "" if _here(note) else _missing(note)), answers=(*more, back()),
    )  # fmt: skip


def _here(note: NoteSeen) -> str:
    """Return the digest of a note's picture; empty where it is not here."""
    return note.photo.digest if note.photo is not None and note.photo.here else ""


def _missing(note: NoteSeen) -> str:
    """Return why a note's picture is not here."""
    station = "" if note.photo is None else isolated(note.photo.station)
    if note.photo is not None and note.photo.gone:
        return tr("Taken at {station}, which takes no part any more: it may never come", station=station)
    return tr("Not here yet: taken at {station}", station=station) if station else tr("Its file is not here any more")


def _about(about: About) -> str:
    if about.case != NO_ID:
        return tr("Notes on this case")
    return tr("Notes on order {order}", order=about.number)


def note_words(note: NoteSeen) -> str:
    """Return what was written, or that it is a photo; that its words are not here, where they are not."""
    said = isolated(note.text) or (tr("A note whose words are not here") if note.photo is None else tr("Photo"))
    return said if note.photo is None or note.photo.here else joined((said, _missing(note)))


def _row(note: NoteSeen, now: int) -> StoryRow:
    return StoryRow(moment(note.at, now), note_words(note), isolated(note.who), "", Weight.USUAL, _here(note))
