"""The real window on a copied sample, with scanners and scales at real pseudo-terminals: bytes in, and what they are told."""

import os
import tty
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import shiboken6
from pytestqt.qtbot import QtBot

from core.kernel.journal import Gesture
from core.kernel.tables import rows_of, sql_of
from core.station.feedback import Feedback
from desktop.app import StationWindow
from desktop.assembly import assembled
from desktop.bridge import MainThread
from desktop.device_desk import DeviceDesk
from desktop.known_devices import DEVICE
from desktop.plugged import Plugged
from desktop.shell import Shell
from devices.calibration import Calibration
from devices.feedback import Sink
from devices.framing.text import Ending
from devices.profile import Profile, Role, ScannerProtocol, Settings, TransportKind, write_profile
from devices.scale_formats.asking import ScaleProtocol
from devices.supervisor import Connected, InUse, Link
from devices.transport import Match

LIMIT_MS = 60_000
"""Nothing takes that long: what has not come by then does not come."""
TRUSTED = Calibration(separator="\x1d", aim_ok=False, ending=Ending.CR)


class Plug:
    """One device: what it sends is written here, what it is told is read."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self._link = name, folder / name
        self._master = -1
        self.told = b""
        self.plug()

    @property
    def path(self) -> str:
        """The port: always the same name, as a rule of the system gives it."""
        return str(self._link)

    def plug(self) -> None:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(self._master, False)
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(os.ttyname(slave))
        os.close(slave)

    def unplug(self) -> None:
        if self._master >= 0:
            self._link.unlink(missing_ok=True)
            os.close(self._master)
            self._master = -1

    def send(self, data: bytes) -> None:
        os.write(self._master, data)

    @property
    def opened(self) -> bool:
        """Whether somebody has the port open: of one that nobody has, nothing can be read."""
        try:
            self.told += os.read(self._master, 4096)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return True

    def hears(self, data: bytes) -> bool:
        """Say whether it was told this by now."""
        try:
            while more := os.read(self._master, 4096):
                self.told += more
        except OSError:  # nothing more, or nobody has it open
            pass
        return data in self.told

    def scanner(self, protocol: ScannerProtocol = ScannerProtocol.TEXT, **settings) -> Profile:
        return Profile(
            id=self.name, role=Role.SCANNER, transport=TransportKind.SERIAL, protocol=protocol, match=Match(path=self.path),
            settings=Settings(**({"sink": Sink.DATALOGIC} | settings)),
        )  # fmt: skip

    def scale(self, protocol: ScaleProtocol = ScaleProtocol.STREAM, **settings) -> Profile:
        return Profile(
            id=self.name,
            role=Role.SCALE,
            transport=TransportKind.SERIAL,
            protocol=protocol,
            match=Match(path=self.path),
            settings=Settings(**settings),
        )


class Rig:
    """A station's window with what is plugged into it."""

    def __init__(self, qtbot: QtBot, folder: Path, profiles: Sequence[Profile] = ()) -> None:
        self.qtbot = qtbot
        self._stack = ExitStack()
        self.assembly = self._stack.enter_context(assembled(folder))
        self.assembly.profile = {
            **self.assembly.profile, **{DEVICE + each.id: write_profile(each) for each in profiles},
        }  # fmt: skip
        self.main = MainThread()
        self.shell = Shell(simulated=False)
        self.window = StationWindow(self.shell, simulated=False, now_ms=self.assembly.clock.now_ms)
        self.window.plugged = self.plugged = Plugged(self.assembly, self.main, self.window)
        self.desk = DeviceDesk(self.assembly, self.plugged.gear)
        self._stack.callback(self.desk.close)
        self.heard: list[Feedback] = []
        self.window.station, reader = self.assembly.station(
            self.main.post, self._hear, self.desk, self.plugged.dropped, self.plugged.fitting, self.plugged.trials
        )
        self._stack.callback(reader.close)
        # Not qtbot's: it would go before the devices do.
        self._stack.callback(lambda: shiboken6.delete(self.shell))
        self.shell.resize(1366, 768)
        self.shell.show()
        self.window.station.start()
        self.settle()
        self._stack.enter_context(self.plugged.at_work())
        # What is sent to a port that nobody has open is lost when it is opened.
        self.until(lambda: all(isinstance(each, Connected | InUse) for each in self._links()))

    def _links(self) -> list[Link | None]:
        return [each.link for each in self.plugged.gear._devices.values() if each.supervisor]

    def _hear(self, feedback: Feedback) -> None:
        self.heard.append(feedback)
        self.window.hear(feedback)

    def close(self) -> None:
        self.settle()
        self._stack.close()

    def until(self, so: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(so, timeout=LIMIT_MS)

    def settle(self) -> None:
        self.until(lambda: self.window.station.idle)
        self.qtbot.wait(5)

    @property
    def state(self) -> str:
        return type(self.window.station.state).__name__

    @property
    def given(self) -> list[tuple[str, str, str]]:
        """What was taken and answered so far: text, device and outcome, in order."""
        return [
            (each.input.text, each.input.device, str(each.outcome)) for each in self.heard if each.input is not None
        ]

    def gestures(self) -> tuple[Gesture, ...]:
        with self.assembly.database.reading() as reader:
            table = sql_of(Gesture)
            return rows_of(Gesture, reader.execute(table.select().order_by(table.c.number)))

    def chips(self) -> list[str]:
        """The words of devices in trouble, as the strip shows them."""
        return [each.words for each in self.plugged.chips if each.words]

    def press(self, verb: str) -> str:
        self.window.press(verb)
        self.settle()
        return self.state

    def open_devices(self) -> str:
        """Go to the screen of the devices by the menu."""
        self.press("MENU")
        if "devices" not in self.window.station.state.jobs:
            self.press(f"QTY-{self.window.station.state.jobs.index('here') + 1}")
        return self.press(f"QTY-{self.window.station.state.jobs.index('devices') + 1}")

    def scan(self, code: str) -> str:
        self.window.scan(code, trusted=True)
        self.settle()
        return self.state


def trusted(profile: Profile) -> Profile:
    """Return a scanner that has shown that separators arrive."""
    return replace(profile, calibration=TRUSTED)
