"""What the virtual printer is like at this moment, what it answers, and what it holds in its buffer.

Scripted by sentences (`paper out`, `cut after 120`), so that a test reads like what happens at a bench. The one thing
a newcomer would get wrong: a label that arrives while the printer is held is not refused; it waits in a buffer, and is
lost with the power.
"""

from dataclasses import dataclass, field

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
_MUTE = {"mute": True, "speak": False}
_FULL = 20
_DOTS_PER_MM = {203: 8, 300: 12}
_MEDIA_OUT, _RIBBON_OUT, _HEAD_OPEN, _PAUSED = 0x1, 0x2, 0x4, 0x10000


@dataclass(slots=True)
class Machine:
    """A label printer without its motors."""

    dpi: int
    troubles: set[str] = field(default_factory=set)
    mute: bool = False
    """It listens and never answers, like a cheap clone."""
    cut_after: int | None = None
    """Its power goes after so many bytes of the next job."""
    bytes_per_second: int = 0
    """How fast it reads; 0 for as fast as it can."""
    waiting: list[bytes] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        """Say whether a label that is complete is printed now."""
        return not self.troubles

    def script(self, sentence: str) -> bool:
        """Do what a sentence says; return False for one it does not understand."""
        match sentence.split():
            case ["cut", "after", count] if count.isdecimal():
                self.cut_after = int(count)
            case ["slow", rate] if rate.isdecimal():
                self.bytes_per_second = int(rate)
            case _ if sentence in _TROUBLES:
                name, on = _TROUBLES[sentence]
                self.troubles = self.troubles | {name} if on else self.troubles - {name}
            case _ if sentence in _MUTE:
                self.mute = _MUTE[sentence]
            case _:
                return False
        return True

    def lose_power(self) -> None:
        """Forget everything that was not printed."""
        self.waiting.clear()
        self.cut_after = None

    def release(self) -> list[bytes]:
        """Return the labels that can be printed now, and forget that they waited."""
        if not self.ready:
            return []
        released, self.waiting = self.waiting, []
        return released

    def answer(self, question: str, labels: int, *, within_label: bool) -> bytes:
        """Return the answer to a question; nothing where it is mute."""
        if self.mute:
            return b""
        match question:
            case "~HS":
                return self._host_status(within_label=within_label)
            case "~HI":
                return b"\x02DOCKSIDE-VIRTUAL,V1,%d,8192KB,X\x03\r\n" % _DOTS_PER_MM[self.dpi]
            case "~HQES":
                return self._error_status()
            case "odometer.total_label_count":
                return b'"%d"' % labels
            case _:
                return b'"?"'

    def _host_status(self, *, within_label: bool) -> bytes:
        flags = {name: int(name in self.troubles) for name in ("paper", "head", "ribbon", "pause")}
        first = (
            f"030,{flags['paper']},{flags['pause']},{6 * self.dpi:04},{len(self.waiting):03},"
            f"{int(len(self.waiting) >= _FULL)},0,{int(within_label)},000,0,0,0"
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
