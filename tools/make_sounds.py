"""Makes the station's tones, `resources/sounds/*.wav`: run it after changing one, and commit what it writes.

Five outcomes that can be told apart with the eyes closed, by how many tones, which way they go and how high (devices.md
5.4, rule 3): accept is one high, done two rising, caution two that swing, a question one that bends up, and a refusal two
low ones, far below all others and rough, so that it stands out of a hall's noise.
"""

import math
import struct
import sys
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RATE = 22_050
_LOUD = 0.8
_EDGE_S = 0.006
"""Every tone swells and fades so long: a cut wave clicks."""


@dataclass(frozen=True, slots=True)
class Note:
    """One tone."""

    hertz: float
    seconds: float
    to_hertz: float = 0.0
    """Where it bends to; 0 for a straight one."""
    rough: float = 0.0
    """How much of odd overtones it has: 0 is a flute, 1 a buzzer."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Silence."""

    seconds: float


SOUNDS: dict[str, tuple[Note | Rest, ...]] = {
    "accept": (Note(1760, 0.09),),
    "done": (Note(1175, 0.09), Rest(0.02), Note(1760, 0.16)),
    "caution": (Note(880, 0.12), Rest(0.03), Note(698, 0.12), Rest(0.03), Note(880, 0.14)),
    "question": (Note(784, 0.22, to_hertz=1175),),
    "refuse": (Note(165, 0.22, rough=0.9), Rest(0.08), Note(165, 0.30, rough=0.9)),
}


def samples(parts: tuple[Note | Rest, ...]) -> Iterator[float]:
    """Yield a sound's samples, -1 to 1."""
    for part in parts:
        count = round(part.seconds * RATE)
        if isinstance(part, Rest):
            yield from (0.0 for _ in range(count))
            continue
        phase = 0.0
        for n in range(count):
            bend = n / count
            phase += 2 * math.pi * (part.hertz + ((part.to_hertz or part.hertz) - part.hertz) * bend) / RATE
            body = math.sin(phase) + part.rough * (math.sin(3 * phase) / 2 + math.sin(5 * phase) / 3)
            edge = min(1.0, n / (RATE * _EDGE_S), (count - n) / (RATE * _EDGE_S))
            yield _LOUD * edge * body / (1 + part.rough * 5 / 6)


def encoded(parts: tuple[Note | Rest, ...]) -> bytes:
    """Return a sound as 16-bit samples."""
    return b"".join(struct.pack("<h", round(each * 32_767)) for each in samples(parts))


def write(folder: Path) -> None:
    """Write every sound."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, parts in SOUNDS.items():
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(encoded(parts))


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "resources" / "sounds")
