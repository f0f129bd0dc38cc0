"""devices.md 7.1, InvenTree 8740: a large label over a slow link, from the spooler to a printer that reads a hundred times slower than we write."""

from pathlib import Path

import pytest

from core.kernel.flow import PrintMoved
from core.kernel.spool import JobState
from desktop.system import SystemClock
from desktop.virtual_bench import virtual_bench
from printing.drivers.links import TcpLink
from printing.drivers.wire import WirePrinter
from tests.printing.doomed import doomed_site

GRAPHIC = b"^XA^FXjob=%s^FS" + b"^FX" + b"0" * 1_000_000 + b"^FS^XZ\n"
LINKS = (1_000_000, 0.3), (10_000, 30.0)
"""Bytes a second, and how long a piece may wait. A megabyte at 10 kB/s takes a hundred seconds, at night; by day one, and the
patience with a printer that hangs is as much shorter."""


@pytest.mark.parametrize(("rate", "patience"), [LINKS[0], pytest.param(*LINKS[1], marks=pytest.mark.nightly)])
def test_inventree_8740_a_megabyte_over_a_slow_link_shows_progress_and_is_printed(
    tmp_path: Path, rate: int, patience: float
) -> None:
    heard: list[PrintMoved] = []
    with doomed_site(tmp_path) as site, virtual_bench(tmp_path / "printed") as bench:
        bench.tell("printer", {"do": f"slow {rate}"})
        site.listen(heard.append, SystemClock())
        name = site.ask(GRAPHIC)

        site.live(WirePrinter(TcpLink("127.0.0.1", bench.devices["printer"]["printer"]), send_seconds=patience))

        assert site.state(name) is JobState.PRINTED
        assert [line["job"] for line in bench.printed()] == [name]
    told = [each.percent for each in heard if each.percent]
    assert told == sorted(set(told))
    assert (told[-1], len(told)) == (100, 20)
    assert [each.state for each in heard if not each.percent] == ["sending", "sent", "printed"]
