"""Labels that a carrier gave: taken out of a folder, looked over, kept, and printed for their parcels.

Whoever speaks to a carrier (a shop's system, a script, a person) puts the label's file into the home's `carrier/` folder,
and beside it, last, a JSON file that says whose it is. The one thing a newcomer would get wrong: a label whose carton is
not closed yet is no mistake. It waits in the folder.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from threading import Event, Thread
from typing import Any

import sqlalchemy as sa

from core.cases.commands import CloseCase, OpenCase
from core.cases.decisions import Decision
from core.cases.model import CaseKind
from core.cases.queries import looked_at, open_about
from core.kernel import codec
from core.kernel.executor import Failed, Work
from core.kernel.ids import NO_ID
from core.kernel.refusal import Fault
from core.kernel.spool import OPEN_STATES, PrintJob
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Order
from core.packing.commands import TakeCarrierLabel
from core.packing.contents import CarrierLabel
from core.packing.model import Parcel, ParcelState
from desktop.assembly import Assembly
from desktop.messages import refusal_words
from desktop.planning import stamp
from printing.foreign import DOCUMENT, Judgement, judge, to_look_at

FOLDER = "carrier"
TAKEN, REFUSED = "taken", "refused"
"""Folders within it, of what was looked over."""
_EVERY_S = 2.0
_BYTES_MAX = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is said beside a label."""

    order: str
    """Its number."""
    label: str
    """The file's name."""
    parcel: int = 0
    """Its number within the order; 0 for the only one without a carrier's label."""
    carrier: str = ""
    tracking: str = ""
    dpi: int = 0
    """Dots an inch that it was made for; 0 for a PDF, and for a picture that says so itself."""
    unread: int = 0
    """1 where somebody looked at it, and wants it although a code on it does not read."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a label."""

    file: str
    outcome: str
    """accepted, refused, or waits: for its carton to be closed."""
    order: str = ""
    reason: str = ""
    sha256: str = ""


class _NotYet(Exception):
    """The carton is not closed."""


