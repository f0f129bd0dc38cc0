"""What the hub makes of operations it does not know, cannot apply, has from elsewhere or would refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.cases.model import Case, CaseKind
from core.kernel import codec
from core.kernel.commands import REGISTRY
from core.kernel.feed import FeedKind
from core.kernel.ids import PersonId
from core.kernel.operations import Operation, OperationOutcome, operation_hash
from core.kernel.printing import MovePrintJob
from core.kernel.reasons import Reason
from core.kernel.spool import JobState, PrintJob
from core.kernel.tables import sql_of
from core.people.commands import SavePerson
from core.people.model import Person
from core.rights.model import WorkLease
from core.stock.commands import ReceiveStock
from core.stock.model import Balance
from core.waves.model import Batch, BatchState
from sync.protocol import Push, Pushed, sent_operation
from tests.orders.shop import lay_out
from tests.support import SITE
from tests.sync.held import confirmed_rows, hashes, receipts
from tests.sync.world import Member, World, world

SOMEBODY = PersonId(b"person-somebody1")


def a_shop_is_there(it: World) -> None:
    lay_out(it.members[0].bench)
    it.settle()


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, after=a_shop_is_there) as made:
        yield made


@contextmanager
def forgotten(kind: str) -> Iterator[None]:
    """A program that does not know a kind of operation yet."""
    known = REGISTRY.pop(kind)
    try:
        yield
    finally:
        REGISTRY[kind] = known


def at_hub(it: World) -> int:
    """Return the units of mugs that the hub knows of on the shelf."""
    with it.central.begin():
        table = sql_of(Balance)
        return int(
            it.central.execute(sa.select(sa.func.sum(table.c.total)).where(table.c.signed == 0)).scalar_one() or 0
        )


def unsettled(member: Member) -> int:
    return len(member.unsettled())


def test_what_the_hub_does_not_know_yet_waits_with_everything_behind_it_and_is_applied_in_order(it: World) -> None:
    one, two = it.members
    one.shop.stock("MUG", "A-1", 3)
    one.shop.order("o1", [("MUG", 2)])
    one.shop.stock("MUG", "A-1", 4)
    two.shop.stock("MUG", "A-2", 1)

    with forgotten("orders.receive"):
        it.settle()
        assert at_hub(it) == 4, "what another station did is not held up"
        assert [outcome for _, outcome in receipts(it)].count(OperationOutcome.PARKED) == 2
        assert unsettled(one) == 2
        assert not [each for each in one.bench.all(Operation) if each.state == "pending"], "the queue is empty"
        one.shop.stock("MUG", "A-1", 5)
        it.settle()
        assert at_hub(it) == 4, "what comes later waits behind it"
        assert it.center.unpark(SITE) == 0

    assert it.center.unpark(SITE) == 3
    it.settle()

    assert at_hub(it) == 13
    assert unsettled(one) == 0
    assert OperationOutcome.PARKED not in {outcome for _, outcome in receipts(it)}
    assert hashes(it.central) == hashes(one.connection) == hashes(two.connection)


def test_a_newer_version_is_not_known_either(it: World) -> None:
    one = it.members[0]
    one.shop.stock("MUG", "A-1", 3)
    last = one.bench.all(Operation)[-1]
    newer = replace(last, version=2)
    newer = replace(newer, hash=operation_hash(newer))

    answer = it.center.push(push_of(one, newer))

    assert isinstance(answer, Pushed)
    assert answer.applied_through == last.seq
    assert [each.outcome for each in answer.receipts] == [OperationOutcome.PARKED]
    assert at_hub(it) == 0


def test_an_edit_that_loses_becomes_a_case_with_both_versions_and_the_first_stands_everywhere(it: World) -> None:
    one, two = it.members
    for member, language in ((one, "de"), (two, "ar")):
        edit = SavePerson(
            **member.bench.base(), person=SOMEBODY, roles="picker", language=language, preset="trusted", active=1,
            base_version=0,
        )  # fmt: skip
        member.bench.run(edit)
    for member in (one, two):
        it.push(member)
    it.settle()

    for member in it.members:
        assert {row.language for row in member.bench.all(Person) if row.id == SOMEBODY} == {"de"}
        (case,) = member.bench.all(Case)
        told = codec.parse(case.facts)
        assert (case.kind, told["kind"], told["reason"]) == (CaseKind.EDIT_LOST, "people.save", "changed_meanwhile")
        assert '"ar"' in told["wanted"]
        assert '"de"' in told["stands"]
        assert confirmed_rows(member.connection) == confirmed_rows(it.central)


def push_of(member: Member, *operations: Operation, incarnation: int = 1) -> Push:
    return Push(
        epoch=1, site=SITE, station=member.name, incarnation=incarnation, start=member.name, log_length=999, log_head=b"",
        operations=tuple(map(sent_operation, operations)),
    )  # fmt: skip


@pytest.mark.parametrize(
    "fault", [RuntimeError("no such thing"), sa.exc.IntegrityError("INSERT", {}, Exception("guard x"))]
)
def test_an_operation_that_cannot_be_applied_leaves_a_case_and_those_behind_it_go_on(
    it: World, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    one = it.members[0]
    for units in (1, 2, 4):
        one.shop.stock("MUG", "A-1", units)
    apply = ReceiveStock.apply

    def broken(self: ReceiveStock, uow: object) -> None:
        apply(self, uow)  # type: ignore[arg-type]
        if self.receipts[0].quantity == 2:
            raise fault

    monkeypatch.setattr(ReceiveStock, "apply", broken)
    it.settle()

    assert at_hub(it) == 5
    assert [outcome for _, outcome in receipts(it)].count(OperationOutcome.FAILED) == 1
    for member in it.members:
        assert unsettled(member) == 0
        assert [each.kind for each in member.bench.all(Case)] == [CaseKind.NOT_APPLIED]
        assert confirmed_rows(member.connection) == confirmed_rows(it.central)
    assert one.shop.at("MUG", "A-1") == 5, "the station sees what is confirmed"


def test_a_disk_that_is_full_is_not_the_operations_fault(it: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one = it.members[0]
    one.shop.stock("MUG", "A-1", 1)
    before = receipts(it)

    def full(self: ReceiveStock, uow: object) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("disk full"))

    with monkeypatch.context() as m:
        m.setattr(ReceiveStock, "apply", full)
        with pytest.raises(sa.exc.OperationalError):
            it.settle()
    assert receipts(it) == before

    it.settle()
    assert at_hub(it) == 1


def test_a_body_that_is_none_of_its_kind_does_not_stop_the_queue(it: World) -> None:
    one = it.members[0]
    one.shop.stock("MUG", "A-1", 3)
    last = one.bench.all(Operation)[-1]
    bad = replace(last, body='{"receipts":7}')
    bad = replace(bad, hash=operation_hash(bad))

    answer = it.center.push(push_of(one, bad))

    assert isinstance(answer, Pushed)
    assert [each.outcome for each in answer.receipts] == [OperationOutcome.FAILED]
    feed = it.feed(0)
    assert (feed[-1].kind, feed[-1].entity) == (FeedKind.RECEIPT, last.id.hex())


def test_an_operation_that_came_from_an_older_incarnation_already_is_a_duplicate(it: World) -> None:
    one = it.members[0]
    one.shop.stock("MUG", "A-1", 3)
    it.settle()
    known = one.bench.all(Operation)[-1]
    again = replace(known, seq=1, incarnation=2, prev_hash=bytes(32))
    again = replace(again, hash=operation_hash(again))

    answer = it.center.push(push_of(one, again, incarnation=2))

    assert isinstance(answer, Pushed)
    assert [each.outcome for each in answer.receipts] == [OperationOutcome.DUPLICATE]
    assert answer.applied_through == 1
    assert at_hub(it) == 3


def test_a_claim_that_is_refused_is_taken_back_at_its_station(it: World) -> None:
    one, two = it.members
    one.shop.stock("MUG", "A-1", 3)
    one.shop.order("o1", [("MUG", 3)])
    it.settle()
    it.office.promise()
    (batch,) = it.office.release()
    it.grant(one, batch)
    it.settle()
    one.shop.start()
    # The hub was restored to a time before the grant, or the station's file is an old one: its right is not seen there.
    it.central.rollback()
    with it.central.begin():
        it.central.execute(sa.delete(sql_of(WorkLease)))
    it.push(one)
    assert [each for each in receipts(it) if each[1] is OperationOutcome.REFUSED] == [
        (Reason.WORK_HELD, OperationOutcome.REFUSED)
    ]
    it.settle()

    assert hashes(one.connection, "work_lease") == hashes(two.connection, "work_lease")
    assert one.bench.need(Batch, batch).state is BatchState.READY


def test_what_only_a_station_can_check_the_hub_does_not_doubt(it: World) -> None:
    one = it.members[0]
    one.shop.stock("MUG", "A-1", 5)
    it.settle()
    order = it.office.released("o1", [("MUG", 1)])
    it.grant(one, *(row.id for row in it.office.it.all(Batch)))
    it.settle()
    one.shop.pick_all()
    parcel = one.shop.pack_all(order)
    job = next(each for each in one.bench.all(PrintJob) if each.subject == parcel.id)
    one.bench.run(MovePrintJob(**one.bench.base(), job=job.id, state=JobState.VOIDED))
    it.settle()

    assert {outcome for _, outcome in receipts(it)} == {OperationOutcome.APPLIED}
    assert one.bench.all(Case) == []
