"""Signing in and out, and the people themselves."""

from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import CommandId, PersonId, SessionId, StationId, derive
from core.kernel.journal import FlowState
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.people.model import Comfort, Person, PinTries, Session
from core.people.roles import ROLES, allowed, badge_is_enough, holds_any
from core.people.secrets import wait_after


@command("people.save", OpClass.EDIT, permission="people.edit")
class SavePerson(Command):
    """Write who somebody is to the floor; name, badge and PIN come beside it as a private row."""

    person: PersonId
    roles: str
    language: str
    preset: str
    active: int
    base_version: int

    def reads(self) -> Reads:
        """Return the person."""
        return {Person: [(self.site, self.person)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse unknown roles and an edit of a row somebody changed meanwhile."""
        unknown = [role for role in self.roles.split(",") if role not in ROLES]
        if unknown:
            return Refusal(Reason.NOT_FOUND, {"role": unknown[0]})
        row = read.get(Person, (self.site, self.person))
        version = 0 if row is None else row.version
        return None if version == self.base_version else Refusal(Reason.CHANGED_MEANWHILE, {"version": version})

    def apply(self, uow: UnitOfWork) -> None:
        """Write the person."""
        uow.put(
            Person(self.site, self.person, self.roles, self.language, self.active, self.preset, self.base_version + 1)
        )


@command("people.renew_badge", OpClass.EDIT, permission="people.badge")
class RenewBadge(Command):
    """Somebody has another badge from now on; its hash comes beside it as a private row, in place of the old one."""

    person: PersonId
    base_version: int

    def reads(self) -> Reads:
        """Return the person, and who gives it to them."""
        return {Person: [(self.site, self.person), (self.site, self.actor)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse somebody who does not work here, an edit meanwhile, and a lead's gift to those who decide like them.

        Whoever gives out a badge could use it: where a badge alone lets somebody in, its holder only works; all others
        also have a PIN, and their badges are for those who edit people.
        """
        row, giver = read.get(Person, (self.site, self.person)), read.get(Person, (self.site, self.actor))
        if row is None or not row.active:
            return Refusal(Reason.BADGE_UNKNOWN)
        if not badge_is_enough(row.roles) and (giver is None or not allowed(giver.roles, SavePerson.PERMISSION)):
            return Refusal(Reason.NOT_ALLOWED, {"permission": SavePerson.PERMISSION})
        return None if row.version == self.base_version else Refusal(Reason.CHANGED_MEANWHILE, {"version": row.version})

    def apply(self, uow: UnitOfWork) -> None:
        """Raise the version: every station fetches name and badge anew."""
        row = uow.get(Person, (self.site, self.person))
        if row is not None:
            uow.update(row, version=row.version + 1)


TEXT_SIZES = (100, 125, 200)
"""Per cent: the usual text, larger, and as large as the window lets it be."""


@command("people.set_comfort", OpClass.EDIT, permission="people.session")
class SetComfort(Command):
    """Somebody says how they like their screen."""

    person: PersonId
    text_percent: int
    gloves: int
    base_version: int

    def reads(self) -> Reads:
        """Return how it was set."""
        return {Comfort: [(self.site, self.person)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse to set somebody else's screen, a size there is not, and a row that was changed meanwhile."""
        if self.person != self.actor:
            return Refusal(Reason.NOT_ALLOWED)
        if self.text_percent not in TEXT_SIZES or self.gloves not in (0, 1):
            return Refusal(Reason.NOT_A_QUANTITY, {"quantity": self.text_percent})
        row = read.get(Comfort, (self.site, self.person))
        version = 0 if row is None else row.version
        return None if version == self.base_version else Refusal(Reason.CHANGED_MEANWHILE, {"version": version})

    def apply(self, uow: UnitOfWork) -> None:
        """Write it."""
        uow.put(Comfort(self.site, self.person, self.text_percent, self.gloves, self.base_version + 1))


def session_of(sign_in: CommandId) -> SessionId:
    """Return the session that a command which signs somebody in begins."""
    return SessionId(derive(sign_in, "session"))


@command("people.sign_in", OpClass.FACT, permission="people.session")
class SignIn(Command):
    """Somebody begins at a station; the command's id makes the session's."""

    person: PersonId
    station: StationId
    new_session: SessionId
    with_pin: int
    ends: SessionId | None
    """The session that was running here: signing in over it ends it."""

    def reads(self) -> Reads:
        """Return the person, the session that ends, and the step that was kept here."""
        sessions = [self.new_session] if self.ends is None else [self.new_session, self.ends]
        return {
            Person: [(self.site, self.person)], Session: [(self.site, each) for each in sessions],
            FlowState: [(self.station,)],
        }  # fmt: skip

    def check(self, read: Read) -> Refusal | None:
        """Refuse somebody who does not work here."""
        row = read.get(Person, (self.site, self.person))
        return None if row is not None and row.active else Refusal(Reason.BADGE_UNKNOWN)

    def apply(self, uow: UnitOfWork) -> None:
        """End the session that ran, begin the new one; a step that was kept was somebody else's."""
        step = uow.get(FlowState, (self.station,))
        if step is not None:
            uow.delete(step)
        running = None if self.ends is None else uow.get(Session, (self.site, self.ends))
        if running is not None and running.ended_at == 0:
            uow.update(running, ended_at=self.at)
        if uow.get(Session, (self.site, self.new_session)) is None:
            pin_at = self.at if self.with_pin else 0
            uow.insert(Session(self.site, self.new_session, self.person, self.station, self.at, 0, pin_at))


@command("people.record_pin", OpClass.FACT, permission="people.session")
class RecordPin(Command):
    """A PIN was right or wrong: wrong ones make the wait grow, and that survives a restart."""

    person: PersonId
    right: int

    def reads(self) -> Reads:
        """Return the person's tries."""
        return {PinTries: [(self.site, self.person)]}

    def check(self, read: Read) -> Refusal | None:
        """Nothing stands against counting."""
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Count at this station only: the row is local."""
        if not uow.at_origin:
            return
        row = uow.get(PinTries, (self.site, self.person))
        wrong = 0 if self.right else (0 if row is None else row.wrong) + 1
        uow.put(PinTries(self.site, self.person, wrong, self.at + wait_after(wrong) if wrong else 0))


@command("people.sign_out", OpClass.FACT, permission="people.session")
class SignOut(Command):
    """Somebody leaves a station."""

    ends: SessionId

    def reads(self) -> Reads:
        """Return the session."""
        return {Session: [(self.site, self.ends)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a session that is over."""
        row = read.get(Session, (self.site, self.ends))
        return Refusal(Reason.NOT_SIGNED_IN) if row is None or row.ended_at else None

    def apply(self, uow: UnitOfWork) -> None:
        """End the session."""
        row = uow.get(Session, (self.site, self.ends))
        if row is not None and row.ended_at == 0:
            uow.update(row, ended_at=self.at)


@command("people.override", OpClass.FACT, permission="people.session")
class RecordOverride(Command):
    """A supervisor passed a check with badge and PIN: who, for whom (the actor), what."""

    supervisor: PersonId
    what: str
    """The check that was passed."""
    passed_by: str
    """The roles that may pass it, comma-separated, as policy says."""
    subject: bytes
    """The gesture that was let through: the command it leads to has this id."""

    def reads(self) -> Reads:
        """Return the supervisor."""
        return {Person: [(self.site, self.supervisor)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse somebody who may not override."""
        row = read.get(Person, (self.site, self.supervisor))
        if row is None or not row.active or not holds_any(row.roles, self.passed_by):
            return Refusal(Reason.SUPERVISOR_NEEDED)
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Tell who did; the operation itself is the record."""
        uow.tell(supervisor=self.supervisor.hex())
