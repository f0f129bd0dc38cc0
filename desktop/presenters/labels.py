"""Labels that somebody chooses: which kind, which ones, how the first one looks and where it goes, how many are out."""

from core.station import labels
from core.station.label_desk import Chosen
from core.station.labels import MISTAKES_SHOWN
from desktop.languages import isolated, joined, tr
from desktop.messages import fault_words, label_kind, trouble_words
from desktop.presenters.printers import printer_name
from desktop.presenters.words import back, of_total, per_mille, present
from desktop.proofs import Check, LabelFace, Mark, Paper, Rows, Stage
from desktop.screens import Answer, Screen


@present.register
def _(state: labels.ChooseKind, _now: int = 0) -> Screen:
    answers = (Answer(f"QTY-{n}", label_kind(each.name)) for n, each in enumerate(state.kinds, 1))
    listed = Answer(f"QTY-{len(state.kinds) + 1}", tr("From a list"))
    return Screen(
        prompt=tr("Labels for what?"), answers=(*answers, *((listed,) if state.kinds else ()), *_badges(state), back())
    )


@present.register
def _(state: labels.ChooseList, _now: int = 0) -> Screen:
    answers = (Answer(f"QTY-{n}", isolated(each)) for n, each in enumerate(state.lists, 1))
    return Screen(
        prompt=tr("Which list?"),
        detail=tr("A file of the inbox, or type its path. Its first row names the columns."),
        answers=(*answers, Answer("FIND", tr("Type its path")), back()),
    )


@present.register
def _(state: labels.LookingThrough, _now: int = 0) -> Screen:
    making = state.making
    return Screen(
        prompt=tr("The list is looked through"),
        detail=of_total(making.done, making.of) if making.of else isolated(making.file),
        progress=per_mille(making.done, making.of) if making.of else 0,
        answers=(Answer("NO", tr("Stop it")),),
    )


@present.register
def _(state: labels.ChooseListKind, _now: int = 0) -> Screen:
    answers = (Answer(f"QTY-{n}", label_kind(each)) for n, each in enumerate(state.chosen.kinds, 1))
    return Screen(prompt=tr("Labels for what?"), detail=_file(state.chosen), answers=(*answers, back()))


@present.register
def _(state: labels.ShowMistakes, _now: int = 0) -> Screen:
    rows = (Check(fault_words(each), "", 0, 0, current=False) for each in state.chosen.faults[:MISTAKES_SHOWN])
    return Screen(
        prompt=tr("Nothing is printed of this list"), detail=tr("Put it right, then look again."), proof=Rows(tuple(rows)),
        answers=(Answer("CONFIRM", tr("Look again")), back()),
    )  # fmt: skip


@present.register
def _(state: labels.ChooseLabels, _now: int = 0) -> Screen:
    every = (
        (Answer("CONFIRM", tr("All {n}", n=state.kind.known), label_kind(state.kind.name)),) if state.kind.known else ()
    )
    return Screen(
        prompt=tr("Which ones?"),
        detail=tr("Scan them, or type a code or a range such as {range}.", range=isolated("A-01-01..A-04-12")),
        answers=(*every, Answer("FIND", tr("Type a code or a range")), back()),
    )


@present.register
def _(state: labels.ShowLabels, _now: int = 0) -> Screen:
    chosen, count = state.chosen, len(state.chosen.contents)
    return Screen(
        prompt=tr("Print {n} labels?", n=count) if count > 1 else tr("Print this label?"),
        proof=Paper(_face(chosen), (_which(chosen), _where(chosen))),
        answers=(Answer("CONFIRM", tr("Print")), *_more(chosen), back()),
    )  # fmt: skip


@present.register
def _(_state: labels.Asking | labels.GivingOut, _now: int = 0) -> Screen:
    return Screen(prompt="…")


@present.register
def _(state: labels.Printing, _now: int = 0) -> Screen:
    out = state.out
    done = out.out == out.total
    words = tr("{done} are out", done=of_total(out.out, out.total))
    trouble = (
        trouble_words(out.fault) if out.fault else tr("in doubt: {count}", count=out.in_doubt) if out.in_doubt else ""
    )
    mark = Mark.DONE if done else Mark.TROUBLE if trouble else Mark.NOW
    return Screen(
        prompt=tr("The labels are out") if done else tr("The labels come out"),
        detail="" if done else tr("Go back and work on meanwhile."),
        proof=Paper(_face(state.chosen), (_which(state.chosen), Stage(words, trouble or _printer(state.chosen), mark))),
        progress=per_mille(out.out, out.total),
        answers=(back(),),
    )


def _badges(state: labels.ChooseKind) -> tuple[Answer, ...]:
    offered = state.badges and state.kinds
    return (Answer(f"QTY-{len(state.kinds) + 2}", tr("A badge")),) if offered else ()


def _more(chosen: Chosen) -> tuple[Answer, ...]:
    if chosen.file:
        return (Answer("UNDO", tr("Another list")),)
    return Answer("FIND", tr("One more")), Answer("UNDO", tr("Without the last"))


def _file(chosen: Chosen) -> str:
    return isolated(chosen.file.replace("\\", "/").rpartition("/")[2])


def _face(chosen: Chosen) -> LabelFace:
    return LabelFace(carrier=label_kind(chosen.kind), rendering=chosen.rendering)


def _which(chosen: Chosen) -> Stage:
    several = len(chosen.contents) > 1 and chosen.last != chosen.first
    return Stage(isolated(chosen.first), tr("to {code}", code=isolated(chosen.last)) if several else "", Mark.DONE)


def _where(chosen: Chosen) -> Stage:
    if not chosen.printer:
        return Stage(tr("No printer is assigned"), tr("They wait until IT assigns one."), Mark.TROUBLE)
    return Stage(printer_name(chosen.printer), isolated(chosen.place), Mark.NOW)


def _printer(chosen: Chosen) -> str:
    return joined((printer_name(chosen.printer), isolated(chosen.place))) if chosen.printer else ""
