"""Screens of printers that need a hand, as pictures: in trouble, at a change of the roll, a label in doubt, a job under way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from core.kernel.ids import JobId, PersonId, SiteId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.packing.states import StickLabel
from core.printers.model import PrinterRow, PrintRoute, Speech
from core.printers.queries import WayOut
from core.station import adding_printers as adding
from core.station import new_badge
from core.station.adding_printers import AddPrinterFlow
from core.station.badge_desk import NO_BADGES, BadgeTrial, Holder
from core.station.label_desk import NO_LABELS, Chosen, LabelKind, Making
from core.station.labels import ChooseKind, ChooseList, ChooseListKind, LabelsFlow, LookingThrough, ShowMistakes
from core.station.printer_trials import NOTHING_FOUND, Found, Kept, Trial
from core.station.printers import (
    NO_PRINTERS,
    Calibrating,
    ChoosePrinter,
    LoadRoll,
    PrintersFlow,
    PrinterStand,
    ScanTest,
    SettleDoubt,
    ShowPrinter,
    State,
    WaitingJob,
)
from desktop.gallery_shared import Shown

_LABEL = WaitingJob(JobId(b"job-000000000001"), "house_label", "006141410000000012", b"parcel", "paper_out")
_SLIP = WaitingJob(JobId(b"job-000000000002"), "quarantine_label", "Q-000417", b"case", "paper_out")
_TEST = WaitingJob(JobId(b"job-000000000003"), "workstation_label", "TEST-4F09AB", b"printer P-07")
_P7 = PrinterStand(
    name="P-07", place="Bench 2", media="4x6", width_mm=102, height_mm=152, troubles="paper_out",
    waiting=(_LABEL, _SLIP), doubts=(_SLIP,), fallback="P-08", fallback_place="4 m left",
)  # fmt: skip
_OTHERS = (
    PrinterStand(name="P-08", place="4 m left", width_mm=102, height_mm=152),
    PrinterStand(name="document", has_roll=False, known=False),
)
_STATES: tuple[State, ...] = (
    ChoosePrinter((_P7, *_OTHERS), may_add=True), ChoosePrinter(()), ShowPrinter(_P7), ShowPrinter(_OTHERS[0]), LoadRoll(_P7), Calibrating(_P7),
    ScanTest(_P7, _TEST), SettleDoubt(_P7, _LABEL),
)  # fmt: skip
_REFUSED: tuple[tuple[Reason, dict[str, str | int]], ...] = (
    (Reason.WRONG_MEDIA, {"loaded": "51", "wanted": 152, "printer": "P-07"}),
    (Reason.NOT_CALIBRATED, {"printer": "P-07", "fault": "head_open"}),
    (Reason.OTHER_LABEL, {"expected": "TEST-4F09AB", "got": "006141410000000012"}),
)
_NEW = Trial(
    address="tcp:10.0.0.7:9100", asking=False, answers=True, language="zpl", dpi=203, model="ZD421-203dpi ZPL",
    firmware="V84.20.11Z", length_tenths=1524,
)  # fmt: skip
_ROW = PrinterRow(
    SiteId(1), "P-07", "tcp:10.0.0.9:9100", "zpl", "", 203, 1016, 1524, "", "Bench 2", 30, None, None, Speech.ANSWERS, 1
)
_LASER = replace(_ROW, name="P-09", address="ipp://10.0.0.11:631/ipp/print", language="pdf", place="Office")
_PAPER = PrintRoute(SiteId(1), "", "label", "", "", "", 0, "", "P-07", "", 1)
_SERIAL = Found(address="serial:/dev/ttyUSB0?baud=9600&flow=dtr", name="USB-Serial Controller")
_ADDING: Mapping[str, adding.State] = {
    "found": adding.ChooseFound((
        Found(address="tcp:10.0.0.7:9100", name="ZBR4471023", model="ZD421-203dpi ZPL", place="Dock 3", languages=("zpl",)),
        Found(address="usb:/dev/usb/lp0", name="TSC TTP-244 Pro", languages=("tspl",)), _SERIAL,
    ), (_ROW, _LASER)),
    "none": adding.ChooseFound((), ()),
    "asking": adding.AskPrinter(Trial(address="tcp:10.0.0.7:9100")),
    "away": adding.AskPrinter(Trial(address="tcp:10.0.0.7:9100", troubles="unreachable")),
    "taken": adding.AskPrinter(Trial(address="usb:/dev/usb/lp0", troubles="in_use")),
    "head": adding.AskPrinter(Trial(address="tcp:10.0.0.7:9100", troubles="other_head")),
    "clone": adding.ChooseLanguage(Trial(address="tcp:10.0.0.7:9100", asking=False)),
    "dots": adding.ChooseHead(Trial(address="tcp:10.0.0.7:9100", asking=False, language="tspl")),
    "size": adding.ChooseSize(_NEW),
    "name": adding.NamePrinter(_NEW, "P-10"),
    "prints": adding.ScanTrial(replace(_NEW, name="P-10")),
    "scan": adding.ScanTrial(replace(_NEW, name="P-10", code="TEST-4F09AB")),
    "paper": adding.ScanTrial(replace(_NEW, name="P-10", troubles="paper_out")),
    "papers": adding.ChoosePaper("P-09", Kept("", (_ROW, _LASER), (_PAPER, replace(_PAPER, document="document", printer="P-09")))),
    "kept": adding.ChooseKept((_ROW, _LASER)),
    "sure": adding.ConfirmGone("P-07"),
}  # fmt: skip
_LIST = Chosen(
    "", (), (), file="inbox/new racks.csv", kinds=("location_label", "shelf_label", "dock_label", "tote_label")
)
_LISTS = (
    ChooseKind((LabelKind("location_label", 412), LabelKind("dock_label", 3))),
    ChooseList(("new racks.csv", "goods of week 49.xlsx")), ChooseListKind(_LIST),
    LookingThrough(Making("goods of week 49.xlsx", 96, 240)),
    ShowMistakes(replace(_LIST, faults=(
        "goods of week 49.xlsx, line 3, column 'gtin': check digit of 9501101530004 should be 3",
        "goods of week 49.xlsx, line 17, column 'expiry': '31.02.2027' is no date such as 2027-01-31",
        "goods of week 49.xlsx, line 21, column 'code': its quiet zone is overlapped by note, by 1.2 mm",
        "goods of week 49.xlsx, line 22, column 'code': modules of 0.125 mm, at least 0.248 needed",
        "product_label.toml, line 4: weight: reaches 2.5 mm over the edge of the paper",
    ))),
)  # fmt: skip
_ADDING_REFUSED: tuple[tuple[str, Reason, dict[str, str | int]], ...] = (
    ("found", Reason.NO_SUCH_ADDRESS, {"got": "MUG-350-BLUE"}), ("size", Reason.NO_SUCH_SIZE, {"got": "5x5"}),
    ("name", Reason.PRINTER_NAMED, {"printer": "P-07", "address": "tcp:10.0.0.9:9100"}),
)  # fmt: skip
_MARA = Holder(PersonId(b"m" * 16), "Mara Koch", "picker", 1)
_HOLDERS = tuple(
    replace(_MARA, name=name, roles=roles)
    for name, roles in (
        ("Aylin Sahin", "packer"),
        ("Jo Lund", "loader"),
        ("Mara Koch", "picker"),
        ("Pia Pick", "picker,packer"),
    )
)
_OUT = BadgeTrial(printer="P-07", place="4 m left")
_BADGES: Mapping[str, new_badge.State] = {
    "who": new_badge.ChooseHolder(_HOLDERS, 12),
    "sure": new_badge.ShowHolder(_MARA),
    "comes": new_badge.ScanNewBadge(_MARA, BadgeTrial()),
    "scan": new_badge.ScanNewBadge(_MARA, replace(_OUT, left=True)),
    "paper": new_badge.ScanNewBadge(_MARA, replace(_OUT, troubles="paper_out")),
    "doubt": new_badge.ScanNewBadge(_MARA, replace(_OUT, troubles="in_doubt")),
    "small": new_badge.ScanNewBadge(_MARA, BadgeTrial(troubles="paper: 85.6 by 54 mm needed, 76 by 51 mm loaded")),
}
_ON_THE_WAY = 40
_BROKEN = "house_label.toml, line 12: sizes.weigth: there is no such text; there are to_lines, postcode, note"
_TROUBLES = (
    "head_open", "other_media", "other_width", "other_marks", "no_printer", "memory_full", "in_use", "diagnostic", "paper_out", _BROKEN,
)  # fmt: skip
"""A printer's, the longest of them (each must fit into the strip), and a template's."""
_ELSEWHERE = ("paper_out", "other_media", "other_width")
"""Where another printer may print it."""


def printer_states(shown: Sequence[Shown]) -> Iterator[Shown]:
    """Yield them, as if they had come up at the end of what was played."""
    last, flow = (
        next(each for each in reversed(shown) if each.feedback.refusal is None and each.standing is None),
        PrintersFlow(NO_PRINTERS),
    )
    for n, state in enumerate(_STATES):
        told = replace(
            last.feedback, flow=flow.NAME, state=state, expects=flow.expects(state), note=None, input=None
        )  # fmt: skip
        yield replace(last, name=f"printers-{type(state).__name__}-{n}", feedback=told)
        if isinstance(state, LoadRoll):
            for reason, facts in _REFUSED:
                refused = replace(told, refusal=Refusal(reason, facts))
                yield replace(last, name=f"printers-refused-{reason}", feedback=refused)
    adds = AddPrinterFlow(NOTHING_FOUND)
    for name, step in _ADDING.items():
        told = replace(
            last.feedback, flow=adds.NAME, state=step, expects=adds.expects(step), note=None, input=None
        )  # fmt: skip
        yield replace(last, name=f"printers-add-{name}", feedback=told)
        for at, reason, facts in _ADDING_REFUSED:
            if at == name:
                yield replace(
                    last, name=f"printers-add-{reason}", feedback=replace(told, refusal=Refusal(reason, facts))
                )
    badges = new_badge.BadgesFlow(NO_BADGES)
    for name, given in _BADGES.items():
        told = replace(
            last.feedback, flow=badges.NAME, state=given, expects=badges.expects(given), note=None, input=None
        )  # fmt: skip
        yield replace(last, name=f"badges-{name}", feedback=told)
    lists = LabelsFlow(NO_LABELS)
    for listed in _LISTS:
        told = replace(
            last.feedback, flow=lists.NAME, state=listed, expects=lists.expects(listed), note=None, input=None
        )  # fmt: skip
        yield replace(last, name=f"labels-{type(listed).__name__}-list", feedback=told)
    label = next((each for each in shown if isinstance(each.feedback.state, StickLabel)), None)
    if label is not None:
        stages = (("sending", _ON_THE_WAY, ""), ("unknown", 0, ""), *(("held", 0, each) for each in _TROUBLES))
        for job_state, percent, fault in stages:
            way = WayOut(_LABEL.job, "P-07", "P-08", "4 m left", 102, 152) if fault in _ELSEWHERE else None
            state = replace(label.feedback.state, job_state=job_state, percent=percent, fault=fault, way=way)
            name = f"pack-StickLabel-{job_state}{'broken' if fault == _BROKEN else fault}"
            yield replace(label, name=name, feedback=replace(label.feedback, state=state))
