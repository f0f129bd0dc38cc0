"""Scanners and scales at the window: who scanned is kept, the scanner hears what became of it, and a chip says what to do."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.cases.model import Case, CaseState
from core.kernel.flow import PrintMoved
from core.kernel.ids import SYSTEM, CommandId, JobId
from core.kernel.operations import Operation
from core.kernel.reasons import Reason
from core.kernel.spool import ConfirmedBy, JobState, PrintJob
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.station.gear import Learning, ScanSheet
from desktop.present import present
from desktop.proofs import Hero
from devices.calibration import SHEET
from devices.feedback import Sink, accept, refuse
from devices.profile import Profile, ScannerProtocol, read_profile
from tests.desktop.rig import Plug, Rig, trusted
from tests.homes import copy_home

LOST = b"010950600013435210ABC17261231\r"


@pytest.fixture
def rig(qtbot: QtBot, sample_home: Path, tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    made: list[Rig] = []

    def make(*profiles: Profile) -> Rig:
        made.append(Rig(qtbot, copy_home(sample_home, tmp_path / "home"), profiles))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def plug(tmp_path: Path) -> Iterator[Callable[[str], Plug]]:
    made: list[Plug] = []

    def make(name: str) -> Plug:
        made.append(Plug(tmp_path, name))
        return made[-1]

    yield make
    for each in made:
        each.unplug()


def test_two_scanners_work_at_one_screen_and_each_hears_of_its_own(rig, plug) -> None:
    one, two = plug("scanner-1"), plug("scanner-2")
    it = rig(one.scanner(), two.scanner())

    one.send(b"]C0BADGE-MARA\r")
    it.until(lambda: len(it.given) == 1)
    two.send(b"NO-SUCH-CODE\r")
    it.until(lambda: len(it.given) == 2)

    assert it.given == [("]C0BADGE-MARA", "scanner-1", "accepted"), ("NO-SUCH-CODE", "scanner-2", "refused")]
    it.until(lambda: one.hears(accept(Sink.DATALOGIC)) and two.hears(refuse(Sink.DATALOGIC)))
    assert not one.hears(refuse(Sink.DATALOGIC))
    assert it.window._band is not None
    assert it.window._band.meant.endswith("scanner-1")
    assert it.plugged.gear.profiles["scanner-1"].counters.scans == 1
    assert [(each.raw, each.device) for each in it.gestures()] == [
        ("badge", "scanner-1"), ("NO-SUCH-CODE", "scanner-2"),
    ]  # fmt: skip


def test_a_scanner_pulled_out_during_a_scan_loses_half_of_it_and_comes_back(rig, plug) -> None:
    one, two = plug("scanner-1"), plug("scanner-2")
    it = rig(one.scanner(), two.scanner())
    one.send(b"BADGE-AY")
    one.unplug()
    it.until(lambda: it.chips() == ["scanner-1 unplugged: plug it in"])

    two.send(b"BADGE-MARA\r")
    it.until(lambda: len(it.given) == 1)
    one.plug()
    it.until(lambda: it.chips() == [])
    one.send(b"LIN\r")
    it.until(lambda: len(it.given) == 2)

    assert it.given == [("BADGE-MARA", "scanner-2", "accepted"), ("LIN", "scanner-1", "refused")]


def test_a_scan_that_was_dropped_is_refused_at_its_scanner_too(rig, plug) -> None:
    one, two = plug("scanner-1"), plug("scanner-2")
    it = rig(one.scanner(), two.scanner())
    it.window.station._unpainted = True  # a refusal is on its way to the screen
    two.send(b"BADGE-MARA\r")

    it.until(lambda: two.hears(refuse(Sink.DATALOGIC)))
    assert it.given == []
    it.window.station.painted()


def test_half_a_packet_is_refused_and_named(rig, plug) -> None:
    one = plug("scanner-1")
    it = rig(trusted(one.scanner(ScannerProtocol.TEXT)))
    one.send(b"\x01\x02\x03\r")
    it.until(lambda: len(it.heard) > 0 and it.heard[-1].refusal is not None)

    assert it.heard[-1].refusal.reason is Reason.SCAN_DAMAGED
    it.until(lambda: one.hears(refuse(Sink.DATALOGIC)))


def test_a_scanner_that_drops_separators_is_refused_flagged_and_learnt_from_the_sheet(rig, plug) -> None:
    one = plug("scanner-1")
    it = rig(one.scanner())
    it.scan("BADGE-DANA")
    it.window.type("2580")
    it.settle()

    one.send(LOST)
    it.until(lambda: it.heard[-1].refusal is not None)
    assert it.heard[-1].refusal.reason is Reason.LOST_SEPARATORS
    assert it.chips() == ["scanner-1 drops separators: calibrate it (F10)"]

    it.press("NO")
    assert it.open_devices() == "ShowDevices"
    assert it.press("QTY-2") == "ChoosePlugged"
    assert it.press("QTY-8") == "ChooseScanner"
    assert it.press("QTY-1") == "ScanSheet"
    for n, code in enumerate(SHEET):
        one.send(code.encode("latin-1") + b"\r\n")
        it.until(lambda n=n: it.plugged.gear.learning().scanned >= n)
    it.until(lambda: it.state == "ScanSheet" and it.window.station.state.learning.saved)

    assert it.chips() == []
    kept = read_profile(it.assembly.profile["device:scanner-1"])
    assert (kept.gs_ok, kept.ending) == (True, "crlf")
    it.press("NO")
    it.press("NO")
    it.until(lambda: not it.chips())
    one.send(b"010950600013435210ABC\x1d17261231\r\n")
    it.until(lambda: it.given[-1][0].startswith("0109506"))
    refused = [each.refusal.reason for each in it.heard if each.refusal is not None]
    assert refused == [Reason.LOST_SEPARATORS, Reason.UNKNOWN_CODE]


def cases(it: Rig) -> list[tuple[CaseState, str]]:
    with it.assembly.database.reading() as reader:
        table = sql_of(Case)
        rows = rows_of(Case, reader.execute(table.select().order_by(table.c.opened_at, table.c.id)))
    return [(each.state, each.decision) for each in rows if each.kind == "stored_scan"]


def test_a_memory_is_listed_and_each_scan_is_taken_or_discarded_by_somebody(rig, plug) -> None:
    one = plug("cordless")
    it = rig(one.scanner(memory=True, stored_prefix="*"))
    one.send(b"*BADGE-AYLIN\r*BADGE-TOM\r")
    it.until(lambda: it.chips() == ["2 stored scans: look at them (F10)"])
    assert (it.state, it.given) == ("ScanBadge", [])

    one.send(b"BADGE-MARA\r")
    it.until(lambda: it.given == [("BADGE-MARA", "cordless", "accepted")])
    it.settle()
    assert it.open_devices() == "ShowDevices"
    assert it.press("QTY-1") == "ShowStored"
    assert it.press("SKIP") == "ShowStored"
    assert cases(it) == [(CaseState.CLOSED, "discarded"), (CaseState.OPEN, "")]
    it.press("YES")

    assert cases(it) == [(CaseState.CLOSED, "discarded"), (CaseState.CLOSED, "taken")]
    assert (it.given[-1][:2], it.chips()) == (("BADGE-TOM", "cordless"), [])
    with it.assembly.database.reading() as reader:
        kinds = [row.kind for row in reader.execute(sql_of(Operation).select())]
    assert kinds.count("cases.settle_scan") == 2


def test_everything_is_checked_beside_the_work_and_a_device_in_trouble_is_told(rig, plug) -> None:
    one = plug("scanner-1")
    it = rig(one.scanner())
    it.scan("BADGE-MARA")
    one.unplug()
    it.until(lambda: it.chips() != [])
    it.open_devices()
    assert it.press("QTY-3") == "ShowChecks"
    it.until(lambda: not it.window.station.state.checks.running)

    found = {(each.about, each.name): (each.state, each.why) for each in it.window.station.state.checks.found}
    assert found["device", "scanner-1"] == ("wrong", "unplugged")
    assert found["disk", ""][0] == found["database", ""][0] == "ok"
    it.press("NO")
    assert it.state == "ShowDevices"
    assert it.press("NO") not in ("ShowDevices", "ShowChecks")


def test_a_scanner_that_is_a_keyboard_is_learnt_without_being_set_up(rig) -> None:
    it = rig()
    it.scan("BADGE-DANA")
    it.window.type("2580")
    it.settle()
    it.open_devices()
    assert it.press("QTY-2") == "ChoosePlugged"
    assert it.press("QTY-8") == "ScanSheet"
    for code in SHEET:
        it.plugged.gear.keyed(code, tuple(4 for _ in code[1:]), "\t")
    it.until(lambda: it.window.station.state.learning.saved)

    kept = read_profile(it.assembly.profile["device:keyboard"])
    assert kept.calibration is not None
    assert (kept.protocol, kept.gs_ok, kept.ending, kept.calibration.gap_p95_ms) == ("wedge", True, "tab", 4)
    it.press("NO")
    it.press("NO")
    it.plugged.gear.keyed(LOST.decode().strip(), (), "\t")
    it.until(lambda: bool(it.given) and it.given[-1][1] == "keyboard")
    # It is read strictly now: the lot is what stands there.
    assert it.heard[-1].refusal is None or it.heard[-1].refusal.reason is not Reason.LOST_SEPARATORS


def test_a_printer_whose_labels_take_long_is_a_device_in_trouble_until_they_do_not(rig) -> None:
    it = rig()

    def out(took_ms: int, *names: bytes) -> None:
        def write(connection) -> None:  # type: ignore[no-untyped-def]
            with connection.begin():
                uow = UnitOfWork(connection)
                for n, name in enumerate(names):
                    sent = it.assembly.clock.now_ms() + n
                    uow.put(
                        PrintJob(
                            it.assembly.identity.site, JobId(name.ljust(16)), sent, "house_label", 1, "{}", "label", b"", "",
                            1, JobState.PRINTED, 1, "", "", None, SYSTEM, "", "P-07", 1, sent, 0, ConfirmedBy.NOBODY,
                            sent + took_ms,
                        )
                    )  # fmt: skip
                uow.flush()

        it.assembly.writer.maintain(write).result()
        it.plugged.printed(PrintMoved(id=CommandId(bytes(16)), at=0, job=names[0], subject=b"", state="printed"))

    out(4_300, b"one", b"two", b"three")
    it.until(lambda: it.chips() == ["P-07 prints late: look under Devices (F10)"])
    assert [(each.name, each.trouble, each.by) for each in it.desk.devices() if each.kind == "printer"] == [
        ("P-07", "slow_start", "4.3 s")
    ]
    out(300, b"four", b"five", b"six", b"seven")
    it.until(lambda: it.chips() == [])


@pytest.mark.parametrize("begins", [True, False])
def test_after_the_sheet_it_is_said_what_noise_could_still_get_into(begins: bool) -> None:
    learnt = Learning(scanner="scanner-1", scanned=8, of=8, saved=True, separators=True, begins=begins)
    proof = present(ScanSheet("pick", learnt)).proof

    assert isinstance(proof, Hero)
    assert (proof.good, "Nothing marks where a scan begins" in proof.detail) == (begins, not begins)
