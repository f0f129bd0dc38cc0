"""What the virtual printer is like at this moment, what it answers, and what it holds in its buffer.

Scripted by sentences (`paper out`, `cut after 120`), so that a test reads like what happens at a bench. The one thing
a newcomer would get wrong: a label that arrives while the printer is held is not refused; it waits in a buffer, and is
lost with the power. One that is interrupted by the end of the roll is spoilt and, unless `^JZN` said otherwise, printed
once more by the printer itself.
"""

import json
from dataclasses import dataclass, field

from printing.drivers.variables import VIRTUAL

_TROUBLES = {
    "paper out": ("paper", True),
    "paper in": ("paper", False),
    "head open": ("head", True),
    "head closed": ("head", False),
    "ribbon out": ("ribbon", True),
    "ribbon in": ("ribbon", False),
    "pause": ("pause", True),
    "resume": ("pause", False),
}
_WITHIN = {"paper out within": "paper", "head open within": "head"}
"""What comes in the middle of the next label."""
_CLONES = {"silent": "silent", "mute": "silent", "echo": "echo", "junk": "junk", "speak": ""}
_SWITCHES = {
    "half open": ("half_open", True),
    "whole": ("half_open", False),
    "one at a time": ("one_at_a_time", True),
    "all at once": ("one_at_a_time", False),
    "marks": ("by_marks", True),
    "gaps": ("by_marks", False),
}
SENTENCES = (
    *_TROUBLES,
    *_WITHIN,
    *_CLONES,
    *_SWITCHES,
    "cut now",
    "cut after BYTES",
    "slow BYTES_PER_SECOND",
    "roll MM",
    "width MM",
)
JUNK = b"\xff?\x00OK"
_FULL = 20
_DOTS_PER_MM = {203: 8, 300: 12}
_MEDIA_OUT, _RIBBON_OUT, _HEAD_OPEN, _PAUSED = 0x1, 0x2, 0x4, 0x10000
_CONDITIONS = {"paper": "PAPER OUT", "ribbon": "RIBBON OUT", "head": "HEAD OPEN", "pause": "PRINTER PAUSED"}
DONE = "PQ JOB COMPLETED"
SERIAL = "VIRTUAL-0001"


@dataclass(frozen=True, slots=True)
class Out:
    """A label that left the printer, whole or spoilt."""

    raw: bytes
    spoilt: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """Where the printer says by itself that something happened."""

    condition: str
    host: str
    port: int


