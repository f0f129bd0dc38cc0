"""Every screen as a picture: the states of a played sample, in sizes and themes, with an index and contact sheets.

States come out of a real shift, so that no picture shows what the program never does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from core.kernel.flow import Expect
from core.station.replay import Line
from core.station.station import Feedback
from desktop.headless import headless
from desktop.present import band, present, refusal_screen
from desktop.screens import Outcome
from desktop.shell import Shell
from desktop.theme import THEMES, Theme, ThemeName
from desktop.words import sentence

SIZES = ((1024, 600), (1366, 768), (1920, 1080))
STEPS_MAX = 1500
_SHEET_COLUMNS = 3
_THUMB = (640, 360)


@dataclass(frozen=True, slots=True)
class Shown:
    """One screen that came up."""

    name: str
    feedback: Feedback


def build_gallery(home: Path, out: Path) -> int:
    """Render every screen of a played sample into a folder and return how many pictures there are."""
    held = QApplication.instance() or QApplication([])
    held.setApplicationName("Dockside")
    out.mkdir(parents=True, exist_ok=True)
    shown = list(_states(home))
    pictures: list[Path] = []
    for size in SIZES:
        for theme in THEMES.values():
            if theme.name is ThemeName.CONTRAST and size != SIZES[1]:
                continue
            made = [_render(each, theme, size, out) for each in shown]
            _sheet(made, out / f"sheet-{size[0]}-{theme.name}.png")
            pictures.extend(made)
    _index(pictures, out)
    return len(pictures)


def _states(home: Path) -> Iterator[Shown]:
    """Play a sample and yield the first feedback of every kind of screen."""
    seen: set[str] = set()
    with headless(home, printer=False) as (_, replay):
        told = replay.start()
        for badge, flow in (("BADGE-MARA", "pick"), ("BADGE-AYLIN", "pack"), ("BADGE-TOM", "dispatch")):
            if told["flow"] != "sign_in":
                told = replay.perform(Line(0, "key", "LOGOUT"))
            yield from _new(replay, seen)
            replay.perform(Line(0, "badge", badge))
            yield from _new(replay, seen)
            told = replay.perform(Line(0, "open", flow))
            yield from _new(replay, seen)
            for _step in range(STEPS_MAX):
                told, shown = _advance(replay, told, seen)
                yield from shown
                if told is None:
                    break
            told = {"flow": flow}


def _advance(replay: Any, told: dict[str, Any], seen: set[str]) -> tuple[Any, list[Shown]]:
    shown: list[Shown] = []
    for meaning in ("short", "damaged", "undo"):
        found = next((each for each in told["expects"] if each["meaning"] == meaning), None)
        name = f"{told['flow']}-{told['state']}-{meaning}"
        if found is not None and name not in seen:
            seen.add(name)
            replay.perform(Line(0, "key", found["code"]))
            shown.extend(_new(replay, seen))
            replay.perform(Line(0, "key", "NO"))
    replay.perform(Line(0, "scan", "NO-SUCH-CODE"))
    shown.extend(_new(replay, seen))
    told = replay.perform(Line(0, "scan", "BENCH-2"))
    shown.extend(_new(replay, seen))
    wanted = next((each for each in told["expects"] if each["meaning"] in ("next", "close")), None)
    if wanted is None or told["state"] == "NoWork":
        return None, shown
    code = wanted["code"]
    if wanted["kind"] == "tote" and not code:
        seen.add(f"tote {len(seen)}")
        code = f"TOTE-{sum(each.startswith('tote') for each in seen):04d}"
    told = replay.perform(Line(0, "key" if wanted["kind"] == "key" else "scan", code))
    shown.extend(_new(replay, seen))
    return (None if told["state"] == "NoWork" else told), shown


def _new(replay: Any, seen: set[str]) -> list[Shown]:
    found = []
    for feedback in replay.heard_last:
        kind = f"{feedback.flow}-{type(feedback.state).__name__}"
        name = kind if feedback.refusal is None else f"{kind}-refused-{feedback.refusal.reason}"
        if name not in seen:
            seen.add(name)
            found.append(Shown(name, feedback))
    return found


def _render(shown: Shown, theme: Theme, size: tuple[int, int], out: Path) -> Path:
    shell = Shell(simulated=False)
    shell.show_theme(theme)
    shell.resize(*size)
    feedback = shown.feedback
    expects: tuple[Expect, ...] = feedback.expects
    if feedback.refusal is not None:
        shell.show_stop(refusal_screen(feedback.refusal, 2), expects)
    else:
        words = sentence(feedback)
        got = "" if feedback.input is None else feedback.input.text
        strip = band(Outcome.ACCEPT, words, got) if words else None
        shell.show_screen(present(feedback.state), "Mara K.  ·  picker", "All ready", strip, expects)
    path = out / f"{shown.name}-{size[0]}-{theme.name}.png"
    shell.grab().save(str(path))
    shell.deleteLater()
    return path


def _sheet(pictures: list[Path], path: Path) -> None:
    rows = (len(pictures) + _SHEET_COLUMNS - 1) // _SHEET_COLUMNS
    sheet = QImage(_SHEET_COLUMNS * _THUMB[0], max(1, rows) * _THUMB[1], QImage.Format.Format_RGB32)
    sheet.fill(0xFFB0B8C0)
    painter = QPainter(sheet)
    for n, picture in enumerate(pictures):
        row, column = divmod(n, _SHEET_COLUMNS)
        target = QRect(column * _THUMB[0] + 4, row * _THUMB[1] + 4, _THUMB[0] - 8, _THUMB[1] - 8)
        painter.drawImage(target, QImage(str(picture)))
    painter.end()
    sheet.save(str(path))


def _index(pictures: list[Path], out: Path) -> None:
    rows = "".join(
        f'<figure><img src="{escape(each.name)}" width="640"><figcaption>{escape(each.stem)}</figcaption></figure>'
        for each in pictures
    )
    page = (
        f"<!doctype html><meta charset=utf-8><title>Gallery</title><style>figure{{display:inline-block}}</style>{rows}"
    )
    (out / "index.html").write_text(page, encoding="utf-8")
