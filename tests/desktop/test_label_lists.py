"""A list of labels at the window: looked through beside it, with progress and a way out, its mistakes shown, printed by one key."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.kernel.spool import PrintJob
from core.kernel.tables import rows_of, sql_of
from core.station.labels import LookingThrough, ShowLabels
from desktop.assembly import assembled
from desktop.known_labels import known
from desktop.label_maker import LabelMaker
from printing.kinds import KINDS
from tests.desktop.bench import Bench
from tests.homes import copy_home


@pytest.fixture
def lead(it: Bench) -> Iterator[Bench]:
    """Return the window of somebody who may print labels, with lists in its inbox."""
    inbox = it.assembly.home.folder / "inbox"
    inbox.mkdir(exist_ok=True)
    rows = "\n".join(f"Z-{n:02},Z" for n in range(30))
    (inbox / "racks.csv").write_text(f"code,zone\n{rows}\n", encoding="utf-8")
    (inbox / "goods.csv").write_text("gtin,description\n9501101530004,Mug\n", encoding="utf-8")
    it.scan("BADGE-DANA")
    it.window.type("2580")
    it.settle()
    yield it
    it._qtbot.waitUntil(ended, timeout=10_000)


def ended() -> bool:
    return not any(each.name == "dockside-labels" for each in threading.enumerate())


def look_into(it: Bench, name: str) -> None:
    it.window.station.go("labels")
    it.settle()
    it.press(f"QTY-{len(it.window.station.state.kinds) + 1}")
    it.scan(name)


def test_a_list_is_looked_through_beside_the_window_which_goes_on_and_is_printed_by_one_key(
    lead: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    going, seen = threading.Event(), []
    rendered = LabelMaker._rendered

    def slowly(maker: LabelMaker, content: object, media: object) -> object:
        seen.append(threading.current_thread())
        going.wait(10)
        return rendered(maker, content, media)  # type: ignore[arg-type]

    monkeypatch.setattr(LabelMaker, "_rendered", slowly)
    look_into(lead, "racks.csv")
    lead._qtbot.waitUntil(lambda: lead.window.station.state.making.of == 30, timeout=10_000)
    assert lead.shell.prompt._screen.progress == 0
    assert lead.window.station.idle, "nothing is waited for: a key or a scan is answered at once"
    assert threading.main_thread() not in seen

    going.set()
    lead._qtbot.waitUntil(lambda: isinstance(lead.window.station.state, ShowLabels), timeout=20_000)
    chosen = lead.window.station.state.chosen
    assert (len(chosen.contents), chosen.first, chosen.last) == (30, "Z-00", "Z-29")
    lead.press("CONFIRM")
    with lead.assembly.database.reading() as reader:
        jobs = rows_of(PrintJob, reader.execute(sql_of(PrintJob).select()))
    assert sorted(each.code for each in jobs) == [f"Z-{n:02}" for n in range(30)]


def test_who_stops_it_makes_no_more_labels_and_nothing_is_printed(lead: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    going, made = threading.Event(), []

    def slowly(_maker: LabelMaker, content: object, _media: object) -> tuple[bytes, tuple[()]]:
        made.append(content)
        going.wait(10)
        return b"", ()

    monkeypatch.setattr(LabelMaker, "_rendered", slowly)
    look_into(lead, "racks.csv")
    assert isinstance(lead.window.station.state, LookingThrough)
    lead._qtbot.waitUntil(lambda: bool(made), timeout=10_000)
    assert lead.press("NO") == "ChooseKind"
    going.set()
    lead._qtbot.waitUntil(ended, timeout=10_000)
    assert len(made) == 1
    assert lead.state == "ChooseKind"


def test_a_mistake_is_shown_by_its_place_until_the_list_is_put_right(lead: Bench) -> None:
    look_into(lead, "goods.csv")
    lead._qtbot.waitUntil(lambda: lead.state == "ShowMistakes", timeout=10_000)
    rows = lead.shell.prompt._screen.proof.rows
    assert [each.words for each in rows] == ["goods.csv, line 2, column gtin: check digit of 9501101530004 should be 3"]
    (lead.assembly.home.folder / "inbox" / "goods.csv").write_text("gtin,description\n9501101530003,Mug\n", "utf-8")
    lead.press("CONFIRM")
    lead._qtbot.waitUntil(lambda: lead.state == "ShowLabels", timeout=10_000)


def test_how_many_there_are_of_a_kind_is_what_is_made_of_it(sample_home: Path, tmp_path: Path) -> None:
    with assembled(copy_home(sample_home, tmp_path / "counted")) as it, it.database.reading() as reader:
        offered = LabelMaker(it).kinds(reader)
        made = {each.name: len(known(reader, it.identity.site, KINDS[each.name])) for each in offered}
    assert {each.name: each.known for each in offered} == made
    assert min(made.values()) > 0
