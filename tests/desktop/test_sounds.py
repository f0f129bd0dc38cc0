"""Every outcome has a tone of its own; a refusal is told from all others with the eyes closed."""

import os
import wave
from itertools import combinations
from pathlib import Path
from statistics import median

import pytest
from pytestqt.qtbot import QtBot

from core.kernel.flow import Tone
from core.kernel.journal import GestureInput, GestureOutcome
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.station.station import Feedback, Input
from desktop import sounds
from desktop.sounds import Sound, player, silence, sound_of
from tools.make_sounds import RATE, SOUNDS, encoded, write

_INPUT = Input(kind=GestureInput.SCAN, text="X", at=1)


def _feedback(tone: Tone = Tone.NONE, reason: Reason | None = None, given: Input | None = _INPUT) -> Feedback:
    refusal = None if reason is None else Refusal(reason)
    outcome = GestureOutcome.ACCEPTED if reason is None else GestureOutcome.REFUSED
    return Feedback(input=given, outcome=outcome, flow="pick", state=None, refusal=refusal, tone=tone)


def _samples(sound: Sound) -> list[int]:
    with wave.open(str(sound.file)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        data = file.readframes(file.getnframes())
    return [int.from_bytes(data[n : n + 2], "little", signed=True) for n in range(0, len(data), 2)]


def _pitches(sound: Sound, window: int = 882) -> list[int]:
    """Return how often the wave goes up through zero in each 40 ms, as a frequency; silence is 0."""
    found = _samples(sound)
    pitches = []
    for start in range(0, len(found) - window + 1, window):
        part = found[start : start + window]
        crossings = sum(a < 0 <= b for a, b in zip(part, part[1:], strict=False))
        pitches.append(0 if max(part) < 2_000 else crossings * RATE // window)
    return pitches


def test_the_tones_are_those_that_the_program_beside_them_makes(tmp_path: Path) -> None:
    write(tmp_path)

    assert {each.stem for each in tmp_path.iterdir()} == set(SOUNDS) == {str(each) for each in Sound}
    for sound in Sound:
        assert sound.file.read_bytes() == (tmp_path / sound.file.name).read_bytes()


def test_every_tone_is_short_and_unlike_every_other() -> None:
    lengths = {sound: len(_samples(sound)) / RATE for sound in Sound}

    assert all(0.05 <= length <= 0.7 for length in lengths.values())
    for one, other in combinations(Sound, 2):
        assert _pitches(one) != _pitches(other)


def test_a_refusal_is_two_tones_far_below_all_others() -> None:
    heard = _pitches(Sound.REFUSE)
    usual = {sound: median([pitch for pitch in _pitches(sound) if pitch]) for sound in Sound}
    groups = "".join("x" if pitch else " " for pitch in heard).split()

    assert len(groups) == 2
    assert all(3 * usual[Sound.REFUSE] < pitch for sound, pitch in usual.items() if sound is not Sound.REFUSE)
    assert max(SOUNDS, key=lambda name: len(encoded(SOUNDS[name]))) == "refuse"


@pytest.mark.parametrize(
    ("feedback", "asks", "heard"),
    [
        (_feedback(Tone.ACCEPT), False, Sound.ACCEPT),
        (_feedback(Tone.DONE), False, Sound.DONE),
        (_feedback(Tone.CAUTION), True, Sound.CAUTION),
        (_feedback(Tone.ACCEPT), True, Sound.QUESTION),
        (_feedback(), True, Sound.QUESTION),
        (_feedback(), False, None),
        (_feedback(given=None), True, None),
        (_feedback(Tone.ACCEPT, Reason.WRONG_ITEM), False, Sound.REFUSE),
        (_feedback(Tone.NONE, Reason.WRONG_ITEM), True, Sound.REFUSE),
    ],
)
def test_an_outcome_is_heard_as_what_it_is(feedback: Feedback, asks: bool, heard: Sound | None) -> None:
    assert sound_of(feedback, asks=asks) is heard


def _fake_player(folder: Path, name: str) -> Path:
    """Put a program into a folder that writes down what it was asked to play."""
    program, said = folder / name, folder / "said"
    program.write_text(f'#!/bin/sh\necho "$0 $@" >> {said}\n', encoding="utf-8")
    program.chmod(0o755)
    return said


@pytest.mark.skipif(os.name == "nt", reason="Windows plays by itself")
@pytest.mark.parametrize("program", ["pw-play", "paplay", "aplay"])
def test_tones_are_played_by_what_the_system_has(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(sounds.sys, "platform", "linux")
    said = _fake_player(tmp_path, program)
    monkeypatch.setenv("PATH", f"{tmp_path}")

    player(50)(Sound.REFUSE)

    monkeypatch.undo()
    qtbot.waitUntil(lambda: said.exists() and said.read_text(encoding="utf-8") != "", timeout=5_000)
    line = said.read_text(encoding="utf-8").split()
    assert Path(line[0]).name == program
    assert line[-1] == str(Sound.REFUSE.file)


def test_where_nothing_can_play_there_is_silence_and_no_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sounds.sys, "platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert player() is silence
    player()(Sound.ACCEPT)


def test_sound_can_be_off() -> None:
    assert player(0) is silence
