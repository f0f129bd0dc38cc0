"""Every screen as a picture: the states of a played sample, in sizes, themes and languages, with an index and sheets.

States come out of a real shift, so that no picture shows what the program never does; only what needs another hand (a
printer, a scale, an order cancelled at the desk) is told without it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from core.kernel.ids import NO_ID, CommandId, FulfilmentId, LocationId, ManifestId, OrderId, ParcelId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.packing.decide import all_units, expected_weight
from core.packing.states import StickLabel, StopPacking, VerifyUnit, WeighParcel
from core.picking.states import GoToLocation, PutInTote, SayWhatFits, TakeItem
from core.shipping.flow import ScanParcel, SettleBox, TakeOut
from core.shipping.views import ParcelInHand, StoppedParcel
from core.station.importing import Importing
from core.station.override import EnterSupervisorPin
from core.station.replay import Line
from core.station.sign_in import EnterPin
from core.station.station import Feedback
from desktop.aside import open_aside
from desktop.assembly import PLACES
from desktop.gallery_cases import case_states
from desktop.gallery_devices import device_states
from desktop.gallery_first import FirstShown, first_starts
from desktop.gallery_moving import moving_states
from desktop.gallery_orders import order_states
from desktop.gallery_printers import printer_states
from desktop.gallery_receiving import receiving_states
from desktop.gallery_returns import return_states
from desktop.gallery_shared import Shown, line_states, shared_states
from desktop.headless import headless
from desktop.importing import INBOX
from desktop.languages import PSEUDO, SOURCE, speaking
from desktop.messages import role_words
from desktop.pictures import Pictures
from desktop.places import shape_places
from desktop.present import frame_of, last_scan, present, refusal_screen
from desktop.presenters.gear import chips
from desktop.presenters.line import line_of
from desktop.presenters.weighing import live_of, with_scale
from desktop.sample import OPERATORS
from desktop.screens import Frame
from desktop.shell import Shell
from desktop.theme import THEMES, ThemeName
from desktop.widgets.pictures import show_pictures

STEPS_MAX = 1500
_SHEET_COLUMNS = 4
_THUMB = (640, 360)
_AGE_MS = 9_000
_FITTING = 6
"""Units of which some fit into a tote."""
_SOME = 3
"""Units in a carton from which on it shows much."""
_ASIDE = {
    "GoToLocation": ("SHORT", "DAMAGED", "UNDO", "HELP", "FIND"),
    "TakeItem": ("SHORT",),
    "PutInTote": ("FULL",),
    "ScanCarton": ("SHORT",),
    "VerifyUnit": ("SHORT", "SHORT QTY-2"),
    "StickLabel": ("REPRINT", "UNDO"),
    "ScanParcel": ("UNDO",),
}
"""Keys that are tried at a step, one after the other where there are several, and taken back."""
_FILE = (
    "channel,order,line,sku,quantity,ordered_at,name,address,city,postcode,country\n"
    "shop,N-1,1,MUG-350-BLUE,1,2025-12-16T09:00:00,Ada Byron,1 Mill Lane,Leeds,LS1 4AP,GB\n"
    "shop,N-2,1,NOBODY-KNOWS,1,2025-12-16T09:00:00,Ada Byron,1 Mill Lane,Leeds,LS1 4AP,GB\n"
    "shop,N-3,1,MUG-350-BLUE,-2,2025-12-16T09:00:00,Ada Byron,1 Mill Lane,Leeds,LS1 4AP,GB\n"
    "shop,N-4,1,MUG-350-BLUE,1.5,2025-12-16T09:00:00,Ada Byron,1 Mill Lane,Leeds,LS1 4AP,GB\n"
    "shop,N-5,1,MUG-350-BLUE,1,31.02.2025,Ada Byron,1 Mill Lane,Leeds,LS1 4AP,GB\n"
    "shop,N-6,1,,1,2025-12-16T09:00:00,Ada Byron,1 Mill Lane,Leeds,LS1 4AP,GB\n"
)
"""Orders, one of them good."""
_WHO = {badge: (name, roles) for name, badge, roles, _, _ in OPERATORS}


@dataclass(frozen=True, slots=True)
class Look:
    """One way a window can look."""

    width: int
    height: int
    theme: ThemeName
    language: str = SOURCE
    text: float = 1.0
    gloves: bool = False

    @property
    def name(self) -> str:
        """Return its part of a file's name."""
        tongue = "" if self.language == SOURCE else f"-{self.language}"
        text = "" if self.text == 1.0 else f"-text{round(self.text * 100)}"
        return f"{self.width}-{self.theme}{tongue}{text}{'-gloves' if self.gloves else ''}"