class CarrierInbox:
    """The folder of one station."""

    def __init__(self, assembly: Assembly) -> None:
        """Look at nothing yet."""
        self._assembly = assembly
        self._folder = assembly.home.folder / FOLDER
        self._stop = Event()

    @contextmanager
    def running(self) -> Iterator["CarrierInbox"]:
        """Look every other second until the block ends."""
        self._folder.mkdir(exist_ok=True)
        thread = Thread(target=self._run, name="dockside-carrier-labels")
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_EVERY_S):
            # The disk or the database is not there now: the same files lie there at the next look.
            with suppress(Fault, OSError):
                self.look()

    def look(self) -> list[Outcome]:
        """Take every label that can be taken, and return what became of each."""
        if not self._folder.is_dir():
            return []
        self._take_back()
        return [self.take(each) for each in sorted(self._folder.glob("*.json"))]

    def _take_back(self) -> None:
        """Lay labels that were refused back into the folder, once somebody says at their case that they looked at them.

        Who that was stands at the case, and in the log with the decision; what is said beside the label says that it was so.
        """
        waiting = list(_refused(self._folder / REFUSED))
        if not waiting:
            return
        with self._assembly.database.reading() as reader:
            passed = {sha256 for _, sha256 in looked_at(reader, self._assembly.identity.site)}
        for said, told in waiting:
            label = said.parent / told.label
            if _digest(label) in passed:
                words = json.loads(said.read_text(encoding="utf-8")) | {"unread": 1}
                label.replace(self._folder / told.label)
                said.write_text(json.dumps(words), encoding="utf-8")
                said.replace(self._folder / said.name)

    def take(self, said: Path) -> Outcome:
        """Take one label by what is said of it, and put both files where what became of them shows."""
        told: Told | None = None
        try:
            told = read(said)
            data = _bytes_of(said.parent / told.label)
            found = self._taken(told, data)
        except _NotYet:
            return Outcome(said.name, "waits", told.order if told is not None else "")
        except Fault as fault:
            self._refuse(said.name, told, str(fault))
            found = Outcome(said.name, "refused", told.order if told is not None else "", str(fault))
        self._away(said, told, TAKEN if found.outcome == "accepted" else REFUSED)
        return found

    def _taken(self, told: Told, data: bytes) -> Outcome:
        from desktop.paper_desk import LABEL, target_of

        row = self._parcel(told)
        found = judge(data, dpi=told.dpi, bare=True)
        tracking = _bare(told.tracking)
        content = CarrierLabel(
            carrier=told.carrier or row.carrier, tracking=tracking, language=found.form.value, dpi=told.dpi,
            sha256=found.sha256, order_number=told.order, parcel_number=str(row.number),
        )  # fmt: skip
        target = target_of(self._assembly, content, LABEL, "")
        if target.name:
            found = judge(data, dpi=told.dpi, media=target.media, bare=True, number=tracking, unread=bool(told.unread))
        if not found.passes:
            page = to_look_at(data, found, target.media, dpi=told.dpi) if found.may_be_looked_at else b""
            self._refuse(told.label, told, found.why_not, row, found, page)
            return Outcome(told.label, "refused", told.order, found.why_not, found.sha256)
        if told.unread and self._goes_on(row, told.order, found.sha256):
            return Outcome(told.label, "accepted", told.order, "", found.sha256)
        digest = self._assembly.home.blobs.put(data)
        command = TakeCarrierLabel(
            **stamp(self._assembly), parcel=row.id, carrier=content.carrier, tracking=tracking, form=found.form.value,
            dpi=told.dpi, digest=digest, labels=found.labels, unread=told.unread,
        )  # fmt: skip
        outcome = self._assembly.submit(Work(command=command)).result()
        if isinstance(outcome, Failed):
            raise Fault(refusal_words(outcome.refusal))
        return Outcome(told.label, "accepted", told.order, "", digest)

    def _goes_on(self, parcel: Parcel, order: str, sha256: str) -> bool:
        """Say at the case of a label that somebody looked at it; return whether that lets a job go that was held for it."""
        site, jobs = self._assembly.identity.site, sql_of(PrintJob)
        held = sa.select(jobs.c.content).where(
            jobs.c.site == site, jobs.c.subject == parcel.id, jobs.c.document == DOCUMENT,
            jobs.c.state.in_([each.value for each in OPEN_STATES]),
        )  # fmt: skip
        with self._assembly.database.reading() as reader:
            cases = open_about(reader, site, CaseKind.PRINT_FAULT, parcel.id)
            waits = any(codec.parse(each).get("sha256") == sha256 for each in reader.execute(held).scalars())
        facts = {each.id: codec.parse(each.facts) for each in cases}
        mine = [case for case, said in facts.items() if said.get("unread") and said.get("sha256") == sha256]
        # What was refused before is taken by this one: the word at its case would lay it back to be printed too.
        for said, told in _refused(self._folder / REFUSED):
            label = said.parent / told.label
            if told.order == order and _digest(label) == sha256:
                said.unlink()
                label.unlink()
        for case in mine:
            close = CloseCase(**stamp(self._assembly), case=case, decision=Decision.LOOKED.value)
            self._assembly.submit(Work(command=close)).result()
        return waits and bool(mine)

    def _parcel(self, told: Told) -> Parcel:
        """Return the parcel that a label is for.

        Raises:
            _NotYet: its carton is not closed.
            Fault: there is no such order, or nobody says for which of several parcels it is.
        """
        orders, parcels, site = sql_of(Order), sql_of(Parcel), self._assembly.identity.site
        query = sa.select(parcels).join(orders, (orders.c.site == parcels.c.site) & (orders.c.id == parcels.c.order))
        with self._assembly.database.reading() as reader:
            known = sa.select(orders.c.id).where(orders.c.site == site, orders.c.number == told.order)
            if reader.execute(known).first() is None:
                raise Fault(f"{told.label}: there is no order {told.order}")
            rows = rows_of(Parcel, reader.execute(query.where(orders.c.site == site, orders.c.number == told.order)))
        closed = [each for each in rows if each.state is ParcelState.CLOSED]
        mine = [each for each in closed if (each.number == told.parcel if told.parcel else not each.tracking)]
        if told.unread and told.tracking and not told.parcel:
            # It was taken before anybody knew that it does not read: its parcel has the number by now.
            mine = [each for each in closed if each.tracking == _bare(told.tracking)] or mine
        if not mine:
            raise _NotYet
        if len(mine) > 1:
            raise Fault(f'{told.label}: order {told.order} has {len(mine)} parcels: say which with "parcel"')
        return mine[0]

    def _refuse(
        self, file: str, told: Told | None, reason: str, row: Parcel | None = None, found: Judgement | None = None,
        page: bytes = b"",
    ) -> None:  # fmt: skip
        """Open the case of a label that is not printed: whoever speaks to the carrier fetches another, or looks at its page."""
        facts = [("document", DOCUMENT), ("file", file), ("fault", reason)]
        if told is not None:
            facts.append(("order", told.order))
        if found is not None:
            first = found.first
            facts += [("byte", str(first.at)), ("command", first.command), ("reason", first.reason)]
            facts += [("sha256", found.sha256), ("unread", "1" if found.may_be_looked_at else "")]
        if page:
            # It stays until the case is decided, and goes with all files that no row names then.
            facts.append(("picture", self._assembly.home.blobs.put(page)))
        case = OpenCase(
            **stamp(self._assembly),
            kind=CaseKind.PRINT_FAULT,
            subject=NO_ID if row is None else row.id,
            facts=tuple(facts),
        )
        self._assembly.submit(Work(command=case)).result()

    def _away(self, said: Path, told: Told | None, folder: str) -> None:
        """Move what was looked over, so that it is not looked at again."""
        there = said.parent / folder
        there.mkdir(exist_ok=True)
        names = [said.name, *((told.label,) if told is not None else ())]
        for name in names:
            file = said.parent / name
            if file.is_file():
                file.replace(there / name)


