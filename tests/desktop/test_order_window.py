"""The office's word about an order in a real window: by keyboard, by scanner and by touch, and what the window does about it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
import zxingcpp
from PIL import Image
from pytestqt.qtbot import QtBot

from core.catalog.command_codes import CommandReading, read_command
from core.kernel.ids import OrderId
from core.kernel.tables import rows_of, sql_of
from core.orders.model import FulfilmentLine, Order
from core.station.amending import ConfirmWish
from core.station.home import Home, ShowOrder
from desktop.cards import CutOffs
from desktop.cli import main
from desktop.languages import plain, speaking
from desktop.present import present
from desktop.spoken import spoken
from tests.desktop.bench import Bench
from tests.desktop.test_three_ways import WAYS, Way, by_keyboard
from tests.homes import copy_home

ORDER = "100466"
"""An order of the sample that waits on a cart's list."""


def signs_in(it: Bench, badge: str = "BADGE-DANA") -> None:
    it.scan(badge)
    if it.state == "EnterPin":
        it.window.type("2580")
        it.settle()


def row(it: Bench, number: str = ORDER) -> Order:
    with it.assembly.database.reading() as reader:
        orders = sql_of(Order)
        (found,) = rows_of(Order, reader.execute(sa.select(orders).where(orders.c.number == number)))
        return found


def lines(it: Bench, order: OrderId) -> list[FulfilmentLine]:
    with it.assembly.database.reading() as reader:
        table = sql_of(FulfilmentLine)
        return list(rows_of(FulfilmentLine, reader.execute(sa.select(table).where(table.c.order == order))))


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_an_order_is_held_let_go_and_cancelled(it: Bench, qtbot: QtBot, way: Way) -> None:
    signs_in(it)
    assert it.scan(ORDER) == "ShowOrder"

    for key in ("QTY-3", "QTY-2", "YES"):
        way(it, qtbot, key)
    assert it.state == "ShowOrder"
    assert it.window.station.state.found.held
    way(it, qtbot, "QTY-3")
    way(it, qtbot, "YES")
    assert not it.window.station.state.found.held
    way(it, qtbot, "QTY-2")
    way(it, qtbot, "NO")
    assert it.state == "ShowOrder"
    assert not row(it).cancelled_at, "back does nothing"
    for key in ("QTY-2", "QTY-4", "YES"):
        way(it, qtbot, key)

    assert it.state == "ShowOrder"
    assert it.window.station.state.found.cancelled
    assert row(it).cancelled_at
    assert present(it.window.station.state).detail.startswith("Cancelled")


def test_the_codes_on_the_screen_are_those_of_its_keys(it: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    signs_in(it)
    it.scan(ORDER)
    for keys in ({"QTY-2", "QTY-3", "NO"}, {"QTY-1", "QTY-2", "QTY-3", "QTY-4", "NO"}, {"YES", "NO"}):
        qtbot.wait(20)
        it.shell.grab().save(str(tmp_path / "order.png"))
        found = {read_command(each.text) for each in zxingcpp.read_barcodes(Image.open(tmp_path / "order.png"))}
        read = {f"{each.verb}-{each.argument}".rstrip("-") for each in found if isinstance(each, CommandReading)}
        assert keys <= read | {"QTY-1"}, "the way to earlier events may be among them"
        by_keyboard(it, qtbot, "QTY-2") if "YES" not in keys else by_keyboard(it, qtbot, "NO")


def test_whoever_may_not_sees_no_key_of_it(it: Bench) -> None:
    signs_in(it, "BADGE-MARA")
    it.scan(ORDER)
    assert isinstance(it.window.station.state, ShowOrder)
    assert it.window.station.state.wishes == ()
    keys = {each.answer.key for each in it.shell.answers._buttons if each.isVisible()}
    assert keys.isdisjoint({"QTY-2", "QTY-3"})


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_the_question_is_read_out_with_all_that_it_means(it: Bench, qtbot: QtBot, language: str) -> None:
    signs_in(it)
    it.scan(ORDER)
    by_keyboard(it, qtbot, "QTY-2")
    by_keyboard(it, qtbot, "QTY-1")
    state = it.window.station.state
    assert isinstance(state, ConfirmWish)
    with speaking(language):
        said = " ".join(plain(each) for each in spoken(present(state)))
    assert ORDER in said
    assert str(state.meant.cancelled) in said


def reads_in(home: Path, kind: str, text: str) -> None:
    """Read a file in, as the office does while no window is open."""
    file = home.with_name(f"{kind}.csv")
    file.write_text(text, encoding="utf-8")
    assert main(["import", kind, str(file), "--home", str(home)]) == 0


def promised(it: Bench, number: str) -> int:
    return sum(each.promised for each in lines(it, row(it, number).id))


def test_what_a_cancel_leaves_free_is_promised_to_whoever_waits(
    qtbot: QtBot, sample_home: Path, tmp_path: Path
) -> None:
    """The window promises by itself: the command line, which does so too, is shut out while it is open."""
    home = copy_home(sample_home, tmp_path / "home")
    reads_in(home, "orders", "channel,order,sku,quantity\nweb,W-1,SOAP-ROSE,9999\n")
    with at_work(qtbot, home) as it:
        before = promised(it, "W-1")
        signs_in(it)
        it.scan(ORDER)
        for key in ("QTY-2", "QTY-1", "YES"):
            by_keyboard(it, qtbot, key)

        qtbot.waitUntil(lambda: promised(it, "W-1") == before + 1, timeout=10_000)


def test_an_order_that_is_let_go_at_the_window_gets_its_goods(qtbot: QtBot, sample_home: Path, tmp_path: Path) -> None:
    home = copy_home(sample_home, tmp_path / "home")
    reads_in(home, "items", "sku,description\nLOOK-1,Lamp\n")
    reads_in(home, "orders", "channel,order,sku,quantity\nweb,W-2,LOOK-1,3\n")
    assert main(["order", "hold", "W-2", "--home", str(home)]) == 0
    reads_in(home, "stock", "sku,location,quantity\nLOOK-1,A-01-01,9\n")
    with at_work(qtbot, home) as it:
        assert promised(it, "W-2") == 0
        signs_in(it)
        it.scan("W-2")
        for key in ("QTY-3", "YES"):
            by_keyboard(it, qtbot, key)

        qtbot.waitUntil(lambda: promised(it, "W-2") == 3, timeout=10_000)


@contextmanager
def at_work(qtbot: QtBot, home: Path, now_ms: Callable[[], int] | None = None) -> Iterator[Bench]:
    it = Bench(qtbot, home, now_ms)
    try:
        yield it
    finally:
        it.close()


def test_the_minutes_to_a_cut_off_go_on_while_nobody_touches_the_window(
    qtbot: QtBot, sample_home: Path, tmp_path: Path
) -> None:
    now = [0]
    with at_work(qtbot, copy_home(sample_home, tmp_path / "home"), lambda: now[0]) as it:
        signs_in(it)
        home = it.window.station.state
        assert isinstance(home, Home)
        soonest = min(each.at for each in home.view.cut_offs if each.at)
        drawn: list[str] = []
        for minutes in (38, 37, 37, 34):
            now[0] = soonest - minutes * 60_000
            it.window.age()
            shown = it.window._shown
            assert shown is not None
            (card, *_) = shown.beside
            assert isinstance(card, CutOffs)
            drawn.append(next(each.left for each in card.rows if each.left.endswith("min")))
        assert drawn == ["38 min", "37 min", "37 min", "34 min"]
