"""One value, one text, and back."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel import codec
from core.kernel.codec import CodecError
from core.kernel.ids import ItemId


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Part:
    item: ItemId
    quantity: int
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class Note:
    text: str


@dataclass(frozen=True, slots=True)
class Whole:
    parts: tuple[Part, ...]
    pair: tuple[int, str]
    either: Part | Note
    maybe: Note | None
    flag: bool


whole_numbers = st.integers(-(2**63), 2**63 - 1)
parts = st.builds(Part, st.binary(min_size=16, max_size=16), whole_numbers, st.sampled_from([None, Colour.RED]))
notes = st.builds(Note, st.text(st.characters(exclude_categories=["Cs"])))


@given(
    st.builds(
        Whole,
        st.lists(parts, max_size=3).map(tuple),
        st.tuples(whole_numbers, st.text(st.characters(exclude_categories=["Cs"]))),
        parts | notes,
        st.none() | notes,
        st.booleans(),
    )
)
def test_every_value_comes_back(value: Whole) -> None:
    assert codec.from_text(Whole, codec.to_text(value)) == value


def test_the_text_is_canonical() -> None:
    assert (
        codec.to_text(Part(ItemId(b"\x01" * 16), 3))
        == f'{{"colour":null,"is":"Part","item":"{"01" * 16}","quantity":3}}'
    )


class Line(NamedTuple):
    value: int
    is_gift: bool
    name: str
    item: ItemId
    colour: Colour


class Single(NamedTuple):
    type: int


@dataclass(frozen=True, slots=True)
class Empty:
    pass


def test_a_named_tuple_is_a_record_too() -> None:
    line = Line(2, is_gift=True, name="x", item=ItemId(b"\x01"), colour=Colour.RED)
    assert codec.to_text(line) == '{"colour":"red","is":"Line","is_gift":true,"item":"01","name":"x","value":2}'
    assert codec.to_text((Single(1), Empty())) == '[{"is":"Single","type":1},{"is":"Empty"}]'


def test_a_field_that_holds_another_type_than_it_declares_is_told_as_what_it_is() -> None:
    odd: Any = Line(True, 1, b"\xff", "text", "red")  # type: ignore[arg-type]
    assert codec.to_text(odd) == '{"colour":"red","is":"Line","is_gift":1,"item":"text","name":"ff","value":true}'
    assert codec.to_text(Note(Colour.RED)) == '{"is":"Note","text":"red"}'
    with pytest.raises(CodecError, match="float"):
        codec.to_text(Single(1.5))  # type: ignore[arg-type]


def test_text_stays_as_it_is() -> None:
    assert codec.to_text(Note("Zoë „x“")) == '{"is":"Note","text":"Zoë „x“"}'


@pytest.mark.parametrize("value", [1.5, {1, 2}, object(), 2**64])
def test_what_two_machines_may_write_apart_is_refused(value: object) -> None:
    with pytest.raises(CodecError):
        codec.to_text((value,))


@pytest.mark.parametrize(
    "text",
    ['{"is":"Part","item":"zz","quantity":3}', '{"is":"Part","quantity":"3"}', "[]", '{"item":"","quantity":1.5}'],
)
def test_what_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises((CodecError, ValueError)):
        codec.from_text(Part, text)


def test_a_kind_that_is_not_of_the_union_is_refused() -> None:
    with pytest.raises(CodecError, match="Colour"):
        codec.decode(Part | Note, {"is": "Colour"})  # type: ignore[arg-type]
