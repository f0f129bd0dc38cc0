"""A scanner that was not learnt may have lost what divides a lot from a serial: then the item is not taken from it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.catalog.commands import NewCode, NewItem, SaveItems, item_id
from core.kernel.flow import CodeKind
from core.kernel.ids import CommandId, OwnerId
from core.kernel.journal import GestureInput
from core.kernel.reasons import Reason
from core.station.resolve import read_input
from tests.support import SITE, Bench, bench

OURS = OwnerId(bytes(16))
EAN = "09506000134352"
BOTH = f"01{EAN}10ABC\x1d21SER1"


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    with bench(tmp_path) as it:
        it.run(_save(it, "PILL", EAN, lot_control=1, serial_control=1))
        it.run(_save(it, "TEA", "09501101003019", lot_control=1))

        def read_one(text: str, kind: GestureInput = GestureInput.SCAN, **more: Any) -> Any:
            with it.database.reading() as reader:
                return read_input(
                    reader, SITE, text, event=CommandId(bytes(16)), at=0, today=(2025, 12, 16), kind=kind, **more
                )

        yield read_one


def _save(it: Bench, sku: str, ean: str, **controls: int) -> SaveItems:
    return SaveItems(
        **it.base(), owner=OURS, items=(NewItem(sku=sku, description=sku, codes=(NewCode(ean),), **controls),)
    )  # type: ignore[arg-type]


def test_an_item_by_lot_and_serial_needs_a_scanner_that_was_learnt(read: Callable[..., Any]) -> None:
    asked: list[bytes] = []

    def demands(item: bytes) -> bool:
        asked.append(item)
        return True

    refused = read(BOTH, demands_trust=demands)
    assert (refused.candidates, refused.rejected) == ((), Reason.UNCALIBRATED_SCANNER)
    assert asked == [item_id(OURS, "PILL")]
    typed = read(BOTH.replace("\x1d", ""), GestureInput.MANUAL, demands_trust=demands)
    assert (typed.candidates, typed.rejected) == ((), Reason.UNCALIBRATED_SCANNER)
    for told in (
        read(BOTH, trusted=True, demands_trust=demands),
        read(f"(01){EAN}(10)ABC(21)SER1", GestureInput.MANUAL, demands_trust=demands),
        read(f"]Q1https://example.com/01/{EAN}/10/ABC/21/SER1", demands_trust=demands),
    ):
        (found,) = told.of(CodeKind.ITEM)
        assert (found.lot, found.serial, told.rejected) == ("ABC", "SER1", None)


def test_where_policy_only_informs_it_is_taken_and_an_item_by_lot_alone_always_is(read: Callable[..., Any]) -> None:
    assert read(BOTH, demands_trust=lambda _: False).of(CodeKind.ITEM)
    assert read("010950110100301910ABC", demands_trust=lambda _: True).of(CodeKind.ITEM)
    assert read(EAN, demands_trust=lambda _: True).of(CodeKind.ITEM)


def test_a_carriers_own_number_is_called_what_it_is(read: Callable[..., Any]) -> None:
    assert read("1Z999AA10123456784").rejected is Reason.TRACKING_NUMBER
    assert read("NOBODY-KNOWS").rejected is None


@pytest.mark.parametrize("code", ["SER-7", "NOBODY-KNOWS"])
def test_a_symbology_id_is_no_part_of_what_a_code_is_called(read: Callable[..., Any], code: str) -> None:
    assert read(f"]C0{code}").raw == read(f"]Q1{code}").raw == read(code).raw == code
    assert read(f"]C0{code}", GestureInput.MANUAL).raw == f"]C0{code}"
