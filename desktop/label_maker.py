"""Labels that somebody at the window chooses: made of what the station knows, shown as their printer will print the first."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.exchange.report import printable
from core.kernel.flow import Stamp
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId
from core.kernel.numbers import Number
from core.kernel.refusal import Fault
from core.printers.asking import JOBS_AT_ONCE, paper_jobs
from core.printers.queries import printers_of
from core.station.label_desk import ALL, Chosen, LabelKind, Making
from desktop.known_labels import counted, has_records, known
from desktop.label_rows import (
    DRAWN,
    NOTHING_WRITTEN,
    Row,
    columns,
    contents,
    each_rendered,
    has_numbers,
    header_of,
    label_kinds,
    rows_of_file,
    spread,
)
from desktop.printer_words import LABEL_KINDS
from printing.kinds import KINDS, Content, Kind
from printing.lint import Finding
from printing.media import Language, Media
from printing.outlet import Outlet
from printing.templates import FOLDER

if TYPE_CHECKING:
    from desktop.assembly import Assembly

_ROLE = "label"
_LISTED = (
    "location", "shelf", "dock", "workstation", "tote", "cart", "slot", "product", "logistic", "carton-content", "return", "quarantine",
    "hazard",
)  # fmt: skip
"""What is made of a list at the window: no badge, whose code a job would keep; no parcel's label."""
_NO_KIND = "its columns are those of no label; `dockside print kinds` names them"
_EMPTY = "there is no label in it"
_FAILED = "the program failed while it looked through it"
_KEPT = 8
"""Pictures of labels that are kept."""
_LETS_S = 0.002
"""Between two labels of a list: whoever scans meanwhile has the interpreter to themselves so often."""


class _GivenUp(Exception):
    """Nobody wants the labels of a list any more."""


@dataclass(slots=True)
class _Looking:
    """One list that is looked through. Its thread writes, the window's reads; the value is replaced whole."""

    made: Making | Chosen | None
    over: threading.Event = field(default_factory=threading.Event)


class LabelMaker:
    """Makes the labels of one station."""

    def __init__(self, assembly: "Assembly") -> None:
        """Stand beside a station."""
        self._assembly = assembly
        self._looking = _Looking(None)

    def kinds(self, connection: sa.Connection) -> tuple[LabelKind, ...]:
        """Return the kinds of which the station has records, each with how many there are."""
        site = self._assembly.identity.site
        offered = (name for name in LABEL_KINDS if has_records(KINDS[name]))
        return tuple(LabelKind(name, counted(connection, site, KINDS[name])) for name in offered)

    def choose(self, connection: sa.Connection, kind: str, said: tuple[str, ...]) -> Chosen:
        """Return the labels that codes, ranges and `ALL` stand for; none where one of them cannot be made."""
        named = KINDS[kind]
        try:
            rows = _rows(known(connection, self._assembly.identity.site, named), said)
            made = contents(named, rows, {})
            outlet = self._outlet(connection, made[0])
            picture = self._picture(made[0], _on_its_own(named) if outlet is None else outlet.media)
        except Fault:
            return Chosen(kind, said, ())
        name = "" if outlet is None else outlet.name
        place = next(
            (row.place for row in printers_of(connection, self._assembly.identity.site) if row.name == name), ""
        )
        first, last = (str(getattr(made[n], "code", "")) for n in (0, -1))
        return Chosen(kind, said, tuple(made), first, last, picture, name, place)

    def lists(self) -> tuple[str, ...]:
        """Return the names of files in the inbox, the newest first."""
        return self._assembly.desk.files()

    def look_through(self, name: str, kind: str) -> None:
        """Begin to make labels of a list, on a thread of its own; whatever is looked through else is given up."""
        self.give_up()
        now = self._looking = _Looking(Making(name))
        thread = threading.Thread(target=self._look, args=(now, name, kind), name="dockside-labels", daemon=True)
        thread.start()

    def made(self) -> Making | Chosen | None:
        """Return how far it is, at its end the labels; None where there is no such file, or nothing was begun."""
        return self._looking.made

    def give_up(self) -> None:
        """Look through nothing any more."""
        self._looking.over.set()
        self._looking = _Looking(None)

    def _look(self, now: _Looking, name: str, kind: str) -> None:
        try:
            with self._assembly.database.reading() as reader:
                now.made = self._listed(reader, now, name, kind)
        except _GivenUp:
            pass
        finally:
            if isinstance(now.made, Making) and not now.over.is_set():
                # What nobody foresaw is reported as any thread's; whoever waits is not left waiting.
                now.made = Chosen(kind, (), (), file=name, faults=(_FAILED,))

    def _listed(self, connection: sa.Connection, now: _Looking, name: str, kind: str) -> Chosen | None:
        """Return the labels of a list by its name or path, of a kind or of the one whose columns it has; None where there is none.

        Each is rendered for its printer first, a few milliseconds a label: one that will not do stops all of them.

        Raises:
            _GivenUp: nobody wants them any more.
        """
        path = self._assembly.desk.find(name)
        if path is None:
            return None
        file = Path(path)
        try:
            fitting = _kinds_of(file)
            if not kind and len(fitting) != 1:
                faults = () if fitting else (f"{file.name}: {_NO_KIND}",)
                return Chosen("", (), (), file=path, kinds=fitting, faults=faults)
            named = KINDS[kind or fitting[0]]
            rows, made, drawn = self._numbered(named, rows_of_file(named, file))
            if not made:
                return Chosen("", (), (), file=path, faults=(f"{file.name}: {_EMPTY}",))
            outlet = self._outlet(connection, made[0])
            media = _on_its_own(named) if outlet is None else outlet.media
            some, count = slice(JOBS_AT_ONCE), 0

            def looked_over(content: Content) -> tuple[bytes, Sequence[Finding]]:
                nonlocal count
                now.made = Making(name, count, min(len(made), JOBS_AT_ONCE))
                count += 1
                if now.over.wait(_LETS_S):
                    raise _GivenUp
                return self._rendered(content, media)

            each_rendered(named, rows[some], made[some], looked_over)
            picture = self._picture(made[0], media)
        except Fault as e:
            return Chosen(kind, (), (), file=path, faults=_sentences(e))
        printer = "" if outlet is None else outlet.name
        ends = (made[0], made[-1])
        first, last = (str(getattr(e, "code", "") or getattr(e, "gtin", "") or getattr(e, "sscc", "")) for e in ends)
        site = self._assembly.identity.site
        place = next((row.place for row in printers_of(connection, site) if row.name == printer), "")
        numbers = tuple(str(getattr(each, "sscc")) for each in made) if has_numbers(named) else ()  # noqa: B009
        return Chosen(
            named.content.KIND, (), tuple(made), first, last, picture, printer, place, file=path, numbers=numbers,
            drawn=tuple(drawn.values()),
        )  # fmt: skip

    def _numbered(self, kind: Kind, rows: Sequence[Row]) -> tuple[Sequence[Row], list[Content], Mapping[str, Number]]:
        """Return rows, labels and the numbers that are drawn for those that name none, which are written down later.

        Raises:
            AnswerIsNo: rows have mistakes, or numbers that may not be given out.
        """
        if not has_numbers(kind):
            return rows, contents(kind, rows, {}), {}
        from desktop.label_numbers import look_over, with_numbers

        numbered, drawn = with_numbers(self._assembly, rows)
        made = contents(kind, numbered, {})
        look_over(self._assembly, numbered, made, drawn)
        return numbered, made, drawn

    def _outlet(self, connection: sa.Connection, content: object) -> Outlet | None:
        """Return the printer that a label goes to; None where none is assigned."""
        here = self._assembly
        base = Stamp(
            id=CommandId(here.ids.new()), site=here.identity.site, at=here.clock.now_ms(), actor=SYSTEM,
            session=NO_SESSION,
        )  # fmt: skip
        job = paper_jobs(base, [content], printer=_ROLE)[0]
        outlets = (spool.outlet for spool in here.spools)
        return next((each for each in outlets if each.name and each.takes(job)), None)

    def _rendered(self, content: Content, media: Media) -> tuple[bytes, Sequence[Finding]]:
        from printing.render import render

        made = render(content, media=media, templates=self._assembly.home.folder / FOLDER)
        return made.data, made.shortened

    def _picture(self, content: object, media: Media) -> str:
        """Draw a label as a printer would, and return its digest.

        Raises:
            LabelFault: it must not be printed as it is.
        """
        # Its libraries take a tenth of a second to load, which the first prompt of the day does not wait for.
        from printing.render import render

        drawn_on = replace(media, language=Language.PNG)
        data = render(content, media=drawn_on, templates=self._assembly.home.folder / FOLDER).data
        digest, drawn = sha256(data).hexdigest(), self._assembly.drawn
        drawn[digest] = data
        while len(drawn) > _KEPT:
            del drawn[next(iter(drawn))]
        return digest


