"""Where printers are found, asked what they are, and made to print their test label: for the window that adds them.

What takes its time is done on threads of its own. The one thing a newcomer would get wrong: the test label is no print job.
There is no printer yet that a job could name, and what proves it is its scan; so nothing is written of it.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from core.catalog.contents import WorkstationLabel
from core.exchange.report import printable
from core.kernel.refusal import Fault
from core.station.printer_trials import Found, Trial
from desktop.known_devices import kept_devices, plugged_in
from desktop.print_room import driver_of, media_of
from devices.profile import TransportKind
from printing.asking import Answer, asked
from printing.discovery import FoundPrinter, PrinterDiscovery
from printing.drivers.addresses import printer_at, whole_address
from printing.drivers.one_writer import writer_of
from printing.drivers.protocols import AddressFault, SendFault, Trouble
from printing.drivers.variables import VIRTUAL
from printing.fault import LabelFault
from printing.local import local_printers
from printing.media import size_of

if TYPE_CHECKING:
    from desktop.assembly import Assembly

T = TypeVar("T")
Heard = Callable[[tuple[FoundPrinter, ...]], None]
_AGAIN_S = 1.0
"""Between two tries of a printer that is away, held or taken."""
_SERIAL, _LINE = "serial:", "?baud=9600&flow=dtr"


@dataclass(slots=True)
class _Trying:
    """One printer that is tried out. Its thread writes, the window's reads; the value is replaced whole."""

    trial: Trial
    over: threading.Event = field(default_factory=threading.Event)