LOOKS = (
    *(Look(*size, theme) for size in ((1024, 600), (1366, 768), (1920, 1080)) for theme in (ThemeName.LIGHT, ThemeName.DARK)),
    Look(1366, 768, ThemeName.CONTRAST),
    *(Look(*size, ThemeName.LIGHT, "ar") for size in ((1024, 600), (1366, 768), (1920, 1080))),
    Look(1366, 768, ThemeName.LIGHT, "de"),
    Look(1024, 600, ThemeName.LIGHT, PSEUDO),
    Look(1366, 768, ThemeName.LIGHT, PSEUDO),
    Look(1366, 768, ThemeName.LIGHT, text=2.0),
    Look(1024, 600, ThemeName.LIGHT, "de", gloves=True),
    Look(1366, 768, ThemeName.DARK, text=1.25, gloves=True),
)  # fmt: skip


def build_gallery(home: Path, out: Path, looks: tuple[Look, ...] = LOOKS) -> int:
    """Render every screen of a played sample into a folder and return how many pictures there are."""
    held = QApplication.instance() or QApplication([])
    held.setApplicationName("Dockside")
    out.mkdir(parents=True, exist_ok=True)
    played = list(states(home))
    after = (
        *shared_states(played),
        *printer_states(played),
        *case_states(played),
        *order_states(played),
        *receiving_states(played),
        *return_states(played),
        *moving_states(played),
    )
    shown: list[Shown | FirstShown] = [*played, *after, *first_starts()]
    pictures: list[Path] = []
    for look in looks:
        made = _pictures(shown, look, out)
        _sheet(made, out / f"sheet-{look.name}.png")
        pictures.extend(made)
    _index(pictures, [out / f"sheet-{look.name}.png" for look in looks], out)
    return len(pictures)


def states(home: Path) -> Iterator[Shown]:
    """Play a sample and yield the first of every kind of screen."""
    with headless(home, printer=False) as (assembly, replay):
        show_pictures(Pictures(assembly.home.blobs, assembly.drawn))
        shape_places(str(assembly.profile.get(PLACES, "")))
        shown = list(_Play(replay, home / INBOX).shift())
        yield from shown
        yield from line_states(shown)
        yield from device_states(shown)


