"""Putting a station together without a window: home, database, writer, spoolers, flows. The window and the replay share it.

The one thing a newcomer would get wrong: simulated devices are started only where the home says *simulated*, which only
`dockside sample` writes.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

import core.everything  # noqa: F401  every table and command must be declared
from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.cases.shelf import Shelf
from core.catalog.in_store import InStoreRule
from core.catalog.model import Container, ContainerKind, Location
from core.catalog.queries import site_row
from core.kernel.catching_up import take_up
from core.kernel.database import Database, open_station
from core.kernel.executor import Done, Identity, Outcome, Work, identity_of, write_identity
from core.kernel.flow import Policies, Pressed, Scanned
from core.kernel.home import DATABASE, Home
from core.kernel.ids import NO_ID, NO_SESSION, SYSTEM, CommandId, LocationId, PersonId, SiteId, StationId
from core.kernel.refusal import Fault
from core.kernel.spool import PrintJob
from core.kernel.tables import sql_of
from core.kernel.uow import Changes, Role
from core.kernel.upkeep import marked_as_open, verify_tail
from core.kernel.verify import Difference
from core.kernel.writer import Writer
from core.orders.model import StopRequest
from core.packing.model import StoppedLabel
from core.people.queries import Doorkeeper, Operator, signed_in
from core.picking.model import Fill, FillState
from core.printers.model import PrinterRow, PrintRoute
from core.rules.model import Check, Mode
from core.rules.policies import FIRST_DAY
from core.rules.queries import PolicyBook
from core.station.flows import all_flows
from core.station.resolve import read_input
from core.station.station import Feedback, Input, Station, World
from core.stock.expiry import today_at
from desktop.badge_printer import BadgePrinter
from desktop.importing import INBOX, FileDesk
from desktop.in_store import read_rules
from desktop.label_maker import LabelMaker
from desktop.membership import Membership, gate_of, membership_of, read_profile, role_of
from desktop.memory import answer_soon
from desktop.photo_desk import PhotoRoom
from desktop.planning import plan_day
from desktop.print_desk import PrintDesk
from desktop.promising import Promising
from desktop.releasing import ReleaseRoom
from desktop.system import SystemClock, SystemIds
from printing.spooler import Spooler

if TYPE_CHECKING:
    from core.station.fitting import FittingDesk
    from core.station.gear import GearDesk
    from core.station.printer_trials import TrialDesk
    from desktop.line import Line


def _day(iso: str) -> tuple[int, int, int]:
    year, month, day = (int(part) for part in iso.split("-"))
    return year, month, day


SITE = SiteId(1)
_STRICT = (Mode.CONFIRM, Mode.BLOCK)
SIMULATED = "simulated"
BENCH = "bench"
BADGES = "badges"
"""In the profile of a simulated station: names, roles and badges to try it with."""
_PRINTERS = frozenset({PrinterRow.TABLE.name, PrintRoute.TABLE.name})
PLACES = "places"
"""In a station's profile: how its site's location codes are built."""


class NotSetUp(Fault):
    """The home holds no station yet."""


@dataclass(slots=True)
class Assembly:
    """A station's parts, open."""

    home: Home
    database: Database
    writer: Writer
    identity: Identity
    doorkeeper: Doorkeeper
    clock: SystemClock
    ids: SystemIds
    profile: Mapping[str, str]
    desk: FileDesk
    """Where files are read in."""
    broken: tuple[Difference, ...] = ()
    """What an unclean end left broken at the end of the log; a case says so too."""
    drawn: dict[str, bytes] = field(default_factory=dict)
    """Pictures that are shown and kept nowhere, by digest: how a label will look."""
    spools: list[Spooler] = field(default_factory=list)
    printers_changed: Callable[[], None] = lambda: None
    """Hears that printers, or what goes to them, are others now."""
    poked: list[Callable[[], None]] = field(default_factory=list)
    """Who hears that the log grew: where the site is shared, what carries it to the hub."""
    line: "Line | None" = None
    """The line to the hub, while there is one."""
    planning: Promising | None = None
    """Where stock is promised; nothing where the site's hub does that."""
    releases: ReleaseRoom | None = None
    """Where orders are released; nothing where the site's hub does that."""
    in_store: tuple[InStoreRule, ...] = ()
    """What the company's own numbers say, as the home's file had it when the station was opened."""
    policies: PolicyBook = field(init=False)
    shelf: Shelf = field(init=False)
    """Where the bytes of photos lie."""
    photos: PhotoRoom = field(init=False)
    """Where pictures become photos."""

    def __post_init__(self) -> None:
        """Open the book of policies, and the shelf of photos."""
        self.shelf = Shelf(self.home.blobs)
        self.photos = PhotoRoom(self.desk, self.shelf, self.drawn)
        self.policies = PolicyBook(self.identity.site, self.identity.station)

    def submit(self, work: Work) -> "Future[Outcome]":
        """Hand work over to the writer; a job it asks for wakes the spoolers."""
        future = self.writer.submit(work)
        future.add_done_callback(self._wake)
        return future

    def submit_background(self, work: Work) -> "Future[Outcome]":
        """Hand over work that nobody waits for."""
        future = self.writer.submit_background(work)
        future.add_done_callback(self._wake)
        return future

    def _wake(self, future: "Future[Outcome]") -> None:
        outcome = None if future.exception() else future.result()
        if isinstance(outcome, Done):
            if outcome.command is not None:
                for poke in self.poked:
                    poke()
            self.policies.changed(outcome.changes)
            if PrintJob.TABLE.name in outcome.changes.tables:
                for spool in self.spools:
                    spool.poke()
            self._heed_printers(outcome.changes)

    def changed_elsewhere(self, changes: Changes) -> None:
        """Forget what was kept of rows that others have changed, and print nothing of what they ended."""
        self.policies.changed(changes)
        self.doorkeeper.changed(changes)
        self._heed_printers(changes)
        if changes.touches(StoppedLabel, StopRequest):
            for spool in self.spools:
                spool.hear_ended()

    def _heed_printers(self, changes: Changes) -> None:
        if not _PRINTERS.isdisjoint(changes.tables):
            self.printers_changed()

    @property
    def membership(self) -> Membership | None:
        """Return this station's place in a shared site; None where it is alone."""
        return membership_of(self.profile)

    @property
    def simulated(self) -> bool:
        """Return whether this home may use simulated devices."""
        return self.profile.get(SIMULATED) == "1"

    def refuse_unsettled(self) -> None:
        """Refuse to work where it is not known yet at which place.

        Raises:
            NotSetUp: nobody has set up a bench here.
        """
        if BENCH not in self.profile and self.membership is not None:
            raise NotSetUp(
                f"{self.home.folder} has not loaded its site yet: `dockside join {self.membership.hub} --name "
                f"'{self.membership.name}'` goes on where it was interrupted"
            )
        if BENCH not in self.profile:
            raise NotSetUp(
                f"{self.home.folder} has no bench and nobody to work at it yet: `dockside sample` brings both"
            )

    def station(
        self, deliver: Callable[[Callable[[], None]], None], listener: Callable[[Feedback], None],
        gear: "GearDesk | None" = None, dropped: Callable[[Input], None] = lambda _: None, fitting: "FittingDesk | None" = None,
        trials: "TrialDesk | None" = None,
    ) -> tuple[Station, sa.Connection]:  # fmt: skip
        """Return the station and the reader it uses; the caller closes the reader.

        Args:
            deliver: carries the writer's outcomes to the station's thread.
            listener: hears what every input led to.
            gear: where it is known what is plugged in; None where nothing is watched.
            dropped: hears of each scan that was not taken.
            fitting: where devices are set up; None where none can be.
            trials: where printers are tried out that are to be added; None where none can be.

        Raises:
            NotSetUp: nobody has set up a bench here.
        """
        self.refuse_unsettled()
        answer_soon()
        # A broken file stops the start, and no scan of the day.
        self.in_store = read_rules(self.home.folder)
        reader = self.database.reader()
        zone = self.zone(reader)
        world = World(
            reader=reader,
            submit=self.submit,
            deliver=deliver,
            clock=self.clock,
            ids=self.ids,
            read_code=lambda connection, given, event: self._read_code(connection, given, event, zone),
            operator=lambda connection: signed_in(connection, self.identity.site, self.identity.station),
            policies=self._policies,
            today=lambda at: today_at(at, zone),
            dropped=dropped,
        )
        bench = LocationId(bytes.fromhex(self.profile[BENCH]))
        station = Station(
            world,
            all_flows(
                self.desk,
                self.line,
                gear,
                PrintDesk(self),
                LabelMaker(self),
                fitting,
                trials,
                BadgePrinter(self),
                kind=None if self.membership is None else self.membership.kind,
                planning=self.planning,
                releases=self.releases,
                photos=self.photos,
            ),
            site=self.identity.site,
            station=self.identity.station,
            bench=bench,
            listener=listener,
        )
        return station, reader

    def bench(self, connection: sa.Connection) -> str:
        """Return what this station is called: by its name where others know it by that, else by its place."""
        if self.membership is not None and self.membership.name:
            return self.membership.name
        places = sql_of(Location)
        query = sa.select(places.c.code).where(
            places.c.site == self.identity.site, places.c.id == bytes.fromhex(self.profile.get(BENCH, ""))
        )
        return str(connection.execute(query).scalar_one_or_none() or "")

    def empty_tote(self, connection: sa.Connection) -> str:
        """Return the first tote with nothing in it, for the simulated bench to hand out; empty where all are full."""
        totes, fills = sql_of(Container), sql_of(Fill)
        used = sa.exists().where(
            fills.c.site == totes.c.site, fills.c.container == totes.c.id, fills.c.state != FillState.EMPTIED.value
        )
        query = sa.select(totes.c.code).where(
            totes.c.site == self.identity.site, totes.c.kind == ContainerKind.TOTE.value, ~used
        )
        return str(connection.execute(query.order_by(totes.c.code).limit(1)).scalar_one_or_none() or "")

    def zone(self, connection: sa.Connection) -> str:
        """Return the site's time zone."""
        site = site_row(connection, self.identity.site)
        return "UTC" if site is None else site.time_zone

    def _read_code(self, connection: sa.Connection, given: Input, event: CommandId, zone: str) -> Scanned | Pressed:
        def demands_trust(item: bytes) -> bool:
            operator = signed_in(connection, self.identity.site, self.identity.station)
            return self._policies(connection, operator).rule(Check.SEPARATORS, items=(item,)).mode in _STRICT

        return read_input(
            connection, self.identity.site, given.text, event=event, at=given.at, today=_day(today_at(given.at, zone)),
            kind=given.kind, trusted=given.trusted, demands_trust=demands_trust, in_store=self.in_store,
        )  # fmt: skip

    def _policies(self, connection: sa.Connection, operator: Operator | None) -> Policies:
        """Return how strict each check is for whoever is signed in; for nobody it is a first day."""
        if operator is None:
            return self.policies(connection, PersonId(NO_ID), FIRST_DAY)
        return self.policies(connection, operator.person, operator.preset or FIRST_DAY)


