"""The station with its window: the one module that knows everybody."""

import json
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from PySide6.QtCore import QLocale, QObject, QTimer
from PySide6.QtGui import QImage, QScreen
from PySide6.QtWidgets import QApplication, QWidget

from core.cases.model import Photo
from core.catalog.codes import without_aim
from core.catalog.command_codes import read_command
from core.catalog.readings import CommandReading
from core.kernel.flow import PrintMoved, Verb
from core.kernel.reasons import Reason
from core.kernel.uow import Changes
from core.station.gear import again
from core.station.importing import Importing
from core.station.releasing import Releasing
from core.station.station import Feedback
from core.station.writing import NOTES
from desktop.announcing import announcement, announcer
from desktop.aside import asks_pin, open_aside
from desktop.assembly import BADGES, PLACES, Assembly, NotSetUp, assembled
from desktop.bridge import MainThread
from desktop.carrier_labels import CarrierInbox
from desktop.crash import CrashReports
from desktop.device_desk import DeviceDesk
from desktop.first_start import FirstStart
from desktop.front_door import bring_forward, front_door, refuse_second
from desktop.key_stamps import stamp_of
from desktop.languages import SOURCE, speak, tr
from desktop.membership import in_step, write_profile
from desktop.photo_desk import PhotoRoom, clipped
from desktop.pictures import Pictures
from desktop.places import shape_places
from desktop.plugged import Plugged
from desktop.present import frame_of, last_scan, present, refusal_screen
from desktop.print_room import spoolers, virtual_printer
from desktop.raw_keys import raw_keys
from desktop.screens import Band, Screen
from desktop.shell import Shell
from desktop.sounds import FULL, Play, player, silence, sound_of
from desktop.system import SystemClock
from desktop.theme import DPI, LIGHT, THEMES, Theme, ThemeName
from desktop.upkeep import Upkeep
from desktop.watching import LineWatch
from desktop.wedge import WedgeFilter
from desktop.widgets.pictures import show_pictures
from sync.station.discovery import Discovery

SOUND = "sound"
"""The volume of the tones in the station's profile."""
LOOK_MS = 300
"""How often the screen of a file that is being read says anew how far it is."""
_PHOTOS = Changes(frozenset({Photo.TABLE.name}), frozenset())
_LIFTS = ("NO", "CONFIRM")
_DPI_BELIEVED = (80.0, 220.0)
TICK_MS = 1_000
"""How often the band says anew how long ago the last scan was."""
AGE_MS = 5_000
"""How often it is looked whether what is shown says another time now: a cut-off is a minute nearer, a case a minute older."""


