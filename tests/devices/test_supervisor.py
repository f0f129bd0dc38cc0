"""A device is found, greeted, listened to, and found again; what had begun goes with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from devices import feedback
from devices.capture import Pan, Why
from devices.feedback import Sink
from devices.framing.heard import Damaged
from devices.framing.ssi import ACK, Ssi, packet
from devices.framing.text import Text
from devices.repeats import Memory
from devices.scale_formats.asking import REQUESTS, ScaleProtocol
from devices.scale_formats.cas import CasTill
from devices.scale_formats.reading import NotAWeight, Reading
from devices.scale_formats.sics import Sics
from devices.scan import Scan
from devices.supervisor import ANSWER_MS, ASLEEP_MS, IDLE_MS, PRESENT_MS, Connected, Happened, InUse, Lost, Supervisor
from devices.talk import GREETING_MS, POLL_MS, ScaleTalk, ScannerTalk, Talk
from devices.transport import FORBIDDEN, Busy, Gone, Match, Port

PORT = Port(path="/dev/ttyACM0", vid=0x05E0, pid=0x1701, serial="S1", location="1-2")
MATCH = Match(vid=0x05E0, pid=0x1701, serial="S1", location="1-2")


@dataclass
class Bench:
    """A bus with one device and a clock, both in the test's hand; each read takes 50 ms."""

    talk: Talk
    plugged: list[Port] = field(default_factory=lambda: [PORT])
    incoming: list[bytes] = field(default_factory=list)
    written: list[bytes] = field(default_factory=list)
    refusal: Exception | None = None
    now: int = 1_000_000
    tries: list[int] = field(default_factory=list)
    closed: int = 0
    happened: list[Happened] = field(default_factory=list)
    silent_loss: bool = False

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(
            device="scanner-1",
            match=MATCH,
            bus=self,
            talk=self.talk,
            hand=self.happened.append,
            now_ms=lambda: self.now,
        )

    def ports(self) -> Sequence[Port]:
        return tuple(self.plugged)

    def open(self, port: Port) -> "Bench":
        self.tries.append(self.now)
        if self.refusal:
            raise self.refusal
        return self

    def read(self) -> bytes:
        if not self.plugged and not self.silent_loss:
            raise Gone
        if self.incoming:
            return self.incoming.pop(0)
        self.now += 50
        return b""

    def write(self, data: bytes) -> None:
        if not self.plugged and not self.silent_loss:
            raise Gone
        self.written.append(data)

    def close(self) -> None:
        self.closed += 1

    def run(self, ms: int = 0) -> list[Any]:
        """Let time pass, at least until everything that came is read; return what happened."""
        until = self.now + ms
        while self.now < until or self.incoming:
            waited = self.supervisor.step()  # which moves the clock, too
            self.now += round(waited * 1000)
        self.supervisor.step()
        said, self.happened[:] = [each.what for each in self.happened], []
        return said


def scanner(**settings) -> ScannerTalk:
    return ScannerTalk("scanner-1", Text(), **settings)


def scans(said: list[Any]) -> list[bytes]:
    return [each.data for each in said if isinstance(each, Scan)]


def test_a_device_is_found_greeted_and_listened_to() -> None:
    bench = Bench(scanner(greeting=(b"hello", b"you")))
    bench.incoming = [b"]E040063", b"81333931\r]C1A-01\r"]

    said = bench.run()
    assert said[0] == Connected(PORT)
    assert [each.code for each in said[1:]] == ["]E04006381333931", "]C1A-01"]
    bench.run(GREETING_MS)
    assert {each.device for each in said[1:]} == {"scanner-1"}
    assert bench.written == [b"hello", b"you"]


def test_a_scanner_is_greeted_part_by_part_each_when_the_last_was_answered() -> None:
    bench = Bench(ScannerTalk("scanner-1", Ssi(), greeting=(b"one", b"two", b"three")))
    bench.run()
    assert bench.written == [b"one"]
    bench.incoming = [packet(0xD0, source=0)]
    bench.run()
    assert bench.written == [b"one", b"two"]
    bench.run(GREETING_MS)
    assert bench.written == [b"one", b"two", b"three"]
    bench.run(GREETING_MS * 3)
    assert len(bench.written) == 3


