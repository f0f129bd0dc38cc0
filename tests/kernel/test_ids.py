"""Derived ids are fixed byte by byte: stations and hubs derive the same ones for ever."""

import pytest

from core.kernel.ids import derive, document_id

ORIGIN = bytes(range(16))


@pytest.mark.parametrize(
    ("origin", "purpose", "n", "made"),
    [
        (ORIGIN, "line", 0, "0001020304058607b4c90983a2b85926"),
        (ORIGIN, "line", 1, "0001020304058607a20313b7aaad7d14"),
        (ORIGIN, "Größe", 5000, "00010203040586078a4346b297f9f1ad"),
        (b"\xff" * 16, "hold", 0, "ffffffffffff8fffb8cfc090041a7c7b"),
    ],
)
def test_a_derived_id_keeps_its_origins_time_and_says_what_it_is_for(
    origin: bytes, purpose: str, n: int, made: str
) -> None:
    assert derive(origin, purpose, n).hex() == made


@pytest.mark.parametrize(
    ("at", "names", "made"),
    [
        (1_736_150_400_000, ("shop", "1001"), "01943aa0bc008a10a51d553b2c1583f4"),
        (-5, ("shop", "Æ"), "00000000000088b2b9c79b629ab47566"),
    ],
)
def test_a_documents_id_begins_with_its_date(at: int, names: tuple[str, ...], made: str) -> None:
    assert document_id(at, *names).hex() == made