def _sentences(fault: Fault) -> tuple[str, ...]:
    """Return what is wrong, a mistake each; that nothing was written the screen says by itself."""
    return tuple(printable(each) for each in str(fault).splitlines() if each != NOTHING_WRITTEN)


def _kinds_of(file: Path) -> tuple[str, ...]:
    """Return the kinds of label whose columns a list has, by content kind.

    Raises:
        UnreadableFile: the file cannot be read.
    """
    names = set(header_of(file))
    fitting = {
        kind.content.KIND: DRAWN in names or not has_numbers(kind)
        for name, kind in label_kinds().items()
        if name in _LISTED
        and names <= set(columns(kind))
        and {each for each, needed in columns(kind).items() if needed} - {DRAWN} <= names
    }
    # Numbers are drawn where a list can be for nothing else: goods are goods, and no pallets.
    return tuple(name for name, plain in fitting.items() if plain) or tuple(fitting)


def _on_its_own(kind: Kind) -> Media:
    """Return what such a label is made for where no printer says otherwise."""
    return Media(dpi=203, width_mm=kind.paper.width_mm, height_mm=kind.paper.height_mm, language=Language.PNG)


def _rows(there: Sequence[Row], said: Sequence[str]) -> list[Row]:
    """Return the rows that codes, ranges and `ALL` stand for, each once: as the station knows them, or by their code alone.

    Raises:
        Fault: a range is none.
    """
    by_code: dict[str, list[Row]] = {}
    for row in there:
        by_code.setdefault(row.values["code"], []).append(row)
    found: dict[tuple[str, ...], Row] = {}
    for each in said:
        rows = (
            there if each == ALL else [row for code in spread(each) for row in by_code.get(code, [_bare(code, there)])]
        )
        found |= {tuple(row.values.values()): row for row in rows}
    return list(found.values())


def _bare(code: str, there: Sequence[Row]) -> Row:
    """Return a row for what the station does not know yet: with the site's name, as the others have it."""
    values: Mapping[str, str] = there[0].values if there else {}
    named = {"site_name": values["site_name"]} if "site_name" in values else {}
    return Row({"code": code, **named}, "")