class StationWindow(QObject):
    """Joins a station to its shell."""

    def __init__(
        self, shell: Shell, simulated: bool, *, zone: str = "", language: str = SOURCE, bench: str = "",
        now_ms: Callable[[], int] | None = None, play: Play = silence,
    ) -> None:  # fmt: skip
        """Wait for the station.

        Args:
            shell: the window.
            simulated: whether its devices are.
            zone: the site's time zone.
            language: what is spoken while nobody is signed in.
            bench: what the place is called.
            now_ms: the clock, for times that are relative; without one time stands still.
            play: what gives outcomes their tones.
        """
        super().__init__()
        self._bench, self._now = bench, now_ms or (lambda: 0)
        if now_ms is not None:
            # The window's own timer: it ends with the window.
            ticking = QTimer(shell)
            ticking.timeout.connect(self._tick)
            ticking.start(TICK_MS)
            aging = QTimer(shell)
            aging.timeout.connect(self.age)
            aging.start(AGE_MS)
        self._zone, self._language = zone, language
        self.shell, self._simulated = shell, simulated
        self.station: Any = None
        self.plugged: Plugged | None = None
        """What is plugged in; nothing at a station in a test, and before it was looked at."""
        self.photos: PhotoRoom | None = None
        """Where pictures go that were dropped or pasted at notes."""
        self._play, self._showing = play, False
        self.announce = announcer(shell)
        self._below: Feedback | None = None
        self._shown: Screen | None = None
        self._looking = QTimer(shell)
        self._looking.setSingleShot(True)
        self._looking.setInterval(LOOK_MS)
        self._looking.timeout.connect(self._look_again)
        self.last: Feedback | None = None
        self._band: Band | None = None
        self.heard = 0
        shell.show_theme(LIGHT)
        shell.gesture.connect(self.press)
        # The scanner that is drawn on the screen was never learnt, and is trusted as far as any such.
        shell.scanned.connect(self.scan)
        shell.weighed.connect(self.weigh)
        shell.typed.connect(self.type)
        shell.dropped.connect(self.drop)
        shell.pasted.connect(self.paste)

    def _tick(self) -> None:
        """Take notice that time has passed: the last scan is older, and so is what the scale said."""
        self.shell.band.tick(self._now())
        if self.plugged is not None and self.station is not None:
            self.plugged.weighed()

    def age(self) -> None:
        """Say anew what the time has changed of the step that is shown, where it has; below what covers it nothing is said."""
        if self.last is None or self.covered:
            return
        screen = present(self.last.state, self._now())
        if screen != self._shown:
            self._show(self.last, screen)

    def scan(self, code: str, *, device: str = "", trusted: bool = False) -> None:
        """Take a scan; the code of *back* takes away what covers the step, as its key does, and the scale's are its own.

        Args:
            code: as the scanner sent it.
            device: which scanner; empty where nobody knows.
            trusted: it is known to pass separators on.
        """
        command = read_command(without_aim(code))
        if isinstance(command, CommandReading) and (self._lifts(command.verb) or self._is_for_scale(command.verb)):
            if self.plugged is not None:
                self.plugged.gear.answer(device, accepted=True)
            return
        self.station.scan(code, device=device, trusted=trusted)

    def weigh(self, grams: int) -> None:
        """Take a weight."""
        self.station.weigh(grams)

    def type(self, words: str) -> None:
        """Take what was typed by hand: a PIN where one is asked for, else a code."""
        if asks_pin(self.last):
            self.station.enter_secret(words)
        else:
            self.station.scan(words, typed=True)

    def drop(self, path: str) -> None:
        """Take a file that was dropped onto the window: at notes it is a photo, else it is read in, for who is signed in."""
        if self.station.operator is None:
            self.station.press(Verb.MENU)
            return
        if self.station.flow == NOTES:
            self._photo(path)
            return
        self.station.go("import")
        self.station.scan(path, typed=True)

    def paste(self) -> None:
        """Take a picture that was pasted: a photo at notes, and nothing else anywhere."""
        if self.station.flow == NOTES:
            self._photo(clipped())

    def take_photos(self, room: PhotoRoom, post: Callable[[Callable[[], None]], object]) -> None:
        """Give pictures that are dropped or pasted at notes to a room, and look at the step again once one is ready.

        Args:
            room: where they become photos.
            post: lets something happen on the window's thread.
        """
        self.photos = room
        room.told = lambda: post(lambda: self.station.hear(_PHOTOS))

    def _photo(self, given: str | QImage) -> None:
        if self.photos is not None and self.station.idle:
            self.photos.hand(given, tr("Clipboard"))
            self.station.press(Verb.PHOTO)

    def press(self, gesture: str) -> None:
        """Take a key; while a refusal, help or a line to type in covers the step, *back* only takes that away."""
        verb, _, argument = gesture.partition("-")
        if not self._lifts(verb) and not self._is_for_scale(verb):
            self.station.press(Verb(verb), argument)

    def _is_for_scale(self, verb: str) -> bool:
        """Let the scale do what is its own: weigh now, zero, tare."""
        return self.plugged is not None and self.plugged.order(Verb(verb))

    def _lifts(self, verb: str) -> bool:
        """Take away what covers the step, where a key does that and nothing else; what came meanwhile is shown then."""
        if verb not in _LIFTS or not self.covered:
            return False
        self.shell.lift_stop()
        if self._below is not None:
            self._show(self._below, present(self._below.state, self._now()))
        self.station.painted()
        return True

    @property
    def covered(self) -> bool:
        """Return whether a refusal, help or a line to type in covers the step."""
        return self.shell.refusing or self.shell.aside

    def hear(self, feedback: Feedback) -> None:
        """Show what an input led to; news of a printer or a file waits below a refusal, help or a line to type in."""
        self.heard += 1
        self.last = feedback
        if self.plugged is not None:
            self.plugged.heard(feedback)
        operator = self.station.operator
        speak(self._language if operator is None else operator.language, self._zone)
        if operator is None:
            self.shell.suit(1.0, gloves=False)
        else:
            self.shell.suit(operator.text_percent / 100, gloves=bool(operator.gloves))
        screen = present(feedback.state, self._now())
        if isinstance(feedback.state, Importing | Releasing) or again(feedback.state):
            self._looking.start()
        else:
            self._looking.stop()
        if feedback.input is None and feedback.refusal is None and self.covered:
            self._below = feedback
            return
        self._below = None
        if feedback.refusal is not None:
            self.shell.show_stop(refusal_screen(feedback.refusal, feedback.dropped, screen.row), feedback.expects)
        else:
            self._show(feedback, screen)
        open_aside(self.shell, feedback, screen)
        self.announce(*announcement(feedback, screen))
        sound = sound_of(feedback, asks=bool(screen.answers))
        if sound is not None:
            self._play(sound)
        if not self._showing:
            self._showing = True
            # Layouts are settled in the next turn of the event loop; what is shown is painted there, and then told.
            QTimer.singleShot(0, self._painted)

    def _show(self, feedback: Feedback, screen: Screen) -> None:
        self._shown = screen
        band = last_scan(feedback)
        if band is not None:
            self._band = band if self.plugged is None else self.plugged.who(band, feedback.input)
        plugged = self.plugged
        chips = () if plugged is None else plugged.chips
        frame = frame_of(self.station.operator, self._bench, feedback.state, simulated=self._simulated, plugged=chips)
        shown = screen if plugged is None else plugged.shown(screen, feedback.state)
        self.shell.show_screen(shown, frame, self._band, feedback.expects, now=self._now())

    def look_again(self) -> None:
        """Show the same step anew: a device came or went, or the scale says something else."""
        if self.last is None:
            return
        if self.covered:
            self._below = self.last
        else:
            self._show(self.last, present(self.last.state, self._now()))

    def _look_again(self) -> None:
        """Ask how far the file is that is being read, whether the orders are out, or how the devices are, while that is shown."""
        if isinstance(self.station.state, Importing | Releasing):
            self.station.go(self.station.flow)
        elif (view := again(self.station.state)) and not self.covered and self.station.idle:
            self.station.go(*view)
        elif view:
            self._looking.start()

    def _painted(self) -> None:
        self._showing = False
        self.shell.paint_now()
        self.station.painted()