@dataclass(slots=True)
class Machine:
    """A label printer without its motors."""

    dpi: int
    troubles: set[str] = field(default_factory=set)
    clone: str = ""
    """How it fails to answer: silent, echo or junk; empty for a printer that answers."""
    cut_after: int | None = None
    """Its power goes after so many bytes of the next job."""
    bytes_per_second: int = 0
    """How fast it reads; 0 for as fast as it can."""
    half_open: bool = False
    """It takes connections and nothing on them, like a print server that hangs."""
    one_at_a_time: bool = False
    """Whether a second connection waits for the first one's end, as with most printers."""
    roll_mm: int = 152
    """How long the labels are that lie in it."""
    measured_mm: int = 152
    """How long it takes them to be since it was calibrated."""
    width_mm: int = 102
    """How wide they are, as its sensor measures them."""
    by_marks: bool = False
    """Whether it finds them by black marks, not by gaps."""
    within: str = ""
    """The trouble that comes in the middle of the next label."""
    waiting: list[bytes] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        """Say whether a label that is complete is printed now."""
        return not self.troubles

    def script(self, sentence: str) -> bool:
        """Do what a sentence says; return False for one it does not understand."""
        match sentence.split():
            case ["cut", "after", count] if count.isdecimal():
                self.cut_after = int(count)
            case ["cut", "now"]:
                self.lose_power()
            case ["slow", rate] if rate.isdecimal():
                self.bytes_per_second = int(rate)
            case ["roll", length] if length.isdecimal() and int(length):
                self.roll_mm = int(length)
            case ["width", wide] if wide.isdecimal() and int(wide):
                self.width_mm = int(wide)
            case _ if sentence in _TROUBLES:
                name, on = _TROUBLES[sentence]
                self.troubles = self.troubles | {name} if on else self.troubles - {name}
            case _ if sentence in _WITHIN:
                self.within = _WITHIN[sentence]
            case _ if sentence in _CLONES:
                self.clone = _CLONES[sentence]
            case _ if sentence in _SWITCHES:
                setattr(self, *_SWITCHES[sentence])
            case _:
                return False
        return True

    def lose_power(self) -> None:
        """Forget everything that was not printed."""
        self.waiting.clear()
        self.cut_after = None

    def release(self) -> list[Out]:
        """Return the labels that leave the printer now; what did not come out whole waits on, or is lost with `^JZN`."""
        out: list[Out] = []
        while self.waiting and self.ready:
            raw = self.waiting.pop(0)
            if not self.within:
                out.append(Out(raw))
                continue
            self.troubles, self.within = self.troubles | {self.within}, ""
            out.append(Out(raw, spoilt=True))
            if b"^JZN" not in raw:
                self.waiting.insert(0, raw)
        return out

    def hear(self, name: str, value: str) -> None:
        """Take a setting; of alerts only those are understood that go to a TCP port (`alerts.add`)."""
        parts = value.split(",")
        if name == "alerts.add" and len(parts) > 5 and parts[1] == "TCP" and parts[5].isdecimal():
            self.alerts.append(Alert(parts[0], parts[4], int(parts[5])))

    def state(self) -> dict[str, object]:
        """Return how it is, for whoever holds its script."""
        return {
            "troubles": sorted(self.troubles), "waiting": len(self.waiting), "clone": self.clone,
            "half_open": self.half_open, "roll_mm": self.roll_mm, "bytes_per_second": self.bytes_per_second,
        }  # fmt: skip

    def answer(self, question: str, labels: int, *, within_label: bool) -> bytes:
        """Return the answer to a question; nothing where it does not answer, or is told something."""
        if self.clone:
            return b""
        match question:
            case "~HS":
                return self._host_status(within_label=within_label)
            case "~HI":
                return f"\x02{VIRTUAL},V1,{_DOTS_PER_MM[self.dpi]},8192KB,X\x03\r\n".encode()
            case "~HQES":
                return self._error_status()
            case "~HQSN":
                return f"\x02\r\n  SERIAL NUMBER\r\n     {SERIAL}\r\n\x03".encode()
            case "~HQOD":
                metres = labels * self.measured_mm / 1000
                return f"\x02\r\n  PRINT METERS\r\n     TOTAL NONRESETTABLE:   {metres:.2f} m\r\n\x03".encode()
            case "~JC":
                self.measured_mm = self.roll_mm
                return b""
            case _ if question.startswith("~"):
                return b""
            case _:
                return f'"{self.variable(question, labels)}"'.encode()

    def variable(self, name: str, labels: int) -> str:
        """Return what a variable holds; a question mark for one it does not know."""
        held = {name: name in self.troubles for name in ("paper", "head", "ribbon", "pause")}
        known = {
            "odometer.total_label_count": str(labels), "device.unique_id": SERIAL, "appl.name": "V1",
            "head.resolution.in_dpi": str(self.dpi), "ezpl.print_width": str(4 * self.dpi),
            "media.width_sense.in_mm": f"{self.width_mm}.0", "ezpl.media_type": "mark" if self.by_marks else "gap/notch",
            "media.status": "out" if held["paper"] else "ok", "head.latch": "open" if held["head"] else "ok",
            "device.pause": "on" if held["pause"] else "off",
            "device.host_status": self._host_status(within_label=False).decode().replace("\x02", "").replace("\x03", ""),
        }  # fmt: skip
        return known.get(name, "?").strip()

    def answer_json(self, wish: str, labels: int) -> bytes | None:
        """Return the answer of the status port to `{}{"name":null,…}`; None where it is not that."""
        try:
            names = json.loads(wish.removeprefix("{}"))
        except ValueError:
            return None
        if not isinstance(names, dict):
            return None
        return json.dumps({name: self.variable(str(name), labels) for name in names}).encode()

    def words_of(self, condition: str) -> str:
        """Return how an alert about a trouble begins, or about a job that is done."""
        return f"ALERT: {DONE}" if condition == DONE else f"ERROR CONDITION: {_CONDITIONS[condition]}"

    def _host_status(self, *, within_label: bool) -> bytes:
        flags = {name: int(name in self.troubles) for name in ("paper", "head", "ribbon", "pause")}
        first = (
            f"030,{flags['paper']},{flags['pause']},{round(self.measured_mm * self.dpi / 25.4):04},"
            f"{len(self.waiting):03},{int(len(self.waiting) >= _FULL)},0,{int(within_label)},000,0,0,0"
        )
        second = f"000,0,{flags['head']},{flags['ribbon']},0,2,4,0,00000000,1,000"
        return "".join(f"\x02{frame}\x03\r\n" for frame in (first, second, "1234,0")).encode()

    def _error_status(self) -> bytes:
        bits = {"paper": _MEDIA_OUT, "ribbon": _RIBBON_OUT, "head": _HEAD_OPEN, "pause": _PAUSED}
        value = sum(bits[name] for name in self.troubles)
        return (
            "\x02\r\n\r\n  PRINTER STATUS                            \r\n"
            f"   ERRORS:         {int(value > 0)} 00000000 {value:08X}      \r\n"
            "   WARNINGS:       0 00000000 00000000      \r\n\x03"
        ).encode()
