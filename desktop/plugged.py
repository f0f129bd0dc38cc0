"""Joins what is plugged in to the station and its window: scans and weights in, answers back, chips, stored scans as cases.

The one thing a newcomer would get wrong: a stored scan is never handed to the station; it becomes a case of this station,
which somebody takes or discards on the screen of the devices.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.cases.queries import AskStored
from core.kernel.executor import Work
from core.kernel.flow import PrintMoved, Verb
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.spool import JobState
from core.packing.states import VerifyUnit, WeighParcel
from core.printers.queries import slow_outlets
from core.station.feedback import Feedback
from core.station.fitting import TryOut
from core.station.gear import DeviceSeen, ScanSheet
from core.station.menu import ADD_PRINTER
from core.station.turn import Input
from desktop.fitting_desk import FittingDesk
from desktop.gear import Gear
from desktop.known_devices import kept_devices, write_devices
from desktop.languages import joined
from desktop.presenters.gear import chips
from desktop.presenters.weighing import Live, live_of, with_scale
from desktop.printer_trial import PrinterTrials
from desktop.printers_office import SLOW_MS
from desktop.screens import Band, Device, Screen
from devices.assembling import bus_of
from devices.capture import Captured, Why
from devices.profile import Profile, Role

if TYPE_CHECKING:
    from core.station.station import Station
    from desktop.app import StationWindow
    from desktop.assembly import Assembly
    from desktop.bridge import MainThread
    from devices.transport import Bus

_SEPARATORS_LOST = (Reason.LOST_SEPARATORS, Reason.UNCALIBRATED_SCANNER)
_WHY: Mapping[Why, Reason] = {
    Why.NOTHING_SEEN: Reason.SCALE_SILENT,
    Why.STALE: Reason.SCALE_SILENT,
    Why.MOVING: Reason.SCALE_MOVING,
    Why.SAID_ONCE: Reason.SCALE_MOVING,
    Why.NOT_SAID_TO_BE_STILL: Reason.SCALE_UNSTATED,
    Why.OVER: Reason.SCALE_OVER,
    Why.NEGATIVE: Reason.SCALE_NEGATIVE,
    Why.FAULT: Reason.SCALE_FAULT,
    Why.UNKNOWN_UNIT: Reason.SCALE_UNIT,
    Why.TARED: Reason.SCALE_TARED,
    Why.EMPTY: Reason.SCALE_EMPTY,
    Why.OUT_OF_RANGE: Reason.SCALE_OVER,
    Why.NOT_EMPTIED: Reason.SCALE_NOT_EMPTIED,
    Why.SAY_EMPTY: Reason.SCALE_SAY_EMPTY,
    Why.SILENT: Reason.SCALE_WAITS,
}


class Plugged:
    """The devices of one station with a window."""

    def __init__(self, assembly: "Assembly", main: "MainThread", window: "StationWindow") -> None:
        """Hear the devices for a window."""
        self._assembly, self._main, self._window = assembly, main, window
        self.gear = Gear(
            self, main.post, lambda: assembly.clock.boot_ns() // 1_000_000, simulated=assembly.simulated,
            utc_ms=assembly.clock.now_ms,
        )  # fmt: skip
        self.fitting = FittingDesk(assembly, self.gear, self.gear.now_ms, partial(bus_of, simulated=assembly.simulated))
        """Where devices are added and taken off."""
        self.trials = PrinterTrials(assembly)
        """Where printers are tried out that are to be added."""
        self._ask = AskStored(assembly.identity.site, assembly.identity.station)
        self._stored = 0
        self._stored_at = 0
        """When the last stored scan came; the next is later, so that they are listed in their order."""
        self._said: tuple[Live | None, tuple[Device, ...]] | None = None
        """What of the scale is shown."""

    @contextmanager
    def at_work(self, keys: "Bus | None" = None) -> Iterator[None]:
        """Keep the devices at work for a while; `keys` are the keyboards where the system's own way is another."""
        self.gear.keys = keys
        self._count_stored()
        kept, _ = kept_devices(self._assembly.profile)
        with self.gear.at_work(kept.values()):
            try:
                yield
            finally:
                self.fitting.give_up()
                self.trials.close()
                kept, _ = kept_devices(self._assembly.profile)
                counted = self.gear.profiles.items()
                write_devices(self._assembly, (each for name, each in counted if name in kept and each != kept[name]))

    def _count_stored(self) -> None:
        with self._assembly.database.reading() as reader:
            self._stored = len(self._ask.run(reader))

    @property
    def _station(self) -> "Station":
        station: Station = self._window.station
        return station

    # What the devices say

    def scanned(self, code: str, device: str, *, trusted: bool) -> None:
        """Hand a live scan over, but the one that says which scanner is to be set up."""
        if self.fitting.meets(code, device):
            self.gear.answer(device, accepted=True)
            return
        self._window.scan(code, device=device, trusted=trusted)

    def stored(self, code: str, device: str, *, trusted: bool) -> None:
        """Keep a scan out of a scanner's memory as a case of this station, and do nothing with it."""
        operator = self._station.operator
        identity, clock = self._assembly.identity, self._assembly.clock
        self._stored_at = max(clock.now_ms(), self._stored_at + 1)
        facts = (("code", code), ("device", device), ("trusted", "1" if trusted else ""))
        case = OpenCase(
            id=CommandId(self._assembly.ids.new()), site=identity.site, at=self._stored_at,
            actor=SYSTEM if operator is None else operator.person,
            session=NO_SESSION if operator is None else operator.session,
            kind=CaseKind.STORED_SCAN, subject=identity.station, facts=facts,
        )  # fmt: skip
        future = self._assembly.submit(Work(command=case))
        future.add_done_callback(lambda _: self._main.post(self.changed))

    def printed(self, event: PrintMoved) -> None:
        """Hear on a spooler's thread that something came out: a printer whose labels take long is a device in trouble."""
        if event.state != JobState.PRINTED.value:
            return
        with self._assembly.database.reading() as reader:
            slow = slow_outlets(reader, self._assembly.identity.site, SLOW_MS)
        found = tuple(
            DeviceSeen(name=each.outlet, kind="printer", trouble="slow_start", by=f"{each.median_ms / 1000:.1f} s")
            for each in slow
        )
        if found != self.gear.printers:
            self.gear.printers = found
            self._main.post(self.changed)

    def damaged(self, device: str) -> None:
        """Refuse half a scan."""
        self._station.scan("", device=device, refused=Refusal(Reason.SCAN_DAMAGED))

    def weighed(self) -> None:
        """Take the weight where one is waited for and it counts; show what the scale says where it says something else.

        It is asked again every second: a scale that fell silent says so by saying nothing.
        """
        state, pan = self._station.state, self.gear.pan
        if pan is None:
            return
        live = live_of(pan, self.gear.now_ms())
        waited_for = isinstance(state, WeighParcel) and not state.outside
        if waited_for and not live.words and self._station.idle and not self._window.covered:
            self.weigh()
            return
        # Elsewhere it matters only whether it is at work.
        said = (live if isinstance(state, WeighParcel | VerifyUnit) else None, self.chips)
        if said != self._said:
            self._said = said
            self._window.look_again()

    def changed(self) -> None:
        """Show how the devices are now, and how many stored scans wait."""
        self._count_stored()
        self._window.look_again()

    def learnt(self, profile: Profile) -> None:
        """Keep what was learnt of a scanner."""
        write_devices(self._assembly, (profile,))

    # What they are told

    def heard(self, feedback: Feedback) -> None:
        """Tell the scanner what became of its scan: after the commit, before anything is painted."""
        given = feedback.input
        if given is not None and given.device:
            refusal = feedback.refusal
            self.gear.answer(given.device, accepted=refusal is None)
            if refusal is not None and refusal.reason in _SEPARATORS_LOST:
                self.gear.drops_separators(given.device)
        if not isinstance(feedback.state, ScanSheet):
            self.gear.learn("")
        if not isinstance(feedback.state, TryOut):
            self.fitting.give_up()
        if feedback.flow != ADD_PRINTER:
            self.trials.give_up()
        if "exception_case" in feedback.changes.tables:
            self._count_stored()

    def dropped(self, given: Input) -> None:
        """Tell the scanner that its scan was not taken."""
        self.gear.answer(given.device, accepted=False)

    def order(self, verb: Verb) -> bool:
        """Weigh, zero or tare with the scale that is plugged in; return whether that was for it."""
        if self.gear.pan is None:
            return False
        match verb:
            case Verb.WEIGH:
                self.weigh()
                return True
            case Verb.ZERO | Verb.TARE:
                told = self.gear.order(verb)
                self.weighed()
                return told
            case _:
                return False

    def weigh(self) -> None:
        """Take the weight now, or refuse with the reason."""
        match self.gear.capture():
            case Captured(reading=reading, scale=scale, grams=grams):
                shown = f"{reading.digits} {reading.unit} {reading.raw.hex()}"
                self._station.weigh(round(grams), device=scale, shown=shown)
            case Why() as why:
                self._station.weigh(0, refused=Refusal(_WHY[why]))
            case None:
                self._station.weigh(0, refused=Refusal(Reason.NO_SCALE))

    # What is shown of them

    @property
    def chips(self) -> tuple[Device, ...]:
        """Return the devices of the strip."""
        return chips(self.gear.devices(), self._stored)

    def who(self, band: Band, given: Input | None) -> Band:
        """Return the last scan with the scanner that made it, where there are several."""
        several = sum(each.kind == Role.SCANNER for each in self.gear.devices()) > 1
        if not several or given is None or not given.device:
            return band
        return replace(band, meant=joined((band.meant, given.device)))

    def shown(self, screen: Screen, state: object) -> Screen:
        """Return a screen with what the scale says, where something is weighed."""
        pan = self.gear.pan
        return screen if pan is None else with_scale(screen, state, live_of(pan, self.gear.now_ms()))
