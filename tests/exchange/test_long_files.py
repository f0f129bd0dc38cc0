"""A long file is read by a process of its own; nothing but the place differs."""

from pathlib import Path

import pytest

from core.exchange import making
from core.exchange.making import Known, Made, windows_of_orders
from core.exchange.report import FileFault, Problem, Report
from core.kernel.ids import ItemId, OwnerId
from desktop.system import SystemIds
from tests.exchange.test_bad_files import HEAD, written

OWNER = OwnerId(b"owner-0000000001")
KNOWN = Known({(OWNER, "SOAP"): ItemId(b"item-00000000001")}, OWNER, SystemIds())


def orders(count: int, sku: str = "SOAP") -> str:
    return "".join(f"shop,{n},1,{sku},2,4.50,GBP,2025-12-16T09:00:00\n" for n in range(count))


def read(path: Path) -> tuple[list[list[Made]], Report]:
    report = Report(path.name)
    return list(windows_of_orders(path, "dockside", KNOWN, report)), report


def plain(windows: list[list[Made]]) -> list[list[tuple[object, ...]]]:
    return [
        [(made.order.id, made.order.digest, made.order.lines, made.contact, made.line) for made in window]
        for window in windows
    ]


@pytest.fixture
def windows_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "WINDOW_LINES", 3)


def test_the_same_orders_come_out_of_the_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, HEAD + orders(20) + orders(1, "SOAPX").replace("shop,0", "shop,20"))
    here, told_here = read(path)
    monkeypatch.setattr(making, "LONG_FILE", 1)

    apart, told_apart = read(path)

    assert plain(apart[:1]) == plain(here)
    assert told_apart == told_here
    assert told_apart.problems == {Problem.UNKNOWN_SKU: 1}
    assert (told_apart.lines, told_apart.documents, told_apart.rejected) == (21, 21, 1)


@pytest.mark.usefixtures("windows_of_three")
def test_a_window_is_sorted_by_id_and_bounded(tmp_path: Path) -> None:
    windows, _ = read(written(tmp_path, HEAD + orders(8)))

    assert [len(window) for window in windows] == [3, 3, 2]
    assert all(window == sorted(window, key=lambda made: made.order.id) for window in windows)


def test_a_file_that_cannot_be_read_says_so_from_over_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "LONG_FILE", 1)
    path = written(tmp_path, HEAD + orders(3) + "shop,9,1,SO\x00AP,1,1,GBP,2025-12-16T09:00:00\n")

    with pytest.raises(FileFault, match=r"orders\.csv, line 5, column '4': holds a NUL byte"):
        read(path)
