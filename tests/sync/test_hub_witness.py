"""The hub's witness: a database that was put back is found out before anything is planned, a hub that restarts goes on."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from core.rights.model import Epoch, EpochState, Stage, WorkLease
from sync.hub.witness import FeedWitness, look
from tests.support import SITE
from tests.sync.released import released_walks
from tests.sync.world import World, world


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, stations=2) as made:
        released_walks(made, 1)
        yield made


@pytest.fixture
def witness(tmp_path: Path) -> FeedWitness:
    return FeedWitness(tmp_path / "witness", SITE)


def numbered(more: int, stat: Callable[..., os.stat_result], *words: Any, **options: Any) -> os.stat_result:
    """Return what a file is, on a disk that the machine numbered otherwise when it was started."""
    found = stat(*words, **options)
    return os.stat_result((*found[:2], found.st_dev + more, *found[3:]))


def looked(it: World, witness: FeedWitness) -> list[EpochState]:
    """Let the hub look, and return what epochs began since the first."""
    look(it.hub, SITE, witness, it.clock, it.ids)
    return [row.state for row in it.office.it.all(Epoch)]


def test_a_database_that_was_put_back_is_found_out_before_any_station_speaks(it: World, witness: FeedWitness) -> None:
    kept = it.backup()
    it.office.stock("MUG", "A-1", 1)
    assert looked(it, witness) == []
    it.restore(kept, told=False)

    assert looked(it, witness) == [EpochState.RECOVERING]
    it.lease(it.members[0])
    assert it.office.it.all(WorkLease) == []
    assert looked(it, witness) == [EpochState.RECOVERING]


def test_one_that_went_on_since_it_was_put_back_is_found_out(it: World, witness: FeedWitness) -> None:
    kept = it.backup()
    it.office.stock("MUG", "A-1", 1)
    looked(it, witness)
    it.restore(kept, told=False)
    for _ in range(3):
        it.office.stock("MUG", "A-1", 2)

    assert looked(it, witness) == [EpochState.RECOVERING]


@pytest.mark.parametrize("device", [0, 1], ids=["the same disk", "the disk has another number"])
def test_a_hub_that_was_only_started_again_grants_at_once_whoever_is_switched_off(
    it: World, witness: FeedWitness, monkeypatch: pytest.MonkeyPatch, device: int
) -> None:
    assert looked(it, witness) == []
    it.office.stock("MUG", "A-1", 1)
    monkeypatch.setattr(os, "stat", partial(numbered, device, os.stat))
    again = FeedWitness(witness._folder, SITE)

    assert looked(it, again) == []
    it.lease(it.members[0])
    assert [row.stage for row in it.office.it.all(WorkLease)] == [Stage.LOAD, Stage.PICK]


def test_a_home_that_was_copied_has_no_witness_and_hears_its_stations(
    it: World, witness: FeedWitness, tmp_path: Path
) -> None:
    looked(it, witness)
    copied = FeedWitness(tmp_path / "copied", SITE)
    (tmp_path / "copied").mkdir()
    copyfile(tmp_path / "witness" / f"site-{SITE}.json", tmp_path / "copied" / f"site-{SITE}.json")

    assert looked(it, copied) == [EpochState.RECOVERING]
    assert looked(it, copied) == [EpochState.RECOVERING]


def test_a_hub_that_was_told_is_not_told_twice(it: World, witness: FeedWitness) -> None:
    kept = it.backup()
    it.office.stock("MUG", "A-1", 1)
    looked(it, witness)
    it.restore(kept)

    assert looked(it, witness) == [EpochState.RECOVERING]
