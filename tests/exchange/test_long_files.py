"""A long file is read by a process of its own; nothing but the place differs."""

from pathlib import Path

import pytest

from core.exchange import making
from core.exchange.making import Batch, Known, batches_of_orders
from core.exchange.report import FileFault, Problem, Report
from core.kernel.commands import body_of
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, ItemId, OwnerId, SiteId
from core.orders.commands import ReceiveOrders, received_body
from desktop.system import SystemIds
from tests.exchange.test_bad_files import HEAD, written

OWNER = OwnerId(b"owner-0000000001")
KNOWN = Known({(OWNER, "SOAP"): ItemId(b"item-00000000001")}, OWNER, SystemIds())


def orders(count: int, sku: str = "SOAP") -> str:
    return "".join(f"shop,{n},1,{sku},2,4.50,GBP,2025-12-16T09:00:00\n" for n in range(count))


def read(path: Path) -> tuple[list[Batch], Report]:
    report = Report(path.name)
    return list(batches_of_orders(path, "dockside", KNOWN, report)), report


def plain(batches: list[Batch]) -> list[list[tuple[object, ...]]]:
    """Return what two readings of a file have in common: a contact's id is another each time."""
    return [
        [(made.order.id, made.order.digest, made.order.lines, made.contact, made.line) for made in batch]
        for batch in batches
    ]


def test_the_same_orders_come_out_of_the_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, HEAD + orders(200) + orders(1, "SOAPX").replace("shop,0", "shop,200"))
    here, told_here = read(path)
    monkeypatch.setattr(making, "LONG_FILE", 1)

    apart, told_apart = read(path)

    assert len(here) == 4
    assert plain(apart) == plain(here)
    assert told_apart == told_here
    assert told_apart.problems == {Problem.UNKNOWN_SKU: 1}
    assert (told_apart.lines, told_apart.documents, told_apart.rejected) == (201, 201, 1)


def test_an_operation_has_few_rows_and_the_orders_of_a_window_by_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "WINDOW_LINES", 80)
    monkeypatch.setattr(making, "ROWS_PER_OPERATION", 120)

    batches, _ = read(written(tmp_path, HEAD + orders(100)))

    ids = [made.order.id for batch in batches for made in batch]
    assert [len(batch) for batch in batches] == [30, 30, 30, 10]
    assert ids == sorted(ids[:80]) + sorted(ids[80:])
    assert ids != sorted(ids)


def test_the_text_made_beside_the_reading_is_the_body_that_the_log_would_make(tmp_path: Path) -> None:
    (batch,), _ = read(written(tmp_path, HEAD + orders(3)))
    command = ReceiveOrders(
        id=CommandId(b"command-00000001"), site=SiteId(1), at=0, actor=SYSTEM, session=NO_SESSION,
        orders=tuple(made.order for made in batch),
    )  # fmt: skip

    assert received_body(made.text for made in batch) == body_of(command)


def test_a_file_that_cannot_be_read_says_so_from_over_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "LONG_FILE", 1)
    path = written(tmp_path, HEAD + orders(3) + "shop,9,1,SO\x00AP,1,1,GBP,2025-12-16T09:00:00\n")

    with pytest.raises(FileFault, match=r"orders\.csv, line 5, column '4': holds a NUL byte"):
        read(path)
