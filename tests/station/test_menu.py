"""The menu, help and typing are reached from every step, change nothing by themselves, and lead back to it."""

from pathlib import Path
from typing import Any

import pytest

from core.catalog.command_codes import command_code
from core.kernel.flow import Go, Play, Tone, Verb
from core.kernel.journal import Gesture
from core.kernel.operations import Operation
from core.kernel.tables import sql_of
from core.station.home import HomeFlow
from core.station.menu import CASES, COMFORT, DEVICES, HERE, JOBS, LINE, MORE, MOST, OUT, PRINTERS, RELEASE, open_menu
from core.station.replay import Line, Replay
from desktop.headless import headless
from desktop.menus import menu_screen
from desktop.views.answers_view import MOST as MOST_BUTTONS
from tests.homes import copy_home
from tests.playbook import Playbook, context, pressed
from tests.station.menus import inside


@pytest.fixture
def it(sample_home: Path, tmp_path: Path):
    with headless(copy_home(sample_home, tmp_path / "home"), printer=False) as (assembly, replay):
        replay.start()
        yield assembly, replay


def _operations(assembly) -> int:
    with assembly.database.reading() as reader:
        return len(reader.execute(sql_of(Operation).select()).all())


def _last_gesture(assembly) -> tuple[str, str, str]:
    table = sql_of(Gesture)
    with assembly.database.reading() as reader:
        found = reader.execute(table.select().order_by(table.c.number.desc())).first()
    return found.input, found.raw, found.outcome


def _key(replay: Replay, verb: str) -> dict[str, Any]:
    return replay.perform(Line(0, "key", verb))


def _scan(replay: Replay, code: str) -> dict[str, Any]:
    return replay.perform(Line(0, "scan", code))


def _at_a_shelf(replay: Replay) -> dict[str, Any]:
    """Bring the picker to a step in the middle of a line."""
    _scan(replay, "BADGE-MARA")
    told = _key(replay, "CONFIRM")
    while told["state"] != "TakeItem":
        told = _scan(replay, next(each for each in told["expects"] if each["meaning"] == "next")["code"])
    return told


def test_the_menu_names_the_jobs_of_this_person_only(it) -> None:
    assembly, replay = it
    _scan(replay, "BADGE-MARA")

    told = _key(replay, "MENU")

    assert told["state"] == "Menu"
    assert [each["meaning"] for each in told["expects"]] == [
        "answer:home", "answer:pick", "answer:sign_out", "answer:comfort", "answer:devices", "answer:printers", "back",
    ]  # fmt: skip
    assert _key(replay, "QTY-2")["flow"] == "pick"


@pytest.mark.parametrize("back", ["NO", "MENU", "QTY-2"])
def test_the_menu_leads_back_to_the_step_it_was_opened_from(it, back: str) -> None:
    assembly, replay = it
    before = _at_a_shelf(replay)
    written = _operations(assembly)

    assert _key(replay, "MENU")["state"] == "Menu"
    after = _key(replay, back)

    assert (after["flow"], after["state"], after["expects"]) == ("pick", "TakeItem", before["expects"])
    assert _operations(assembly) == written


@pytest.mark.parametrize("back", ["NO", "MENU", "HELP"])
@pytest.mark.parametrize("code", ["A-01-04", "MUG-350-BLUE"])
def test_the_menu_over_what_was_looked_up_leads_back_to_it(it, code: str, back: str) -> None:
    assembly, replay = it
    _scan(replay, "BADGE-MARA")
    before = _scan(replay, code)
    assert before["state"] == "ShowStock"
    shown = replay.heard_last[-1].state

    assert _key(replay, "MENU")["state"] == "Menu"
    after = _key(replay, back)

    assert (after["state"], after["expects"]) == ("ShowStock", before["expects"])
    told = replay.heard_last[-1]
    assert (told.state, None if told.note is None else told.note.note) == (shown, "help" if back == "HELP" else None)


def test_another_person_does_not_come_back_to_a_step_that_was_left(it) -> None:
    assembly, replay = it
    _at_a_shelf(replay)
    _key(replay, "MENU")
    _key(replay, "LOGOUT")

    _scan(replay, "BADGE-DANA")
    replay.perform(Line(0, "pin", "2580"))

    assert _key(replay, "MENU")["state"] == "Menu"
    assert _key(replay, "QTY-2")["state"] != "TakeItem"


@pytest.mark.parametrize("badge", ["BADGE-TOM", "BADGE-MARA"])
def test_nobody_comes_back_after_a_restart_to_a_step_that_was_left_before_they_signed_in(
    sample_home: Path, tmp_path: Path, badge: str
) -> None:
    home = copy_home(sample_home, tmp_path / "home")
    with headless(home, printer=False) as (_, replay):
        replay.start()
        before = _at_a_shelf(replay)
    with headless(home, printer=False) as (_, replay):
        again = replay.start()
        assert (again["state"], again["expects"]) == ("TakeItem", before["expects"])
        _key(replay, "LOGOUT")
        replay.perform(Line(1_000, "scan", badge))
    with headless(home, printer=False) as (_, replay):
        assert replay.start()["flow"] == "sign_in"


