"""Keyboard-wedge scanners: a burst of keys that ends in Enter or Tab is a scan, whatever has the focus.

What a burst is, `devices/framing/wedge.py` knows; here are the keys of a window. A key that writes something is held
back until it is known what it was; what turns out to be typing is given to the window then, in order. So the first
digit of a barcode answers no question, and no typed key is lost. How quick they came the system says, not the window, which
may be held up in the middle of a scan (`devices/framing/moments.py`). The thing a newcomer would get wrong: one key passes this
filter once for each widget it is offered to, and is looked at the first time only.
"""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from devices.framing.keys import mark
from devices.framing.moments import Moments
from devices.framing.wedge import Bursts, Verdict
from devices.repeats import DoubleReads

_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_SEPARATOR = "\x1d"
_UNWRITTEN = (range(Qt.Key.Key_Insert, Qt.Key.Key_PageDown + 1), range(Qt.Key.Key_F1, Qt.Key.Key_F35 + 1))
"""F keys, arrows and their neighbours."""

_Key = tuple[QWidget, QKeyEvent]
Scanned = Callable[[str, tuple[int, ...], str], None]


class WedgeFilter(QObject):
    """An application-wide event filter that turns bursts into scans."""

    def __init__(
        self,
        now_ms: Callable[[], int],
        scanned: Scanned,
        silence_ends: Callable[[], bool] = lambda: False,
        stamp: Callable[[QKeyEvent], int] = QKeyEvent.timestamp,
    ) -> None:
        """Deliver scans to `scanned`.

        Args:
            now_ms: the time.
            scanned: takes a scan, the milliseconds between its keys, and what ended it.
            silence_ends: whether a scan may come without Enter or Tab.
            stamp: the system's milliseconds of a key, 0 where there are none (`key_stamps.py`).
        """
        super().__init__()
        self._now, self._scanned, self._silence_ends, self._stamp = now_ms, scanned, silence_ends, stamp
        self._moments = Moments()
        self._bursts = Bursts[_Key]()
        self._reads = DoubleReads()
        self._releasing = False
        self._gone_on = (0, 0, 0)
        """The last key that was not held back: its code, its scan code, and Qt's own time of it."""
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        # A coarse one rings up to a twentieth early.
        self._patience.setTimerType(Qt.TimerType.PreciseTimer)
        self._lull = QTimer(self)
        """Lets keys that waited while the window was held up go before the verdict that none followed."""
        self._lull.setSingleShot(True)
        self._patience.timeout.connect(self._lull.start)
        self._lull.timeout.connect(self.release)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hold back what may be a scan; swallow the key that ends one, and deliver it."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent) or self._releasing:
            return False
        offered = (event.key(), event.nativeScanCode(), event.timestamp())
        if not isinstance(watched, QWidget) or (event.timestamp() and offered == self._gone_on):
            return False
        self._gone_on = offered
        # Also of a key that nobody here wants: stamps are told apart by the order in which keys come.
        now = self._moments.key(self._stamp(event), self._now())
        if isinstance(watched, QLineEdit) or _only_changes(event):
            return False
        self._bursts.silence_ends = self._silence_ends()
        text = _text(event, within=self._bursts.begun(now))
        if text:
            verdict = self._bursts.writes((watched, QKeyEvent(event)), text, now)
        elif event.key() in _ENDS:
            verdict = self._bursts.ends(now)
        else:
            verdict = self._bursts.other()
        tab = event.key() == Qt.Key.Key_Tab
        self._heed(verdict, now, "" if text else "\t" if tab else "\r")
        if text:
            self._patience.start(self._bursts.patience_ms)
        if verdict.kept:
            self._gone_on = (0, 0, 0)
        return verdict.kept

    def release(self) -> None:
        """Take what was held back for a scan that silence ended, else give the keys to whom they were meant for.

        Not before the silence was long enough: a timer may ring early.
        """
        now = self._moments.later(self._now())
        left = self._bursts.left_ms(now)
        if left:
            self._patience.start(left)
        else:
            self._heed(self._bursts.waited(now), now, "")

    def _heed(self, verdict: Verdict[_Key], now: int, end: str) -> None:
        self._patience.stop()
        self._lull.stop()
        self._releasing = True
        try:
            for widget, event in verdict.released:
                QCoreApplication.sendEvent(widget, event)
        finally:
            self._releasing = False
        if verdict.scan is not None and self._reads.is_new(verdict.scan.encode(), now):
            self._scanned(verdict.scan, verdict.gaps, end)


def _only_changes(event: QKeyEvent) -> bool:
    """Return whether a key only changes others: Shift, which a scanner presses for every capital, or a dead key."""
    special = event.key() in _ENDS or any(event.key() in keys for keys in _UNWRITTEN)
    return not event.text() and not special


def _text(event: QKeyEvent, *, within: bool) -> str:
    """Return what a key writes; within a burst also what stands for one that writes nothing, for it may be the separator."""
    text = event.text()
    if text == _SEPARATOR or (len(text) == 1 and text.isprintable()):
        return text
    if not within:
        return ""
    if len(text) == 1 and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        return text
    return mark(event.key()) if any(event.key() in keys for keys in _UNWRITTEN) else ""
