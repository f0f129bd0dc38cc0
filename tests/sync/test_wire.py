"""Messages as bytes: whatever is bent on the way is no message, so that nothing is done on the word of a bent bit."""

from collections.abc import Iterator
from dataclasses import fields
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
from sync.protocol import PROTO, UNDERSTOOD, Carry, Pulled, Push, SentPhoto
from sync.station.engines import Me
from sync.station.pull import pull
from sync.wire import NotReadable, from_bytes, to_bytes
from tests.commands import example_record
from tests.support import SITE
from tests.sync.frozen_messages import FOLDER, MESSAGES, frozen_messages


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


def test_what_a_version_said_that_is_still_taken_is_read_as_it_was_meant() -> None:
    """An upload never waits until its station is brought up to date: the hub takes what the two versions before said, too."""
    assert {f"{each}.jsonl" for each in UNDERSTOOD} == {each.name for each in FOLDER.glob("*.jsonl")}
    for file in FOLDER.glob("*.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            told = codec.parse(line)
            read = codec.parse(codec.to_text(codec.decode(MESSAGES[told["message"]], told["says"])))
            assert {name: read[name] for name in told["says"]} == told["says"], told["message"]


def test_what_a_version_says_is_what_was_frozen_of_it() -> None:
    """Whatever changes it either has a default, and is frozen anew before a release, or is another version."""
    assert list(frozen_messages()) == (FOLDER / f"{PROTO}.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("kind", MESSAGES.values(), ids=MESSAGES)
def test_what_a_message_says_that_nobody_here_knows_is_left_out(kind: type[Any]) -> None:
    said = example_record(kind)
    more = codec.parse(codec.to_text(said)) | {"what_comes_one_day": [1]}

    assert codec.decode(kind, more) == said


@pytest.mark.parametrize("kind", MESSAGES.values(), ids=MESSAGES)
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
