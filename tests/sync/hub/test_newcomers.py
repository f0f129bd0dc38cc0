"""A site that is made while the hub serves is answered for within seconds."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.kernel.ids import SiteId
from sync.hub import newcomers
from sync.hub.configuration import Configuration, HubFault, HubHome, address_of
from sync.hub.newcomers import Newcomers
from sync.hub.opening import opened
from tests.support import FakeClock, FakeIds

pytestmark = pytest.mark.postgres


def away() -> None:
    raise HubFault("the database does not answer")


def until(what: Callable[[], object]) -> None:
    for _ in range(600):
        if what():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it did not come")


def test_a_site_that_is_made_while_the_hub_serves_is_served(
    tmp_path: Path, new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newcomers, "LOOK_S", 0.02)
    home, place, heard = HubHome(tmp_path / "hub"), address_of(new_database()), []
    first = Configuration({SiteId(1): place})
    home.write(first)
    with (
        opened(home, first, FakeClock(), FakeIds(), connections=1) as hub,
        Newcomers(
            replace(hub, opens=lambda site, where: away() if site == 3 else hub.opens(site, where)), heard.append
        ) as watch,
    ):
        home.write(replace(first, sites={SiteId(1): place, SiteId(2): place, SiteId(3): place}))
        until(lambda: watch.notes)

        assert heard == [SiteId(2)]
        assert sorted(hub.databases) == [SiteId(1), SiteId(2)]
        assert [each.startswith("Site 3 is not served") for each in watch.notes] == [True]
        assert hub.center.head(SiteId(2)) == 0

        home.file.write_text("[sites]\nx = 3", encoding="utf-8")
        until(lambda: "no configuration" in watch.notes[0])
        home.write(replace(first, sites={SiteId(1): place, SiteId(2): place}))
        until(lambda: not watch.notes)
    assert heard == [SiteId(2)]
