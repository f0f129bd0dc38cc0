"""What somebody forges is not taken, or found: messages at the hub, history in its database.

A message that comes once more, bent, or of another station changes nothing. Whoever knows a station's id and its last hash
can still speak for it: that takes signatures, whose place is in the messages. Of history, every table that travels is edited
in each of its columns, and so are the feed, the log and the receipts; `dockside hub verify` finds it. Who edits all of it
and works every hash out anew is found by what a station remembers of the feed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from core.catalog.model import Item
from core.kernel.feed import TRAVELS, Feed, content_text, feed_hash, row_of
from core.kernel.ids import SiteId, StationId
from core.kernel.operations import GENESIS
from core.kernel.tables import TABLES, rows_of, sql_of
from sync.hub.applying import own_station
from sync.hub.verifying import verify_site
from sync.protocol import UNKNOWN_STATION, Compare, Fetch, Lease, Push, Refused, Rejoin, Renew, SentOperation
from sync.wire import NotReadable, from_bytes, to_bytes
from tests.simulation.dst.day import Day
from tests.simulation.dst.hub import Hub
from tests.simulation.dst.line import Line
from tests.simulation.dst.machine import Machine, Pull, Sent
from tests.simulation.dst.plan import Event, Schedule
from tests.simulation.dst.site import Site, Templates, fast_folder
from tests.support import SITE

EVENTS: tuple[Event, ...] = (
    ("goods", 0, 0, 12), ("goods", 1, 1, 12), ("order", [[0, 2], [1, 1]]), ("order", [[1, 2]]), ("plan", 4),
    ("round", "cart-1"), ("round", "cart-1"), ("round", "bench-1"), ("round", "bench-1"),
)  # fmt: skip
REQUESTS = 1_000
"""By the fault matrix of the sync pages."""


KINDS_MIN = 50
"""Of edits, by the fault matrix of the sync pages."""
NOT_HISTORY = {("operation_receipt", "at"), ("operation_receipt", "parked"), ("op_log", "result")}
"""When an operation came by the hub's clock, what waits for a newer program, what a screen was answered: no hash has it."""


class Listening(Line):
    """A wire on which somebody writes down what is pushed."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)
        self.pushed: list[Push] = []

    def __call__(self, machine: Machine, sent: Sent) -> object:
        if isinstance(sent.message, Push) and sent.message.operations:
            self.pushed.append(sent.message)
        return super().__call__(machine, sent)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A site after a day, which everybody has heard of."""
    schedule = Schedule(1, 1, 1, EVENTS)
    with fast_folder() as folder, Templates(folder).site(schedule) as made:
        made.line = Listening(made.hub)
        assert Day(made, schedule).run().wrong == []
        for machine in (made.hub, *made.machines.values()):
            (machine.central if isinstance(machine, Hub) else machine.bench.executor.connection).rollback()
        yield made


@pytest.fixture
def pushed(site: Site) -> list[Push]:
    """What stations said on that day."""
    assert isinstance(site.line, Listening)
    return site.line.pushed


@contextmanager
def edited(site: Site, *, keep: bool = False) -> Iterator[sa.Connection]:
    """Yield a connection of somebody who took every guard away; what he did is undone unless it is to be kept."""
    central = site.hub.central
    central.rollback()
    with central.begin() as transaction:
        triggers = central.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        for each in triggers:
            central.exec_driver_sql(f'DROP TRIGGER "{each}"')
        yield central
        if not keep:
            transaction.rollback()


def found(connection: sa.Connection) -> list[str]:
    return [str(each) for each in verify_site(connection, SITE)]


def edits(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Yield edits by name, each as SQL: every column of every table of the site's history, rows that go, rows that come."""
    central = {"feed", "op_log", "operation_receipt"}
    tables = [info for name, info in sorted(TABLES.items()) if info.kind in TRAVELS or name in central]
    for info in tables:
        row = connection.execute(sa.select(info.sql).where(info.sql.c.site == SITE).limit(1)).first()
        if row is None:
            continue
        which = f"rowid = (SELECT max(rowid) FROM {info.name})"
        if not info.sql.dialect_options["sqlite"]["with_rowid"]:
            last = ", ".join(f'"{name}" DESC' for name in info.key)
            keys = ", ".join(f'"{name}"' for name in info.key)
            which = f"({keys}) = (SELECT {keys} FROM {info.name} ORDER BY {last} LIMIT 1)"
        yield f"{info.name} goes", f"DELETE FROM {info.name} WHERE {which}"
        for name in info.columns:
            if name in info.key or (info.name, name) in NOT_HISTORY:
                continue
            yield f"{info.name}.{name}", f'UPDATE {info.name} SET "{name}" = {other(row._mapping[name])} WHERE {which}'


def other(value: Any) -> str:
    """Return SQL of another value like one."""
    match value:
        case bool() | int():
            return str(int(value) + 1_000)
        case bytes():
            return f"x'{bytes(each ^ 1 for each in value).hex() or '01'}'"
        case _:
            return "'another'" if value != "another" else "'other'"


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.nightly)])
def test_every_kind_of_edit_is_found(site: Site, every: int) -> None:
    with edited(site) as connection:
        assert found(connection) == []
        all_edits = list(edits(connection))[::every]
        missed = []
        for name, sql in all_edits:
            with connection.begin_nested() as step:
                changed = connection.exec_driver_sql(sql).rowcount
                try:
                    seen = found(connection)
                except Exception as e:  # noqa: BLE001  what cannot be read any more is found as well
                    seen = [repr(e)]
                if not changed or not seen:
                    missed.append(name)
                step.rollback()

    assert missed == []
    assert len(all_edits) >= KINDS_MIN


