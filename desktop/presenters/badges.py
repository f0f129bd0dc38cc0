"""Giving somebody a new badge: who it is for, and the print whose scan puts it in force."""

from core.station import new_badge
from desktop.languages import isolated, joined, tr
from desktop.messages import printer_steps, role_words, trouble_words
from desktop.presenters.printers import part_of, printer_name
from desktop.presenters.words import back, present
from desktop.proofs import Hero, Remedy
from desktop.screens import Answer, Screen


@present.register
def _(state: new_badge.ChooseHolder, _now: int = 0) -> Screen:
    answers = (
        Answer(f"QTY-{n}", isolated(each.name), role_words(each.roles)) for n, each in enumerate(state.holders, 1)
    )
    more = (
        tr("And {count} more: type a part of the name, or scan the old badge.", count=state.more) if state.more else ""
    )
    return Screen(
        prompt=tr("Who gets a new badge?"), detail=more or tr("Type a part of the name, or scan the old badge."),
        answers=(*answers, Answer("FIND", tr("Type a name")), back()), text=True,
    )  # fmt: skip


@present.register
def _(state: new_badge.ShowHolder, _now: int = 0) -> Screen:
    return Screen(
        prompt=tr("Print a new badge?"), detail=tr("It works when it is scanned here. From then on the old one does not."),
        proof=Hero(isolated(state.holder.name), role_words(state.holder.roles)),
        answers=(Answer("CONFIRM", tr("Print")), back()),
    )  # fmt: skip


@present.register
def _(state: new_badge.ScanNewBadge, _now: int = 0) -> Screen:
    holder, trial = state.holder, state.trial
    where = joined((printer_name(trial.printer), isolated(trial.place))) if trial.printer else ""
    if trial.troubles and not where:
        return Screen(
            prompt=tr("No printer can print it"), detail=trouble_words(trial.troubles), proof=Hero(isolated(holder.name)),
            answers=(back(),),
        )  # fmt: skip
    if trial.troubles:
        fault = trouble_words(trial.troubles)
        return Screen(
            prompt=tr("{printer} waits: {fault}", printer=printer_name(trial.printer), fault=fault),
            detail=tr("Then the badge comes out by itself."),
            proof=Remedy(part_of(trial.troubles), printer_steps(trial.troubles)), answers=(back(),),
        )  # fmt: skip
    again = Answer("NOTPRINTED", tr("Nothing came out"), tr("another one is printed"))
    return Screen(
        prompt=tr("Scan the new badge") if trial.left else tr("The badge comes out"),
        detail=tr("Its scan puts it in force. What is not scanned is worth nothing."),
        proof=Hero(isolated(holder.name), where), scan=True, answers=(*((again,) if trial.left else ()), back()),
    )  # fmt: skip


@present.register
def _(_state: new_badge.Renewing, _now: int = 0) -> Screen:
    return Screen(prompt="…")