def _hand_out(shell: Shell, assembly: Assembly, reader: sa.Connection) -> None:
    """Give the simulated bench what lies about at a real one: badges and empty totes."""
    badges = tuple(
        (str(name), str(roles), str(code)) for name, roles, code in json.loads(assembly.profile.get(BADGES, "[]"))
    )
    shell.bench.hand_out(badges, lambda: assembly.empty_tote(reader))


def _print(stack: ExitStack, assembly: Assembly, window: StationWindow, main: MainThread, pictures: Pictures) -> None:
    """Run the printers as long as the window is open; a simulated bench has its own."""
    simulated = assembly.simulated
    ports = stack.enter_context(virtual_printer(assembly.home.folder / "printed")) if simulated else {}

    def moved(event: PrintMoved) -> None:
        # Drawn here, on the spooler's thread, before anybody looks at it.
        pictures(event.rendering)
        if window.plugged is not None:
            window.plugged.printed(event)
        main.post(lambda: window.station.hear(event))

    stack.enter_context(spoolers(assembly, moved, ports))
    stack.enter_context(CarrierInbox(assembly).running())


def _setting(assembly: Assembly, name: str, wanted: str | None) -> str:
    """Return a setting of this station, empty for none; one that is given is kept from now on."""
    if wanted is None:
        return assembly.profile.get(name, "")
    write_profile(assembly, **{name: wanted})
    return wanted


def said_per_inch(screen: QScreen | None) -> float:
    """Return a screen's pixels an inch where it tells the truth, else 0: what it says is sometimes absurd."""
    said = 0.0 if screen is None else screen.physicalDotsPerInch() / screen.devicePixelRatio()
    return said if _DPI_BELIEVED[0] <= said <= _DPI_BELIEVED[1] else 0.0


def pixels_per_inch(screen: QScreen | None) -> float:
    """Return a screen's real pixels an inch, as far as it tells the truth."""
    return said_per_inch(screen) or DPI


def open_window(
    folder: Path, *, theme: str = "light", scripted: Path | None = None, size: tuple[int, int] = (1366, 768),
    volume: int | None = None, places: str | None = None,
) -> int:  # fmt: skip
    """Open a station's window and work until it is closed; with `scripted`, play a shift and leave pictures there.

    Args:
        folder: the station's home.
        theme: how it looks.
        scripted: where the pictures of a played shift go; None for a window somebody works at.
        size: of the window, in pixels.
        volume: of the tones, 0 to 100, from now on; None for what it was.
        places: how location codes are built, from now on; None for what it was.

    Raises:
        Fault: the home cannot be opened.
    """
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    look = THEMES[ThemeName(theme)]
    work = partial(_work, application, folder, look=look, scripted=scripted, size=size, volume=volume, places=places)
    try:
        return work()
    except NotSetUp:
        if scripted is not None:
            raise
    return work() if _first_start(application, folder, look, size) else 0


