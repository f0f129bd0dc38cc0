"""Upkeep waits for a quiet minute, copies once a day, and what goes wrong stops no bench."""

import os
from pathlib import Path

import pytest

from core.kernel.catching_up import KEPT_MS
from core.kernel.executor import Work
from core.kernel.ids import ItemId, OwnerId
from core.receiving.commands import AnnounceDeliveries, NewDelivery, NewDeliveryLine, delivery_id
from core.receiving.queries import AskDeliveries
from desktop.assembly import assembled
from desktop.planning import stamp
from desktop.upkeep import Upkeep, sweep
from tests.homes import copy_home


@pytest.fixture
def kept(qtbot, sample_home: Path, tmp_path: Path):
    with assembled(copy_home(sample_home, tmp_path / "home")) as assembly:
        heard, reports = [0], []
        upkeep = Upkeep(assembly, lambda: heard[0], reports.append)
        yield upkeep, assembly, heard, reports
        upkeep.close()


def copies(assembly) -> list[Path]:
    return sorted(assembly.home.backups.glob("daily-*.db"))


def test_it_waits_for_a_quiet_minute_and_copies_once_a_day(kept) -> None:
    upkeep, assembly, heard, reports = kept
    upkeep.look()
    heard[0] = 5
    upkeep.look()
    assert copies(assembly) == []

    upkeep.look()
    upkeep.close()

    assert len(copies(assembly)) == 1
    assert reports == []


def test_what_goes_wrong_is_reported(kept) -> None:
    upkeep, assembly, _, reports = kept
    assembly.home.backups.write_text("in the way", encoding="utf-8")
    upkeep.look()
    upkeep.look()
    upkeep.close()

    assert [type(each) for each in reports] == [FileExistsError]


def test_files_that_no_row_names_go_after_a_month(kept) -> None:
    _, assembly, _, _ = kept
    blobs, now = assembly.home.blobs, assembly.clock.now_ms()
    shown = set(blobs.names())
    nobodys, wanted_again = blobs.put(b"a label of a parcel that left"), blobs.put(b"a label that is made anew")
    old = now / 1000 - KEPT_MS / 1000 - 60
    for digest in blobs.names():
        os.utime(assembly.home.folder / "blobs" / digest[:2] / digest[2:], (old, old))
    blobs.put(b"a label that is made anew")

    assert sweep(assembly, now) == 1
    assert set(blobs.names()) == shown | {wanted_again} != {wanted_again}, "pictures of items are named"
    assert not blobs.has(nobodys)
    assert sweep(assembly, now) == 0


def test_a_delivery_that_nobody_finishes_is_finished_with_the_daily_copy_of_a_pc_that_is_alone(kept) -> None:
    upkeep, assembly, _, reports = kept
    site, owner = assembly.identity.site, OwnerId(b"o" * 16)
    for number, days in (("OLD", 366), ("NEW", 364)):
        base = stamp(assembly)
        new = NewDelivery(
            delivery_id(owner, number), owner, number, "", b"d" * 32, (NewDeliveryLine(ItemId(b"i" * 16), 3),)
        )
        base["at"] -= days * 86_400_000
        assembly.submit(Work(command=AnnounceDeliveries(**base, deliveries=(new,)))).result()
    upkeep.look()
    upkeep.look()
    upkeep.close()

    with assembly.database.reading() as reader:
        assert [row.number for row in AskDeliveries(site).run(reader).rows] == ["NEW"]
    assert reports == []


def test_a_station_that_did_not_end_looks_at_the_end_of_its_log(sample_home: Path, tmp_path: Path) -> None:
    home = copy_home(sample_home, tmp_path / "home")
    with assembled(home) as assembly:
        assert assembly.broken == ()
    (home / "open").touch()

    with assembled(home) as assembly:
        assert assembly.broken == ()
        assert (home / "open").exists()

    assert not (home / "open").exists()
