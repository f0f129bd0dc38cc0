"""Badges that are given out at the window: a code is made up, printed aside from every job, and known until it is scanned.

The one thing a newcomer would get wrong: nothing here is written. A print job is kept with what it says and with its bytes,
and whoever reads either can make the badge (decision 0047). So the bytes are made here, go to the printer under its lock
(`Spooler.print_aside`), and are forgotten; of the code its hash is kept once the badge was scanned.
"""

import secrets
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.catalog.queries import site_row
from core.kernel.flow import Stamp
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId
from core.people.contents import BadgeLabel
from core.people.secrets import badge_hash
from core.printers.asking import paper_jobs
from core.printers.queries import printers_of
from core.station.badge_desk import BadgeTrial, Holder
from desktop.languages import plain
from desktop.messages import role_words
from printing.drivers.protocols import Trouble
from printing.fault import LabelFault
from printing.spooler import Aside, Spooler
from printing.templates import FOLDER

if TYPE_CHECKING:
    from desktop.assembly import Assembly

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LONG = 16
"""Letters of a code: with five bits each nobody finds it from its hash."""
_PAPERS = ("label", "document")
"""What it is printed as: a label, where those are large enough for a card, else on a sheet."""


@dataclass(slots=True)
class _Making:
    """One badge that is being made. Its thread writes, the window's reads; values are replaced whole."""

    holder: Holder
    code: str = field(repr=False)
    trial: BadgeTrial = BadgeTrial()
    over: threading.Event = field(default_factory=threading.Event)


class BadgePrinter:
    """Makes the badges of one station, one at a time."""

    def __init__(self, assembly: "Assembly") -> None:
        """Stand beside a station."""
        self._assembly = assembly
        self._now: _Making | None = None

    def make(self, holder: Holder) -> None:
        """Make up a code, and print it as soon as a printer can; what was made before is worth nothing."""
        self.give_up()
        code = "B-" + "".join(secrets.choice(_LETTERS) for _ in range(_LONG))
        now = self._now = _Making(holder, code)
        threading.Thread(target=self._print, args=(now,), name="dockside-badge", daemon=True).start()

    def trial(self) -> tuple[Holder, BadgeTrial] | None:
        """Return whose badge is being made, and how far it is; None where none is."""
        return None if self._now is None else (self._now.holder, self._now.trial)

    def proves(self, code: str) -> bytes | None:
        """Return the hash of the badge that is being made, where a code is its and it has left; None for every other code."""
        now = self._now
        if now is None or not now.trial.left or code.strip() != now.code:
            return None
        return badge_hash(now.code)

    def give_up(self) -> None:
        """Make none any more, and forget its code."""
        if self._now is not None:
            self._now.over.set()
            self._now = None

    def _print(self, now: _Making) -> None:
        with self._assembly.database.reading() as reader:
            found = self._rendered(reader, now)
            if found is None:
                return
            spool, data = found
            site = self._assembly.identity.site
            place = next((row.place for row in printers_of(reader, site) if row.name == spool.outlet.name), "")
        now.trial = BadgeTrial(printer=spool.outlet.name, place=place)

        def said(troubles: str) -> None:
            now.trial = replace(now.trial, troubles=troubles, left=now.trial.left or not troubles)

        spool.print_aside(Aside(data, said, now.over.is_set))

    def _rendered(self, connection: sa.Connection, now: _Making) -> tuple[Spooler, bytes] | None:
        """Return the first printer that the badge fits, and what it is sent; without one, say why."""
        # Its library takes a tenth of a second to load.
        from printing.render import render

        here = self._assembly
        site = site_row(connection, here.identity.site)
        content = BadgeLabel(
            code=now.code,
            name=now.holder.name,
            role=plain(role_words(now.holder.roles)),
            site_name="" if site is None else site.name,
        )
        base = Stamp(
            id=CommandId(here.ids.new()), site=here.identity.site, at=here.clock.now_ms(), actor=SYSTEM, session=NO_SESSION
        )  # fmt: skip
        why = Trouble.NO_PRINTER.value
        for paper in _PAPERS:
            # Routes look at jobs: this one names the kind, and is nobody's.
            job = paper_jobs(base, [replace(content, code="")], printer=paper)[0]
            spool = next((each for each in here.spools if each.outlet.name and each.outlet.takes(job)), None)
            if spool is None:
                continue
            try:
                return spool, render(content, media=spool.outlet.media, templates=here.home.folder / FOLDER).data
            except LabelFault as fault:
                why = str(fault)
        now.trial = BadgeTrial(troubles=why)
        return None
