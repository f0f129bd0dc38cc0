"""Notes: what was written down, the newest last, and what is to be."""

from core.kernel.ids import NO_ID
from core.station import writing
from core.station.note_queries import About, NoteSeen
from desktop.languages import isolated, tr
from desktop.presenters.words import back, moment, present
from desktop.screens import Answer, Screen
from desktop.storyline import Story, StoryRow, Weight


@present.register(writing.LookAtNotes)
@present.register(writing.Writing)
def _(_state: object, _now: int = 0) -> Screen:
    return Screen(prompt="…")


@present.register
def _(state: writing.ShowNotes, now: int = 0) -> Screen:
    rows = tuple(_row(each, now) for each in state.shown)
    more = (Answer("QTY-1", tr("To the end") if state.oldest else tr("Earlier")),) if state.more else ()
    return Screen(
        prompt=_about(state.about), proof=Story(rows, (), tr("Nothing was written down yet.")),
        answers=(Answer("FIND", tr("Write a note")), *more, back()), scan=bool(rows), text=True,
    )  # fmt: skip


@present.register
def _(state: writing.ConfirmNote, _now: int = 0) -> Screen:
    row = StoryRow("", isolated(state.text), "", "", Weight.LAST)
    return Screen(
        prompt=tr("Keep this note?"), detail=_about(state.shown.about), proof=Story((row,), (), ""),
        answers=(Answer("YES", tr("Keep it")), Answer("FIND", tr("Type it again")), back()), text=True,
    )  # fmt: skip


def _about(about: About) -> str:
    if about.case != NO_ID:
        return tr("Notes on this case")
    return tr("Notes on order {order}", order=about.number)


def note_words(note: NoteSeen) -> str:
    """Return what was written; that its words are not here, where they are not."""
    return isolated(note.text) or tr("A note whose words are not here")


def _row(note: NoteSeen, now: int) -> StoryRow:
    return StoryRow(moment(note.at, now), note_words(note), isolated(note.who), "", Weight.USUAL)