@pytest.mark.parametrize("key", ["HELP", "FIND"])
def test_help_and_typing_change_nothing_by_key_or_by_scan(it, key: str) -> None:
    assembly, replay = it
    before = _at_a_shelf(replay)
    written = _operations(assembly)

    for told in (_key(replay, key), _scan(replay, command_code(key))):
        assert told["outcome"] == "accepted"
        assert (told["state"], told["expects"]) == (before["state"], before["expects"])
    assert _operations(assembly) == written


@pytest.mark.parametrize("key", ["HELP", "FIND"])
def test_help_from_the_menu_is_about_the_step_it_was_opened_from(it, key: str) -> None:
    assembly, replay = it
    _at_a_shelf(replay)
    _key(replay, "MENU")

    told = _key(replay, key)

    assert (told["flow"], told["state"]) == ("pick", "TakeItem")
    assert replay.heard_last[-1].note is not None
    assert replay.heard_last[-1].note.note == {"HELP": "help", "FIND": "type_code"}[key]


def test_signing_out_is_an_answer_and_a_code_and_a_key(it) -> None:
    assembly, replay = it
    _scan(replay, "BADGE-TOM")
    _key(replay, "MENU")
    assert _key(replay, "QTY-3")["flow"] == "sign_in"

    _scan(replay, "BADGE-TOM")
    assert _scan(replay, command_code("LOGOUT"))["flow"] == "sign_in"


def test_help_is_there_before_anybody_signed_in_and_the_menu_is_not(it) -> None:
    assembly, replay = it

    assert _key(replay, "HELP")["outcome"] == "accepted"
    assert _key(replay, "MENU")["outcome"] == "refused"


@pytest.mark.parametrize("answer", ["QTY-9", "SHORT", "YES"])
def test_a_key_the_menu_does_not_know_is_refused_and_writes_a_gesture_only(it, answer: str) -> None:
    assembly, replay = it
    _scan(replay, "BADGE-MARA")
    _key(replay, "MENU")
    written = _operations(assembly)

    told = _key(replay, answer)

    assert (told["outcome"], told["state"]) == ("refused", "Menu")
    assert _operations(assembly) == written
    assert _last_gesture(assembly) == ("key", answer, "refused")


def test_a_code_typed_by_hand_does_what_its_scan_would(it) -> None:
    assembly, replay = it
    _scan(replay, "BADGE-MARA")
    told = _key(replay, "CONFIRM")
    cart = next(each for each in told["expects"] if each["meaning"] == "next")["code"]

    told = replay.perform(Line(0, "type", cart))

    assert told["outcome"] == "accepted"
    assert told["state"] == "GoToLocation"
    assert _last_gesture(assembly)[:2] == ("manual", cart)


ALL = context(roles="lead,inventory,it,packer,picker")


def test_a_long_menu_keeps_a_digit_and_a_button_for_each_entry_and_the_way_back() -> None:
    for shared in (False, True):
        first = open_menu("pick", ALL, shared=shared)
        (at_first := Playbook(HomeFlow(), ALL, first)) >> pressed(Verb.QTY, str(first.jobs.index(HERE) + 1))
        inner = at_first.state
        for state in (first, inner):
            answers = menu_screen(state).answers
            assert len(answers) <= MOST_BUTTONS
            assert answers[-1].key == "NO"
            assert all(len(each.key.removeprefix("QTY-")) == 1 for each in answers if each.key.startswith("QTY-"))
        assert set(JOBS) - {RELEASE if shared else LINE} < inside(first)
        assert (LINE in inner.jobs) == shared
        (Playbook(HomeFlow(), ALL, inner) >> pressed(Verb.NO) << Play(Tone.ACCEPT)).ends(first)
        devices = str(inner.jobs.index(DEVICES) + 1)
        (Playbook(HomeFlow(), ALL, inner) >> pressed(Verb.QTY, devices) << Go(DEVICES, "pick")).ends(type(inner))


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("roles", ["lead", "lead,it", "lead,inventory,it,packer,picker"])
def test_what_is_done_each_hour_stands_above_what_is_set_up_once(roles: str, *, shared: bool) -> None:
    menu = open_menu("", context(roles=roles), shared=shared)
    assert len(menu.jobs) <= MOST
    setting_up = {COMFORT, DEVICES, PRINTERS, LINE, HERE}
    assert set(menu.jobs[:-1]).isdisjoint(setting_up) or len(inside(menu)) <= MOST
    assert set(dict(menu.below).get(MORE, ())).isdisjoint(setting_up)
    assert menu.jobs.index(CASES) < menu.jobs.index(OUT)


def test_a_short_menu_has_everything_at_once() -> None:
    assert open_menu("", context(roles="picker"), shared=True).below == ()
