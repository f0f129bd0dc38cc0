"""What the screen of the devices asks: how they are, how far a scanner is with its sheet, and what the doctor found.

The doctor works on a thread of its own, with its own connection: a port that hangs or a hub that does not answer holds
nobody up. The one thing a newcomer would get wrong: what is found is replaced whole, never changed.
"""

import threading
from typing import TYPE_CHECKING

from core.station.gear import Checks, DeviceSeen, Learning
from desktop.doctor import Patient, examine
from desktop.gear import Gear
from desktop.membership import HUB
from desktop.printer_checks import printer_checks

if TYPE_CHECKING:
    from desktop.assembly import Assembly


class DeviceDesk:
    """The devices of a station, for its screen."""

    def __init__(self, assembly: "Assembly", gear: Gear, pixels_per_inch: float | None = None) -> None:
        """Have checked nothing yet."""
        self._assembly, self._gear, self._pixels = assembly, gear, pixels_per_inch
        self._checks = Checks(running=False)
        self._doctor: threading.Thread | None = None

    def devices(self) -> tuple[DeviceSeen, ...]:
        """Return every device, in trouble or not."""
        return (*self._gear.devices(), *self._gear.to_learn())

    def learn(self, scanner: str) -> None:
        """Let the next scans be the sheet, read by this scanner."""
        self._gear.learn(scanner)

    def learning(self) -> Learning:
        """Return how far it is with the sheet."""
        return self._gear.learning()

    def examine(self) -> None:
        """Begin to check everything; while it is being checked that goes on."""
        if self._doctor is not None and self._doctor.is_alive():
            return
        self._checks = Checks()
        self._doctor = threading.Thread(target=self._examine, args=(self._patient(),), name="doctor", daemon=True)
        self._doctor.start()

    def checks(self) -> Checks:
        """Return what was found so far."""
        return self._checks

    def close(self) -> None:
        """Wait until the doctor has left."""
        if self._doctor is not None:
            self._doctor.join()

    def _patient(self) -> Patient:
        assembly = self._assembly
        return Patient(
            folder=assembly.home.folder, identity=assembly.identity, reading=assembly.database.reader,
            now_ms=assembly.clock.now_ms(), profiles=tuple(self._gear.profiles.values()), live=self._gear.devices(),
            simulated=assembly.simulated,
            hub=assembly.profile.get(HUB, ""), pixels_per_inch=self._pixels,
            printers=lambda connection: printer_checks(connection, assembly.identity),
        )  # fmt: skip

    def _examine(self, patient: Patient) -> None:
        try:
            for each in examine(patient):
                self._checks = Checks((*self._checks.found, each))
        finally:
            self._checks = Checks(self._checks.found, running=False)
