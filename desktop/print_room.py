"""The printers of a station: which it has, what goes to which, and a spooler for each on a thread of its own.

The one thing a newcomer would get wrong: paper without a route is not sent to the only printer there is. It is held, and
says that no printer is assigned. Only a simulated station has printers nobody assigned: the virtual ones.
"""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from core.kernel.executor import Work
from core.kernel.flow import PrintMoved
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId
from core.kernel.refusal import Fault
from core.kernel.spool import PrintJob
from core.printers.commands import SavePrinter
from core.printers.model import PrinterRow, PrintRoute, Speech
from core.printers.queries import printers_of, routes_of
from core.printers.routing import route_of, wanted_by
from desktop.assembly import Assembly
from desktop.crash import CrashReports
from printing.drivers.addresses import printer_at
from printing.drivers.alerts import Alert, listening, wish
from printing.drivers.dialects import DIALECTS
from printing.drivers.links import TcpLink
from printing.drivers.no_printer import NoPrinter
from printing.drivers.protocols import AddressFault, Printer, Trouble
from printing.drivers.wire import WirePrinter
from printing.ledger import Surroundings, recover
from printing.media import Language, Media
from printing.outlet import Outlet
from printing.spooler import Spooler
from printing.templates import FOLDER as TEMPLATES

LABEL_MEDIA = Media(dpi=203, width_mm=101.6, height_mm=152.4, language=Language.ZPL)
DOCUMENT_MEDIA = Media(dpi=300, width_mm=148, height_mm=210, language=Language.PDF)
ALERTS = "alerts"
"""In the station's profile: the port at which printers say by themselves that a job is done; without it they are asked only."""
NOWHERE = ""
"""The name of the outlet whose jobs no printer is assigned to."""
_SIMULATED = {"label": LABEL_MEDIA, "document": DOCUMENT_MEDIA}


@dataclass(frozen=True, slots=True)
class PrinterPort:
    """Where a printer listens."""

    host: str
    port: int


@contextmanager
def virtual_printer(folder: Path) -> Iterator[Mapping[str, PrinterPort]]:
    """Run the virtual printer as a process of its own that keeps what it printed in a folder; return its ports by role.

    It hangs on a pipe of ours, so that it ends with us, however we end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "printing.virtual", "--simulate", "--tied", "--dir", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    try:
        assert process.stdout is not None
        ports = json.loads(process.stdout.readline())
        yield {
            "label": PrinterPort("127.0.0.1", ports["printer"]),
            "document": PrinterPort("127.0.0.1", ports["document"]),
        }
    finally:
        process.terminate()
        process.wait(10)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


class Routes:
    """What goes to which printer at this station, as the rows said it when the station opened."""

    def __init__(self, station: str, printers: tuple[PrinterRow, ...], routes: tuple[PrintRoute, ...]) -> None:
        """Take the rows."""
        self._station = station
        self.rows = routes
        self.printers = {each.name: each for each in printers}
        self._mine = {each.name for each in printers if each.station in ("", station)}
        """Those that this station may print on: another's own are not among them."""

    @classmethod
    def read(cls, assembly: Assembly, reader: sa.Connection) -> "Routes":
        """Return those of a station."""
        site = assembly.identity.site
        return cls(assembly.identity.station.hex(), printers_of(reader, site), routes_of(reader, site))

    def route(self, job: PrintJob) -> PrintRoute | None:
        """Return the route a job takes; None where nobody said one."""
        return route_of(self.rows, wanted_by(job, self._station))

    def printer_of(self, job: PrintJob) -> str:
        """Return the printer a job goes to: the one somebody named, else its route's; empty for none."""
        if job.outlet in self._mine:
            return job.outlet
        route = self.route(job)
        return NOWHERE if route is None or route.printer not in self._mine else route.printer

    def used_here(self) -> tuple[PrinterRow, ...]:
        """Return the printers that something can go to from here."""
        routes = [each for each in self.rows if each.station in ("", self._station)]
        names = {name for each in routes for name in (each.printer, each.fallback)}
        return tuple(row for name, row in self.printers.items() if name in names & self._mine)


