"""Setting devices up: what is plugged in, the code that finds a scanner, the weight that finds a scale, and what is taken off."""

from core.station import fitting
from core.station.fitting import SCALE, SETTINGS, Found, Trial
from desktop.gear_words import MAKES
from desktop.languages import isolated, joined, measured, tr
from desktop.messages import check_words, speech_name
from desktop.presenters.words import back, present
from desktop.proofs import Hero, ToScan
from desktop.screens import Answer, Screen


@present.register(fitting.LookAround)
@present.register(fitting.Fitting)
def _(_state: object, _now: int = 0) -> Screen:
    return Screen(prompt="…")


@present.register
def _(state: fitting.ChoosePlugged, _now: int = 0) -> Screen:
    found = (
        Answer(f"QTY-{n}", _name(each), isolated(each.port if each.name else ""))
        for n, each in enumerate(state.listed, 2)
    )
    gone = (Answer("QTY-9", tr("Take a device off")),) if state.devices else ()
    return Screen(
        prompt=tr("What is to be set up?"),
        detail="" if state.plugged else tr("No port is free. Plug it in, then look again."),
        answers=(
            Answer("QTY-1", tr("A scanner"), tr("found by one scan")), *found,
            Answer("QTY-8", tr("Calibrate a scanner")), *gone,
            Answer("CONFIRM", tr("Look again")), back(),
        ),
    )  # fmt: skip


@present.register
def _(state: fitting.ChooseRole, _now: int = 0) -> Screen:
    answers = (Answer("QTY-1", tr("A scanner")), Answer("QTY-2", tr("A scale")))
    return Screen(
        prompt=tr("What is at {port}?", port=_name(state.found)), detail=_about(state.found), answers=(*answers, back())
    )


@present.register
def _(state: fitting.TryOut, _now: int = 0) -> Screen:
    trial = state.trial
    if trial.speech:
        return _heard(trial)
    has_line = trial.found is not None and trial.found.has_line
    other = (Answer("QTY-1", tr("Nothing comes"), tr("set its line otherwise")),) if has_line else ()
    trouble = check_words(trial.trouble, trial.by) if trial.trouble else ""
    if trial.role == SCALE:
        about = trouble or tr("It is asked in every way it may speak. That takes some seconds.")
        return Screen(
            prompt=tr("Put something on the scale"), proof=Hero(_port(trial), about), scan=True, answers=(*other, back())
        )  # fmt: skip
    any_code = tr("Any other code will do, too.") if trial.found else tr("It reads no screen? Choose its port instead.")
    return Screen(
        prompt=tr("Scan this code with it"), proof=ToScan(trial.pair, isolated(trial.pair), trouble or any_code), scan=True,
        answers=(*other, back()),
    )  # fmt: skip


def _heard(trial: Trial) -> Screen:
    about = joined((_speech(trial.speech), isolated(trial.port)))
    if trial.role == SCALE:
        return Screen(
            prompt=tr("Does the scale show this, too?"), proof=Hero(measured(trial.said), about, good=True),
            answers=(Answer("CONFIRM", tr("Yes, keep it")), back()),
        )  # fmt: skip
    return Screen(
        prompt=tr("This scanner is heard"), detail=tr("It reads the sheet next."), proof=Hero(isolated(trial.said), about, good=True),
        answers=(Answer("CONFIRM", tr("Keep it")), back()),
    )  # fmt: skip


@present.register
def _(state: fitting.ChooseLine, _now: int = 0) -> Screen:
    answers = (Answer(f"QTY-{n}", isolated(each)) for n, each in enumerate(SETTINGS, 1))
    return Screen(prompt=tr("How is its line set?"), detail=_about(state.found), answers=(*answers, back()))


@present.register
def _(state: fitting.ChooseUnit, _now: int = 0) -> Screen:
    answers = (Answer(f"QTY-{n}", isolated(each)) for n, each in enumerate(fitting.UNITS, 1))
    return Screen(
        prompt=tr("What does the scale count in?"), detail=tr("It does not say so itself. Look at its display."),
        proof=Hero(measured(state.trial.said)), answers=(*answers, back()),
    )  # fmt: skip


@present.register
def _(state: fitting.ChooseGone, _now: int = 0) -> Screen:
    answers = (Answer(f"QTY-{n}", isolated(each)) for n, each in enumerate(state.devices, 1))
    return Screen(prompt=tr("Which one is taken off?"), answers=(*answers, back()))


@present.register
def _(state: fitting.ConfirmGone, _now: int = 0) -> Screen:
    return Screen(
        prompt=tr("Take this device off?"), detail=tr("It is not heard any more, and what was learnt of it is gone."),
        proof=Hero(isolated(state.device)), answers=(Answer("YES", tr("Take it off")), back()),
    )  # fmt: skip


def _speech(name: str) -> str:
    return speech_name(name) or isolated(MAKES[name])


def _port(trial: Trial) -> str:
    return "" if trial.found is None else _name(trial.found)


def _name(found: Found) -> str:
    return isolated(found.name or found.port)


def _about(found: Found) -> str:
    return joined((isolated(found.port) if found.name else "", isolated(found.ids)))