class _Play:
    """Plays picker, packer and loader, and keeps what is new."""

    def __init__(self, replay: Any, inbox: Path) -> None:
        self._replay, self._seen, self._totes, self._inbox = replay, set[str](), 0, inbox
        self._person, self._roles = "", ""

    def shift(self) -> Iterator[Shown]:
        told = self._replay.start()
        yield from self._new()
        self._replay.perform(Line(0, "badge", "BADGE-DANA"))
        yield from self._new()
        self._replay.perform(Line(0, "key", "NO"))
        for badge, flow in (("BADGE-MARA", "pick"), ("BADGE-AYLIN", "pack"), ("BADGE-TOM", "dispatch")):
            if told["flow"] != "sign_in":
                told = self._replay.perform(Line(0, "key", "LOGOUT"))
            yield from self._new()
            self._replay.perform(Line(0, "badge", badge))
            self._person, self._roles = _WHO[badge]
            yield from self._new()
            told = self._replay.perform(Line(0, "open", flow))
            yield from self._new()
            for _step in range(STEPS_MAX):
                told, shown = self._advance(told)
                yield from shown
                if told is None:
                    break
            told = {"flow": flow}
        yield from self._look_up()
        yield from self._files()
        yield from self._signs()

    def _files(self) -> Iterator[Shown]:
        """Read a file in, with what is wrong in such files."""
        self._replay.perform(Line(0, "key", "LOGOUT"))
        self._replay.perform(Line(0, "badge", "BADGE-DANA"))
        self._replay.perform(Line(0, "pin", "2580"))
        self._person, self._roles = _WHO["BADGE-DANA"]
        self._inbox.mkdir(exist_ok=True)
        (self._inbox / "new orders.csv").write_text(_FILE, encoding="utf-8")
        self._replay.perform(Line(0, "open", "import"))
        yield from self._new()
        for key in ("QTY-1", "QTY-4", "QTY-1"):
            self._replay.perform(Line(0, "key", key))
            yield from self._new()
        while isinstance(self._replay.heard_last[-1].state, Importing):
            self._replay.perform(Line(0, "wait", "50"))
            self._replay.perform(Line(0, "open", "import"))
        yield from self._new()

    def _signs(self) -> Iterator[Shown]:
        """Choose labels of places and print them."""
        for key in ("PRINT", "QTY-1"):
            self._replay.perform(Line(0, "open", "printers") if key == "PRINT" else Line(0, "key", key))
            yield from self._new()
            if key == "PRINT":
                self._replay.perform(Line(0, "key", key))
                yield from self._new()
        for line in (Line(0, "scan", "A-01-01..A"), Line(0, "scan", "A-01-01..A-02-04"), Line(0, "key", "CONFIRM")):
            self._replay.perform(line)
            yield from self._new()

    def _look_up(self) -> Iterator[Shown]:
        for code in ("A-01-01", "9501101003019", "100461", *sorted(self._labels)[:1]):
            self._replay.perform(Line(0, "key", "MENU"))
            yield from self._new()
            self._replay.perform(Line(0, "scan", code))
            yield from self._new()
        self._replay.perform(Line(0, "key", "REPRINT"))
        yield from self._new()
        self._replay.perform(Line(0, "open", "comfort"))
        yield from self._new()

    _labels: frozenset[str] = frozenset()

    def _advance(self, told: dict[str, Any]) -> tuple[Any, list[Shown]]:
        shown: list[Shown] = []
        for key in _ASIDE.get(told["state"], ()):
            name = f"{told['flow']}-{told['state']}-{key}"
            if name not in self._seen:
                self._seen.add(name)
                for each in key.split():
                    self._replay.perform(Line(0, "key", each))
                    shown.extend(self._new())
                for _ in key.split():
                    self._replay.perform(Line(0, "key", "NO"))
        for wrong in ("NO-SUCH-CODE", "BENCH-2", "9501101003026"):
            name = f"{told['flow']}-{told['state']}-{wrong}"
            if name not in self._seen:
                self._seen.add(name)
                told = self._replay.perform(Line(0, "scan", wrong))
                shown.extend(self._new())
        wanted = next((each for each in told["expects"] if each["meaning"] in ("next", "close")), None)
        if wanted is None or told["state"] == "NoWork":
            return None, shown
        code = wanted["code"]
        if wanted["kind"] == "tote" and not code:
            self._totes += 1
            code = f"TOTE-{self._totes:04d}"
        if wanted["kind"] == "parcel":
            self._labels |= {code}
        told = self._replay.perform(Line(0, "key" if wanted["kind"] == "key" else "scan", code))
        shown.extend(self._new())
        return (None if told["state"] == "NoWork" else told), shown

    def _new(self) -> list[Shown]:
        found = []
        for feedback in self._replay.heard_last:
            name = _name(feedback)
            if name in self._seen:
                continue
            self._seen.add(name)
            at = 0 if feedback.input is None else feedback.input.at
            for part, each in _told(feedback):
                found.append(Shown(f"{name}{part}", each, self._person, self._roles, at + _AGE_MS if at else 0))
        return found