def test_history_that_is_written_anew_with_all_its_hashes_is_found_by_whoever_heard_it(site: Site) -> None:
    site.hub.backup()
    feed, digest = sql_of(Feed), GENESIS
    with edited(site, keep=True) as connection:
        rows = rows_of(Feed, connection.execute(sa.select(feed).where(feed.c.site == SITE).order_by(feed.c.seq)))
        for row in rows:
            made = row
            if row.entity == "item":
                item = row_of(TABLES["item"], row.content)
                assert isinstance(item, Item)
                made = replace(row, content=content_text(replace(item, description="urn")))
            digest = feed_hash(digest, made)
            words = sa.update(feed).where(feed.c.seq == row.seq).values(content=made.content, hash=digest)
            connection.execute(words)
        connection.exec_driver_sql("UPDATE feed_head SET hash = ?", (digest,))
        connection.exec_driver_sql("UPDATE item SET description = 'urn'")
        assert found(connection) == []
    site.hub.office.order("O-9", [("CUP", 1)])

    assert {name: each.step("pull", 400, site.line) for name, each in site.machines.items()} == dict.fromkeys(
        site.machines, "FeedBroken"
    )
    site.hub.set_back(0, quiet=True)


def history(site: Site) -> list[tuple[object, ...]]:
    """Return how many operations a hub has of each station."""
    words = "SELECT station, incarnation, count(*), max(seq) FROM operation_receipt GROUP BY station, incarnation"
    with site.hub.central.begin():
        found = [tuple(row) for row in site.hub.central.exec_driver_sql(words)]
    return sorted(row for row in found if row[0] != own_station(SITE))


def next_of(push: Push, **changes: Any) -> Push:
    """Return a push of an operation that would be the next of a station, as somebody makes it up who never saw its log."""
    last = push.operations[-1]
    made = {"seq": push.log_length + 1, "prev_hash": bytes(32), "hash": bytes(32)} | changes
    return replace(push, operations=(last._replace(**made),))


def forged(pushed: list[Push], chance: Random) -> tuple[str, Push]:
    """Return a message and what is wrong with it."""
    push = chance.choice(pushed)
    other = chance.choice([each for each in pushed if each.station != push.station])
    at = chance.randrange(len(push.operations))
    each: SentOperation = push.operations[at]
    match chance.randrange(8):
        case 0:
            return "it came before", push
        case 1:
            return "of a station that nobody knows", replace(push, station=StationId(chance.randbytes(16)))
        case 2:
            return "of another site", replace(push, site=SiteId(chance.randint(2, 9)))
        case 3:
            return "another station's operations", replace(push, operations=other.operations)
        case 4:
            body = each.body.replace("1", "7")
            return "another body", next_of(push, body=body)
        case 5:
            return "with the hash of another operation", next_of(push, prev_hash=push.log_head, hash=other.log_head)
        case 6:
            return "a number that is not the next", next_of(push, seq=push.log_length + chance.randint(2, 99))
        case _:
            return "an id that is taken, of another station", next_of(other, id=each.id)


def test_what_was_forged_or_comes_again_changes_nothing(site: Site, pushed: list[Push]) -> None:
    chance, before = Random(1), history(site)
    accepted = []
    for _ in range(REQUESTS // 2):
        words, push = forged(pushed, chance)
        data, packed = to_bytes(push)
        site.hub.answer(from_bytes(Push, data, packed=packed))
        if history(site) != before:
            accepted.append(words)
            before = history(site)

    assert accepted == []


NOBODY = StationId(b"station-nobody!!")
QUESTIONS = (
    Fetch(epoch=1, site=SITE, station=NOBODY, wanted=()),
    Lease(epoch=1, site=SITE, station=NOBODY, incarnation=1, minutes=60),
    Compare(epoch=1, site=SITE, station=NOBODY, seq=1, buckets=()),
    Rejoin(epoch=1, site=SITE, station=NOBODY, cursor=0, cursor_hash=b""),
    Renew(epoch=1, site=SITE, station=NOBODY, incarnation=1, start=b"start"),
    Pull(station=NOBODY, after=0, epoch=1),
)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: type(each).__name__)
def test_whoever_is_no_station_of_the_site_is_answered_nothing(site: Site, question: object) -> None:
    before = history(site)

    answer = site.hub.answer(question)

    assert isinstance(answer, Refused)
    assert answer.reason == UNKNOWN_STATION
    assert history(site) == before


def test_what_was_bent_on_the_way_is_no_message(site: Site, pushed: list[Push]) -> None:
    """Each of these bits, in a packed message or a plain one: it is no message, or it is what was said."""
    chance = Random(2)
    other = []
    for _ in range(REQUESTS // 2):
        said = chance.choice(pushed)
        data, packed = to_bytes(said)
        bent = bytearray(data)
        bit = chance.randrange(len(bent) * 8)
        bent[bit // 8] ^= 1 << bit % 8
        try:
            message = from_bytes(Push, bytes(bent), packed=packed)
        except NotReadable:
            continue
        if message != said:
            other.append((bit, message))
    assert other == []
