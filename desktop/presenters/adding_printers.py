"""Adding a printer: which are found, what it is asked, what a person must say, its test label, and which paper goes to it."""

from collections.abc import Mapping

from core.printers.model import PrinterRow
from core.station import adding_printers as adding
from core.station.printer_trials import HEADS, LANGUAGES, PAPERS, SIZES, Found, Kept, Size, Trial
from desktop.languages import isolated, joined, tr
from desktop.messages import paper_kind, printer_steps, trial_step, trouble_words
from desktop.presenters.printers import part_of
from desktop.presenters.words import back, present
from desktop.proofs import Hero, Part, Remedy
from desktop.screens import Answer, Screen

_TYPED = "FIND"
_NEAR_TENTHS = 30
"""What a printer's labels may differ from a size by, as it measures them."""
_MAKES: Mapping[str, str] = {"zpl": "ZPL", "tspl": "TSPL", "epl2": "EPL2", "escpos": "ESC/POS", "pdf": "PDF"}
_FAMILIES: Mapping[str, str] = {
    "zpl": "Zebra, Honeywell, Citizen, SATO", "tspl": "TSC, Godex, Xprinter", "epl2": "Zebra LP, Eltron",
    "escpos": "Epson TM, Star, Bixolon",
}  # fmt: skip
"""Makers whose printers often speak a language."""
_ONLY_THAT = ("other_head", "simulated")


@present.register(adding.LookForPrinters)
@present.register(adding.Adding)
@present.register(adding.LookAtPapers)
@present.register(adding.TakingOff)
def _(_state: object, _now: int = 0) -> Screen:
    return Screen(prompt="…")


@present.register
def _(state: adding.ChooseFound, _now: int = 0) -> Screen:
    found = (Answer(f"QTY-{n}", isolated(each.name), _about(each)) for n, each in enumerate(state.found, 1))
    kept = (
        Answer("QTY-8", tr("Which paper goes where")), Answer("QTY-9", tr("Take a printer off")),
    )  # fmt: skip
    return Screen(
        prompt=tr("Which printer is to be added?"),
        detail=tr("Choose it, or scan or type its address. Load labels first, and close it.")
        if state.found
        else tr("None is found yet: switch it on. Or scan or type its address, such as {address}.", address="10.0.0.7"),
        answers=(
            *found, Answer(_TYPED, tr("Type its address")), *(kept if state.kept else ()), Answer("CONFIRM", tr("Look again")), back(),
        ),
    )  # fmt: skip


@present.register
def _(state: adding.AskPrinter, _now: int = 0) -> Screen:
    trial = state.trial
    if not trial.troubles:
        return Screen(
            prompt=tr("It is asked what it is"), detail=tr("That takes some seconds, of one that does not answer."),
            proof=Hero(isolated(trial.address)), answers=(back(),),
        )  # fmt: skip
    first = trial.troubles.partition(",")[0]
    more = filter(None, (trial_step(first, isolated(trial.address)),))
    steps = tuple(more) if first in _ONLY_THAT else (*printer_steps(trial.troubles), *more)
    return Screen(
        prompt=tr("It cannot be added: {fault}", fault=trouble_words(first))
        if first in _ONLY_THAT
        else tr("It waits: {fault}", fault=trouble_words(trial.troubles)),
        detail=joined((isolated(trial.address), isolated(trial.model))),
        proof=Remedy(part_of(trial.troubles) if first not in _ONLY_THAT else Part.HEAD, steps),
        answers=(Answer("CONFIRM", tr("Ask again")), back()),
    )  # fmt: skip


@present.register
def _(_state: adding.ChooseLanguage, _now: int = 0) -> Screen:
    answers = (Answer(f"QTY-{n}", _MAKES[each], isolated(_FAMILIES[each])) for n, each in enumerate(LANGUAGES, 1))
    return Screen(
        prompt=tr("What does it speak?"),
        detail=tr("It never says how it is: each of its labels is in doubt until it is scanned. Its manual says what it speaks."),
        answers=(*answers, back()),
    )  # fmt: skip


@present.register
def _(_state: adding.ChooseHead, _now: int = 0) -> Screen:
    answers = (Answer(f"QTY-{n}", tr("{n} dots an inch", n=each)) for n, each in enumerate(HEADS, 1))
    return Screen(
        prompt=tr("How fine does it print?"), detail=tr("It does not say so itself. Look at its type plate."),
        answers=(*answers, back()),
    )  # fmt: skip