def _name(feedback: Feedback) -> str:
    """Name a kind of screen: what differs in what is drawn has a name of its own."""
    state = feedback.state
    kind = f"{feedback.flow}-{type(state).__name__}"
    if feedback.refusal is not None:
        return f"{kind}-refused-{feedback.refusal.reason}"
    screen = present(state)
    if feedback.note is not None and feedback.note.note in (Note.HELP, Note.TYPE_CODE):
        return f"{kind}-{feedback.note.note}"
    drawn = "" if screen.proof is None else f"-{type(screen.proof).__name__}"
    return f"{kind}{drawn}{_more(screen.proof)}"


def _more(proof: Any) -> str:
    """Tell apart drawings that have little to show from those that have much."""
    checks = getattr(proof, "checks", None)
    if checks is not None:
        units = sum(each.done for each in checks)
        carton = "-drawn" if getattr(proof, "carton", None) else ""
        return f"{carton}-{'many' if units >= _SOME else 'few'}"
    if getattr(proof, "neighbour", None) is not None:
        return "-neighbour"
    if getattr(proof, "picture", ""):
        return "-item"
    loads = getattr(proof, "loads", None)
    if loads:
        return f"-{sum(each.loaded for each in loads) * 2 // max(1, sum(each.total for each in loads))}"
    return ""