def media_of(row: PrinterRow) -> Media:
    """Return what is loaded in a printer.

    Raises:
        AddressFault: its language is none we write.
    """
    try:
        language = Language(row.language)
    except ValueError as e:
        raise AddressFault(f"{row.name}: {row.language!r} is none of {', '.join(Language)}") from e
    return Media(
        dpi=row.dpi, width_mm=row.width_tenths / 10, height_mm=row.height_tenths / 10, language=language,
        gap_mm=row.gap_tenths / 10, marks=bool(row.marks), darkness=row.darkness, speed=row.speed,
    )  # fmt: skip


def driver_of(row: PrinterRow, learnt: Callable[[bool], None] = lambda _: None) -> Printer:
    """Return what speaks with a printer.

    Raises:
        AddressFault: its address names none.
    """
    return printer_at(
        row.address, asked=row.asked or row.language, one_way=row.speech is Speech.ONE_WAY,
        answers=row.speech is Speech.ANSWERS, learnt=learnt,
    )  # fmt: skip


class _Room:
    """The spoolers that run, kept to what the rows say: a printer that was added is at work at once, one that was taken off gone."""

    def __init__(
        self, assembly: Assembly, around: Surroundings, simulated: Mapping[str, PrinterPort], host: "_AlertHost | None"
    ) -> None:
        """Begin with none."""
        self._assembly, self._around, self._simulated, self._host = assembly, around, simulated, host
        self.running: dict[str, Spooler] = {}
        self._made_of: dict[str, object] = {}
        self._ends: dict[str, ExitStack] = {}
        self._routes = Routes("", (), ())
        self._stale, self._over = threading.Event(), threading.Event()

    @contextmanager
    def kept(self) -> Iterator[Mapping[str, Spooler]]:
        """Run what the rows say, until the block ends."""
        self._fit()
        # Not the writer's thread, which says that rows changed: a spooler that ends waits for the writer.
        keeper = threading.Thread(target=self._keep, name="dockside-print-room")
        keeper.start()
        self._assembly.printers_changed = self._stale.set
        try:
            yield self.running
        finally:
            self._assembly.printers_changed = lambda: None
            self._over.set()
            self._stale.set()
            keeper.join()
            self._assembly.spools = []
            for name in tuple(self.running):
                self._end(name)

    def _keep(self) -> None:
        while self._stale.wait() and not self._over.is_set():
            self._stale.clear()
            try:
                self._fit()
            except Fault as e:
                # The disk: what ran before goes on, and the next change is looked at again.
                self._around.report(e)

    def _fit(self) -> None:
        with self._assembly.database.reading() as reader:
            self._routes = Routes.read(self._assembly, reader)
        wanted: dict[str, object] = {row.name: _essence(row) for row in self._routes.used_here()}
        wanted |= {**self._simulated, NOWHERE: NOWHERE}
        for name in [each for each in self.running if self._made_of[each] != wanted.get(each)]:
            self._end(name)
        for name, made_of in wanted.items():
            if name not in self.running:
                self._begin(name, made_of)
        self._assembly.spools = list(self.running.values())
        for spool in self._assembly.spools:
            spool.poke()
            # Whoever has the printers on the screen hears that there are others now.
            spool.look()

    def _begin(self, name: str, made_of: object) -> None:
        spool, self._ends[name] = Spooler(self._outlet(name), self._around), ExitStack()
        self._ends[name].enter_context(spool.running())
        self.running[name], self._made_of[name] = spool, made_of
        if self._host is not None:
            self._host.greet(spool)

    def _end(self, name: str) -> None:
        self._ends.pop(name).close()
        del self.running[name], self._made_of[name]

    def _outlet(self, name: str) -> Outlet:
        row = self._routes.printers.get(name)
        if name == NOWHERE:
            return Outlet(name=NOWHERE, printer=NoPrinter(), media=LABEL_MEDIA, takes=self._nobodys)
        if row is None:
            port = self._simulated[name]
            printer = WirePrinter(TcpLink(port.host, port.port), answers=True)
            return Outlet(
                name=name, printer=printer, media=_SIMULATED[name], takes=lambda job: self._unrouted(job, name)
            )
        try:
            return Outlet(
                name=name, printer=driver_of(row, lambda answers: self._learn(row, answers)), media=media_of(row),
                takes=lambda job: self._routes.printer_of(job) == name,
            )  # fmt: skip
        except AddressFault:
            # A queue of another kind of computer, or a language of a later version: the station opens all the same.
            there = NoPrinter(Trouble.UNREACHABLE)
            return Outlet(
                name=name, printer=there, media=LABEL_MEDIA, takes=lambda job: self._routes.printer_of(job) == name
            )

    def _nobodys(self, job: PrintJob) -> bool:
        return job.printer not in self._simulated and self._routes.printer_of(job) == NOWHERE

    def _unrouted(self, job: PrintJob, role: str) -> bool:
        return job.printer == role and self._routes.printer_of(job) == NOWHERE

    def _learn(self, row: PrinterRow, answers: bool) -> None:
        speech = Speech.ANSWERS if answers else Speech.ONE_WAY
        command = SavePrinter(
            id=CommandId(self._assembly.ids.new()), site=row.site, at=self._assembly.clock.now_ms(), actor=SYSTEM,
            session=NO_SESSION, printer=replace(row, speech=speech, version=row.version + 1), base_version=row.version,
        )  # fmt: skip
        self._assembly.submit(Work(command=command))


