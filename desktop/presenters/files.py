"""Reading files in: which file, what is in it, how it is read, how far it is, and the report."""

from pathlib import PurePath

from core.exchange.report import Entry, Fate, Trouble, printable
from core.station import importing
from core.station.importing import ENTRIES_SHOWN, Reading
from desktop.cards import Facts
from desktop.languages import isolated, joined, tr
from desktop.messages import file_kind, file_problem_words, problem_words
from desktop.presenters.words import back, home_answer, present
from desktop.proofs import Fact, Hero
from desktop.screens import Answer, Screen
from desktop.storyline import Story, StoryRow, Weight


@present.register
def _(state: importing.ChooseFile, _now: int = 0) -> Screen:
    files = tuple(Answer(f"QTY-{n}", isolated(name)) for n, name in enumerate(state.files, 1))
    lead = (
        tr("Or drop one here, or type its path.")
        if files
        else tr("The inbox is empty. Drop a file here, or type its path.")
    )
    return Screen(prompt=tr("Which file?"), detail=lead, answers=(*files, Answer("FIND", tr("Type a path")), back()))


@present.register
def _(state: importing.ChooseKind, _now: int = 0) -> Screen:
    kinds = tuple(Answer(f"QTY-{n}", file_kind(kind)) for n, kind in enumerate(state.kinds, 1))
    return Screen(prompt=tr("What is in it?"), detail=isolated(PurePath(state.path).name), answers=(*kinds, back()))


@present.register
def _(state: importing.ChooseMapping, _now: int = 0) -> Screen:
    mappings = tuple(Answer(f"QTY-{n}", isolated(PurePath(name).stem)) for n, name in enumerate(state.mappings, 1))
    detail = joined((PurePath(state.path).name, file_kind(state.kind)))
    return Screen(prompt=tr("How are its columns named?"), detail=detail, answers=(*mappings, back()))


@present.register
def _(state: importing.Importing, _now: int = 0) -> Screen:
    reading = state.reading
    lines = tr("{n} lines read", n=reading.lines)
    return Screen(
        prompt=tr("Reading {file}", file=reading.file),
        detail=tr("Go back and work on meanwhile. The report waits here."),
        proof=Hero(isolated(str(reading.imported)), joined((tr("taken"), lines))),
        beside=(_counts(reading),),
        answers=(back(),),
    )


@present.register
def _(state: importing.ShowReport, _now: int = 0) -> Screen:
    reading = state.reading
    begin = state.page * ENTRIES_SHOWN
    rows = tuple(_entry(each) for each in reading.entries[begin : begin + ENTRIES_SHOWN])
    file = reading.file
    if reading.fault is not None:
        file, rows = reading.fault.file, (_trouble(reading.fault),)
    more = (Answer("QTY-1", tr("More of {n}", n=reading.problems)), home_answer()) if state.pages > 1 else ()
    return Screen(
        prompt=_title(reading),
        detail=joined((file, file_kind(reading.kind))),
        proof=Story(rows) if rows else None,
        beside=(_counts(reading),),
        answers=(*more[:1], Answer("CONFIRM", tr("Another file")), *more[1:], back()),
    )


def _title(reading: Reading) -> str:
    if reading.fault:
        return tr("The file cannot be read")
    if reading.rejected and not reading.imported and not reading.unchanged:
        return tr("Nothing was taken")
    if reading.rejected:
        return tr("{n} were not taken", n=reading.rejected)
    if reading.imported and reading.skipped:
        return tr("{taken} taken, {skipped} skipped", taken=reading.imported, skipped=reading.skipped)
    return tr("Everything was taken") if reading.imported else tr("Nothing new in it")


def _counts(reading: Reading) -> Facts:
    pairs = (
        (tr("Lines"), reading.lines), (tr("Taken"), reading.imported), (tr("Known"), reading.unchanged),
        (tr("Skipped"), reading.skipped), (tr("Refused"), reading.rejected),
    )  # fmt: skip
    return Facts(tuple(Fact(name, str(count)) for name, count in pairs), isolated(reading.file))


def _trouble(trouble: Trouble) -> StoryRow:
    """Return what is wrong with a file as a whole."""
    line = tr("Line {line}", line=trouble.line) if trouble.line else ""
    column = tr("Column {column}", column=printable(trouble.column)) if trouble.column else ""
    key = tr("Key {key}", key=printable(trouble.key)) if trouble.key else ""
    where = joined((f"[{trouble.part}]" if trouble.part else "", column, key))
    return StoryRow(line, file_problem_words(trouble), "", where, Weight.TROUBLE)


def _entry(entry: Entry) -> StoryRow:
    """Return a problem: what is wrong, and which value stands where; what was skipped is quieter than what was refused."""
    value = isolated(printable(entry.value)) or tr("nothing")
    where = tr("{column}: {value}", column=entry.column, value=value) if entry.column else value
    of = "" if entry.document == entry.value else printable(entry.document)
    line = tr("Line {line}", line=entry.line) if entry.line else ""
    weight = Weight.TROUBLE if entry.fate is Fate.REJECTED else Weight.USUAL
    return StoryRow(line, problem_words(entry.problem), "", joined((of, where)), weight)