def test_what_had_begun_is_dropped_with_the_device_and_the_greeting_is_said_again() -> None:
    bench = Bench(scanner(greeting=(b"hello",)))
    bench.incoming = [b"400638"]
    bench.run()
    bench.plugged = []
    assert bench.run(3_000) == [Lost("unplugged")]

    bench.plugged, bench.incoming = [PORT], [b"4006381333948\r"]
    assert scans(bench.run(1_000)) == [b"4006381333948"]
    assert bench.written == [b"hello", b"hello"]
    assert bench.closed == 1


def test_it_comes_back_under_another_name() -> None:
    bench = Bench(scanner())
    bench.run()
    bench.plugged = []
    bench.run()
    other = Port(path="/dev/ttyACM7", vid=0x05E0, pid=0x1701, serial="S1", location="1-4")
    bench.plugged = [other]

    assert bench.run(600) == [Connected(other)]


def test_it_is_tried_again_after_longer_and_longer_and_at_once_when_something_is_plugged_in() -> None:
    bench = Bench(scanner(), refusal=Gone())

    assert bench.run(20_000) == [Lost("absent")]
    gaps = [later - sooner for sooner, later in zip(bench.tries, bench.tries[1:], strict=False)]
    assert gaps == [500, 1_000, 2_000, 5_000, 5_000, 5_000]
    bench.refusal = None
    bench.plugged.append(Port(path="/dev/ttyS5"))
    assert bench.run(500) == [Connected(PORT)]


def test_it_is_told_once_who_holds_the_port_and_opened_when_it_is_free() -> None:
    bench = Bench(scanner(), refusal=Busy("minicom"))

    assert bench.run(20_000) == [InUse("minicom")]
    bench.refusal = None
    assert bench.run(6_000) == [Connected(PORT)]


def test_it_is_said_when_the_system_does_not_let_us() -> None:
    assert Bench(scanner(), refusal=Gone(FORBIDDEN)).run(5_000) == [Lost(FORBIDDEN)]


def test_a_port_that_vanishes_without_a_word_is_noticed() -> None:
    bench = Bench(scanner(), silent_loss=True)
    bench.run()
    bench.plugged = []

    assert bench.run(PRESENT_MS + 100) == [Lost("unplugged")]


def test_an_idle_device_is_asked_whether_it_lives_and_opened_anew_if_it_does_not_answer() -> None:
    bench = Bench(ScannerTalk("scanner-1", Ssi(), heartbeat=feedback.heartbeat(Sink.SSI)))
    bench.run(IDLE_MS - 1_000)
    assert bench.written == []
    bench.run(2_000)
    assert bench.written == [feedback.REQUEST_REVISION]
    bench.incoming = [packet(0xA4, b"PAABLS00", source=0)]
    assert bench.run(IDLE_MS - 1_000) == []
    assert bench.run(2_000 + ANSWER_MS) == [Lost("silent"), Connected(PORT)]
    assert len(bench.written) == 2


def test_a_device_that_has_no_query_is_left_in_peace() -> None:
    bench = Bench(scanner())
    bench.run()

    assert bench.run(3 * IDLE_MS) == []
    assert bench.written == []


def test_after_a_sleep_the_port_is_opened_anew() -> None:
    bench = Bench(scanner())
    bench.run()
    bench.now += ASLEEP_MS

    assert bench.run(100) == [Lost("slept"), Connected(PORT)]


def test_what_the_protocol_wants_answered_is_answered_and_feedback_is_sent() -> None:
    bench = Bench(ScannerTalk("scanner-1", Ssi()))
    assert not bench.supervisor.send(feedback.accept(Sink.SSI))
    bench.incoming = [packet(0xF3, b"\x0fA-01-04", source=0)]
    bench.run()

    assert bench.supervisor.send(feedback.accept(Sink.SSI))
    assert not bench.supervisor.send(feedback.accept(Sink.NONE))
    assert bench.written == [ACK, feedback.beep(1)]
    bench.plugged = []
    assert not bench.supervisor.send(feedback.accept(Sink.SSI))


