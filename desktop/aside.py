"""What lies over a step and changes nothing of it: help, a line to type a code in, the line for the PIN it asks for."""

from core.kernel.notes import Note
from core.station.station import Feedback
from desktop.helping import help_for
from desktop.screens import Screen
from desktop.shell import Shell
from desktop.widgets.entry import Asked


def asks_pin(feedback: Feedback | None) -> bool:
    """Return whether a step waits for a PIN."""
    return feedback is not None and any(each.kind == "secret" for each in feedback.expects)


def open_aside(shell: Shell, feedback: Feedback, screen: Screen) -> None:
    """Open over a step what it asks for, or what a key asked for."""
    note = "" if feedback.note is None else feedback.note.note
    if asks_pin(feedback):
        shell.ask(Asked.PIN)
    elif note == Note.TYPE_CODE:
        shell.ask(Asked.TEXT if screen.text else Asked.CODE)
    if note == Note.HELP:
        shell.show_help(help_for(screen, feedback.expects, feedback.flow))
