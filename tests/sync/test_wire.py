"""Messages as bytes: whatever is bent on the way is no message, so that nothing is done on the word of a bent bit."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from hashlib import sha256
from random import Random
from typing import Any

import pytest
import zstandard

import core.everything  # noqa: F401
from core.kernel import codec
from core.kernel.feed import FeedBroken, FeedHead
from core.kernel.ids import StationId
from core.kernel.operations import GENESIS
from sync import protocol
from sync.protocol import Carry, Pulled, Push, SentPhoto
from sync.station.engines import Me
from sync.station.pull import pull
from sync.wire import NotReadable, from_bytes, to_bytes
from tests.commands import example_record
from tests.support import SITE

MESSAGES = [
    each for each in vars(protocol).values()
    if isinstance(each, type) and is_dataclass(each) and "proto" in {field.name for field in fields(each)}
]  # fmt: skip


def places(text: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield a message with one value of its own bent at a time, by the value's name; what it ends with stays."""
    told = codec.parse(text.decode())
    digest = told.pop("sha256")
    for name, value in told.items():
        bent = told | {name: other(value)}
        yield name, codec.canonical(bent).encode()[:-1] + b',"sha256":"%b"}' % digest.encode()


def other(value: Any) -> Any:
    match value:
        case int():
            return value ^ 1
        case str():
            return chr(ord(value[0]) ^ 1) + value[1:] if value else "0"
        case [first, *rest]:
            return [other(first), *rest]
        case dict():
            return {name: other(each) if name != "is" else each for name, each in value.items()}
        case _:
            return [value]


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda each: str(each.__name__))
def test_a_message_of_which_any_value_was_bent_is_none(kind: type[Any]) -> None:
    said = example_record(kind)
    data, packed = to_bytes(said)
    assert from_bytes(kind, data, packed=packed) == said
    plain = zstandard.ZstdDecompressor().decompress(data) if packed else data

    bent = dict(places(plain))

    assert set(bent) >= {field.name for field in fields(kind)}
    for each in bent.values():
        with pytest.raises(NotReadable, match=r"is not what its hash says"):
            from_bytes(kind, each, packed=False)


@pytest.mark.parametrize("packed", [False, True])
def test_a_message_of_which_any_bit_was_bent_is_none(packed: bool) -> None:
    said = example_record(Push)
    data, was_packed = to_bytes(said)
    assert was_packed
    if not packed:
        data = zstandard.ZstdDecompressor().decompress(data)

    taken = []
    for bit in range(len(data) * 8):
        bent = bytearray(data)
        bent[bit // 8] ^= 1 << bit % 8
        try:
            message = from_bytes(Push, bytes(bent), packed=packed)
        except NotReadable:
            continue
        # A bit of the packing that means nothing.
        if not packed or message != said:
            taken.append(bit)
    assert taken == []


def test_an_answer_to_another_question_is_not_taken() -> None:
    """What a pull asks for stands in an address, which has no hash."""
    engine = pull(Me(SITE, StationId(b"s" * 16), b"start"))
    next(engine)
    engine.send(FeedHead(SITE, 1, 7, GENESIS))

    with pytest.raises(FeedBroken, match=r"asked for behind 7, given behind 3"):
        engine.send(Pulled(epoch=1, at=0, after=3, head=9, rows=(), resync=True))


def test_a_photo_is_not_much_longer_on_the_wire_than_in_its_file() -> None:
    data = Random(1).randbytes(400_000)
    brought = (SentPhoto(sha256(data).hexdigest(), data),)
    packed, _ = to_bytes(Carry(epoch=1, site=SITE, station=StationId(bytes(16)), brought=brought))
    assert len(packed) < 1.1 * len(data)
