"""The window of a PC that belongs to nobody yet, and of one whose site is still on its way: it asks, then the station opens.

What takes long runs on threads of its own and posts what came of it; the window never waits. The one thing a newcomer would get
wrong: an answer that comes when one has gone back meanwhile is no answer any more.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event as Flag

from PySide6.QtCore import QObject

from core.catalog.codes import without_aim
from core.catalog.command_codes import read_command
from core.catalog.readings import CommandReading
from desktop import entering, founding, joining, languages
from desktop.announcing import announcer
from desktop.bridge import MainThread
from desktop.entering import Back, ChooseHub, Chosen, Done, Failed, Given, HasJoined, Seen, Suggested, Told, Type
from desktop.helping import help_for
from desktop.languages import plain, tr
from desktop.present import present
from desktop.presenters.entering import is_trouble, trouble_screen
from desktop.screens import Frame
from desktop.shell import Shell
from desktop.spoken import spoken
from desktop.widgets.entry import Asked
from sync.announcements import FoundHub

_TYPED = (entering.NameStation, entering.NameYourself, entering.GiveBadge)
_SECRET = (entering.GivePin, entering.RepeatPin)


def show_question(shell: Shell, state: entering.State) -> None:
    """Show a question, with the line to type in where the answer is typed or scanned."""
    screen = present(state)
    shell.show_screen(screen, Frame(tr("New station")), None, ())
    if isinstance(state, _SECRET):
        shell.ask(Asked.PIN)
    elif isinstance(state, _TYPED) or (isinstance(state, ChooseHub) and state.typing):
        shell.ask(Asked.TEXT if screen.text else Asked.CODE)


class FirstStart(QObject):
    """Asks, at a window, what a home is to be, and makes it that."""

    def __init__(self, shell: Shell, folder: Path, closed: Callable[[], object]) -> None:
        """Begin where the home stands.

        Args:
            shell: the window.
            folder: the home.
            closed: hears that there is nothing more to ask.

        Raises:
            Fault: the home cannot be read.
        """
        super().__init__(shell)
        self._shell, self._folder, self._closed = shell, folder, closed
        self._main, self._announce = MainThread(), announcer(shell)
        self._threads = ThreadPoolExecutor(thread_name_prefix="dockside-first-start")
        self._stop = Flag()
        self._suggested = Suggested(())
        self.opens = False
        """Whether the station is to open now."""
        shell.strip.menu.hide()
        shell.gesture.connect(self.press)
        shell.typed.connect(self.give)
        self.state, effects = entering.begun(joining.whose(folder))
        self._show()
        self._do(effects)

    def close(self) -> None:
        """Leave off; a loading goes on at the next start."""
        self._stop.set()
        self._threads.shutdown(cancel_futures=True)

    def suggest(self, hubs: tuple[FoundHub, ...]) -> None:
        """Hear, on any thread, which hubs announce themselves."""
        self._main.post(lambda: self.hear(Suggested(hubs)))

    def scan(self, code: str) -> None:
        """Take a scan: an answer's code, or what is asked for."""
        code = without_aim(code)
        command = read_command(code)
        if isinstance(command, CommandReading):
            self.press("-".join(filter(None, (command.verb, command.argument))))
        else:
            self.give(code)

    def press(self, gesture: str) -> None:
        """Take a key."""
        verb, _, argument = gesture.partition("-")
        if verb in ("NO", "CONFIRM") and (self._shell.refusing or self._shell.help.isVisible()):
            self._show()
        elif verb == "NO":
            self.hear(Back())
        elif verb == "FIND":
            self.hear(Type())
        elif verb == "HELP":
            self._shell.show_help(help_for(present(self.state), (), ""))
        elif verb == "QTY" and argument.isdecimal():
            self.hear(Chosen(int(argument)))

    def give(self, words: str) -> None:
        """Take what was typed or scanned."""
        self.hear(Given(words))

    def hear(self, event: entering.Event) -> None:
        """Take an event; what comes after the window closed is nobody's any more."""
        if self._stop.is_set():
            return
        before = self.state
        if isinstance(event, Suggested):
            self._suggested = event
        self.state, effects = entering.handle(before, event)
        # Hubs announce themselves whenever they like, mostly before anybody has asked for them.
        self.state, _ = entering.handle(self.state, self._suggested)
        quiet = isinstance(event, Suggested) and (self._shell.entry.asked is not None or self._shell.refusing)
        if self.state != before and not quiet:
            self._show()
        self._do(effects)

    def _show(self) -> None:
        show_question(self._shell, self.state)
        self._announce(plain(". ".join(spoken(present(self.state)))), False)

    def _do(self, effects: tuple[entering.Effect, ...]) -> None:
        for effect in effects:
            match effect:
                case entering.Look(words=words):
                    self._run(partial(self._look, words))
                case entering.Ask(wanted=wanted):
                    self._run(partial(self._join, wanted))
                case entering.Load():
                    self._run(self._load)
                case entering.Make():
                    self._run(partial(self._make, effect.founder(languages.spoken().code)))
                case entering.Refuse(fault=fault):
                    stop = trouble_screen(fault)
                    self._shell.show_stop(stop, ())
                    self._announce(plain(f"{stop.title}. {stop.rest}"), True)
                case entering.Leave(opens=opens):
                    self.opens = opens
                    self._closed()

    def _run(self, work: Callable[[], entering.Event]) -> None:
        asked = self.state
        future = self._threads.submit(work)
        future.add_done_callback(lambda done: self._main.post(lambda: self._came(done, asked)))

    def _came(self, done: "Future[entering.Event]", asked: entering.State) -> None:
        """Hear what came of it; what nobody foresaw goes on as it is."""
        gone_back = isinstance(asked, entering.AskHub) and self.state is not asked
        if done.cancelled() or gone_back:
            return
        error = done.exception()
        if error is None:
            self.hear(done.result())
        elif isinstance(error, Exception) and is_trouble(error):
            self.hear(Failed(error))
        else:
            raise error

    @staticmethod
    def _look(words: str) -> entering.Event:
        return Seen(joining.look_at(words))

    def _join(self, wanted: joining.Wanted) -> entering.Event:
        joining.begin(self._folder, wanted)
        return HasJoined()

    def _load(self) -> entering.Event:
        joining.load_site(self._folder, lambda told: self._main.post(lambda: self.hear(Told(told))), stop=self._stop)
        return Done()

    def _make(self, founder: founding.Founder) -> entering.Event:
        founding.found(self._folder, founder)
        return Done()
