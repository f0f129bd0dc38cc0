"""What an older program said is understood: every frozen operation by the hub, every frozen row of the feed by a station."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import core.everything  # noqa: F401
from core.cases.commands import OpenCase
from core.cases.model import Case
from core.kernel import commands, migrate
from core.kernel.commands import upcast
from core.kernel.feed import Feed, FeedKind, content_text, feed_hash, row_of
from core.kernel.ids import CommandId, document_id
from core.kernel.operations import GENESIS, Operation, OperationOutcome, OperationState, operation_hash
from core.kernel.tables import TABLES
from sync.hub.verifying import verify_site
from sync.protocol import Push, Pushed, sent_operation
from tests.commands import GOLDEN, ROWS, frozen_rows, operation
from tests.orders.shop import lay_out
from tests.support import SITE
from tests.sync.held import confirmed_rows
from tests.sync.world import Member, World, world

OPERATIONS = sorted(GOLDEN.glob("*.json"))
RELEASES = sorted(ROWS.glob("*.jsonl"))


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, stations=1) as made:
        yield made


def log_of(member: Member, said: Iterable[tuple[str, int, Any]]) -> list[Operation]:
    """Return operations by kind, version and body as one station's log, on top of what it has done."""
    before = member.bench.all(Operation)[-1]
    seq, head, made = before.seq, before.hash, []
    for kind, version, body in said:
        seq += 1
        each = replace(
            operation(kind, version, body), seq=seq, prev_hash=head, station=member.name,
            id=CommandId(document_id(0, f"{kind}.{seq}")),
        )  # fmt: skip
        each = replace(each, hash=operation_hash(each))
        made.append(each)
        head = each.hash
    return made


def pushed(it: World, log: list[Operation]) -> Pushed:
    """Push a log to the hub."""
    (one,) = it.members
    push = Push(
        epoch=1, site=SITE, station=one.name, incarnation=1, start=one.name, log_length=log[-1].seq, log_head=b"",
        operations=tuple(map(sent_operation, log)),
    )  # fmt: skip
    answer = it.center.push(push)
    assert isinstance(answer, Pushed)
    assert answer.applied_through == log[-1].seq
    return answer


def test_every_operation_that_was_ever_frozen_is_taken_and_none_holds_up_those_behind_it(it: World) -> None:
    (one,) = it.members
    lay_out(one.bench)
    it.settle()
    kept: list[dict[str, Any]] = [json.loads(path.read_text(encoding="utf-8")) for path in OPERATIONS]
    answer = pushed(it, log_of(one, [(each["kind"], each["version"], each["body"]) for each in kept]))

    outcomes = {OPERATIONS[n].stem: each.outcome for n, each in enumerate(answer.receipts)}
    assert len(outcomes) == len(OPERATIONS)
    assert [name for name, each in outcomes.items() if each is OperationOutcome.PARKED] == []
    assert [name for name, each in outcomes.items() if each is OperationOutcome.FAILED] == []
    with it.central.begin():
        assert list(verify_site(it.central, SITE)) == []


def test_the_two_versions_before_todays_are_applied_and_a_later_one_waits_with_what_is_behind_it(
    it: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if cases had been opened in other words before: no operation has had a second version yet."""
    (one,) = it.members
    lay_out(one.bench)
    it.settle()
    today = {"kind": "call", "subject": "ab", "facts": []}
    monkeypatch.setattr(OpenCase, "VERSION", 3)
    monkeypatch.setattr(commands, "_UPCASTS", {})
    upcast("cases.open", 1, lambda body: {"kind": body["kind"], "subject": body["about"]})
    upcast("cases.open", 2, lambda body: {**body, "facts": []})
    log = log_of(one, [
        ("cases.open", 1, {"kind": "call", "about": "ab"}), ("cases.open", 2, {"kind": "call", "subject": "ab"}),
        ("cases.open", 3, today), ("cases.open", 4, {**today, "why": "nobody here knows"}), ("cases.open", 3, today),
    ])  # fmt: skip

    outcomes = [each.outcome for each in pushed(it, log).receipts]

    assert outcomes == [OperationOutcome.APPLIED] * 3 + [OperationOutcome.PARKED] * 2
    assert [row.subject for row in it.office.it.all(Case)] == [b"\xab"] * 3


def test_the_newest_rows_are_frozen_as_they_are_today() -> None:
    # Before the first release: `python -m tools.freeze`. After it: another file, and the older ones stay.
    assert (ROWS / f"{migrate.HEAD}.jsonl").read_text(encoding="utf-8").splitlines() == frozen_rows()
    assert [path.stem for path in RELEASES] == list(migrate.KNOWN)


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
def test_a_station_takes_the_rows_of_every_release(it: World, release: Path) -> None:
    (one,) = it.members
    rows = [json.loads(line) for line in release.read_text(encoding="utf-8").splitlines()]
    told = [
        Feed(SITE, n, 1, FeedKind.ROW, row["entity"], row["key"], row["content"], b"") for n, row in enumerate(rows, 1)
    ]
    told.append(Feed(SITE, len(told) + 1, 1, FeedKind.RECEIPT, "77" * 16, "", "{}", b""))
    head, page = GENESIS, []
    for row in told:
        page.append(replace(row, hash=feed_hash(head, row)))
        head = page[-1].hash
    one.bench.executor.take(page)

    taken = confirmed_rows(one.connection)
    for row in rows:
        if row["entity"] in TABLES:
            wanted = content_text(row_of(TABLES[row["entity"]], row["content"]))
            assert taken[row["entity"]][row["key"]] == wanted
    assert OperationState.PENDING not in {each.state for each in one.bench.all(Operation)}