@present.register
def _(state: adding.ChooseSize, _now: int = 0) -> Screen:
    trial = state.trial
    answers = (
        Answer(f"QTY-{n}", isolated(each.name), _measures(each), now=_is_loaded(each, trial))
        for n, each in enumerate(SIZES[trial.on_sheets], 1)
    )
    said = tr("labels of {n} mm", n=round(trial.length_tenths / 10)) if trial.length_tenths else ""
    return Screen(
        prompt=tr("What is loaded?"),
        detail=joined((_identity(trial), said)) or isolated(trial.address),
        answers=(*answers, Answer(_TYPED, tr("Type another size")), back()),
    )


@present.register
def _(state: adding.NamePrinter, _now: int = 0) -> Screen:
    proposed = (Answer("QTY-1", isolated(state.proposed)),) if state.proposed else ()
    return Screen(
        prompt=tr("What is it called?"),
        detail=tr("Scan or type the name that stands on it. It stands on its test label, too."),
        answers=(*proposed, Answer(_TYPED, tr("Type a name")), back()),
        text=True,
    )


@present.register
def _(state: adding.ScanTrial, _now: int = 0) -> Screen:
    trial = state.trial
    if trial.troubles:
        return Screen(
            prompt=tr("{printer} waits: {fault}", printer=isolated(trial.name), fault=trouble_words(trial.troubles)),
            detail=tr("Then it prints its test label by itself."),
            proof=Remedy(part_of(trial.troubles), printer_steps(trial.troubles)), answers=(back(),),
        )  # fmt: skip
    other = tr("Print it again") if trial.answers else tr("it may speak something else")
    return Screen(
        prompt=tr("Scan the test label") if trial.code else tr("It prints a test label"),
        detail=tr("Its scan adds the printer."),
        proof=Hero(isolated(trial.code or "…"), isolated(trial.name)),
        scan=True,
        answers=(Answer("NOTPRINTED", tr("Nothing came out"), other), back()),
    )


@present.register
def _(state: adding.ChoosePaper, _now: int = 0) -> Screen:
    answers = (_paper(n, each, state) for n, each in enumerate(PAPERS, 1))
    return Screen(
        prompt=tr("What goes to {printer}?", printer=isolated(state.printer)),
        detail=tr("From this station. What is chosen is lit; choose it again to take it back."),
        answers=(*answers, Answer("CONFIRM", tr("Done")), back()),
    )


@present.register
def _(state: adding.ChooseKept, _now: int = 0) -> Screen:
    return _printers(tr("Which paper goes where"), state.kept)


@present.register
def _(state: adding.ChooseGone, _now: int = 0) -> Screen:
    return _printers(tr("Which one is taken off?"), state.kept)


@present.register
def _(state: adding.ConfirmGone, _now: int = 0) -> Screen:
    return Screen(
        prompt=tr("Take this printer off?"), detail=tr("What goes to it waits until another printer gets it."),
        proof=Hero(isolated(state.printer)), answers=(Answer("YES", tr("Take it off")), back()),
    )  # fmt: skip


def _printers(prompt: str, kept: tuple[PrinterRow, ...]) -> Screen:
    answers = (
        Answer(f"QTY-{n}", isolated(each.name), isolated(each.place or each.address.partition("?")[0]))
        for n, each in enumerate(kept[:9], 1)
    )
    return Screen(prompt=prompt, answers=(*answers, back()))


def _paper(digit: int, paper: str, state: adding.ChoosePaper) -> Answer:
    route = state.kept.now(paper)
    here = route is not None and route.printer == state.printer
    return Answer(f"QTY-{digit}", paper_kind(paper), "" if here else _elsewhere(paper, state.kept), now=here)


def _elsewhere(paper: str, kept: Kept) -> str:
    route = kept.now(paper)
    return "" if route is None else tr("goes to {printer} now", printer=isolated(route.printer))


def _about(found: Found) -> str:
    address = isolated(found.address.partition("?")[0])
    other = "" if found.model == found.name else found.model
    return joined((isolated(found.place or other), address if found.place != found.address else ""))


def _identity(trial: Trial) -> str:
    dots = tr("{n} dots an inch", n=trial.dpi) if trial.dpi and not trial.on_sheets else ""
    return joined((isolated(trial.model), isolated(trial.firmware), isolated(_MAKES.get(trial.language, "")), dots))


def _measures(size: Size) -> str:
    return isolated(f"{round(size.width_tenths / 10)} x {round(size.height_tenths / 10)} mm")


def _is_loaded(size: Size, trial: Trial) -> bool:
    """Say whether it is the first size that is as long as the printer says its labels are."""
    near = [e for e in SIZES[trial.on_sheets] if abs(e.height_tenths - trial.length_tenths) <= _NEAR_TENTHS]
    return bool(trial.length_tenths) and near[:1] == [size]
