"""The strip on top: who works here, how far the work is, how the devices are; its lower edge is the progress."""

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.languages import plain, tr
from desktop.screens import Device, Frame, Outcome
from desktop.theme import BARE, Theme, Touch
from desktop.widgets.drawing import Drawing, DrawnButton
from desktop.widgets.icons import glyph, outcome
from desktop.widgets.paint import CENTRE, Canvas, Run, width_of

HIGH = 45
_PROGRESS = 4.0
_ICON = 24.0
_STEP = 33.0
_SIGN = 52.0
"""What a sign of one more takes."""
_CHIP = 62.0
"""What a chip needs beside its words."""
_NARROW = 1200.0
_SEPARATOR = "   ·   "


class MenuButton(DrawnButton):
    """Three lines at the end of the strip: other jobs, help, typing, signing out."""

    def paint(self, canvas: Canvas) -> None:
        """Paint them, in the accent when it has the focus."""
        canvas.fill(canvas.box, "ground")
        middle = canvas.box.center()
        for line in (-7.0, 0.0, 7.0):
            canvas.fill(QRectF(middle.x() - 12, middle.y() + line - 1, 24, 2), "accent" if self.hasFocus() else "ink")


class Strip(Drawing):
    """Quiet until something matters."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._frame = Frame("")
        self._middle: tuple[str, ...] = ()
        self._progress = 0
        self._end = float(BARE.target)
        self.menu = MenuButton(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 4)
        row.addStretch(1)
        row.addWidget(self.menu)
        self.set_high(HIGH)

    def dress(self, theme: Theme, zoom: float, touch: Touch = BARE) -> None:
        """Take a theme, a size, and how wide what is touched is: the strip itself stays low."""
        super().dress(theme, zoom)
        self.set_high(HIGH)
        self._end = float(touch.target)
        self.menu.dress(theme, zoom)
        self.menu.setFixedSize(round(self._end * zoom), round((HIGH - _PROGRESS) * zoom))

    def show_frame(self, frame: Frame, middle: tuple[str, ...], progress: int) -> None:
        """Show operator and station, the work's name, the devices, and progress in per mille."""
        if (frame, middle, progress) == (self._frame, self._middle, self._progress):
            return
        self._frame, self._middle, self._progress = frame, middle, progress
        self.menu.setAccessibleName(f"{tr('Menu')} F10")
        said = (frame.name, frame.role, frame.station, *middle, *(each.words for each in frame.devices), frame.ready)
        self.setAccessibleName(plain(", ".join(filter(None, said))))
        self.update()

    def paint(self, canvas: Canvas) -> None:
        """Paint three parts and the edge."""
        canvas.fill(canvas.box, "ground")
        row = QRectF(18, 0, canvas.width - 18 - self._end, canvas.height - _PROGRESS + 2)
        wide = self._wide(self._middle_runs())
        side = (row.width() - wide) / 2 - 24
        left, right = side, side
        if self._wanted() > side:
            # What to do about a device is worth more than the role, and the middle need not be in the middle.
            left = min(side, self._wide(self._name_runs((self._frame.name,))) + 2)
            right += side - left
        self._who(canvas, QRectF(row.x(), row.y(), left, row.height()))
        canvas.runs(QRectF(row.x() + left + 20, row.y(), wide + 8, row.height()), self._middle_runs(), 18, at=CENTRE)
        self._devices(canvas, QRectF(row.right() - right, row.y(), right, row.height()))
        canvas.rule(0, canvas.height - 1, canvas.width)
        if self._progress:
            along = canvas.width * min(1000, self._progress) / 1000
            canvas.fill(QRectF(0, canvas.height - _PROGRESS, along, _PROGRESS), "accent")

    @property
    def _troubled(self) -> list[Device]:
        return [each for each in self._frame.devices if each.words]

    def _wanted(self) -> float:
        """Return the room that the first device in trouble needs for its words, with a sign for each other."""
        troubled = self._troubled
        return width_of(troubled[0].words, 18, bold=True) + _CHIP + _SIGN * (len(troubled) - 1) if troubled else 0.0

    def _middle_runs(self) -> list[Run]:
        runs: list[Run] = []
        for n, words in enumerate(self._middle):
            if n:
                runs.append(Run(_SEPARATOR, hue="edge"))
            runs.append(Run(words, bold=n == len(self._middle) - 1))
        return runs

    @staticmethod
    def _wide(runs: list[Run]) -> float:
        return sum(width_of(each.words, 18, bold=each.bold) for each in runs)

    def _who(self, canvas: Canvas, box: QRectF) -> None:
        """Say name, role and station; when it is tight the role goes first, then the station, the name never."""
        frame = self._frame
        said = [(frame.name, frame.role, frame.station), (frame.name, frame.station), (frame.name,)]
        runs = [self._name_runs(each) for each in said]
        canvas.runs(box, next((each for each in runs if self._wide(each) <= box.width()), runs[-1]), 18)

    @staticmethod
    def _name_runs(parts: tuple[str, ...]) -> list[Run]:
        runs: list[Run] = []
        for words in filter(None, parts):
            if runs:
                runs.append(Run(_SEPARATOR, hue="edge"))
            runs.append(Run(words, bold=not runs))
        return runs

    def _devices(self, canvas: Canvas, box: QRectF) -> None:
        """Draw healthy devices as quiet icons, a troubled one as a filled chip; the others fold then.

        Of several in trouble the first says what to do; what has no room beside it is a sign, and is told in the menu.
        """
        right = box.right()
        troubled = self._troubled
        for n, device in enumerate(troubled):
            room = right - box.x() - _CHIP - _SIGN * (len(troubled) - 1 - n)
            words = next(
                (each for each in (device.words, device.short) if each and width_of(each, 18, bold=True) <= room), ""
            )
            right = self._chip(canvas, box, right, words) - 12
        if troubled and canvas.width < _NARROW:
            return
        ready = self._frame.ready
        room = width_of(ready, 18) + 2
        if ready and not troubled and room + 12 + _STEP * len(self._frame.devices) <= box.width():
            canvas.text(QRectF(right - room, box.y(), room, box.height()), ready, 18, "quiet", middle=True)
            right -= room + 12
        for device in reversed([each for each in self._frame.devices if not each.words]):
            glyph(canvas, QRectF(right - _ICON, box.center().y() - _ICON / 2, _ICON, _ICON), device.kind)
            right -= _STEP

    def _chip(self, canvas: Canvas, box: QRectF, right: float, words: str) -> float:
        """Draw words and what to do on a filled chip, or a sign alone where there is no room; return where it begins."""
        wide = width_of(words, 18, bold=True) + _CHIP if words else _SIGN - 12
        chip = QRectF(right - wide, box.center().y() - 18, wide, 36)
        canvas.card(chip, "caution", "")
        outcome(canvas, QRectF(chip.x() + (12 if words else 8), chip.y() + 6, 24, 24), Outcome.CAUTION, reversed_=True)
        if words:
            area = QRectF(chip.x() + 46, chip.y(), wide - _CHIP + 4, 36)
            canvas.text(area, words, 18, "on_outcome", bold=True, middle=True)
        return chip.x()