def _first_start(application: QApplication, folder: Path, look: Theme, size: tuple[int, int]) -> bool:
    """Ask what a home is to be and make it that; return whether its station is to open now.

    Raises:
        HomeBusy: somebody is being asked already.
    """
    refuse_second(folder)
    speak(QLocale.system().name()[:2])
    with ExitStack() as stack:
        shell = Shell(simulated=False, dpi=pixels_per_inch(application.primaryScreen()))
        shell.show_theme(look)
        asking = FirstStart(shell, folder, shell.close)
        stack.callback(asking.close)
        wedge = WedgeFilter(
            SystemClock().now_ms, lambda code, _gaps, _end: asking.scan(code), stamp=stamp_of(application)
        )
        application.installEventFilter(wedge)
        stack.callback(lambda: application.removeEventFilter(wedge))
        shell.resize(*size)
        shell.show()
        stack.enter_context(front_door(folder, lambda: bring_forward(shell)))
        stack.enter_context(Discovery(asking.suggest))
        application.exec()
        return asking.opens


def _work(
    application: QApplication, folder: Path, *, look: Theme, scripted: Path | None, size: tuple[int, int],
    volume: int | None, places: str | None,
) -> int:  # fmt: skip
    with ExitStack() as stack:
        assembly = stack.enter_context(assembled(folder))
        assembly.refuse_unsettled()
        loud = int(_setting(assembly, SOUND, None if volume is None else str(volume)) or FULL)
        shape_places(_setting(assembly, PLACES, places))
        main = MainThread()
        shell = Shell(simulated=assembly.simulated, dpi=pixels_per_inch(application.primaryScreen()))
        pictures = Pictures(assembly.home.blobs, assembly.drawn)
        show_pictures(pictures)
        with assembly.database.reading() as reading:
            zone, bench = assembly.zone(reading), assembly.bench(reading)
        window = StationWindow(
            shell, assembly.simulated, zone=zone, language=QLocale.system().name()[:2], bench=bench,
            now_ms=assembly.clock.now_ms, play=silence if scripted is not None else player(loud),
        )  # fmt: skip
        shell.show_theme(look)
        stack.enter_context(in_step(assembly, lambda changes: main.post(lambda: window.station.hear(changes))))
        window.take_photos(assembly.photos, main.post)
        window.plugged = plugged = Plugged(assembly, main, window)
        desk = DeviceDesk(assembly, plugged.gear, said_per_inch(application.primaryScreen()))
        stack.callback(desk.close)
        window.station, reader = assembly.station(
            main.post, window.hear, desk, plugged.dropped, plugged.fitting, plugged.trials
        )
        stack.callback(reader.close)
        if assembly.line is not None:
            watch = LineWatch(shell, assembly.line, reader, assembly.clock.now_ms, lambda: window.station)
            stack.callback(watch.close)
        crashes = CrashReports(assembly.home.folder / "crashes", assembly.clock)
        stack.enter_context(
            crashes.installed(lambda report: main.post(lambda: window.station.stop(Reason.CRASHED, report)))
        )
        upkeep = Upkeep(assembly, lambda: window.heard, crashes.write)
        stack.callback(upkeep.close)
        if assembly.simulated:
            _hand_out(shell, assembly, reader)
        _print(stack, assembly, window, main, pictures)
        wedge = WedgeFilter(
            assembly.clock.now_ms, plugged.gear.keyed, lambda: plugged.gear.silence_ends, stamp_of(application)
        )
        application.installEventFilter(wedge)
        stack.callback(lambda: application.removeEventFilter(wedge))
        shell.resize(*size)
        shell.show()
        stack.enter_context(front_door(folder, lambda: bring_forward(shell)))
        window.station.start()
        stack.enter_context(plugged.at_work(raw_keys(application, shell)))
        if scripted is None:
            return application.exec()
        from desktop.scripted import ScriptedShift, others_bring

        kind = None if assembly.membership is None else assembly.membership.kind
        shift = ScriptedShift(window, scripted, kind, lambda flow: others_bring(reader, assembly.identity.site, flow))
        QTimer.singleShot(200, shift.begin)
        application.exec()
        shutil.copytree(assembly.home.folder / "printed", scripted / "printed", dirs_exist_ok=True)
        (scripted / "summary.json").write_text(json.dumps(asdict(shift.tally), indent=2), encoding="utf-8")
        return 0 if shift.tally.finished else 1


def show_alone(window: Callable[[], QWidget]) -> None:
    """Show a window that is no station until it is closed: the virtual bench."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    shown = window()
    shown.show()
    application.exec()
