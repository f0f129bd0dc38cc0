"""Looking things up, printing a label again and reading a file in, by scanner alone, by keyboard alone and by touch."""

from pytestqt.qtbot import QtBot

from core.kernel.spool import PrintJob
from core.kernel.tables import sql_of
from tests.desktop.bench import Bench
from tests.desktop.test_three_ways import Way, _give, _go_on, by_keyboard, each_way


@each_way
def test_stock_an_order_and_a_place_are_looked_up_each_way(it: Bench, qtbot: QtBot, way: Way) -> None:
    it.scan("BADGE-DANA")
    it.window.type("2580")
    it.settle()
    for code, shown in (("MUG-350-BLUE", "ShowStock"), ("A-01-01", "ShowStock"), ("100461", "ShowOrder")):
        _give(it, qtbot, way, code)
        assert it.state == shown
    way(it, qtbot, "NO")
    assert it.state == "Home"


@each_way
def test_a_label_is_printed_again_each_way(it: Bench, qtbot: QtBot, way: Way) -> None:
    it.scan("BADGE-JONAS")
    it.press("CONFIRM")
    while _go_on(it, qtbot, by_keyboard) != "BatchDone":
        pass
    it.window.station.go("pack")
    it.settle()
    while _go_on(it, qtbot, by_keyboard) != "StickLabel":
        pass
    sscc = it.window.station.state.parcel.sscc
    it.scan(sscc)
    it.window.station.go("home")
    it.settle()

    _give(it, qtbot, way, sscc)
    assert it.state == "ShowParcel"
    way(it, qtbot, "REPRINT")
    assert it.state == "AskReprintReason"
    way(it, qtbot, "QTY-1")

    assert it.state == "ShowParcel"
    jobs = sql_of(PrintJob)
    with it.assembly.database.reading() as reader:
        copies = reader.execute(jobs.select().where(jobs.c.code == sscc).order_by(jobs.c.copy_number)).all()
    assert [each.copy_number for each in copies] == [1, 2]


@each_way
def test_a_file_of_the_inbox_is_read_in_each_way(it: Bench, qtbot: QtBot, way: Way) -> None:
    inbox = it.assembly.home.folder / "inbox"
    inbox.mkdir(exist_ok=True)
    (inbox / "new items.csv").write_text("sku,description\nLOOK-1,Lamp\n", encoding="utf-8")
    it.scan("BADGE-DANA")
    it.window.type("2580")
    it.settle()
    way(it, qtbot, "MENU")
    for job in ("more", "import"):
        way(it, qtbot, f"QTY-{it.window.station.state.jobs.index(job) + 1}")
    assert it.state == "ChooseFile"
    for key in ("QTY-1", "QTY-1", "QTY-1"):
        way(it, qtbot, key)
    qtbot.waitUntil(lambda: it.state == "ShowReport", timeout=10_000)
    it.settle()
    way(it, qtbot, "CONFIRM")
    assert it.state == "ChooseFile"
    way(it, qtbot, "NO")
    assert it.state == "Home"
