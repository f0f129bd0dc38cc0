"""A fill code says what was put in, and whatever was harmed on the way is refused with the reason."""

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.codes import PlainReading, read_code
from core.catalog.command_codes import is_reserved
from core.catalog.fill_codes import FILL_PREFIX, fill_code, is_fill_code, read_fill_code
from core.catalog.readings import FillCode, FillUnits, Flaw, Rejected
from core.kernel.ids import (
    NO_ID,
    BatchId,
    ContainerId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    ItemId,
    LocationId,
    LotId,
    OwnerId,
    SiteId,
    StationId,
    derive,
)

TODAY = (2026, 11, 24)
ORDER = derive(b"an order of mine", "order")
OWNER = OwnerId(derive(b"an owner of mine", "owner"))


def units(n: int, **more: object) -> FillUnits:
    plain = FillUnits(
        line=FulfilmentLineId(derive(ORDER, "line", n)), owner=OWNER, item=ItemId(derive(OWNER, "item", n)),
        lot=LotId(NO_ID), serial="", first=1, quantity=2,
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


def made(*inside: FillUnits, **more: object) -> FillCode:
    plain = FillCode(
        site=SiteId(1), fill=FillId(derive(ORDER, "fill")), container=ContainerId(derive(OWNER, "tote")),
        fulfilment=FulfilmentId(ORDER), walk=BatchId(derive(ORDER, "batch")),
        place=LocationId(derive(OWNER, "place")), station=StationId(derive(OWNER, "station")), incarnation=1, epoch=1,
        fence=4711, number=3, units=inside or (units(1), units(2)),
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


ids = st.binary(min_size=16, max_size=16)
numbers = st.integers(0, 2**40)
runs = st.builds(
    FillUnits, line=ids, owner=ids, item=ids, lot=ids, serial=st.text(max_size=30), first=st.integers(1, 10**6),
    quantity=st.integers(1, 10**6),
)  # fmt: skip
fills = st.builds(
    FillCode, site=st.integers(0, 999), fill=ids, container=ids, fulfilment=ids, walk=ids, place=ids, station=ids,
    incarnation=numbers, epoch=numbers, fence=numbers, number=numbers,
    units=st.lists(runs, min_size=1, max_size=9, unique_by=lambda run: run.line).map(tuple),
    signature=st.binary(max_size=64),
)  # fmt: skip


@given(fills)
def test_what_was_put_in_is_read_again(fill: FillCode) -> None:
    text = fill_code(fill)
    assert read_fill_code(text) == fill
    assert read_fill_code(text.lower()) == fill
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567-")


@given(fills, st.data())
def test_a_code_of_which_a_character_was_lost_changed_or_doubled_is_refused(
    fill: FillCode, data: st.DataObject
) -> None:
    text = fill_code(fill)
    at = data.draw(st.integers(len(FILL_PREFIX), len(text) - 1))
    other = data.draw(st.sampled_from([one for one in "AQZ27" if one != text[at]]))
    for bent in (text[:at] + text[at + 1 :], text[:at] + other + text[at + 1 :], text[:at] + text[at] + text[at:]):
        if bent != text:
            assert isinstance(read_fill_code(bent), Rejected), bent


@given(st.text())
def test_no_text_makes_it_raise(text: str) -> None:
    read_fill_code(FILL_PREFIX + text)


def payload_with(told: bytes) -> str:
    from base64 import b32encode

    return FILL_PREFIX + b32encode(told + sha256(told).digest()[:4]).decode().rstrip("=")


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        (FILL_PREFIX, Flaw.BAD_LENGTH),
        (FILL_PREFIX + "A1B8", Flaw.BAD_CHARACTER),
        (fill_code(made())[:-8], Flaw.BAD_CHECK_DIGIT),
        (payload_with(b"\x02anything"), Flaw.UNKNOWN_VERSION),
        (payload_with(b"\x01\x01\x01"), Flaw.BAD_LENGTH),
        (payload_with(b"\x01" + b"\xff" * 12), Flaw.BAD_LENGTH),
        (payload_with(b"\x01" + b"\x01" * 5 + b"\x11" * 6 + b"\x00\x00"), Flaw.BAD_VALUE),
    ],
)
def test_what_is_wrong_with_a_code_is_said(text: str, flaw: Flaw) -> None:
    found = read_fill_code(text)
    assert isinstance(found, Rejected)
    assert found.reason is flaw


@pytest.mark.parametrize(
    "inside",
    [
        (units(1, quantity=0),),
        (units(1, first=0),),
        (units(1), units(1, first=2)),
        tuple(units(n) for n in range(1, 202)),
    ],
)
def test_a_fill_that_makes_no_sense_gets_no_code(inside: tuple[FillUnits, ...]) -> None:
    with pytest.raises(ValueError, match="no fill code says this"):
        fill_code(made(*inside))


def test_an_order_of_three_lines_is_a_code_that_is_read_at_arms_length() -> None:
    text = fill_code(made(units(1), units(2), units(3)))
    # 366 letters and digits are a QR code of version 11 with level M: 61 modules, 31 mm at half a millimetre.
    assert len(text) <= 366, len(text)


def test_a_fill_code_is_a_kind_of_code_that_nothing_else_may_be() -> None:
    text = fill_code(made())
    assert is_fill_code(text)
    assert is_reserved(text)
    assert read_code(text, today=TODAY) == (PlainReading(text), made())
    assert read_code("]Q1" + text, today=TODAY) == (PlainReading(text), made())
    assert read_code(text[:-8], today=TODAY) == (PlainReading(text[:-8]), Rejected(Flaw.BAD_CHECK_DIGIT))
