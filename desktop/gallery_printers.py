"""Screens of printers that need a hand, as pictures: in trouble, at a change of the roll, a label in doubt, a job under way."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.kernel.ids import JobId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.packing.states import StickLabel
from core.printers.queries import WayOut
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
    ChoosePrinter((_P7, *_OTHERS)), ChoosePrinter(()), ShowPrinter(_P7), ShowPrinter(_OTHERS[0]), LoadRoll(_P7), Calibrating(_P7),
    ScanTest(_P7, _TEST), SettleDoubt(_P7, _LABEL),
)  # fmt: skip
_REFUSED: tuple[tuple[Reason, dict[str, str | int]], ...] = (
    (Reason.WRONG_MEDIA, {"loaded": "51", "wanted": 152, "printer": "P-07"}),
    (Reason.NOT_CALIBRATED, {"printer": "P-07", "fault": "head_open"}),
    (Reason.OTHER_LABEL, {"expected": "TEST-4F09AB", "got": "006141410000000012"}),
)
_ON_THE_WAY = 40
_BROKEN = "house_label.toml, line 12: 'weigth' is no fact of this label"
_TROUBLES = (
    "head_open", "no_printer", "memory_full", "in_use", "diagnostic", "paper_out", _BROKEN,
)  # fmt: skip
"""A printer's, the longest of them (each must fit into the strip), and a template's."""
_ELSEWHERE = ("paper_out",)
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
    label = next((each for each in shown if isinstance(each.feedback.state, StickLabel)), None)
    if label is not None:
        stages = (("sending", _ON_THE_WAY, ""), ("unknown", 0, ""), *(("held", 0, each) for each in _TROUBLES))
        for job_state, percent, fault in stages:
            way = WayOut(_LABEL.job, "P-07", "P-08", "4 m left") if fault in _ELSEWHERE else None
            state = replace(label.feedback.state, job_state=job_state, percent=percent, fault=fault, way=way)
            name = f"pack-StickLabel-{job_state}{'broken' if fault == _BROKEN else fault}"
            yield replace(label, name=name, feedback=replace(label.feedback, state=state))
