"""The last scan: outcome as icon and word, what was read, what it meant, and how long ago."""

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from desktop.languages import ago, plain
from desktop.screens import Band, Outcome
from desktop.theme import Theme
from desktop.widgets.drawing import Drawing
from desktop.widgets.icons import glyph, outcome
from desktop.widgets.paint import END, Canvas, width_of

HIGH, LOW = 63, 45
_TINT = {
    Outcome.ACCEPT: "accept_tint",
    Outcome.CAUTION: "caution_tint",
    Outcome.REFUSE: "caution_tint",
    Outcome.INFO: "info_tint",
}
_SIZE = 22
_ICON = 34.0


class ScanBand(Drawing):
    """One line over the keys."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._band: Band | None = None
        self._now = 0
        self._low = False
        self.set_high(HIGH)

    def dress(self, theme: Theme, zoom: float, *, low: bool = False) -> None:
        """Take a theme and a size; `low` on the smallest windows."""
        super().dress(theme, zoom)
        self._low = low
        self.set_high(LOW if low else HIGH)

    def show_band(self, band: Band | None, now: int) -> None:
        """Show the last scan; None for none."""
        self._band, self._now = band, now
        said = () if band is None else (": ".join(filter(None, (band.words, band.meant))), band.got)
        self.setAccessibleName(plain(", ".join(filter(None, said))))
        self.update()

    def tick(self, now: int) -> None:
        """Let time pass: only how long ago changes."""
        self._now = now
        if self._band is not None and self._band.at:
            self.update()

    def paint(self, canvas: Canvas) -> None:
        """Paint icon, word, code, meaning and age."""
        band = self._band
        canvas.fill(canvas.box, "ground" if band is None else _TINT[band.outcome])
        canvas.rule(0, 0, canvas.width)
        if band is None:
            return
        high = canvas.height
        icon = min(_ICON, high - 12)
        outcome(canvas, QRectF(18, (high - icon) / 2, icon, icon), band.outcome)
        right = canvas.width - 18
        if band.at:
            said = ago(band.at, self._now)
            room = width_of(said, 18, bold=False) + 2
            canvas.text(QRectF(right - room, 0, room, high), said, 18, "quiet", at=END, middle=True)
            right -= room + 18
        self._said(canvas, band, 18 + icon + 14, right)

    def _said(self, canvas: Canvas, band: Band, left: float, right: float) -> None:
        high = canvas.height
        word, read, meant = (self._wide(each, bold=n == 0) for n, each in enumerate((band.words, band.got, band.meant)))
        # When it is tight, what was read goes before what it meant is cut.
        read_too = bool(band.got) and left + word + read + 44 + (meant + 36 if band.meant else 0) <= right
        hue = str(band.outcome) if band.outcome in (Outcome.ACCEPT, Outcome.CAUTION) else "ink"
        room = min(word, right - left)
        canvas.text(QRectF(left, 0, room, high), band.words, _SIZE, hue, bold=True, middle=True, elide=True)
        left += room + 18
        if not (read_too or band.meant) or left > right - 40:
            return
        canvas.fill(QRectF(left, (high - 27) / 2, 1, 27), "edge")
        left += 18
        if read_too:
            canvas.text(QRectF(left, 0, read, high), band.got, _SIZE, middle=True)
            left += read
            if band.meant:
                glyph(canvas, QRectF(left + 9, high / 2 - 9, 18, 18), "back" if canvas.rtl else "go")
                left += 36
        if band.meant and right - left > 24:
            canvas.text(QRectF(left, 0, right - left, high), band.meant, _SIZE, middle=True, elide=True)

    @staticmethod
    def _wide(words: str, *, bold: bool) -> float:
        return width_of(words, _SIZE, bold=bold) + 2
