"""How long photos are kept, and who has them: after a month, a restore, a new station."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.amending.over import files_needed, let_photos_go
from core.cases.model import Photo, WrittenNote
from core.cases.photos import PhotoSafe
from core.kernel.feed import Feed
from core.kernel.loading import want_loading
from core.kernel.tables import rows_of, sql_of
from sync.hub.page import summary
from sync.hub.status import site_status
from sync.protocol import Carried, Carry, SentPhoto
from tests.support import SITE
from tests.sync.photos import adds, at_the_hub, jpeg, unsafe
from tests.sync.released import released_walks
from tests.sync.world import World, world


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        released_walks(made, 1)
        made.settle()
        yield made


def test_a_hub_that_was_set_back_is_brought_again_what_it_lost_also_by_who_only_looked(it: World) -> None:
    one, two = it.members
    mine, data = adds(one, jpeg("a scratch")), jpeg("the box")
    it.settle()
    kept = it.backup()
    others = adds(two, data)
    it.settle()
    for member in (one, two):
        it.carry(member)
    one.shelf.look(others)
    it.carry(one)
    assert set(at_the_hub(it)) == {mine, others}

    it.restore(kept)
    it.settle()
    it.settle()
    assert at_the_hub(it) == {}
    assert set(unsafe(one)) == {mine, others}
    it.carry(one)
    assert set(at_the_hub(it)) == {mine, others}


def test_what_a_station_says_in_an_older_epoch_changes_nothing(it: World) -> None:
    one, _ = it.members
    data = jpeg("a scratch")
    digest = adds(one, data)
    it.push(one)
    said = Carry(epoch=0, site=SITE, station=one.name, brought=(SentPhoto(digest, data),))
    assert it.center.carry(said) == Carried(epoch=1)
    assert at_the_hub(it) == {}


def test_a_hub_that_lost_bytes_and_says_nothing_is_brought_them_after_the_next_start(it: World) -> None:
    one, two = it.members
    data = jpeg("a scratch")
    digest = adds(one, data)
    it.settle()
    it.carry(one)
    two.shelf.look(digest)
    it.carry(two)
    with it.central.begin():
        it.central.execute(sa.text("DELETE FROM photo_bytes"))

    it.carry(one)
    assert at_the_hub(it) == {}
    for member in it.members:
        member.starts()
        assert unsafe(member) == (digest,)
    it.carry(two)
    assert at_the_hub(it) == {digest: data}
    it.carry(one)
    assert (unsafe(one), unsafe(two)) == ((), ())


def test_a_station_lets_old_photos_go_with_their_notes(it: World) -> None:
    one, two = it.members
    old, new = adds(one, jpeg("a scratch")), jpeg("tomorrow")
    it.settle()
    it.settle()
    it.carry(one)
    kept = adds(one, new)
    it.settle()
    it.settle()
    it.carry(one)
    with one.connection.begin():
        query = sa.select(sql_of(Feed)).where(sql_of(Feed).c.entity == "photo").order_by(sql_of(Feed).c.seq)
        rows = rows_of(Feed, one.connection.execute(query))
        assert {old, kept} <= files_needed(one.connection, SITE)
        let_photos_go(one.connection, SITE, rows[:1], 2**62)
        needed = files_needed(one.connection, SITE)

    assert [row.digest for row in one.bench.all(Photo)] == [kept]
    assert [row.digest for row in one.bench.all(PhotoSafe)] == [kept]
    assert (old in needed, kept in needed) == (False, True)
    assert len(two.bench.all(Photo)) == 2


def test_a_photo_that_only_its_station_has_outlives_the_month_until_the_hub_has_it(it: World) -> None:
    one, two = it.members
    lone = adds(one, jpeg("a scratch"))
    it.settle()
    it.settle()
    for member in it.members:
        with member.connection.begin():
            query = sa.select(sql_of(Feed)).where(sql_of(Feed).c.entity == "photo")
            let_photos_go(member.connection, SITE, rows_of(Feed, member.connection.execute(query)), 2**62)
            member.connection.execute(sa.delete(sql_of(WrittenNote)))
    assert [row.digest for row in one.bench.all(Photo)] == [lone]
    assert two.bench.all(Photo) == []
    with one.connection.begin():
        assert lone in files_needed(one.connection, SITE)

    it.carry(one)
    assert list(at_the_hub(it)) == [lone]
    with one.connection.begin():
        let_photos_go(one.connection, SITE, [], 2**62)
    assert one.bench.all(Photo) == []


def test_a_station_that_joins_has_what_was_written_and_shown_as_long_as_the_others_have_it(it: World) -> None:
    one, two = it.members
    old, lone, week = adds(one, jpeg("old")), adds(one, jpeg("old and not brought")), adds(one, jpeg("a week ago"))
    it.settle()
    it.carry(one)
    with it.central.begin():
        it.central.execute(sa.text("DELETE FROM photo_bytes WHERE digest = :d").bindparams(d=lone))
    now = it.clock.now_ms()
    for digest, days in ((old, 31), (lone, 31), (week, 7)):
        at = now - days * 86_400_000
        note = next(row.id for row in it.office.it.all(Photo) if row.digest == digest)
        with it.central.begin():
            for name in ("note", "photo"):
                set_at = sa.text(f"UPDATE {name} SET at = :at WHERE id = :id").bindparams(at=at, id=note)
                it.central.execute(set_at)

    for member in it.members:
        with member.connection.begin():
            want_loading(member.connection, SITE, 1)
        it.load(member)
        it.settle()
        assert {row.digest for row in member.bench.all(Photo)} == {lone, week}
        assert len(member.bench.all(WrittenNote)) == 1


def test_the_hubs_page_says_how_many_photos_it_keeps(it: World) -> None:
    one, _ = it.members
    data = jpeg("x" * 300_000), jpeg("y" * 200_000)
    for each in data:
        adds(one, each)
    it.settle()
    it.carry(one)
    with it.central.begin():
        status = site_status(it.central, SITE)
    assert (status.photos, status.photo_bytes) == (2, sum(map(len, data)))
    assert "; 2 photos of 0.5 MB" in summary(status)
