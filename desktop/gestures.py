"""What a person had to do for each thing that a shift is measured by: told gesture by gesture, as the player makes them.

A line on which a mistake happened is no measure of a line, so it is left out of the lines; the mistake has a row of its
own. A weight comes from the scale and is nobody's gesture.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_ODD = ("short", "damaged", "full")
_QUESTIONS = ("AskShortReason", "ConfirmDamaged", "SayWhatFits")
"""States in which a short, a damage or a full tote is still being told."""


@dataclass(slots=True)
class Measured:
    """How often a thing was done, and by how many gestures."""

    times: int = 0
    gestures: int = 0
    most: int = 0

    def add(self, gestures: int) -> None:
        """Count one time."""
        self.times += 1
        self.gestures += gestures
        self.most = max(self.most, gestures)

    def to_json(self) -> dict[str, Any]:
        """Return the count with its mean."""
        mean = round(self.gestures / self.times, 2) if self.times else 0
        return {"times": self.times, "gestures": self.gestures, "mean": mean, "most": self.most}


@dataclass(slots=True)
class GestureTable:
    """Counts gestures by what they were for."""

    rows: dict[str, Measured] = field(default_factory=dict)
    _steps: int = 0
    """Gestures since the last line was put down, or since the order was opened."""
    _spoiled: bool = False
    _odd: str = ""
    _odd_gestures: int = 0
    _slotted: bool | None = None
    _unit_scans: int = 0
    _scanned_by_unit: bool = False
    _opened: bool = False

    def count(self, name: str, gestures: int) -> None:
        """Count that something took so many gestures."""
        self.rows.setdefault(name, Measured()).add(gestures)

    def heard(self, bench: str, meaning: str, told: Mapping[str, Any]) -> None:
        """Hear what a gesture at a bench led to; `meaning` is what it was made for."""
        if meaning == "weight":
            return
        if told["outcome"] == "refused":
            self._spoiled = True
            return
        note = told.get("note") or {}
        if bench == "pick":
            self._picked(meaning, str(told["state"]), note)
        elif bench == "pack":
            self._packed(note)

    def _picked(self, meaning: str, state: str, note: Mapping[str, Any]) -> None:
        if self._odd or meaning in _ODD:
            self._odd = self._odd or meaning
            self._odd_gestures += 1
            self._spoiled = True
            if state not in _QUESTIONS:
                self.count(self._odd, self._odd_gestures)
                self._odd, self._odd_gestures = "", 0
            return
        self._spoiled = self._spoiled or meaning == "undo"
        self._steps += 1
        match note.get("note"):
            case "put":
                self._slotted = bool(note["slot"])
                self._line()
            case "batch_done":
                self._line()
            case "cart_ready":
                self._steps, self._spoiled, self._slotted = 0, False, None
            case _:
                pass

    def _line(self) -> None:
        """Count a line that was put down; a tote on no slot takes single units, which find their orders at the bench."""
        if not self._spoiled and self._slotted is not None:
            self.count("cluster_line" if self._slotted else "single_unit_line", self._steps)
        self._steps, self._spoiled = 0, False

    def _packed(self, note: Mapping[str, Any]) -> None:
        self._steps += 1
        match note.get("note"):
            case "opened":
                self._opened = True
            case "carton":
                self._scanned_by_unit = True
            case "packed":
                self._unit_scans += 1
            case "closed":
                # The last unit closes; where units are not scanned, the carton does.
                self._unit_scans += int(self._scanned_by_unit)
            case "label_applied":
                if not self._spoiled:
                    name = "packed_order_beyond_its_units" if self._opened else "single_unit_order"
                    self.count(name, self._steps - self._unit_scans)
                self.begin()
            case _:
                pass

    def begin(self) -> None:
        """Hear that something new begins: an order, or work at another bench."""
        self._steps, self._spoiled, self._opened = 0, False, False
        self._unit_scans, self._scanned_by_unit = 0, False
        self._odd, self._odd_gestures = "", 0

    def to_json(self) -> dict[str, Any]:
        """Return the table as plain data."""
        return {name: measured.to_json() for name, measured in sorted(self.rows.items())}
