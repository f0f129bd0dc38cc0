"""devices.md 7.1, the rows about printing: each peer's bug is a test by its number.

All seventeen rows with their tests are in `test_rows.py`.
"""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from core.kernel.ids import JobId
from core.kernel.spool import JobState, PrintJob
from core.kernel.uow import UnitOfWork
from core.printers.queries import SlowOutlet, slow_outlets
from desktop.printers_office import SLOW_MS
from printing.drivers.protocols import Trouble, unknown
from printing.drivers.windows import WindowsPrinter
from printing.media import Language
from printing.render import render
from tests.printing.doomed import SHORT, doomed_site
from tests.printing.samples import HOUSE, media_of
from tests.printing.test_queues import FakeSpool
from tests.support import NOON, SITE

IN_TEST, AT_NIGHT = 30, 500


def test_inventree_11650_and_12873_killed_at_every_byte_and_every_write_no_label_comes_twice_or_is_lost(
    tmp_path: Path,
) -> None:
    with doomed_site(tmp_path) as site:
        length = len(SHORT % (b"0" * 32))
        for after in range(length + 1):
            name = site.ask(SHORT)
            site.printer.kill_after = after
            site.live()
            site.live()
            site.assert_true(name)
            assert (site.printer.paper[name] == 1) is (after >= length - 1), (
                "the printer had all of it but the line's end"
            )
        for write in range(4):
            name = site.ask(SHORT)
            site.die_at = write
            site.live()
            site.live()
            site.assert_true(name)


@pytest.mark.nightly
def test_inventree_11650_killed_at_every_byte_of_a_real_label(tmp_path: Path) -> None:
    with doomed_site(tmp_path) as site:
        length = len(render(HOUSE, media=media_of(HOUSE, 203, Language.ZPL), job="0" * 32).data)
        for after in range(length + 1):
            name = site.ask()
            site.printer.kill_after = after
            site.live()
            site.live()
            site.assert_true(name)


@pytest.mark.parametrize("jobs", [IN_TEST, pytest.param(AT_NIGHT, marks=pytest.mark.nightly)])
def test_the_power_goes_at_random_points_of_jobs_and_every_label_is_out_once_or_known_to_be_in_doubt(
    tmp_path: Path, jobs: int
) -> None:
    chance = random.Random(jobs)
    with doomed_site(tmp_path) as site:
        names = []
        for _ in range(jobs):
            names.append(site.ask(SHORT))
            length = len(SHORT % (b"0" * 32))
            match chance.randrange(6):
                case 0:
                    site.printer.kill_after = chance.randint(0, length)
                case 1:
                    site.die_at = chance.randrange(4)
                case 2:
                    site.printer.cut_after = chance.randint(0, length - 1)
                case 3:
                    site.printer.pause_after = chance.randint(0, length - 1)
                case 4:
                    site.printer.pause_after = 0
                    site.printer.kill_after = length
                case _:
                    pass
            site.live()
            if chance.random() < 0.3:
                site.printer.lose_power()
            site.printer.paused = False
            site.printer.run()
            site.live()
        site.live()
        for name in names:
            site.assert_true(name)
        states = [site.state(name) for name in names]
        assert JobState.UNKNOWN in states
        assert states.count(JobState.PRINTED) > jobs // 3


def test_inventree_cups_15_a_late_confirmation_turns_unknown_into_printed_without_anybody(tmp_path: Path) -> None:
    with doomed_site(tmp_path) as site:
        name = site.ask(SHORT)
        site.printer.pause_after = 20
        site.live()
        assert site.state(name) is JobState.UNKNOWN

        site.printer.paused = False
        site.printer.run()
        site.live()

        assert site.state(name) is JobState.PRINTED
        assert site.printer.paper[name] == 1


@pytest.mark.parametrize(
    ("bits", "state"), [(None, JobState.UNKNOWN), (0x1000, JobState.UNKNOWN), (0x80, JobState.PRINTED)]
)
def test_odoo_spooler_gone_is_no_success(tmp_path: Path, bits: int | None, state: JobState) -> None:
    with doomed_site(tmp_path) as site:
        name = site.ask(SHORT)
        site.live(WindowsPrinter("ZDesigner", FakeSpool(jobs={1: bits})))

        assert site.state(name) is state


def test_qz_784_a_printer_whose_status_nobody_understands_is_unknown_and_gets_nothing(tmp_path: Path) -> None:
    with doomed_site(tmp_path) as site:
        name = site.ask(SHORT)
        site.printer.says = unknown(Trouble.UNREADABLE)
        site.live()

        assert site.state(name) is JobState.HELD
        assert site.printer.paper[name] == 0


def test_cups_4_s_delay_the_start_of_a_label_is_measured_and_a_slow_printer_is_named(tmp_path: Path) -> None:
    with doomed_site(tmp_path) as site:
        for n, (outlet, ms) in enumerate(
            [("cups", 4_400), ("cups", 4_600), ("tcp", 300), ("tcp", 5_000), ("tcp", 200)]
        ):
            name = site.ask(SHORT)
            row = site.it.need(PrintJob, JobId(bytes.fromhex(name)))
            out = replace(row, outlet=outlet, sent_at=NOON + n, moved_at=NOON + n + ms, state=JobState.PRINTED, pages=1)
            with site.it.executor.connection.begin():
                uow = UnitOfWork(site.it.executor.connection)
                uow.put(out)
                uow.flush()

        with site.it.database.reading() as reader:
            assert slow_outlets(reader, SITE, SLOW_MS) == (SlowOutlet("cups", 4_500),)
