"""A printer is added at the real window: found or said, asked, its test label scanned, its paper given; and taken off again."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.catalog.command_codes import command_code
from core.kernel.flow import PrintMoved
from core.kernel.reasons import Reason
from core.printers.model import PrinterRow, PrinterSeen, Speech
from core.printers.queries import printers_of, routes_of, seen_of
from desktop.print_room import spoolers
from desktop.printer_trial import Heard, PrinterTrials
from desktop.virtual_bench import VirtualBench, virtual_bench
from printing.discovery import FoundPrinter
from printing.drivers.one_writer import writer_of
from tests.desktop.rig import Rig
from tests.homes import copy_home


class Network:
    """A network on which printers announce themselves when they are told to."""

    def __init__(self) -> None:
        self.heard: Heard = lambda _: None

    @contextmanager
    def discovery(self, heard: Heard) -> Iterator[None]:
        self.heard = heard
        yield
        self.heard = lambda _: None

    def announce(self, *found: FoundPrinter) -> None:
        self.heard(found)


class AddRig(Rig):
    """The window of a station whose printers run, with a network of its own."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        super().__init__(qtbot, folder)
        self.network = Network()
        self.plugged.trials = trials = PrinterTrials(
            self.assembly, local=tuple, discovery=self.network.discovery, again_seconds=0.05
        )
        self.window.station._flows["add_printer"]._desk = trials
        self._stack.callback(trials.close)
        self.running = self._stack.enter_context(spoolers(self.assembly, self._moved))

    def _moved(self, event: PrintMoved) -> None:
        self.main.post(lambda: self.window.station.hear(event))

    def open(self) -> None:
        self.scan("BADGE-DANA")
        self.window.type("2580")
        self.settle()
        self.window.station.go("printers")
        self.settle()
        assert self.state == "ChoosePrinter"
        assert self.press("QTY-2") == "ChooseFound"

    def at(self, state: str) -> bool:
        return self.state == state

    def rows(self) -> tuple[PrinterRow, ...]:
        with self.assembly.database.reading() as reader:
            return printers_of(reader, self.assembly.identity.site)

    def seen(self) -> dict[str, PrinterSeen]:
        with self.assembly.database.reading() as reader:
            return seen_of(reader, self.assembly.identity.site)

    def routes(self) -> list[tuple[str, str, bool]]:
        with self.assembly.database.reading() as reader:
            here = self.assembly.identity.station.hex()
            found = routes_of(reader, self.assembly.identity.site)
            return [(each.document, each.printer, each.station == here) for each in found]

    def trouble(self) -> str:
        return str(getattr(self.window.station.state, "trial").troubles)  # noqa: B009

    def code(self) -> str:
        self.until(lambda: self.at("ScanTrial") and bool(self.window.station.state.trial.code))
        return str(self.window.station.state.trial.code)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[VirtualBench]:
    with virtual_bench(tmp_path / "printed") as made:
        yield made


@pytest.fixture
def rig(qtbot: QtBot, sample_home: Path, tmp_path: Path) -> Iterator[AddRig]:
    made = AddRig(qtbot, copy_home(sample_home, tmp_path / "home"))
    made.open()
    yield made
    made.close()


def address_of(bench: VirtualBench) -> str:
    return f"127.0.0.1:{bench.devices['printer']['printer']}"


def announced(bench: VirtualBench) -> FoundPrinter:
    return FoundPrinter(
        name="Dock label", address=f"tcp:{address_of(bench)}", model="ZD421", languages=("zpl",), place="Dock 3"
    )


def test_a_printer_that_announces_itself_is_added_by_command_codes_alone_and_is_at_work_at_once(
    rig: AddRig, bench: VirtualBench
) -> None:
    rig.until(lambda: rig.network.heard.__name__ != "<lambda>")
    rig.network.announce(announced(bench))
    rig.until(lambda: [each.name for each in rig.window.station.state.found][:1] == ["Dock label"])
    rig.scan(command_code("QTY", "1"))
    rig.until(lambda: rig.at("ChooseSize"))
    trial = rig.window.station.state.trial
    assert (trial.language, trial.dpi, trial.model, trial.answers) == ("zpl", 203, "DOCKSIDE-VIRTUAL", True)
    assert abs(trial.length_tenths - 1520) < 20
    rig.scan(command_code("QTY", "1"))
    assert rig.state == "NamePrinter"
    rig.scan(command_code("QTY", "1"))
    code = rig.code()
    assert rig.rows() == ()
    rig.scan(code)
    rig.until(lambda: rig.at("ChoosePaper"))
    [row] = rig.rows()
    assert (row.name, row.address, row.speech) == ("P-01", f"tcp:{address_of(bench)}", Speech.ANSWERS)
    assert rig.seen()["P-01"].model == "DOCKSIDE-VIRTUAL"

    rig.scan(command_code("QTY", "1"))
    rig.until(lambda: rig.routes() == [("label", "P-01", True)])
    rig.scan(command_code("CONFIRM"))
    rig.until(lambda: "P-01" in rig.running)
    rig.until(lambda: rig.at("ChoosePrinter") and [e.name for e in rig.window.station.state.printers] == ["P-01"])
    [label] = bench.printed()
    assert label["job"] == ""


