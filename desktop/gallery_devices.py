"""Screens of what is plugged in, as pictures: devices in trouble, the sheet, a stored scan, the doctor, and the scale as it speaks."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from core.cases.queries import StoredScan
from core.kernel.ids import NO_ID, CaseId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.packing.states import WeighParcel
from core.station import fitting, gear
from core.station.fitting import FittingFlow, Found, Trial
from core.station.gear import Checked, Checks, DeviceSeen, Learning
from desktop.gallery_shared import Shown
from devices.capture import Pan
from devices.scale_formats.reading import Kind, Reading, State

_NOW = 1_765_886_400_000
_WELL = DeviceSeen(name="scanner-1", kind="scanner", calibrated=True, can_learn=True)
_AWAY = DeviceSeen(name="scanner-2", kind="scanner", trouble="unplugged", can_learn=True)
_CORDLESS = DeviceSeen(name="cordless", kind="scanner", can_learn=True)
_SCALE = DeviceSeen(name="scale-1", kind="scale", says="1.240 kg")
_SILENT = replace(_SCALE, trouble="silent", says="")
_HELD = replace(_CORDLESS, trouble="in_use", by="barcode-tool")
_DROPS = replace(_WELL, trouble="drops_separators", calibrated=False)
_ALL = (_WELL, _AWAY, _CORDLESS, _SCALE)
_SCANS = tuple(
    StoredScan(CaseId(NO_ID), code, "cordless", trusted=True, at=_NOW - 900_000)
    for code in ("MUG-350-BLUE", "09501101003019", "A-01-04")
)
_CHECKS = (
    Checked(about="disk", state="ok", detail="65.1 GB"), Checked(about="database", state="ok"),
    Checked(about="device", name="scanner-1", state="ok"),
    Checked(about="device", name="scanner-2", state="wrong", why="in_use", detail="barcode-tool"),
    Checked(about="printer", name="P-07", state="wrong", why="printer_held", detail="paper_out"),
    Checked(about="device", name="scanner-1", state="warning", why="no_beginning"),
    Checked(about="udev", state="warning", why="no_rule"), Checked(about="clock", state="ok"),
)  # fmt: skip
_STATES = {
    "devices": gear.ShowDevices("pick", _ALL, 3, may_set_up=True),
    "well": gear.ShowDevices("pick", (_WELL,), 0, may_set_up=False),
    "none": gear.ShowDevices("pick", (), 0, may_set_up=True),
    "stored": gear.ShowStored("pick", _SCANS),
    "which": gear.ChooseScanner("pick", ("scanner-1", "scanner-2", "cordless")),
    "sheet": gear.ScanSheet("pick", Learning(scanner="scanner-1", scanned=2, of=8)),
    "other": gear.ScanSheet("pick", Learning(scanner="scanner-1", of=8, trouble="symbology")),
    "learnt": gear.ScanSheet("pick", Learning(scanner="scanner-1", scanned=8, of=8, saved=True, separators=True)),
    "drops": gear.ScanSheet("pick", Learning(scanner="keyboard", scanned=8, of=8, saved=True, unclear="[{`")),
    "begins": gear.ScanSheet(
        "pick", Learning(scanner="scanner-1", scanned=8, of=8, saved=True, separators=True, begins=False)
    ),
    "checking": gear.ShowChecks("pick", Checks(_CHECKS[:3])),
    "checked": gear.ShowChecks("pick", Checks(_CHECKS, running=False)),
    "good": gear.ShowChecks("pick", Checks(_CHECKS[:3], running=False)),
}  # fmt: skip
_PORT = Found(
    key="serial /dev/ttyUSB0", name="USB-Serial Controller", port="/dev/ttyUSB0", ids="067b:2303", has_line=True
)
_PAGE = Found(
    key="hid /dev/hidraw0", name="Voyager 1450g", port="/dev/hidraw0", ids="0c2e:0b61 18226B4F21", role=fitting.SCANNER
)
_BARE = Found(key="serial /dev/ttyS0", name="", port="/dev/ttyS0", has_line=True)
_TRIAL = Trial(pair="KRUXBNHD")
_HEARD = replace(_TRIAL, speech="ssi", said="KRUXBNHD", port="/dev/ttyACM0")
_ON = Trial(role=fitting.SCALE, found=_PORT, speech="sics", said="1.235 kg", port="/dev/ttyUSB0")
_FITTING: dict[str, fitting.State] = {
    "list": fitting.ChoosePlugged("pick", (_PORT, _PAGE, _BARE), ("scanner-1", "scale-1")),
    "pair": fitting.TryOut("pick", _TRIAL),
    "known": fitting.TryOut("pick", replace(_TRIAL, trouble="known", by="scanner-1")),
    "held": fitting.TryOut("pick", replace(_TRIAL, found=_PORT, trouble="in_use", by="barcode-tool")),
    "heard": fitting.TryOut("pick", _HEARD),
    "weighed": fitting.TryOut("pick", _ON),
    "line": fitting.ChooseLine("pick", _PORT, fitting.SCALE),
    "unit": fitting.ChooseUnit("pick", replace(_ON, speech="digi", said="1.235", lacks_unit=True)),
    "sure": fitting.ConfirmGone("pick", "scanner-1"),
}  # fmt: skip
_STOPS: tuple[tuple[Reason, dict[str, Any]], ...] = (
    (Reason.UNCALIBRATED_SCANNER, {}), (Reason.SCALE_NOT_EMPTIED, {}), (Reason.SCALE_MOVING, {}), (Reason.SCALE_TARED, {}),
    (Reason.SCALE_SAY_EMPTY, {}), (Reason.SCALE_WAITS, {}),
    (Reason.TRACKING_NUMBER, {"got": "1Z999AA10123456784"}),
)  # fmt: skip
_NET = Reading(state=State.STABLE, digits="1.240", unit="kg", kind=Kind.NET, tare="0.250", raw=b"")
_EMPTY = Pan(scale="scale-1", at_ms=_NOW)
_PANS = {
    "moving": replace(_EMPTY, newest=Reading(state=State.MOVING, digits="1.240", unit="kg", raw=b"")),
    "silent": _EMPTY,
    "taken": replace(
        _EMPTY, newest=Reading(state=State.STABLE, digits="1.240", unit="kg", raw=b""), emptied=False, said_again=True
    ),
    "net": replace(_EMPTY, newest=_NET),
    "asks": replace(_EMPTY, says_empty=False, emptied=False),
    "waits": replace(_EMPTY, says_empty=False),
}


def device_states(shown: Sequence[Shown]) -> Iterator[Shown]:
    """Yield the screens of the devices, chips over some work, and the bench's scale as it speaks."""
    first = shown[0]
    plain = replace(first.feedback, flow="devices", note=None, input=None)
    for name, state in _STATES.items():
        devices = getattr(state, "devices", (_WELL, _SCALE))
        yield Shown(f"devices-{name}", replace(plain, state=state), "Dana Wolf", "it", _NOW, devices=devices)
    flow = FittingFlow(fitting.NOTHING_PLUGGED)
    for name, told in _FITTING.items():
        one = replace(plain, flow=flow.NAME, state=told, expects=flow.expects(told))
        yield Shown(f"fitting-{name}", one, "Dana Wolf", "it", _NOW, devices=(_WELL, _SCALE))
    work = {type(each.feedback.state): each for each in shown if each.feedback.refusal is None}
    over = [each for kind, each in work.items() if kind.__name__ in ("GoToLocation", "VerifyUnit", "ScanParcel")]
    for each, devices in zip(over, ((_AWAY, _SCALE), (_HELD, _SILENT), (_DROPS,)), strict=False):
        name = type(each.feedback.state).__name__
        quiet = replace(each.feedback, note=None)
        yield replace(each, name=f"devices-over-{name}", feedback=quiet, now=_NOW, devices=devices)
    for reason, facts in _STOPS:
        refused = replace(over[0].feedback, refusal=Refusal(reason, facts), note=None)
        yield replace(over[0], name=f"devices-refused-{reason}", feedback=refused)
    for each in work.values():
        for name, pan in _PANS.items() if isinstance(each.feedback.state, WeighParcel) else ():
            asked = replace(each.feedback, state=replace(each.feedback.state, outside=0))
            yield replace(each, name=f"devices-scale-{name}", feedback=asked, now=_NOW, devices=(_SCALE,), pan=pan)
