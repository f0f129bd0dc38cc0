"""A Qt window at a real X server that learns a keyboard scanner (F9) and says what it scans: run by the test of the layouts.

Lines of JSON on the standard output: the window's number once it is there, then how far the sheet is, then every scan.
"""

import json
import sys
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop.gear import KEYBOARD, Gear
from desktop.wedge import WedgeFilter
from devices.profile import Profile, Role, ScannerProtocol, TransportKind
from devices.transport import Match


def say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


class Hearing:
    """Says what a gear tells, and lets scans be work once the sheet was learnt."""

    gear: Gear

    def scanned(self, code: str, device: str, *, trusted: bool) -> None:
        say(code=code, trusted=trusted)

    def stored(self, code: str, device: str, *, trusted: bool) -> None: ...

    def damaged(self, device: str) -> None: ...

    def weighed(self) -> None: ...

    def changed(self) -> None: ...

    def learnt(self, profile: Profile) -> None:
        say(saved=True, separators=profile.gs_ok)
        self.gear.learn("")


class Unhurried(WedgeFilter):
    """Hears keys as quick as they were pressed: how long this machine takes to press the next one says nothing of that."""

    def __init__(self, scanned: Callable[[str, tuple[int, ...], str], None]) -> None:
        super().__init__(lambda: 0, scanned, stamp=lambda _event: 0)

    def release(self) -> None: ...


class Window(QWidget):
    """Takes the keyboard, and says when it can have it and has it, and what was typed and was no scan."""

    def __init__(self, learn: Callable[[], None]) -> None:
        super().__init__()
        self.learn, self.seen = learn, False

    def paintEvent(self, _event: QPaintEvent) -> None:
        # Only what the server has mapped can have the keyboard.
        if not self.seen:
            self.seen = True
            say(window=int(self.winId()), platform=QApplication.platformName())

    def focusInEvent(self, _event: QFocusEvent) -> None:
        say(focus=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F9:
            self.learn()
            say(learning=True)
        elif event.text():
            say(typed=event.text())


def main() -> int:
    application = QApplication(sys.argv[:1])
    hearing = Hearing()
    hearing.gear = gear = Gear(hearing, lambda call: call(), lambda: 0)
    profile = Profile(
        id=KEYBOARD, role=Role.SCANNER, transport=TransportKind.WINDOW, protocol=ScannerProtocol.WEDGE, match=Match()
    )

    def keyed(code: str, gaps: tuple[int, ...], end: str) -> None:
        gear.keyed(code, gaps, end)
        learning = gear.learning()
        if learning.scanner or learning.scanned:
            say(scanned=learning.scanned, trouble=learning.trouble)

    wedge = Unhurried(keyed)
    application.installEventFilter(wedge)
    window = Window(lambda: gear.learn(KEYBOARD))
    window.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    with gear.at_work([profile]):
        window.show()
        return application.exec()


if __name__ == "__main__":
    sys.exit(main())