def test_one_whose_address_is_typed_waits_for_paper_prints_then_and_is_taken_off_again(
    rig: AddRig, bench: VirtualBench
) -> None:
    bench.tell("printer", {"do": "paper out"})
    rig.window.type(address_of(bench))
    rig.until(lambda: rig.at("ChooseSize"))
    rig.press("QTY-1")
    rig.window.type("LABEL LEFT")
    rig.until(lambda: rig.at("ScanTrial") and rig.trouble() == "paper_out")
    bench.tell("printer", {"do": "paper in"})
    rig.scan(rig.code())
    rig.until(lambda: rig.at("ChoosePaper"))
    rig.press("QTY-2")
    rig.until(lambda: rig.routes() == [("house_label", "LABEL LEFT", True)])
    rig.press("NO")

    rig.press("QTY-9")
    rig.press("QTY-1")
    assert rig.state == "ConfirmGone"
    rig.press("YES")
    rig.until(lambda: rig.rows() == () and rig.routes() == [])
    rig.until(lambda: "LABEL LEFT" not in rig.running)


def test_a_clone_is_found_out_described_and_added_as_one_that_only_listens(rig: AddRig, bench: VirtualBench) -> None:
    bench.tell("printer", {"do": "silent"})
    rig.window.type(address_of(bench))
    rig.until(lambda: rig.at("ChooseLanguage"))
    rig.press("QTY-1")
    rig.press("QTY-1")
    rig.press("QTY-2")
    rig.press("QTY-1")
    rig.scan(rig.code())
    rig.until(lambda: rig.at("ChoosePaper"))
    [row] = rig.rows()
    assert (row.language, row.dpi, row.height_tenths, row.speech) == ("zpl", 203, 1500, Speech.ONE_WAY)
    assert rig.seen() == {}


def test_one_that_is_away_or_that_somebody_prints_on_is_said_and_asked_again_by_itself(
    rig: AddRig, bench: VirtualBench
) -> None:
    nobody = socket.socket()
    nobody.bind(("127.0.0.1", 0))
    rig.window.type(f"127.0.0.1:{nobody.getsockname()[1]}")
    rig.until(lambda: rig.at("AskPrinter") and rig.trouble() == "unreachable")
    nobody.close()
    rig.press("NO")
    assert rig.state == "ChooseFound"

    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with writer_of(f"tcp:{address_of(bench)}", rig.assembly.clock.boot_ns):
            held.set()
            over.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(20)
    rig.window.type(address_of(bench))
    rig.until(lambda: rig.at("AskPrinter") and rig.trouble() == "in_use")
    over.set()
    thread.join()
    rig.until(lambda: rig.at("ChooseSize"))


def test_a_name_that_another_printer_has_is_refused_and_its_address_leads_to_its_paper(
    rig: AddRig, bench: VirtualBench
) -> None:
    for name in ("P-09", "P-09"):
        rig.window.type(address_of(bench))
        rig.settle()
        if rig.rows():
            break
        rig.until(lambda: rig.at("ChooseSize"))
        rig.press("QTY-1")
        rig.window.type(name)
        rig.scan(rig.code())
        rig.until(lambda: rig.at("ChoosePaper"))
        rig.press("NO")
    assert (rig.state, rig.window.station.state.printer) == ("ChoosePaper", "P-09")
    rig.press("NO")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        rig.window.type(f"127.0.0.1:{silent.getsockname()[1]}")
        rig.until(lambda: rig.at("ChooseLanguage"))
        rig.press("QTY-1")
        rig.press("QTY-1")
        rig.press("QTY-1")
        rig.window.type("P-09")
        rig.settle()
        assert rig.state == "NamePrinter"
        refusal = rig.heard[-1].refusal
        assert refusal is not None
        assert refusal.reason is Reason.PRINTER_NAMED
        assert refusal.facts["address"] == f"tcp:{address_of(bench)}"


def test_a_station_that_is_not_simulated_adds_no_virtual_printer(rig: AddRig, bench: VirtualBench) -> None:
    rig.assembly.profile = {**rig.assembly.profile, "simulated": "0"}
    rig.window.type(address_of(bench))
    rig.until(lambda: rig.at("AskPrinter") and rig.trouble() == "simulated")
