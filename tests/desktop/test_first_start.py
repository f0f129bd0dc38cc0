"""A PC that belongs to nobody is asked what it is to be; by scanner, by keyboard or by touch it joins a site or works alone."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.catalog.command_codes import command_code
from core.catalog.commands import location_id
from core.kernel.home import HomeBusy, HomeFault
from core.kernel.tables import sql_of
from core.people.model import Person
from core.rights.model import StationKind
from desktop import joining
from desktop.app import open_window
from desktop.assembly import BENCH, assembled
from desktop.entering import ChooseHub, ChooseKind, ChooseWay, GivePin, LoadSite, NameStation
from desktop.first_start import FirstStart
from desktop.gallery import Look, show, window_of
from desktop.gallery_first import first_starts
from desktop.join_words import JOIN_TROUBLES, Why
from desktop.joining import JoinFault
from desktop.languages import LANGUAGES, plain, speaking
from desktop.presenters.entering import trouble_screen
from desktop.shell import Shell
from desktop.theme import ThemeName
from sync.announcements import FoundHub
from sync.protocol import REASONS
from tests.desktop.test_layout import faults
from tests.sync.members import Site, shared_site

PATIENCE_MS = 20_000


class Asking:
    """A first start in a window, and whoever stands before it."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot, self.folder = qtbot, folder
        self.shell = Shell(simulated=False)
        qtbot.addWidget(self.shell)
        self.closed: list[bool] = []
        self.first = FirstStart(self.shell, folder, lambda: self.closed.append(True))
        self.shell.resize(1024, 768)
        self.shell.show()

    def comes(self, kind: type[object]) -> None:
        self.qtbot.waitUntil(lambda: isinstance(self.first.state, kind) or self.shell.refusing, timeout=PATIENCE_MS)

    def opens(self) -> bool:
        self.qtbot.waitUntil(lambda: bool(self.closed) or self.shell.refusing, timeout=PATIENCE_MS)
        return self.first.opens

    def key(self, key: Qt.Key | str) -> None:
        self.qtbot.keyClick(self.shell, key)

    def types(self, words: str) -> None:
        self.qtbot.keyClicks(self.shell, words)
        self.key(Qt.Key.Key_Return)

    def touch(self, number: int) -> None:
        button = self.shell.answers._buttons[number]
        assert button.isVisible()
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(button.width() // 2, button.height() // 2))

    def says(self, words: str) -> bool:
        return self.shell.refusing and words in self.shell.refusal.accessibleName()

    @property
    def stop(self) -> str:
        assert self.shell.refusing
        return self.shell.refusal.accessibleName()


@pytest.fixture
def asking(qtbot: QtBot, tmp_path: Path) -> Iterator[Asking]:
    made = Asking(qtbot, tmp_path / "home")
    yield made
    made.first.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with shared_site(tmp_path) as made:
        yield made


def test_a_pc_joins_by_keyboard_alone_and_a_loading_that_was_left_goes_on(asking: Asking, site: Site) -> None:
    asking.key("1")
    asking.key(Qt.Key.Key_F12)
    asking.types(site.address)
    asking.comes(NameStation)
    asking.types("BENCH-4")
    asking.comes(ChooseKind)
    assert "dockside hub station add BENCH-4" in asking.shell.prompt.accessibleName()
    asking.key("2")
    asking.comes(LoadSite)
    asking.key(Qt.Key.Key_Escape)
    assert (asking.closed, asking.first.opens) == ([True], False)
    asking.first.close()

    again = Asking(asking.qtbot, asking.folder)
    assert isinstance(again.first.state, LoadSite)
    assert again.opens()
    again.first.close()
    with assembled(asking.folder) as assembly:
        assert assembly.membership is not None
        assert (assembly.membership.name, assembly.membership.kind) == ("BENCH-4", StationKind.BENCH)
        assert assembly.profile[BENCH] == location_id("BENCH-1").hex()


def test_a_pc_joins_by_scanner_alone_at_a_hub_that_announces_itself(asking: Asking, site: Site) -> None:
    site.station("CART-4", StationKind.CART)
    asking.first.suggest((FoundHub(site.address, ((1, "Nord"),)),))
    asking.qtbot.wait(20)
    asking.first.scan(command_code("QTY", "1"))
    asking.qtbot.waitUntil(lambda: "Nord" in asking.shell.answers._buttons[0].accessibleName())
    assert isinstance(asking.first.state, ChooseHub), "what is suggested is not taken by itself"

    asking.first.scan(command_code("QTY", "1"))
    asking.comes(NameStation)
    asking.first.scan("CART-4")
    asking.comes(LoadSite)

    assert not asking.shell.refusing, "the hub knew what it is there for"
    assert joining.whose(asking.folder) is joining.Whose.HUB
    assert not (asking.folder / "join.token").exists()


def test_a_hub_is_chosen_by_touch_and_one_goes_back(asking: Asking, site: Site) -> None:
    asking.touch(0)
    asking.first.suggest((FoundHub(site.address, ()),))
    asking.qtbot.waitUntil(lambda: asking.shell.answers._buttons[2].isVisible())
    asking.touch(0)
    asking.comes(NameStation)
    asking.key(Qt.Key.Key_Escape)
    assert isinstance(asking.first.state, ChooseHub)
    asking.touch(2)

    assert isinstance(asking.first.state, ChooseWay)
    assert not asking.folder.exists()


def test_what_is_typed_stays_while_hubs_announce_themselves(asking: Asking, site: Site) -> None:
    asking.key("1")
    asking.key(Qt.Key.Key_F12)
    asking.qtbot.keyClicks(asking.shell, "hub.ex")

    asking.first.suggest((FoundHub(site.address, ()),))
    asking.qtbot.waitUntil(lambda: bool(asking.first.state.found))  # type: ignore[union-attr]

    assert asking.shell.entry._line.words == "hub.ex"


def _at_hub(asking: Asking, address: str) -> str:
    asking.key("1")
    asking.first.scan(address)
    asking.comes(NameStation)
    return asking.stop


def test_a_bad_address_is_told_and_nothing_is_made(asking: Asking) -> None:
    assert "no.such.invalid is not known on this network" in _at_hub(asking, "no.such.invalid")
    asking.key(Qt.Key.Key_Escape)
    assert isinstance(asking.first.state, ChooseHub)
    asking.first.scan("http://")
    asking.qtbot.waitUntil(lambda: asking.says("No address of a hub"), timeout=PATIENCE_MS)
    asking.first.scan("127.0.0.1:9")
    asking.qtbot.waitUntil(lambda: asking.says("Nothing answers at 127.0.0.1:9"), timeout=PATIENCE_MS)
    assert not asking.folder.exists()


def test_a_name_that_is_taken_is_told_and_nothing_is_made(asking: Asking, site: Site, tmp_path: Path) -> None:
    joining.begin(tmp_path / "other", joining.Wanted(site.address, "DOCK-4", "dock"))
    asking.key("1")
    asking.first.scan(site.address)
    asking.comes(NameStation)
    asking.first.scan("DOCK-4")
    asking.qtbot.waitUntil(lambda: asking.shell.refusing, timeout=PATIENCE_MS)

    assert "Another PC is DOCK-4 there" in asking.stop
    assert joining.whose(asking.folder) is joining.Whose.NOBODY
    assert [each.name for each in asking.folder.iterdir()] == ["station.lock"]
    asking.key(Qt.Key.Key_Escape)
    assert isinstance(asking.first.state, NameStation)


def test_whoever_works_alone_signs_in_with_the_badge_and_pin_they_gave(asking: Asking) -> None:
    asking.key("2")
    asking.types("Ada Byron")
    asking.first.scan(command_code("CONFIRM"))
    asking.first.scan("abc")
    assert "That is no badge" in asking.stop
    asking.first.scan("BADGE-ADA")
    asking.types("12")
    assert "That is no PIN" in asking.stop
    asking.key(Qt.Key.Key_Escape)
    asking.types("2580")
    asking.types("2581")
    assert "Not the same PIN" in asking.stop
    asking.key(Qt.Key.Key_Escape)
    assert isinstance(asking.first.state, GivePin)
    asking.types("2580")
    assert not asking.folder.exists()
    asking.types("2580")

    assert asking.opens()
    with assembled(asking.folder) as assembly, assembly.database.reading() as reader:
        assert assembly.membership is None
        assert assembly.bench(reader) == "BENCH-1"
        assert [row.roles for row in reader.execute(sql_of(Person).select())] == [
            "picker,packer,loader,lead,inventory,it"
        ]


def test_a_window_on_a_home_of_nobodys_asks_and_leaves_it_as_it_was(qtbot: QtBot, tmp_path: Path) -> None:
    asked: list[str] = []

    def look() -> None:
        window = next(each for each in QApplication.topLevelWidgets() if isinstance(each, Shell) and each.isVisible())
        asked.append(window.prompt.accessibleName())
        window.gesture.emit("NO")

    QTimer.singleShot(1_000, look)

    assert open_window(tmp_path / "home") == 0
    assert "How will this PC work?" in asked[0]
    assert not (tmp_path / "home").exists()


def test_a_home_with_a_shop_of_its_own_asks_only_who_runs_it(qtbot: QtBot, tmp_path: Path) -> None:
    from desktop.sample import found_site

    with assembled(tmp_path, create=True) as assembly:
        found_site(assembly)
    it = Asking(qtbot, tmp_path)
    it.types("Ada Byron")
    it.first.scan("BADGE-ADA")
    it.types("2580")
    it.types("2580")

    assert it.opens()
    it.first.close()


@pytest.mark.parametrize(
    "look",
    [Look(1024, 600, ThemeName.LIGHT, code) for code in ("en", "de", "ar")] + [Look(1024, 600, ThemeName.LIGHT, "de", gloves=True)],
    ids=lambda look: look.name,
)  # fmt: skip
def test_every_question_fits_its_window(qtbot: QtBot, look: Look) -> None:
    with speaking(look.language):
        shell = window_of(look)
        qtbot.addWidget(shell)
        found = []
        for each in first_starts():
            show(shell, each)
            found += [f"{each.name}: {fault}" for fault in faults(shell)]
    assert found == []


KNOWN_FIRST = {"unknown_station": Why.REFUSED}
"""A hub that knows no station yet says this of one that does not join."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_stops_a_first_start_is_said_in_a_sentence_and_never_in_a_codes_name(language: str) -> None:
    facts: dict[str, str | int] = {
        "got": "X", "address": "hub:8700", "site": 3, "sites": "1", "name": "BENCH-4", "words": "W", "least": 4,
    }  # fmt: skip
    with speaking(language):
        for reason in REASONS:
            why = joining.REASONS.get(reason, Why.REFUSED)
            stop = trouble_screen(JoinFault(why, **facts))
            assert stop.rest, reason
            assert reason not in plain(f"{stop.title} {stop.rest}")
        assert {each for each in REASONS if each not in joining.REASONS} == set(KNOWN_FIRST)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), Why.NO_ROOM),
        (PermissionError(errno.EACCES, "Permission denied"), Why.NO_WRITING),
        (HomeBusy("another process works here"), Why.OPEN_ALREADY),
        (HomeFault("/srv is on a nfs drive"), Why.FAULT),
    ],
    ids=lambda each: each.name if isinstance(each, Why) else type(each).__name__,
)
def test_what_this_pc_cannot_do_is_said_with_what_to_do(fault: Exception, why: Why) -> None:
    title = JOIN_TROUBLES[why].partition(". ")[0]
    assert trouble_screen(fault).title == title
    with speaking("de"):
        assert "No space" not in trouble_screen(fault).rest
