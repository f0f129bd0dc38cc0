"""Which printers a station has, and where each job goes: by routes, by somebody's word, or nowhere, and then it says so."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.kernel.flow import PrintMoved
from core.kernel.ids import JobId
from core.kernel.spool import ConfirmedBy, JobState, PrintJob
from core.printers.model import printer_subject
from desktop import printers_office as office
from desktop.assembly import SIMULATED, Assembly, assembled
from desktop.cli import main
from desktop.membership import write_profile
from desktop.print_room import NOWHERE, Routes, spoolers
from printing.drivers.protocols import Trouble
from tests.homes import copy_home
from tests.support import NOON, PICKER, SITE


@pytest.fixture
def home(sample_home: Path, tmp_path: Path) -> Path:
    return copy_home(sample_home, tmp_path / "home")


def printers(home: Path, *words: str) -> None:
    assert main(["printers", *words, "--home", str(home)]) == 0


@pytest.fixture
def real(home: Path) -> Iterator[Assembly]:
    """A station that is not simulated, with a printer assigned to labels and one that only another computer could reach."""
    printers(home, "add", "P-07", "usb:/dev/usb/lp-none")
    printers(home, "add", "P-08", "usb:/dev/usb/lp-other")
    printers(home, "add", "P-09", "usb:/dev/usb/lp-unused")
    printers(home, "assign", "label", "P-07", "--fallback", "P-08")
    with assembled(home) as assembly:
        write_profile(assembly, **{SIMULATED: "0"})
        yield assembly


def nothing(_: PrintMoved) -> None:
    pass


def test_a_station_serves_the_printers_that_something_can_go_to_and_those_only(real: Assembly) -> None:
    with spoolers(real, nothing) as running:
        assert set(running) == {"P-07", "P-08", NOWHERE}


def test_a_printer_that_is_another_stations_alone_gets_nothing_from_here(home: Path) -> None:
    printers(home, "add", "P-07", "usb:/dev/usb/lp-none", "--here")
    printers(home, "assign", "label", "P-07")
    with assembled(home) as assembly:
        with assembly.database.reading() as reader:
            routes = Routes.read(assembly, reader)
        assert routes.printer_of(job("label")) == "P-07"
        elsewhere = Routes("another", tuple(routes.printers.values()), routes.rows)
        assert (elsewhere.printer_of(job("label")), elsewhere.printer_of(job("label", "P-07"))) == (NOWHERE, NOWHERE)
        assert (len(routes.used_here()), elsewhere.used_here()) == (1, ())


def job(role: str, outlet: str = "") -> PrintJob:
    return PrintJob(
        SITE, JobId(b"job-000000000001"), NOON, "house_label", 1, "{}", role, b"s", "", 1, JobState.QUEUED, 0, "", "",
        None, PICKER, "", outlet, 0, 0, 0, ConfirmedBy.NOBODY, NOON,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "goes_to"),
    [
        (job("label"), "P-07"),
        (job("label", "P-08"), "P-08"),
        (job("label", "P-99"), "P-07"),
        (job("document"), NOWHERE),
    ],
)
def test_paper_goes_by_its_route_or_where_somebody_sent_it_and_without_either_it_says_so(
    real: Assembly, asked: PrintJob, goes_to: str
) -> None:
    with spoolers(real, nothing) as running:
        assert [name for name, spool in running.items() if spool.outlet.takes(asked)] == [goes_to]
        assert running[NOWHERE].outlet.printer.status().troubles == (Trouble.NO_PRINTER,)


def test_a_printer_that_only_another_computer_could_reach_does_not_keep_a_station_from_opening(real: Assembly) -> None:
    with real.database.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE printer SET address = 'windows:ZDesigner' WHERE name = 'P-07'")

    with spoolers(real, nothing) as running:
        assert running["P-07"].outlet.printer.status().troubles == (Trouble.UNREACHABLE,)


def test_a_simulated_station_prints_on_virtual_printers_whatever_is_not_assigned(home: Path) -> None:
    from desktop.print_room import virtual_printer

    printers(home, "add", "P-07", "usb:/dev/usb/lp-none")
    printers(home, "assign", "document", "P-07")
    with assembled(home) as assembly, virtual_printer(home / "printed") as ports:
        with spoolers(assembly, nothing, ports) as running:
            assert set(running) == {"P-07", "label", "document", NOWHERE}


def test_a_printer_that_is_added_while_the_station_is_open_is_at_work_at_once_and_gone_when_it_is_taken_off(
    real: Assembly,
) -> None:
    waits = job("document")
    heard: list[PrintMoved] = []
    with spoolers(real, heard.append) as running:
        first = running["P-07"]
        assert running[NOWHERE].outlet.takes(waits)

        office.assign(real, "document", "P-09", "", office.Conditions())
        eventually(lambda: "P-09" in running)
        assert running["P-09"].outlet.takes(waits)
        assert not running[NOWHERE].outlet.takes(waits)
        assert running["P-07"] is first
        eventually(lambda: ("looked", printer_subject("P-09")) in [(each.state, each.subject) for each in heard])

        office.remove(real, "P-08")
        office.remove(real, "P-09")
        eventually(lambda: set(running) == {"P-07", NOWHERE})
        assert running[NOWHERE].outlet.takes(waits)
        assert {each.outlet.name for each in real.spools} == set(running)
        assert running["P-07"] is first


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    assert true()
