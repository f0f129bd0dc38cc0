"""What is plugged in: the chips of the strip, the list with what to do, the sheet, stored scans, and what was checked."""

from core.station import gear
from core.station.gear import Checked, DeviceSeen
from desktop.languages import clock, isolated, joined, measured, tr
from desktop.messages import check_name, check_words, device_order, device_trouble, sheet_trouble, trouble_name
from desktop.presenters.words import back, grouped, present
from desktop.proofs import Check, Fact, Hero, Rows, Sheet, ToScan
from desktop.screens import Answer, Device, Screen
from devices.calibration import SHEET

_SHOWN = 12
_FEW = 2
"""Of more things that need a hand every one is to be seen, and nothing else."""
_WRONG, _WARNING = "wrong", "warning"


def chips(devices: tuple[DeviceSeen, ...], stored: int) -> tuple[Device, ...]:
    """Return the devices of the strip: quiet while they are at work, in words with what to do where not."""
    found = tuple(Device(each.kind, device_trouble(each), device_order(each)) for each in devices)
    if stored:
        found = (
            *found,
            Device("scanner", tr("{n} stored scans: look at them (F10)", n=stored), tr("{n} stored scans", n=stored)),
        )
    return found


@present.register(gear.LookAtDevices)
@present.register(gear.Settling)
def _(_state: object, _now: int = 0) -> Screen:
    return Screen(prompt="…")


@present.register
def _(state: gear.ShowDevices, _now: int = 0) -> Screen:
    troubled = [each for each in state.devices if each.trouble]
    rows = tuple(_row(each, current=bool(each.trouble)) for each in (*troubled, *_well(state.devices))[:_SHOWN])
    stored = (Answer("QTY-1", tr("Stored scans"), tr("{n} wait", n=state.stored)),) if state.stored else ()
    fit = (Answer("QTY-2", tr("Set up devices")),) if state.may_set_up else ()
    return Screen(
        prompt=tr("{n} devices need a hand", n=len(troubled)) if troubled else tr("The devices work"),
        proof=Rows(rows, tr("No scanner or scale is set up. A keyboard scanner works without.")),
        answers=(*stored, *fit, Answer("QTY-3", tr("Check everything")), back()),
    )


def _well(devices: tuple[DeviceSeen, ...]) -> list[DeviceSeen]:
    return [each for each in devices if not each.trouble]


def _row(device: DeviceSeen, *, current: bool) -> Check:
    """Return a device as a line of the list: its name, what is the matter or how far it is trusted, and what it says."""
    if device.trouble:
        words = check_words(trouble_name(device), device.by)
        return Check(isolated(device.name), words, 0, 1, current, amount=tr("not at work"))
    how = tr("trusted with separators") if device.calibrated else tr("not calibrated") if device.can_learn else ""
    says = measured(device.says)
    amount = joined((says, tr("net"))) if says and device.net else says
    return Check(isolated(device.name), how, 1, 1, current, amount=amount or tr("works"))


@present.register
def _(state: gear.ShowStored, _now: int = 0) -> Screen:
    scans = state.scans or ()
    if not scans:
        return Screen(prompt="…")
    first = scans[0]
    more = tr("{n} more after it", n=len(scans) - 1) if len(scans) > 1 else tr("the last one")
    about = joined((tr("came at {time}", time=clock(first.at)), isolated(first.device), more))
    return Screen(
        prompt=tr("Out of the scanner's memory. Take it now?"), proof=Hero(grouped(first.code), about),
        answers=(
            Answer("YES", tr("Take it")), Answer("SKIP", tr("Discard")), back()
        ),
    )  # fmt: skip


@present.register
def _(state: gear.ChooseScanner, _now: int = 0) -> Screen:
    scanners = tuple(Answer(f"QTY-{n}", isolated(each)) for n, each in enumerate(state.scanners, 1))
    return Screen(prompt=tr("Which scanner?"), answers=(*scanners, back()))


@present.register
def _(state: gear.ScanSheet, _now: int = 0) -> Screen:
    learning = state.learning
    done, total = learning.scanned, learning.of or len(SHEET)
    if learning.saved:
        return _learnt(state)
    trouble = sheet_trouble(learning.trouble)
    words = tr("Code {n} of {total}", n=min(done + 1, total), total=total)
    about = trouble or tr("Scan it here, or on the printed sheet, with {device}.", device=learning.scanner)
    return Screen(
        prompt=tr("Scan the sheet, code by code"), proof=ToScan(SHEET[min(done, len(SHEET) - 1)], words, about),
        progress=done * 1000 // total, answers=(Answer("CONFIRM", tr("Begin again")), back()),
    )  # fmt: skip


def _learnt(state: gear.ScanSheet) -> Screen:
    learning = state.learning
    separators = (
        tr("Separators arrive: lots and serials can be scanned.")
        if learning.separators
        else tr("It drops separators: lots are refused, serials need another scanner.")
    )
    unclear = (
        tr("It cannot bring these: {characters}", characters=" ".join(learning.unclear)) if learning.unclear else ""
    )
    begins = (
        ""
        if learning.begins
        else tr("Nothing marks where a scan begins. Turn on its symbology id or a prefix, then scan the sheet again.")
    )
    about = "\n".join(filter(None, (separators, unclear, begins)))
    return Screen(
        prompt=tr("Learnt and saved"), proof=Hero(isolated(learning.scanner), about, good=learning.separators and learning.begins),
        progress=1000, answers=(back(), Answer("CONFIRM", tr("Begin again"))),
    )  # fmt: skip


@present.register
def _(state: gear.ShowChecks, _now: int = 0) -> Screen:
    found = state.checks.found
    bad = [each for each in found if each.state == _WRONG] + [each for each in found if each.state == _WARNING]
    good = tuple(Fact(_about(each), joined((tr("works"), isolated(each.detail)))) for each in found if each not in bad)
    if state.checks.running:
        prompt = tr("Checking…")
    else:
        prompt = tr("{n} things need a hand", n=len(bad)) if bad else tr("Everything is as it should be")
    return Screen(
        prompt=prompt, proof=Sheet(tuple(map(_check, bad)), good if len(bad) <= _FEW else (), "" if state.checks.running else tr("Nothing is to be done.")),
        answers=(Answer("CONFIRM", tr("Check again")), back()),
    )  # fmt: skip


def _check(each: Checked) -> Check:
    words = check_words(each.why, each.detail)
    mark = tr("wrong") if each.state == _WRONG else tr("warning")
    return Check(_about(each), words, 0, 1, each.state == _WRONG, amount=mark)


def _about(each: Checked) -> str:
    return joined((check_name(each.about), isolated(each.name)))
