"""A roll is changed at a station with a printer of the virtual bench: the wrong one is refused, the right one proved by its label."""

import time
from collections.abc import Callable
from pathlib import Path

from core.kernel.flow import PrintMoved, Verb
from core.kernel.reasons import Reason
from core.kernel.spool import JobState
from core.printers.queries import jobs_in
from core.station.printers import Calibrating, ChoosePrinter, LoadRoll, ScanTest, ShowPrinter
from core.station.replay import Pump
from core.station.station import Feedback
from desktop.assembly import assembled
from desktop.cli import main
from desktop.print_room import spoolers
from desktop.virtual_bench import VirtualBench, ledger_of, virtual_bench
from tests.homes import copy_home

PATIENCE_S = 30.0


def change_the_roll(home: Path, bench: VirtualBench) -> list[Feedback]:
    """Change it as a packer would: first a roll of short labels, then the right one; return what the station said."""
    pump, heard = Pump(), list[Feedback]()
    with assembled(home) as assembly:
        station, reader = assembly.station(pump.deliver, heard.append)

        def news(event: PrintMoved) -> None:
            pump.deliver(lambda: station.hear(event))

        def until(true: Callable[[], object]) -> None:
            end = time.monotonic() + PATIENCE_S
            while not true() and time.monotonic() < end:
                pump.idle(0.02)
                station.painted()
            assert true(), station.state

        def at(*states: type[object]) -> Callable[[], bool]:
            return lambda: isinstance(station.state, states)

        try:
            with spoolers(assembly, news):
                station.start()
                station.scan("BADGE-AYLIN")
                until(lambda: station.operator is not None)
                station.go("printers")
                until(at(ChoosePrinter))
                station.press(Verb.QTY, "1")
                until(at(ShowPrinter))
                station.press(Verb.CONFIRM)
                until(at(LoadRoll))
                bench.tell("printer", {"do": "roll 50"})
                station.press(Verb.CONFIRM)
                until(at(Calibrating))
                until(at(LoadRoll))
                bench.tell("printer", {"do": "roll 152"})
                station.press(Verb.CONFIRM)
                until(at(ScanTest))
                assert isinstance(station.state, ScanTest)
                until(lambda: jobs_in(reader, assembly.identity.site, JobState.PRINTED))
                station.scan(f"]C0{station.state.test.code}")
                until(at(ShowPrinter))
        finally:
            reader.close()
    return heard


def test_a_roll_is_changed_the_wrong_one_is_refused_and_the_test_label_is_counted(
    sample_home: Path, tmp_path: Path
) -> None:
    home = copy_home(sample_home, tmp_path / "home")
    with virtual_bench(tmp_path / "printed") as bench:
        address = f"tcp:127.0.0.1:{bench.devices['printer']['printer']}"
        assert main(["printers", "add", "P-07", address, "--home", str(home)]) == 0
        assert main(["printers", "assign", "label", "P-07", "--home", str(home)]) == 0

        heard = change_the_roll(home, bench)

        refused = [each.refusal for each in heard if each.refusal is not None]
        assert [(each.reason, each.facts["loaded"], each.facts["wanted"]) for each in refused] == [
            (Reason.WRONG_MEDIA, "50", 152)
        ]
        [label] = bench.printed()
        assert ledger_of(home) == {label["job"]: JobState.APPLIED}
        assert bench.count(home).differences == ()
