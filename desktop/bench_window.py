"""The virtual bench to click on: what the printer suffers, what the scanner reads, what lies on the scale, and the last print."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop.scenario import PRINTER, SCALE, SCANNER, ScenarioFault
from desktop.theme import LIGHT, font, unit
from desktop.virtual_bench import VirtualBench

_LOOK_MS = 500
_PICTURE = 300
_PRINTER = (
    ("Paper out", "paper out", "paper"), ("Paper in", "paper in", ""), ("Head open", "head open", "head"), ("Head closed", "head closed", ""),
    ("Ribbon out", "ribbon out", "ribbon"), ("Ribbon in", "ribbon in", ""), ("Pause", "pause", "pause"), ("Go on", "resume", ""),
    ("Spoil the next", "paper out within", ""), ("Power cut", "cut now", ""), ("Say nothing", "silent", ""), ("Answer", "speak", ""),
    ("Echo", "echo", ""), ("Talk nonsense", "junk", ""), ("Slow: 10 kB/s", "slow 10000", ""), ("Fast", "slow 0", ""),
)  # fmt: skip
"""Words, sentence, and the trouble that is on while the button is lit."""

_SCANNER: tuple[tuple[str, dict[str, str]], ...] = (
    ("Back in range", {"do": "in_range"}), ("Noise", {"do": "noise", "hex": "ff80fe00"}),
    ("Freeze", {"do": "freeze"}), ("Thaw", {"do": "thaw"}),
    ("Pull its cable", {"do": "unplug"}), ("Plug it in", {"do": "plug"}),
)  # fmt: skip
"""Words, and what the scanner does."""


class BenchWindow(QWidget):
    """Everything on one page; whatever is told shows at the next look."""

    def __init__(self, bench: VirtualBench) -> None:
        """Lay it out."""
        super().__init__()
        self._bench = bench
        self._lit: dict[str, QPushButton] = {}
        self.setWindowTitle("Dockside: virtual bench")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(
            f"QWidget {{ background: {LIGHT.ground}; color: {LIGHT.ink}; }}"
            f"QPushButton, QLineEdit, QSpinBox {{ background: {LIGHT.raised}; padding: 4px 12px; }}"
            f"QPushButton[lit=true] {{ background: {LIGHT.caution}; }}"
        )
        page = QVBoxLayout(self)
        banner = QLabel("SIMULATED: nothing of this is real.", self)
        banner.setFont(font(16, bold=True))
        banner.setStyleSheet(f"background: {LIGHT.caution}; color: {LIGHT.on_outcome}; padding: 6px 12px;")
        page.addWidget(banner)
        columns = QHBoxLayout()
        columns.setSpacing(3 * unit())
        page.addLayout(columns, 1)
        for column in (self._printer_column(), self._hands_column(), self._paper_column()):
            columns.addLayout(column)
        self._said = QLabel("", self)
        self._said.setFont(font(12))
        page.addWidget(self._said)
        self._looking = QTimer(self)
        self._looking.timeout.connect(self.look)
        self._looking.start(_LOOK_MS)
        self.look()

    def _printer_column(self) -> QVBoxLayout:
        column = self._column("Printer", self._places(PRINTER))
        buttons = []
        for words, sentence, trouble in _PRINTER:
            buttons.append(self._button(words, partial(self._tell, PRINTER, {"do": sentence})))
            if trouble:
                self._lit[trouble] = buttons[-1]
        self._in_twos(column, buttons)
        column.addStretch(1)
        return column

    def _hands_column(self) -> QVBoxLayout:
        column = self._column("Scanner", self._places(SCANNER))
        self._code = QLineEdit(self)
        self._code.setFont(font(14))
        self._code.setPlaceholderText("a code, Enter")
        self._code.returnPressed.connect(partial(self._scan, "scan"))
        column.addWidget(self._code)
        with_code = (("Scan", "scan"), ("Half a scan", "half"), ("Scan out of range", "store"))
        buttons = [self._button(words, partial(self._scan, does)) for words, does in with_code]
        buttons.insert(1, self._button("Scan the last label", self._scan_label))
        buttons += [self._button(words, partial(self._tell, SCANNER, wish)) for words, wish in _SCANNER]
        self._in_twos(column, buttons)
        column.addSpacing(3 * unit())
        self._heading(column, "Scale", self._places(SCALE))
        self._grams = QSpinBox(self)
        self._grams.setFont(font(14))
        self._grams.setRange(0, 30_000)
        self._grams.setSuffix(" g")
        column.addWidget(self._grams)
        put = self._button("Put on", lambda: self._tell(SCALE, {"do": "put", "grams": self._grams.value()}))
        others = (
            ("Take off", {"do": "put", "grams": 0}), ("It moves", {"do": "moving"}), ("It stands still", {"do": "still"}),
            ("Pull its cable", {"do": "unplug"}), ("Plug it in", {"do": "plug"}),
        )  # fmt: skip
        self._in_twos(column, [put, *(self._button(words, partial(self._tell, SCALE, wish)) for words, wish in others)])
        column.addStretch(1)
        return column

    def _paper_column(self) -> QVBoxLayout:
        column = self._column("Last print", str(self._bench.folder))
        self._picture = QLabel(self)
        self._picture.setMinimumSize(_PICTURE, _PICTURE * 3 // 2)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._picture, 1)
        return column

    def _column(self, title: str, detail: str) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(unit())
        self._heading(column, title, detail)
        return column

    def _in_twos(self, column: QVBoxLayout, buttons: Sequence[QPushButton]) -> None:
        grid = QGridLayout()
        grid.setSpacing(unit())
        column.addLayout(grid)
        for n, button in enumerate(buttons):
            grid.addWidget(button, n // 2, n % 2)

    def _heading(self, column: QVBoxLayout, title: str, detail: str) -> None:
        for words, size, bold in ((title, 18, True), (detail, 12, False)):
            label = QLabel(words, self)
            label.setFont(font(size, bold=bold))
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)

    def _button(self, words: str, then: Callable[[], None]) -> QPushButton:
        button = QPushButton(words, self)
        button.setFont(font(14))
        button.setMinimumHeight(4 * unit())
        button.clicked.connect(lambda _checked=False: then())
        return button

    def _places(self, device: str) -> str:
        said = self._bench.devices[device]
        places = {name: said[name] for name in ("printer", "status", "document", "port") if name in said}
        return ", ".join(f"{name} {where}" if device == PRINTER else str(where) for name, where in places.items())

    def _scan(self, does: str) -> None:
        self._tell(SCANNER, {"do": does, "code": self._code.text().strip()})

    def _scan_label(self) -> None:
        codes = self._bench.last_codes()
        if codes:
            self._tell(SCANNER, {"do": "scan", "code": codes[0], "aim": "]C1" if codes[0].startswith("00") else "]C0"})

    def _tell(self, device: str, wish: Mapping[str, Any]) -> None:
        try:
            done = self._bench.tell(device, wish)
        except ScenarioFault as fault:
            self._said.setText(str(fault))
            return
        self._said.setText(
            f"{device}: {wish['do']}" if done.get("ok") else f"{device} does not understand {wish['do']}"
        )
        self.look()

    def look(self) -> None:
        """Show how the printer is and what came out of it last."""
        try:
            state = self._bench.tell(PRINTER, {"do": "state"})
        except ScenarioFault as fault:
            self._said.setText(str(fault))
            return
        for trouble, button in self._lit.items():
            button.setProperty("lit", trouble in state["troubles"])
            button.style().polish(button)
        pictures = sorted(self._bench.folder.glob("*.png"))
        if pictures:
            drawn = QPixmap(str(pictures[-1]))
            self._picture.setPixmap(drawn.scaledToWidth(_PICTURE, Qt.TransformationMode.SmoothTransformation))
        self._looking_words(state)

    def _looking_words(self, state: Mapping[str, Any]) -> None:
        self.setWindowTitle(
            f"Dockside: virtual bench: {state['labels']} labels, {state['spoilt']} spoilt, {state['waiting']} wait"
        )