def _refused(folder: Path) -> Iterator[tuple[Path, Told]]:
    """Yield what was refused and was not looked at by anybody."""
    for said in sorted(folder.glob("*.json")):
        with suppress(Fault):
            told = read(said)
            if not told.unread:
                yield said, told


def read(said: Path) -> Told:
    """Return what a JSON file says of a label.

    Raises:
        Fault: it is none, or a key is unknown, missing or of the wrong kind.
    """
    try:
        data = json.loads(said.read_text(encoding="utf-8"))
    except (OSError, ValueError) as e:
        raise Fault(f"{said.name}: cannot be read: {e}") from e
    if not isinstance(data, dict):
        raise Fault(f"{said.name}: says nothing about a label")
    known = {each.name: each.type for each in fields(Told)}
    for key in data:
        if key not in known:
            raise Fault(f"{said.name}: {key!r} is no key; there are {', '.join(known)}")
    for key in ("order", "label"):
        if not data.get(key):
            raise Fault(f"{said.name}: {key!r} is missing")
    return Told(**{key: _value(said.name, key, str(known[key]), value) for key, value in _given(data).items()})


def _given(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in data.items() if value is not None}


def _value(file: str, key: str, kind: str, value: object) -> Any:
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1_000_000
    if "int" in kind and not whole:
        raise Fault(f"{file}: {key!r} is a whole number, not {value!r}")
    if "int" not in kind and not isinstance(value, str):
        raise Fault(f"{file}: {key!r} is a text, not {value!r}")
    if key == "label" and (Path(str(value)).name != value or "\\" in str(value)):
        raise Fault(f"{file}: {value!r} is no file beside it")
    return value


def _bare(tracking: str) -> str:
    return "".join(tracking.split()).upper()


def _digest(file: Path) -> str:
    """Return the SHA-256 of a file; empty where there is none."""
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def _bytes_of(file: Path) -> bytes:
    try:
        if file.stat().st_size > _BYTES_MAX:
            raise Fault(f"{file.name}: {file.stat().st_size} bytes, at most {_BYTES_MAX} are taken")
        return file.read_bytes()
    except OSError as e:
        raise Fault(f"{file.name}: {e.strerror}") from e
