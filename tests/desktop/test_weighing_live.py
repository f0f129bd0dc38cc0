"""The scale at the bench: taken when it counts, blank while it moves, refused with the reason, never twice for one carton."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.kernel.reasons import Reason
from core.packing.states import WeighParcel
from core.packing.weight import WeightCheck
from core.rules.model import Check, Mode
from core.station.replay import Line
from desktop.assembly import assembled
from desktop.cards import Gauge
from desktop.headless import headless
from desktop.policies import About, say
from desktop.presenters.weighing import Live, live_of, with_scale
from desktop.screens import Screen
from devices.capture import Pan
from devices.scale_formats.asking import ScaleProtocol
from devices.scale_formats.reading import Kind, Reading, State
from tests.desktop.rig import Plug, Rig
from tests.homes import copy_home


def still(kilograms: str) -> bytes:
    """Return what a scale says until it moves: at least twice the same."""
    return f"ST,GS,{kilograms:>8}kg\r\n".encode() * 2


def moving(kilograms: str) -> bytes:
    return f"US,GS,{kilograms:>8}kg\r\n".encode()


@pytest.fixture
def plug(tmp_path: Path) -> Iterator[Plug]:
    made = Plug(tmp_path, "scale-1")
    yield made
    made.unplug()


@pytest.fixture
def it(qtbot: QtBot, sample_home: Path, tmp_path: Path, plug: Plug) -> Iterator[Rig]:
    made = Rig(qtbot, copy_home(sample_home, tmp_path / "home"), [plug.scale(ScaleProtocol.STREAM)])
    made.scan("BADGE-AYLIN")
    yield made
    made.close()


def says(it: Rig, plug: Plug, frame: bytes, digits: str) -> None:
    """Let the scale say something, and wait until it was heard."""
    plug.send(frame)
    once = b"US," in frame
    it.until(
        lambda: (
            (pan := it.plugged.gear.pan).newest is not None and pan.newest.digits == digits and (once or pan.said_again)
        )
    )


def test_the_key_takes_a_still_weight_once_and_refuses_every_other_with_its_reason(it: Rig, plug: Plug) -> None:
    def refused() -> Reason:
        it.press("WEIGH")
        why = it.heard[-1].refusal
        assert why is not None
        it.press("NO")
        return why.reason

    assert refused() is Reason.SCALE_SILENT
    says(it, plug, moving("1.235"), "1.235")
    assert refused() is Reason.SCALE_MOVING
    says(it, plug, still("1.240"), "1.240")
    it.press("WEIGH")
    assert it.given[-1][:2] == ("1240", "scale-1")
    assert it.gestures()[-1].raw.startswith("1240 1.240 kg 53542c47532c")
    it.press("NO")
    says(it, plug, still("1.241"), "1.241")
    assert refused() is Reason.SCALE_NOT_EMPTIED
    says(it, plug, still("0.000"), "0.000")
    assert refused() is Reason.SCALE_EMPTY
    says(it, plug, still("-0.020"), "-0.020")
    assert refused() is Reason.SCALE_NEGATIVE
    plug.unplug()
    it.until(lambda: it.chips() == ["scale-1 says nothing: press its power key"])
    assert refused() is Reason.SCALE_SILENT


def test_a_net_weight_is_called_one_and_never_taken_for_what_lies_there(it: Rig, plug: Plug) -> None:
    def shown() -> tuple[str, str, str]:
        live = live_of(it.plugged.gear.pan, it.plugged.gear.now_ms())
        return live.title, live.reading, live.short

    says(it, plug, still("0.000"), "0.000")
    says(it, plug, still("1.250"), "1.250")
    assert shown() == ("Gross weight", "1.250 kg", "")
    plug.send(b"ST,NT,   1.240kg\r\n")
    it.until(lambda: it.plugged.gear.pan.tared)
    assert shown() == ("Net weight", "1.240 kg", "net")
    it.press("WEIGH")
    assert it.heard[-1].refusal is not None
    assert it.heard[-1].refusal.reason is Reason.SCALE_TARED
    assert [(each.says, each.net) for each in it.plugged.gear.devices()] == [("1.240 kg", True)]


def test_a_tare_that_the_scale_tells_stands_beside_the_weight() -> None:
    tared = Reading(state=State.STABLE, digits="1.240", unit="kg", kind=Kind.NET, tare="0.250", raw=b"")
    live = live_of(Pan(scale="scale-1").seen(tared, 0), 0)
    assert (live.title, live.reading, live.short) == ("Net weight", "1.240 kg", "tare 0.250 kg")
    assert live.words.startswith("net weight: clear the tare")


def test_a_stream_of_one_weight_never_becomes_a_weight_of_the_next_carton(it: Rig, plug: Plug) -> None:
    gear = it.plugged.gear
    says(it, plug, still("1.240"), "1.240")
    first = gear.capture()
    for _ in range(3):
        plug.send(still("1.240"))
    it.qtbot.wait(80)

    assert (str(first.grams), gear.capture()) == ("1240.000", "not_emptied")


def test_the_gauge_says_what_the_scale_says_and_nothing_while_it_moves(it: Rig, plug: Plug) -> None:
    gear = it.plugged.gear
    at_scale = WeighParcel(None, None, WeightCheck(1_240, 40, known=True, sees_one_unit=True, learnt=False))  # type: ignore[arg-type]
    card = Gauge(title="", reading="-", words="when full", band="", grams=0, low=1_200, high=1_280, fits=False)

    def shown() -> tuple[str, str, bool]:
        (lit,) = with_scale(Screen(prompt="", beside=(card,)), at_scale, live_of(gear.pan, gear.now_ms())).beside
        return lit.reading, lit.words, lit.fits

    assert shown() == ("-", "no weight", False)
    says(it, plug, moving("1.240"), "1.240")
    assert shown() == ("-", "moving", False)
    says(it, plug, still("1.241"), "1.241")
    assert shown() == ("1.241 kg", "as expected", True)
    gear.capture()
    assert shown() == ("1.241 kg", "not empty", False)
    bare = with_scale(Screen(prompt=""), at_scale, Live("-", "moving"))
    assert bare.detail == "moving"


@pytest.fixture
def at_scale(sample_home: Path, tmp_path: Path) -> Path:
    """Return a home whose packer has everything in the carton and is asked to put it on the scale."""
    home = copy_home(sample_home, tmp_path / "scale-home")
    with assembled(home) as assembly:
        assert not say(assembly, Check.WEIGHT, Mode.CONFIRM, About(), "lead")
    with headless(home, printer=False) as (_, replay):
        told = replay.start()
        for badge, flow in (("BADGE-MARA", "pick"), ("BADGE-AYLIN", "pack")):
            if told["flow"] != "sign_in":
                replay.perform(Line(0, "key", "LOGOUT"))
            replay.perform(Line(0, "badge", badge))
            told = replay.perform(Line(0, "open", flow))
            tote = 0
            while told["state"] != "WeighParcel" and (told["note"] or {}).get("note") != "batch_done":
                wanted = next(each for each in told["expects"] if each["meaning"] in ("next", "close"))
                code = wanted["code"]
                if wanted["kind"] == "tote" and not code:
                    code, tote = f"TOTE-{tote + 1:04d}", tote + 1
                told = replay.perform(Line(0, "key" if wanted["kind"] == "key" else "scan", code))
    return home


def test_a_carton_is_weighed_by_putting_it_on_the_scale(qtbot: QtBot, at_scale: Path, plug: Plug) -> None:
    it = Rig(qtbot, at_scale, [plug.scale(ScaleProtocol.STREAM)])
    try:
        assert it.state == "WeighParcel"
        expected = it.window.station.state.check.expected_grams
        says(it, plug, moving("0.900"), "0.900")
        assert it.state == "WeighParcel"
        assert it.shell._screen.detail == "moving"
        it.until(lambda: it.shell._screen.detail == "press the scale's power key")  # it says nothing any more
        assert it.chips() == ["scale-1 says nothing: press its power key"]
        plug.send(still(f"{(expected + 2_000) / 1000:.3f}"))
        it.until(lambda: it.state == "WeighParcel" and bool(it.window.station.state.outside))
        it.press("NO")
        for _ in range(3):
            plug.send(still(f"{expected / 1000:.3f}"))
        it.qtbot.wait(100)
        assert it.state == "WeighParcel"  # the last weight was not taken off
        plug.send(still("0.000"))
        it.until(lambda: it.plugged.gear.pan.emptied)
        plug.send(still(f"{expected / 1000:.3f}"))
        it.until(lambda: it.state == "StickLabel")
        assert it.given[-1] == (str(expected), "scale-1", "accepted")
    finally:
        it.close()


def test_an_adam_scale_weighs_one_carton_after_the_other_with_a_word_between(
    qtbot: QtBot, at_scale: Path, plug: Plug
) -> None:
    """It says nothing of an empty pan: the packer does, at the key on the screen or by the code ZERO."""
    it = Rig(qtbot, at_scale, [plug.scale(ScaleProtocol.ADAM, only_still=True)])
    try:
        expected = it.window.station.state.check.expected_grams
        assert (it.chips(), it.shell._screen.detail) == ([], "put the carton on; lift it first if it is there already")
        plug.send(f"{(expected + 2_000) / 1000:8.3f} kg\r\n".encode())
        it.until(lambda: bool(it.window.station.state.outside))
        it.press("NO")
        asks = "take the last carton off, and say so: the scale does not"
        it.until(lambda: it.shell._screen.detail == asks)
        assert [each.key for each in it.shell._screen.answers] == ["ZERO"]
        plug.send(f"{expected / 1000:8.3f} kg\r\n".encode())
        it.until(lambda: it.plugged.gear.pan.newest.grams == expected)
        it.press("WEIGH")
        assert it.heard[-1].refusal.reason.value == "scale_say_empty"
        it.press("NO")
        assert it.state == "WeighParcel", "nobody said that the first one was taken off"

        assert it.press("ZERO") == "WeighParcel"
        it.until(lambda: it.shell._screen.detail.startswith("put the carton on"))
        assert not it.shell._screen.answers
        it.press("WEIGH")
        assert it.heard[-1].refusal.reason.value == "scale_waits"
        it.press("NO")
        it.qtbot.wait(1_100)
        plug.send(f"{expected / 1000:8.3f} kg\r\n".encode())
        it.until(lambda: it.state == "StickLabel")
        assert it.given[-1] == (str(expected), "scale-1", "accepted")
        assert plug.hears(b"P\r\n")
        assert b"Z" not in plug.told, "with a box on it, that would be its tare"
    finally:
        it.close()
