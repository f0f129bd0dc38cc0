"""A new badge at the window: printed aside, in force with its scan, and its code in nothing that is kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.kernel.executor import Failed, Work
from core.kernel.flow import PrintMoved
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, JobId
from core.kernel.reasons import Reason
from core.kernel.spool import ConfirmedBy, JobState, PrintJob
from core.kernel.tables import rows_of, sql_of
from core.people.commands import RenewBadge
from core.people.model import PersonCard
from core.people.queries import everybody, find_badge
from core.people.secrets import badge_hash
from core.station.badge_desk import AskHolders
from core.station.new_badge import ScanNewBadge
from desktop.assembly import assembled
from desktop.cli import main
from desktop.print_room import spoolers
from desktop.virtual_bench import VirtualBench, virtual_bench
from tests.desktop.rig import Rig
from tests.homes import copy_home


class BadgeRig(Rig):
    """The window of a station whose printers run."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        super().__init__(qtbot, folder)
        self.folder = folder
        self.running = self._stack.enter_context(spoolers(self.assembly, self._moved))

    def _moved(self, event: PrintMoved) -> None:
        self.main.post(lambda: self.window.station.hear(event))

    def sign_in(self, badge: str, pin: str = "") -> str:
        self.scan(badge)
        if pin:
            self.window.type(pin)
            self.settle()
        return self.state

    def whose(self, code: str) -> str:
        with self.assembly.database.reading() as reader:
            found = find_badge(reader, self.assembly.identity.site, code)
        return "" if found is None else found.name

    def jobs(self) -> tuple[PrintJob, ...]:
        with self.assembly.database.reading() as reader:
            return rows_of(PrintJob, reader.execute(sql_of(PrintJob).select()))

    def choose(self, name: str) -> str:
        """Choose somebody to print a badge for."""
        self.window.type(name)
        self.settle()
        assert [each.name for each in self.window.station.state.holders] == [name]
        return self.press("QTY-1")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[VirtualBench]:
    with virtual_bench(tmp_path / "bench") as made:
        yield made


@pytest.fixture
def it(qtbot: QtBot, sample_home: Path, tmp_path: Path, bench: VirtualBench) -> Iterator[BadgeRig]:
    home = copy_home(sample_home, tmp_path / "home")
    address = f"tcp:127.0.0.1:{bench.devices['printer']['printer']}"
    told = ["--home", str(home), "printers"]
    assert main([*told, "add", "P-01", address]) == 0
    assert main([*told, "assign", "label", "P-01"]) == 0
    made = BadgeRig(qtbot, home)
    yield made
    made.close()


def came_out(it: BadgeRig, bench: VirtualBench, count: int) -> str:
    """Wait until so many labels came out, and return the code that the last one bears."""
    it.until(lambda: len(bench.printed()) == count)
    it.until(lambda: it.window.station.state.trial.left)
    (code,) = set(bench.last_codes())
    return code


def test_a_lead_prints_a_badge_whose_scan_puts_it_in_force_and_nothing_keeps_its_code(
    it: BadgeRig, bench: VirtualBench
) -> None:
    it.sign_in("BADGE-DANA", "2580")
    it.window.station.go("labels")
    it.settle()
    digit = len(it.window.station.state.kinds) + 2
    assert it.press(f"QTY-{digit}") == "ChooseHolder"
    assert it.choose("Mara Koch") == "ShowHolder"
    assert it.press("CONFIRM") == "ScanNewBadge"
    first = came_out(it, bench, 1)
    assert (it.whose("BADGE-MARA"), it.whose(first)) == ("Mara Koch", ""), "it was not scanned yet"

    it.press("NOTPRINTED")
    second = came_out(it, bench, 2)
    for wrong in (first, "BADGE-DANA", "MUG-350-BLUE"):
        it.scan(wrong)
        assert it.heard[-1].refusal.reason is Reason.NOT_THIS_BADGE
        it.press("NO")
    assert it.scan(second) == "ChooseHolder"
    assert (it.whose("BADGE-MARA"), it.whose(first), it.whose(second)) == ("", "", "Mara Koch")

    assert not it.jobs()
    for path in it.folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        for code in (first, second):
            assert code.encode() not in data, f"{path.name} keeps the code of a badge"
    assert badge_hash(second) != badge_hash(first)
    assert {each.raw for each in it.gestures() if each.step == ScanNewBadge.__name__ and each.input == "scan"} == {
        "badge"
    }


