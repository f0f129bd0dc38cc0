"""An order's story tells what was done, by whom, where, what was scanned for it, and what was refused on the way."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.kernel.tables import sql_of
from core.orders.model import Order
from core.station import story as stories
from core.station.home import ShowOrder
from core.station.replay import Line
from core.station.story import EVENTS_SHOWN, REFUSED, StoryEvent, story
from desktop.headless import headless
from tests.homes import copy_home


class Floor:
    """A station that takes lines of a script."""

    def __init__(self, assembly: Any, replay: Any) -> None:
        self.assembly, self._replay, self._totes = assembly, replay, 0
        self.told: dict[str, Any] = replay.start()

    def do(self, verb: str, argument: str) -> dict[str, Any]:
        self.told = self._replay.perform(Line(0, verb, argument))
        return self.told

    def next(self) -> dict[str, Any]:
        """Do what is expected next."""
        wanted = next(each for each in self.told["expects"] if each["meaning"] == "next")
        code = wanted["code"]
        if wanted["kind"] == "tote" and not code:
            self._totes += 1
            code = f"TOTE-{self._totes:04d}"
        if wanted["kind"] == "weight":
            return self.do("weight", "1")
        return self.do("key" if wanted["kind"] == "key" else "scan", code)

    def state(self) -> Any:
        return self._replay.heard_last[-1].state

    def story(self, number: str) -> tuple[StoryEvent, ...]:
        table = sql_of(Order)
        with self.assembly.database.reading() as reader:
            order = reader.execute(table.select().where(table.c.number == number)).one().id
            return story(reader, self.assembly.identity.site, order)


@pytest.fixture
def it(sample_home: Path, tmp_path: Path) -> Iterator[Floor]:
    with headless(copy_home(sample_home, tmp_path / "home"), printer=False) as (assembly, replay):
        yield Floor(assembly, replay)


def _to_the_van(it: Floor, *, wrong: bool = False) -> str:
    """Pick a batch, pack one order of it and load it; return its number."""
    it.do("badge", "BADGE-MARA")
    it.do("key", "CONFIRM")
    while it.told["state"] != "BatchDone":
        if wrong and it.told["state"] == "TakeItem":
            it.do("scan", "BENCH-2")
        it.next()
    it.do("key", "LOGOUT")
    it.do("badge", "BADGE-AYLIN")
    it.do("open", "pack")
    while it.told["state"] != "StickLabel":
        it.next()
    parcel = it.state().parcel
    it.do("scan", parcel.sscc)
    it.do("key", "LOGOUT")
    it.do("badge", "BADGE-TOM")
    it.do("open", "dispatch")
    it.do("scan", parcel.sscc)
    return str(parcel.order_number)


def test_a_story_goes_from_the_import_to_the_van_with_who_where_and_what_was_scanned(it: Floor) -> None:
    told = it.story(_to_the_van(it))

    kinds = [event.kind for event in told]
    assert kinds[:3] == ["orders.receive", "allocation.promise", "waves.release"]
    assert [event.at for event in told] == sorted(event.at for event in told)
    picked = next(event for event in told if event.kind == "picking.pick")
    assert (picked.who, picked.where) == ("Mara Koch", "CART-01")
    assert picked.quantity == 1
    assert picked.item
    location, item, tote = picked.scans
    assert re.fullmatch(r"[A-C]-\d\d-\d\d", location)
    assert tote == "TOTE-0001"
    closed = next(event for event in told if event.kind == "packing.close")
    assert (closed.who, closed.where, closed.scans) == ("Aylin Sahin", "BENCH-1", (item,))
    loaded = told[-1]
    assert (loaded.kind, loaded.who, loaded.where) == ("shipping.load", "Tom Becker", "")
    assert loaded.scans == next(event.scans for event in told if event.kind == "packing.apply_label")


def test_a_refusal_on_the_way_is_in_the_story_of_the_order_it_was_on(it: Floor) -> None:
    number = _to_the_van(it, wrong=True)
    told = it.story(number)

    refused = [event for event in told if event.kind == REFUSED]
    assert [(event.scans, event.reason, event.who) for event in refused] == [(("BENCH-2",), "wrong_kind", "Mara Koch")]
    assert "BENCH-2" not in next(event.scans for event in told if event.kind == "picking.pick")


def test_a_refusal_on_another_order_is_not_in_it(it: Floor) -> None:
    number = _to_the_van(it)
    it.do("scan", "NO-SUCH-CODE")

    assert REFUSED not in [event.kind for event in it.story(number)]


def test_an_order_that_only_came_in_has_a_story(it: Floor) -> None:
    table = sql_of(Order)
    with it.assembly.database.reading() as reader:
        number = reader.execute(table.select().order_by(table.c.number.desc())).first().number

    told = it.story(number)

    assert told[0].kind == "orders.receive"
    assert all(event.who == "" and event.scans == () for event in told)


def test_gestures_are_found_by_their_instant_however_many_there_are(it: Floor) -> None:
    number = _to_the_van(it)
    sent: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, sql: str, values: Any, *_: object) -> None:
        if "FROM gesture" in sql:
            sent.append((sql, values))

    with it.assembly.database.reading() as reader:
        sa.event.listen(reader, "before_cursor_execute", note)
        order = reader.execute(sql_of(Order).select().where(sql_of(Order).c.number == number)).first()
        assert order is not None
        assert stories.story(reader, it.assembly.identity.site, order.id)
        sa.event.remove(reader, "before_cursor_execute", note)
        ((sql, values),) = sent
        plan = [row[3] for row in reader.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]

    assert any("gesture_led (station=? AND at=?)" in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan


def test_a_long_story_is_turned_back_page_by_page_and_comes_round() -> None:
    from types import SimpleNamespace

    events = tuple(StoryEvent(n, "picking.pick", "", "") for n in range(2 * EVENTS_SHOWN + 1))
    shown = ShowOrder(SimpleNamespace(events=events))  # type: ignore[arg-type]

    assert shown.span == (EVENTS_SHOWN + 1, 2 * EVENTS_SHOWN + 1)
    assert shown.turned().span == (1, EVENTS_SHOWN + 1)
    assert shown.turned().turned().span == (0, 1)
    assert shown.turned().turned().turned() == shown