def test_a_double_read_is_one_scan_and_damage_is_told() -> None:
    bench = Bench(ScannerTalk("scanner-1", Text(aim_always=True)))
    bench.incoming = [b"]C1A-01\r", b"]C1A-01\r", b"01\r"]

    assert bench.run()[1:] == [
        Scan(data=b"A-01", aim="]C1", device="scanner-1", at_ms=1_000_000),
        Damaged(b"01", "no symbology id"),
    ]


def test_two_hundred_scans_at_twenty_a_second_are_two_hundred_in_order() -> None:
    bench = Bench(scanner())
    bench.run()
    codes = [b"A-%03d" % (n % 2) for n in range(200)]
    taken = []
    for code in codes:
        bench.incoming = [code + b"\r"]
        taken += bench.run(50)

    assert scans(taken) == codes


def test_the_same_code_of_two_scanners_is_two_scans() -> None:
    first, second = Bench(scanner()), Bench(ScannerTalk("scanner-2", Text()))
    first.incoming, second.incoming = [b"A-01\r"], [b"A-01\r"]

    said = [each for bench in (first, second) for each in bench.run() if isinstance(each, Scan)]
    assert [(each.device, each.data) for each in said] == [("scanner-1", b"A-01"), ("scanner-2", b"A-01")]


def test_a_cordless_scanners_memory_is_no_work() -> None:
    bench = Bench(scanner(memory=Memory()))
    bench.run()
    bench.now += 10_000
    bench.incoming = [b"A-01\r", b"A-02\r", b"A-03\r"]
    said = bench.run(1_000)
    assert [(each.data, each.stored) for each in said] == [(b"A-01", True), (b"A-02", True), (b"A-03", True)]

    bench.incoming = [b"A-04\r"]
    assert [(each.data, each.stored) for each in bench.run(1_000)] == [(b"A-04", False)]


def test_a_scale_is_asked_again_and_again_and_a_till_scale_in_two_steps() -> None:
    bench = Bench(ScaleTalk(Sics(), REQUESTS[ScaleProtocol.SICS]))
    bench.incoming = [b"S S     1.2", b"35 kg\r\n"]
    said = bench.run(POLL_MS * 3)

    assert [each.digits for each in said if isinstance(each, Reading)] == ["1.235"]
    # Whether a tare is active is asked before each weight, and once in between what it is called.
    words = [b"TA", b"SI", b"I2", b"TA", b"SI", b"I3", b"TA", b"SI", b"I4", b"TA", b"SI"]
    assert bench.written == [word + b"\r\n" for word in words]
    till = Bench(ScaleTalk(CasTill(), REQUESTS[ScaleProtocol.CAS_TILL]))
    till.incoming = [b"\x06", b"\x01\x02S 01.235kg\x64\x03\x04", b"\x15"]
    assert [type(each) for each in till.run()[1:]] == [Reading, NotAWeight]
    assert till.written == [b"\x05", b"\x11"]


def test_a_weight_that_waited_to_be_read_is_as_old_as_it_may_be() -> None:
    bench = Bench(ScaleTalk(Sics(), REQUESTS[ScaleProtocol.SICS]))
    for held_up_ms in (0, 3_000):
        bench.run(100)
        looked = bench.now
        bench.now += held_up_ms
        bench.incoming = [b"S S     1.235 kg\r\n"]
        bench.supervisor.step()
        weight = bench.happened.pop()
        assert isinstance(weight.what, Reading)
        pan = Pan(scale="scale-1").seen(weight.what, weight.at_ms)
        assert weight.at_ms == looked
        assert pan.why_not(bench.now) is (Why.STALE if held_up_ms else None)


@pytest.mark.parametrize("at", range(1, 18))
def test_half_a_weight_goes_with_the_scale(at: int) -> None:
    bench = Bench(ScaleTalk(Sics(), REQUESTS[ScaleProtocol.SICS]))
    bench.incoming = [b"S S     100.00 g\r\n"[:at]]
    bench.run()
    bench.plugged = []
    bench.run(600)
    bench.plugged, bench.incoming = [PORT], [b"S S     2.00 g\r\n"]

    assert [each.digits for each in bench.run(600) if isinstance(each, Reading)] == ["2.00"]