def _essence(row: PrinterRow) -> PrinterRow:
    """Return what a spooler is made of: whether a printer answers it finds out by itself."""
    return replace(row, speech=Speech.UNTRIED, place="", version=0)


@contextmanager
def spoolers(
    assembly: Assembly, announce: Callable[[PrintMoved], None], simulated: Mapping[str, PrinterPort] | None = None
) -> Iterator[Mapping[str, Spooler]]:
    """Run a spooler for each printer of this station, on a thread of its own, and yield them by name as they come and go.

    Args:
        assembly: the station.
        announce: hears of every state a job reaches.
        simulated: where virtual printers listen, by the role they play.
    """
    around = Surroundings(
        site=assembly.identity.site,
        reading=assembly.database.reading,
        submit=assembly.writer.submit,
        blobs=assembly.home.blobs,
        clock=assembly.clock,
        ids=assembly.ids,
        announce=announce,
        simulated=assembly.simulated,
        report=CrashReports(assembly.home.folder / "crashes", assembly.clock).write,
        templates=assembly.home.folder / TEMPLATES,
    )
    recover(around)
    port = assembly.profile.get(ALERTS, "")
    with ExitStack() as stack:
        host = _AlertHost() if port.isdecimal() else None
        if host is not None:
            host.port = stack.enter_context(listening(int(port), host.heard))
        yield stack.enter_context(_Room(assembly, around, simulated or {}, host).kept())


class _AlertHost:
    """Hears what network printers say by themselves, and asks each of them to."""

    def __init__(self) -> None:
        """Listen nowhere yet."""
        self.port = 0
        self._by_host: dict[str, list[Spooler]] = {}

    def greet(self, spool: Spooler) -> None:
        """Ask a printer to say by itself what it did, if it can."""
        printer = spool.outlet.printer
        if (
            isinstance(printer, WirePrinter)
            and isinstance(printer.link, TcpLink)
            and printer.dialect is DIALECTS["zpl"]
        ):
            host = _number_of(printer.link.host)
            others = [each for each in self._by_host.get(host, []) if each.outlet.name != spool.outlet.name]
            self._by_host[host] = [*others, spool]
            spool.wish(wish(_own_address(host), self.port))

    def heard(self, host: str, alert: Alert) -> None:
        """Take a printer's word."""
        mine = self._by_host.get(host, [])
        # Several printers behind one address cannot be told apart: nothing is taken for done by that.
        if alert.job_done and len(mine) == 1:
            mine[0].hear_done()


def _number_of(host: str) -> str:
    """Return a host's number, which is what its connections show; the name where nobody knows it."""
    try:
        return str(socket.getaddrinfo(host, None, socket.AF_INET)[0][4][0])
    except OSError:
        return host


def _own_address(host: str) -> str:
    """Return the address at which a host reaches us; no byte leaves for that."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        try:
            link.connect((host, 9))
        except OSError:
            return ""
        return str(link.getsockname()[0])
