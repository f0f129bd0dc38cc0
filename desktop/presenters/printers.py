"""The printers of a station: how each is, what waits for it, and the steps of changing its roll."""

from collections.abc import Mapping

from core.station import printers
from core.station.printers import PrinterStand, WaitingJob
from desktop.languages import isolated, joined, tr
from desktop.messages import trouble_words
from desktop.presenters.words import back, grouped, present
from desktop.printer_words import PRINTER_TROUBLES
from desktop.proofs import Check, Hero, Part, Remedy, Rows
from desktop.screens import Answer, Screen

_JOBS_SHOWN = 6
_PARTS: Mapping[str, Part] = {
    "paper_out": Part.ROLL, "ribbon_out": Part.RIBBON, "head_open": Part.HEAD, "cover_open": Part.COVER, "jam": Part.PATH,
    "cutter": Part.PATH, "too_hot": Part.HEAD, "too_cold": Part.HEAD, "head_broken": Part.HEAD, "unreachable": Part.CABLE,
    "silent": Part.CABLE, "memory_full": Part.CABLE, "changing": Part.ROLL, "other_media": Part.ROLL, "other_width": Part.ROLL, "other_marks": Part.ROLL,
}  # fmt: skip
"""Where at a printer something is to be done; at its keys and lamps for everything else that it says."""


@present.register(printers.LookAtPrinters)
@present.register(printers.Saving)
def _(_state: object, _now: int = 0) -> Screen:
    return Screen(prompt="…")


@present.register
def _(state: printers.ChoosePrinter, _now: int = 0) -> Screen:
    answers = (Answer(f"QTY-{n}", printer_name(one.name), _standing(one)) for n, one in enumerate(state.printers, 1))
    more = Answer(f"QTY-{len(state.printers) + 1}", tr("Print labels"), tr("places, totes, carts"))
    none = "" if state.printers else tr("No printer is assigned to this station. IT assigns one.")
    add = (Answer(f"QTY-{len(state.printers) + 2}", tr("Set up printers")),) if state.may_add else ()
    return Screen(prompt=tr("Which printer?"), detail=none, answers=(*answers, more, *add, back()))


@present.register
def _(state: printers.ShowPrinter, _now: int = 0) -> Screen:
    one = state.printer
    fault = trouble_words(one.troubles) if one.troubles else ""
    prompt = (
        tr("{printer} waits: {fault}", printer=_name(one), fault=fault)
        if fault
        else tr("{printer} is ready", printer=_name(one))
        if one.known
        else _name(one)
    )
    answers = []
    if one.waiting and one.fallback:
        there = tr("Print at {printer}", printer=isolated(one.fallback))
        answers.append(Answer("QTY-1", there, joined((isolated(one.fallback_place), _waiting(one)))))
    if one.doubts:
        answers.append(Answer("QTY-2", tr("What is in doubt"), tr("in doubt: {count}", count=len(one.doubts))))
    if one.has_roll:
        answers.append(Answer("CONFIRM", tr("Change roll or ribbon")))
    rows = (*(_row(job) for job in one.waiting), *(_row(job, doubt=True) for job in one.doubts))[:_JOBS_SHOWN]
    return Screen(
        prompt=prompt, detail=joined((isolated(one.place), isolated(one.media), _waiting(one))),
        proof=Rows(rows) if rows else None, answers=(*answers, back()),
    )  # fmt: skip


@present.register
def _(state: printers.LoadRoll, _now: int = 0) -> Screen:
    one = state.printer
    size = {"width": one.width_mm, "height": one.height_mm}
    steps = (
        tr("Open the cover and take out the old roll"), tr("Put in the new one: {width} x {height} mm", **size),
        tr("Pull the first label out under the head"), tr("Close head and cover"),
    )  # fmt: skip
    return Screen(
        prompt=tr("Change the roll of {printer}", printer=_name(one)),
        detail=tr("Nothing is sent to it until it is done."),
        proof=Remedy(Part.ROLL, steps),
        answers=(Answer("CONFIRM", tr("It is loaded")), back()),
    )


@present.register
def _(state: printers.Calibrating, _now: int = 0) -> Screen:
    return Screen(
        prompt=tr("It measures its labels"), detail=tr("It feeds a few of them. Wait."), proof=Hero(_name(state.printer)),
        answers=(back(),),
    )  # fmt: skip


@present.register
def _(state: printers.ScanTest, _now: int = 0) -> Screen:
    fault = trouble_words(state.test.fault) if state.test.fault else ""
    return Screen(
        prompt=tr("Scan the test label"),
        detail=tr("{printer} waits: {fault}", printer=_name(state.printer), fault=fault) if fault else "",
        proof=Hero(isolated(state.test.code), _name(state.printer)),
        scan=True,
        answers=(Answer("NOTPRINTED", tr("Nothing came out")), back()),
    )


@present.register
def _(state: printers.SettleDoubt, _now: int = 0) -> Screen:
    return Screen(
        prompt=tr("Is this one here?"),
        detail=tr("Look in the printer and on the floor. Scan it, or say that it is not there."),
        proof=Hero(grouped(state.job.code) or isolated(state.job.document), _name(state.printer)),
        answers=(
            Answer("YES", tr("It is here")), Answer("NOTPRINTED", tr("Not there: print it again")), back(),
        ),
    )  # fmt: skip


def part_of(fault: str) -> Part:
    """Return which part of a printer the first of its troubles is about; what it does not know is the paper's own."""
    first = fault.split(",", maxsplit=1)[0]
    return _PARTS.get(first, Part.KEY if first in PRINTER_TROUBLES else Part.PAPER)


def _name(one: PrinterStand) -> str:
    return printer_name(one.name)


def printer_name(name: str) -> str:
    """Return what a printer is called; those of a simulated bench have only their roles."""
    if name == "label":
        return tr("Label printer")
    return tr("Document printer") if name == "document" else isolated(name)


def _standing(one: PrinterStand) -> str:
    if not one.known:
        return tr("is asked")
    if one.troubles:
        return trouble_words(one.troubles)
    doubts = tr("in doubt: {count}", count=len(one.doubts)) if one.doubts else ""
    return doubts or _waiting(one) or tr("ready")


def _waiting(one: PrinterStand) -> str:
    return tr("waiting: {count}", count=len(one.waiting)) if one.waiting else ""


def _row(job: WaitingJob, *, doubt: bool = False) -> Check:
    amount = tr("in doubt") if doubt else ""
    fault = trouble_words(job.fault) if job.fault and not doubt else ""
    return Check(grouped(job.code) or isolated(job.document), fault, 0, 0, current=doubt, amount=amount)
