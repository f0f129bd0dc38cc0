"""Outcomes to hear: each has a tone that is told from the others with the eyes closed.

They are played by what the system has, in a process of its own, and never waited for. Where there is nothing to play
with there is silence and no fault: every outcome is also a colour, an icon and a word.
"""

import shutil
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from PySide6.QtCore import QProcess

from core.kernel.flow import Tone
from core.station.station import Feedback

FULL = 100
_PULSE_FULL = 65_536


class Sound(StrEnum):
    """What can be heard."""

    ACCEPT = "accept"
    DONE = "done"
    CAUTION = "caution"
    QUESTION = "question"
    REFUSE = "refuse"

    @property
    def file(self) -> Path:
        """Return where its tone lies."""
        return Path(str(files("resources").joinpath("sounds", f"{self}.wav")))


Play = Callable[[Sound], None]
"""Gives a tone, and returns at once."""

_TONES = {Tone.ACCEPT: Sound.ACCEPT, Tone.DONE: Sound.DONE, Tone.CAUTION: Sound.CAUTION, Tone.REFUSE: Sound.REFUSE}


def sound_of(feedback: Feedback, *, asks: bool) -> Sound | None:
    """Return what is heard of a feedback; None for nothing.

    Args:
        feedback: what an input led to.
        asks: whether the screen that follows is a question with answers.
    """
    if feedback.refusal is not None:
        return Sound.REFUSE
    found = _TONES.get(feedback.tone)
    if found in (None, Sound.ACCEPT) and asks and feedback.input is not None:
        return Sound.QUESTION
    return found


def silence(_sound: Sound) -> None:
    """Play nothing."""


def player(volume: int = FULL) -> Play:
    """Return what plays tones on this machine, silence where there is nothing.

    Args:
        volume: 0 for none to 100; systems that know no volume play at their own.
    """
    if volume <= 0:
        return silence
    if sys.platform == "win32":
        return _windows
    found = next((each for each in _programs(volume) if shutil.which(each[0])), None)
    return silence if found is None else _spawned(*found)


def _programs(volume: int) -> Sequence[tuple[str, list[str]]]:
    """Return programs that play a file, the best first, with what they need before its name."""
    if sys.platform == "darwin":
        return [("afplay", ["-v", f"{volume / FULL:.2f}"])]
    return [
        ("pw-play", [f"--volume={volume / FULL:.2f}"]),
        ("paplay", [f"--volume={_PULSE_FULL * volume // FULL}"]),
        ("aplay", ["-q"]),
    ]


def _spawned(program: str, before: list[str]) -> Play:
    def play(sound: Sound) -> None:
        process = QProcess()
        process.setProgram(program)
        process.setArguments([*before, str(sound.file)])
        process.setStandardOutputFile(QProcess.nullDevice())
        process.setStandardErrorFile(QProcess.nullDevice())
        process.startDetached()

    return play


def _windows(sound: Sound) -> None:
    if sys.platform == "win32":
        import winsound

        flags = winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_NODEFAULT
        winsound.PlaySound(str(sound.file), flags)