def _told(feedback: Feedback) -> Iterator[tuple[str, Feedback]]:
    """Yield a feedback, and what would follow from a printer, a scale or a desk that are not there."""
    state = feedback.state
    if feedback.refusal is None and isinstance(state, StickLabel):
        for job, fault in (("queued", ""), ("printed", ""), ("held", "paper_out"), ("unknown", "")):
            yield f"-{job}", replace(feedback, state=replace(state, job_state=job, fault=fault))
        return
    yield "", feedback
    if feedback.refusal is not None:
        return
    if feedback.note is None or feedback.note.note not in (Note.HELP, Note.TYPE_CODE):
        yield from ((f"-{name}", replace(feedback, state=asked)) for name, asked in _asked(state))
    if isinstance(state, VerifyUnit) and state.view.packed >= _SOME:
        check = expected_weight(state.view, state.box, all_units(state.view))
        yield "-weighed", replace(feedback, state=replace(state, weight_grams=check.expected_grams * 3 // 4))
        full = tuple(replace(line, packed=line.to_pack) for line in state.view.lines)
        scale = WeighParcel(replace(state.view, lines=full, loose=()), state.box, check)
        yield "-scale", replace(feedback, state=scale)
        yield "-off", replace(feedback, state=replace(scale, outside=check.expected_grams * 9 // 10))
        cancelled = StopPacking(Reason.ORDER_CANCELLED, state.view.order_number)
        yield "-stopped", replace(feedback, state=cancelled, note=None)
    labels = [label for load in state.view.loads for label in load.next_labels] if isinstance(state, ScanParcel) else []
    if isinstance(state, ScanParcel) and labels:
        stopped = StoppedParcel(
            ParcelId(NO_ID), labels[0], OrderId(NO_ID), "100455", Reason.ORDER_CANCELLED, 0, LocationId(NO_ID), ()
        )
        standing = replace(state.standing, stopped=(stopped,))
        yield "-stopped", replace(feedback, state=replace(state, standing=standing))


_IN_DOUBT = ParcelInHand(
    ParcelId(NO_ID), "095011010000000018", OrderId(NO_ID), "100455", FulfilmentId(NO_ID), "KESTREL", LocationId(NO_ID), (),
    ManifestId(NO_ID), 0,
)  # fmt: skip


def _asked(state: Any) -> Iterator[tuple[str, Any]]:
    """Yield the questions that a mistake, a lot or a tote that is full would bring up at a step."""
    match state:
        case EnterPin():
            yield "supervisor", EnterSupervisorPin("weight", "lead", CommandId(NO_ID), state.person, state.name)
        case GoToLocation():
            yield "elsewhere", replace(state, question="A-02-03")
        case TakeItem(view=view):
            yield "lot", replace(state, view=replace(view, lot="L-2207", expiry="2026-03-31"), question="L-2311")
            yield "unscanned", replace(state, unscanned=1)
        case PutInTote(view=view):
            yield "fits", SayWhatFits(view, _FITTING, 0)
        case ScanParcel(view=view, standing=standing) if view.loads and view.loads[0].loaded:
            yield "out", TakeOut(view, standing)
            yield "doubt", SettleBox(view, _IN_DOUBT, standing)
            yield "bare", replace(state, question="095011010000000018")
        case _:
            return


def window_of(look: Look) -> Shell:
    """Return a window that looks so."""
    shell = Shell(simulated=False)
    shell.show_theme(THEMES[look.theme])
    shell.suit(look.text, gloves=look.gloves)
    shell.resize(look.width, look.height)
    return shell


def show(shell: Shell, shown: Shown | FirstShown) -> None:
    """Show a screen, in the language that is spoken."""
    if isinstance(shown, FirstShown):
        shown.show(shell)
        return
    feedback = shown.feedback
    screen = present(feedback.state, shown.now)
    if feedback.refusal is not None:
        shell.show_stop(refusal_screen(feedback.refusal, 2, screen.row), feedback.expects)
        return
    plugged = chips(shown.devices, 0)
    bench = frame_of(None, "BENCH-1", feedback.state, simulated=not plugged, plugged=plugged)
    who = Frame(shown.person, role_words(shown.roles), bench.station, bench.devices, bench.ready)
    frame = who if shown.person else bench
    if shown.pan is not None:
        screen = with_scale(screen, feedback.state, live_of(shown.pan, shown.now))
    shell.show_screen(screen, frame, last_scan(feedback), feedback.expects, now=shown.now)
    shell.show_line(None if shown.standing is None else line_of(shown.standing, shown.now))
    open_aside(shell, feedback, screen)


def _pictures(shown: Sequence[Shown | FirstShown], look: Look, out: Path) -> list[Path]:
    """Take a picture of every screen in one window."""
    made: list[Path] = []
    with speaking(look.language):
        shell = window_of(look)
        for each in shown:
            show(shell, each)
            made.append(out / f"{each.name}-{look.name}.png")
            shell.grab().save(str(made[-1]))
        shell.deleteLater()
    return made


def _sheet(pictures: list[Path], path: Path) -> None:
    rows = (len(pictures) + _SHEET_COLUMNS - 1) // _SHEET_COLUMNS
    sheet = QImage(_SHEET_COLUMNS * _THUMB[0], max(1, rows) * _THUMB[1], QImage.Format.Format_RGB32)
    sheet.fill(0xFFB0B8C0)
    painter = QPainter(sheet)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for n, picture in enumerate(pictures):
        row, column = divmod(n, _SHEET_COLUMNS)
        target = QRect(column * _THUMB[0] + 4, row * _THUMB[1] + 4, _THUMB[0] - 8, _THUMB[1] - 8)
        image = QImage(str(picture))
        image = image.scaled(
            target.size(), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        painter.drawImage(target.topLeft(), image)
    painter.end()
    sheet.save(str(path))


def _index(pictures: list[Path], sheets: list[Path], out: Path) -> None:
    rows = "".join(
        f'<figure><img loading="lazy" src="{escape(each.name)}" width="640"><figcaption>{escape(each.stem)}</figcaption></figure>'
        for each in pictures
    )
    links = "".join(f'<li><a href="{escape(each.name)}">{escape(each.stem)}</a></li>' for each in sheets)
    page = (
        "<!doctype html><meta charset=utf-8><title>Gallery</title><style>figure{display:inline-block}</style>"
        f"<h1>Contact sheets</h1><ul>{links}</ul>{rows}"
    )
    (out / "index.html").write_text(page, encoding="utf-8")