@contextmanager
def assembled(folder: Path, *, allow_fuse: bool = False, create: bool = False) -> Iterator[Assembly]:
    """Open a station's home with its database and writer.

    Args:
        folder: the data folder.
        allow_fuse: let user-space file systems pass, for the power-cut tests.
        create: make an empty station where there is none.

    Raises:
        HomeFault: the folder will not do, or another process holds it.
        DatabaseFault: the database cannot be opened.
        NotSetUp: there is no station here.
    """
    database_file = folder / DATABASE
    if not create and (not database_file.exists() or not database_file.stat().st_size):
        raise NotSetUp(f"there is no station in {folder.absolute()}: import a shop first, or try `dockside sample`")
    home = Home(folder, allow_fuse=allow_fuse)
    with ExitStack() as stack:
        stack.enter_context(home.lock())
        unclean = stack.enter_context(marked_as_open(home.folder))
        database = open_station(home.database, home.key())
        stack.callback(database.dispose)
        database.role = role_of(read_profile(database))
        database.prepare(home.backups)
        clock, ids = SystemClock(), SystemIds()
        identity = _identity(database, ids)
        doorkeeper = Doorkeeper(identity.site)
        gate = gate_of(doorkeeper, database.role)
        writer = stack.enter_context(Writer(database, identity, clock, gate))
        desk = FileDesk(
            home.folder / INBOX, identity.site, database.reader, lambda work: made.submit_background(work), clock, ids,
            plans=database.role is Role.AUTHORITY,
        )  # fmt: skip
        stack.callback(desk.close)
        made = Assembly(home, database, writer, identity, doorkeeper, clock, ids, read_profile(database), desk)
        stack.callback(made.photos.close)
        if database.role is Role.AUTHORITY:
            made.planning = Promising(identity.site, database, made.submit_background, clock, ids)
            stack.callback(made.planning.close)
            made.releases = ReleaseRoom(
                lambda filters, actor, session, goes_on: plan_day(
                    made, filters=filters, actor=actor, session=session, goes_on=goes_on
                )
            )
            stack.callback(made.releases.close)
        if database.role is Role.REPLICA:
            writer.ask(lambda executor: executor.load(
                lambda connection: take_up(connection, identity.site, identity.incarnation)
            )).result()  # fmt: skip
        if unclean:
            made.broken = _look_at_the_end(made)
        yield made


def _look_at_the_end(assembly: Assembly) -> tuple[Difference, ...]:
    """Check the last operations after an end that nobody planned, and open a case where they do not follow."""
    with assembly.database.reading() as connection:
        found = tuple(verify_tail(connection))
    if found:
        case = OpenCase(
            id=CommandId(assembly.ids.new()), site=assembly.identity.site, at=assembly.clock.now_ms(), actor=SYSTEM,
            session=NO_SESSION, kind=CaseKind.LOG_BROKEN, facts=(("difference", str(found[0])), ("count", str(len(found)))),
        )  # fmt: skip
        assembly.writer.submit(Work(command=case)).result()
    return found


def _identity(database: Database, ids: SystemIds) -> Identity:
    with database.connect() as connection:
        with connection.begin():
            found = identity_of(connection)
        if found is None:
            found = Identity(SITE, StationId(ids.new()))
            write_identity(connection, found)
    return found
