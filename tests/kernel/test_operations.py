"""What is hashed is fixed byte by byte."""

from dataclasses import replace
from hashlib import sha256

from core.kernel.ids import NO_SESSION, CommandId, PersonId, SiteId, StationId
from core.kernel.operations import GENESIS, Operation, OperationOutcome, OperationState, chain_hash, operation_hash

OPERATION = Operation(
    position=7,
    seq=3,
    id=CommandId(bytes.fromhex("0196f1a2b3c47000800000000000000a")),
    kind="picking.pick_units",
    version=1,
    body='{"quantity":3}',
    site=SiteId(1),
    actor=PersonId(bytes(15) + b"\x07"),
    session=NO_SESSION,
    station=StationId(bytes(15) + b"\x09"),
    incarnation=1,
    device_ms=1_765_886_400_000,
    boot_ns=123_456_789,
    base_cursor=0,
    fence=0,
    prev_hash=GENESIS,
    hash=GENESIS,
    state=OperationState.LOCAL,
    result="{}",
    outcome=OperationOutcome.APPLIED,
)


def test_the_chain_puts_the_length_before_every_part() -> None:
    expected = sha256(GENESIS + (2).to_bytes(8, "big") + b"ab" + (2).to_bytes(8, "big") + b"12").digest()

    assert chain_hash(GENESIS, (b"ab", 12)) == expected


def test_parts_cannot_be_shifted_into_each_other() -> None:
    assert chain_hash(GENESIS, ("ab", "c")) != chain_hash(GENESIS, ("a", "bc"))


def test_the_vector_of_an_operation_never_changes() -> None:
    assert operation_hash(OPERATION).hex() == VECTOR


def test_what_happens_after_it_lies_outside_its_hash() -> None:
    later = replace(
        OPERATION,
        position=99,
        state=OperationState.DURABLE,
        result='{"x":1}',
        outcome=OperationOutcome.APPLIED_WITH_EXCEPTION,
    )

    assert operation_hash(later) == operation_hash(OPERATION)


def test_every_hashed_field_counts() -> None:
    changed = {
        "seq": 4,
        "id": bytes(16),
        "kind": "x",
        "version": 2,
        "body": "{}",
        "site": 2,
        "actor": bytes(16),
        "session": b"s" * 16,
        "station": bytes(16),
        "incarnation": 2,
        "device_ms": 1,
        "boot_ns": 1,
        "base_cursor": 1,
        "fence": 1,
        "prev_hash": b"p" * 32,
    }
    for name, value in changed.items():
        assert operation_hash(replace(OPERATION, **{name: value})) != operation_hash(OPERATION), name


VECTOR = "48c20e83ee0858d77e656d42bc978caa0528ada43e0a61ff1331ae31343e0d03"