def test_a_badge_waits_for_the_printer_and_for_a_label_in_doubt_which_it_would_be_counted_as(
    it: BadgeRig, bench: VirtualBench
) -> None:
    it.sign_in("BADGE-DANA", "2580")
    bench.tell("printer", {"do": "paper out"})
    it.window.station.go("badges")
    it.settle()
    assert it.choose("Mara Koch") == "ShowHolder"
    it.press("CONFIRM")
    it.until(lambda: "paper_out" in it.window.station.state.trial.troubles)
    it.until(lambda: it.shell._screen.prompt == "P-01 waits: load labels")
    bench.tell("printer", {"do": "paper in"})
    assert it.whose(came_out(it, bench, 1)) == ""
    it.press("NO")

    doubtful = PrintJob(
        site=it.assembly.identity.site, id=JobId(b"j" * 16), created_at=1, document="tote_label", version=1, content="{}",
        printer="label", subject=b"j" * 16, code="TOTE-1", copy_number=1, state=JobState.UNKNOWN, attempts=1, rendering="",
        fault="", reprint_of=None, operator=SYSTEM, reason="", outlet="P-01", pages=1, sent_at=1, awaits=99,
        confirmed_by=ConfirmedBy.NOBODY, moved_at=1,
    )  # fmt: skip
    values = PrintJob.TABLE.reader(PrintJob.TABLE.columns)
    it.assembly.submit(Work(private={PrintJob: [values(doubtful)]})).result()
    assert it.choose("Mara Koch") == "ShowHolder"
    it.press("CONFIRM")
    it.until(lambda: it.window.station.state.trial.troubles == "in_doubt")
    assert len(bench.printed()) == 1


def test_at_a_window_no_badge_that_is_scanned_stays_readable(it: BadgeRig) -> None:
    it.scan("NOBODYS-BADGE")
    it.press("NO")
    it.sign_in("BADGE-DANA", "2580")
    it.scan("BADGE-MARA")

    assert [each.raw for each in it.gestures() if each.input == "scan"] == ["badge", "badge", "badge"]


def test_a_lead_gives_badges_to_those_who_only_work_and_an_import_leaves_the_new_one_in_force(
    sample_home: Path, tmp_path: Path
) -> None:
    home, people = copy_home(sample_home, tmp_path / "home"), tmp_path / "people.csv"
    rows = "name,badge,roles,pin\nLea Lead,BADGE-LEA,lead,4711\nIda Tee,BADGE-IDA,it,4712\nPia Pick,BADGE-PIA,picker,\n"
    people.write_text(rows, encoding="utf-8")
    assert main(["import", "people", str(people), "--home", str(home)]) == 0
    with assembled(home) as it:
        site = it.identity.site
        with it.database.reading() as reader:
            offered = {each.name for each in AskHolders(site, anybody=False).run(reader)}
            whole = {card.name: (person, card) for person, card in everybody(reader, site)}
        assert "Pia Pick" in offered
        assert not {"Ida Tee", "Lea Lead", "Dana Wolf"} & offered
        for name, refused in (("Ida Tee", Reason.NOT_ALLOWED), ("Pia Pick", None)):
            person, card = whole[name]
            command = RenewBadge(
                id=CommandId(it.ids.new()), site=site, at=it.clock.now_ms(), actor=whole["Lea Lead"][0].id,
                session=NO_SESSION, person=person.id, base_version=person.version,
            )  # fmt: skip
            new = (site, person.id, name, badge_hash(f"NEW-{name}"), card.pin)
            done = it.submit(Work(command=command, private={PersonCard: [new]})).result()
            assert (done.refusal.reason if isinstance(done, Failed) else None) is refused

    def whose(*codes: str) -> list[str]:
        with assembled(home) as it, it.database.reading() as reader:
            found = [find_badge(reader, it.identity.site, each) for each in codes]
        return ["" if each is None else each.name for each in found]

    mine = ("NEW-Ida Tee", "BADGE-IDA", "NEW-Pia Pick", "BADGE-PIA")
    assert whose(*mine) == ["", "Ida Tee", "Pia Pick", ""]
    people.write_text(rows.replace("Pia Pick,BADGE-PIA,picker", "Pia Pick,BADGE-PIA,packer"), encoding="utf-8")
    assert main(["import", "people", str(people), "--home", str(home)]) == 0
    assert whose(*mine) == ["", "Ida Tee", "Pia Pick", ""]
