"""Outcomes said aloud by a screen reader, where one runs: a refusal interrupts, everything else waits its turn."""

from collections.abc import Callable

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from core.station.station import Feedback
from desktop.languages import plain
from desktop.screens import Screen
from desktop.spoken import spoken
from desktop.words import sentence

Announce = Callable[[str, bool], None]
"""Says words; whether they interrupt what is being said."""


def announcement(feedback: Feedback, screen: Screen) -> tuple[str, bool]:
    """Return what is said of a feedback, and whether it interrupts: what was done, then what is to be done next."""
    said = sentence(feedback).rstrip(".")
    if feedback.refusal is not None:
        return plain(f"{said}."), True
    parts = [each.rstrip(".") for each in (said, *spoken(screen)) if each]
    return plain(". ".join(parts)), False


def announcer(window: QWidget) -> Announce:
    """Return what says words in the name of a window."""

    def announce(words: str, urgent: bool) -> None:
        if not words or not QAccessible.isActive():
            return
        event = QAccessibleAnnouncementEvent(window, words)
        politeness = QAccessible.AnnouncementPoliteness
        event.setPoliteness(politeness.Assertive if urgent else politeness.Polite)
        QAccessible.updateAccessibility(event)

    return announce
