"""devices.md 7.1, InvenTree 8740: a large label over a slow link, from the spooler to a printer that reads a hundred times slower than we write."""

from pathlib import Path

from core.kernel.flow import PrintMoved
from core.kernel.spool import JobState
from desktop.system import SystemClock
from desktop.virtual_bench import virtual_bench
from printing.drivers.links import TcpLink
from printing.drivers.wire import WirePrinter
from tests.printing.doomed import doomed_site

GRAPHIC = b"^XA^FXjob=%s^FS" + b"^FX" + b"0" * 1_000_000 + b"^FS^XZ\n"
BYTES_PER_SECOND = 1_000_000
"""A megabyte at 10 kB/s takes a hundred seconds; here one, and the patience of a printer that hangs is as much shorter."""


def test_inventree_8740_a_megabyte_over_a_slow_link_shows_progress_and_is_printed(tmp_path: Path) -> None:
    heard: list[PrintMoved] = []
    with doomed_site(tmp_path) as site, virtual_bench(tmp_path / "printed") as bench:
        bench.tell("printer", {"do": f"slow {BYTES_PER_SECOND}"})
        site.listen(heard.append, SystemClock())
        name = site.ask(GRAPHIC)

        site.live(WirePrinter(TcpLink("127.0.0.1", bench.devices["printer"]["printer"]), send_seconds=0.3))

        assert site.state(name) is JobState.PRINTED
        assert [line["job"] for line in bench.printed()] == [name]
    told = [each.percent for each in heard if each.percent]
    assert told == sorted(set(told))
    assert (told[-1], len(told)) == (100, 20)
    assert [each.state for each in heard if not each.percent] == ["sending", "sent", "printed"]
