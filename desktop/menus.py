"""The menu's screen: where this person may go, and what helps at any step."""

from core.station.menu import Menu
from desktop.languages import tr
from desktop.messages import job_name
from desktop.screens import Answer, Screen


def menu_screen(state: Menu) -> Screen:
    """Return the menu: jobs by number, then what helps."""
    jobs = tuple(Answer(f"QTY-{n}", job_name(job)) for n, job in enumerate(state.jobs, 1))
    aside = (Answer("FIND", tr("Type a code")), Answer("HELP", tr("Help")), Answer("NO", tr("Back")))
    return Screen(prompt=tr("Where to?"), answers=(*jobs, *aside))