class PrinterTrials:
    """The trying out of printers at one station."""

    def __init__(
        self,
        assembly: "Assembly",
        local: Callable[[], Iterable[FoundPrinter]] = local_printers,
        discovery: Callable[[Heard], AbstractContextManager[object]] = PrinterDiscovery,
        again_seconds: float = _AGAIN_S,
    ) -> None:
        """Try nothing out yet; `local` and `discovery` say where printers are looked for."""
        self._assembly, self._local, self._discovery, self._again = assembly, local, discovery, again_seconds
        self._trying = _Trying(Trial())
        self._announced: tuple[FoundPrinter, ...] = ()
        self._listening: threading.Event | None = None
        self._order: dict[str, Found] = {}
        self._threads: list[threading.Thread] = []

    # What is there

    def found(self) -> tuple[Found, ...]:
        """Return what announces itself or is plugged in, in the order in which it was found, serial ports last."""
        if self._listening is None:
            self._order.clear()
            self._listening = threading.Event()
            self._work(self._listen, self._listening)
        there = {
            each.address: Found(
                address=each.address, name=printable(each.name), model=printable(each.model), place=printable(each.place),
                languages=each.languages,
            )
            for each in (*self._local(), *self._serial(), *self._announced) if each.address
        }  # fmt: skip
        self._order = {address: there[address] for address in (*self._order, *there) if address in there}
        # A serial port says nothing of what hangs there: it comes behind those that are printers.
        return tuple(sorted(self._order.values(), key=lambda each: each.address.startswith(_SERIAL)))

    def _listen(self, over: threading.Event) -> None:
        with self._discovery(self._hear):
            over.wait()

    def _hear(self, printers: tuple[FoundPrinter, ...]) -> None:
        self._announced = printers

    def _serial(self) -> Iterator[FoundPrinter]:
        """Yield the serial ports at which no device of this station is: what hangs there nobody can know."""
        known, _ = kept_devices(self._assembly.profile)
        for kind, _, port in plugged_in(known.values()):
            if kind is TransportKind.SERIAL:
                address = f"{_SERIAL}{port.path}{_LINE}"
                yield FoundPrinter(
                    name=port.name or port.path, address=address, model="", languages=(), place=port.path
                )

    def address_of(self, said: str) -> str:
        """Return an address as a printer's row writes it; empty for what is none."""
        try:
            return printer_at(whole_address(said), asked="").address
        except AddressFault:
            return ""

    def size_of(self, said: str) -> tuple[int, int] | None:
        """Return width and height of a size in tenths of a millimetre; None for what is none."""
        try:
            wide, high = size_of(said)
        except Fault:
            return None
        return round(wide * 10), round(high * 10)

    # Asking and printing

    def trial(self) -> Trial:
        """Return how far it is."""
        return self._trying.trial

    def ask(self, trial: Trial) -> None:
        """Begin to ask the printer at an address what it is."""
        self._begin(self._ask, trial)

    def print(self, trial: Trial) -> None:
        """Have it print its test label, as soon as it can."""
        self._begin(self._print, trial)

    def give_up(self) -> None:
        """Ask, print and listen no more."""
        self._trying.over.set()
        if self._listening is not None:
            self._listening.set()
            self._listening = None

    def close(self) -> None:
        """Give up, and wait until everybody has left."""
        self.give_up()
        for each in self._threads:
            each.join()

    def _begin(self, work: Callable[[_Trying], None], trial: Trial) -> None:
        self._trying.over.set()
        now = self._trying = _Trying(trial)
        self._work(work, now)

    def _work(self, work: Callable[[T], None], about: T) -> None:
        self._threads = [each for each in self._threads if each.is_alive()]
        thread = threading.Thread(target=work, args=(about,), name="printer trial", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _ask(self, now: _Trying) -> None:
        """Ask until it is known what it is: one that is away, or that somebody prints on, is asked again."""
        trial = now.trial
        while not now.over.is_set():
            with writer_of(trial.address, self._assembly.clock.boot_ns) as lease:
                answer = None if lease is None else asked(trial.address, trial.languages, now.over.is_set)
            trouble = Trouble.IN_USE if answer is None else self._trouble(answer)
            if answer is not None and trouble is None:
                now.trial = _told(trial, answer)
                return
            now.trial = replace(trial, troubles=str(trouble))
            now.over.wait(self._again)

    def _trouble(self, answer: Answer) -> Trouble | None:
        if answer.model.startswith(VIRTUAL) and not self._assembly.simulated:
            return Trouble.SIMULATED
        return answer.trouble

    def _print(self, now: _Trying) -> None:
        """Print the test label once the printer can: what keeps it from that is said meanwhile."""
        # Its library takes a tenth of a second to load.
        from printing.render import render

        identity, clock = self._assembly.identity, self._assembly.clock
        trial, code = now.trial, f"TEST-{self._assembly.ids.new().hex()[-6:].upper()}"
        row = trial.row(identity.site, identity.station)
        try:
            data = render(WorkstationLabel(code=code, name=trial.name, note=trial.model), media=media_of(row)).data
        except LabelFault as e:
            now.trial = replace(trial, fault=str(e))
            return
        printer = driver_of(row)
        while not now.over.is_set():
            with writer_of(trial.address, clock.boot_ns) as lease:
                status = None if lease is None else printer.status()
                held = (Trouble.IN_USE,) if status is None else status.troubles
                if status is not None and status.may_be_sent_to:
                    held = ()
                    try:
                        printer.send(data, lambda _: None)
                    except SendFault:
                        held = (Trouble.UNREACHABLE,)
            if not held:
                now.trial = replace(trial, code=code, troubles="")
                return
            now.trial = replace(trial, troubles=",".join(held))
            now.over.wait(self._again)


def _told(trial: Trial, answer: Answer) -> Trial:
    """Return a trial with what a printer said of itself."""
    status = answer.status
    length = (status.label_dots or 0) * 254 // answer.dpi if answer.dpi else 0
    return replace(
        trial, asking=False, troubles="", answers=answer.answers, dpi=answer.dpi, model=printable(answer.model),
        language="" if answer.language is None else answer.language.value, firmware=printable(answer.firmware),
        labels=answer.labels, length_tenths=length, continuous=bool(status.continuous),
    )  # fmt: skip
