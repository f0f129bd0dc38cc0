"""Opening and deciding cases, and writing something down about one or about an order, or showing it."""

from core.cases.decisions import Decision
from core.cases.model import Case, CaseKind, CaseState, Photo, WrittenNote
from core.cases.photos import LARGEST, MEDIA_TYPE, is_digest
from core.kernel import codec
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import NO_ID, CaseId, CommandId, NoteId, OrderId, PersonId, StationId, derive
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork

_NOBODY = PersonId(NO_ID)


def case_id(by: CommandId, kind: CaseKind, n: int = 0) -> CaseId:
    """Return the id of the case of a kind that a command opens, the n-th of several."""
    return CaseId(derive(by, f"case {kind}", n))


def open_case(
    uow: UnitOfWork,
    by: Command,
    kind: CaseKind,
    *,
    order: OrderId | None = None,
    subject: bytes = NO_ID,
    facts: dict[str, str | int] | None = None,
    n: int = 0,
) -> CaseId:
    """Open a case as part of another command, and return its id.

    Args:
        uow: the command's unit of work.
        by: the command that came upon it.
        kind: what happened.
        order: the order it concerns, if one.
        subject: the parcel, task, tote or job it is about.
        facts: what the sentence needs; no personal data.
        n: tells several cases of one command apart.
    """
    case = case_id(by.id, kind, n)
    if uow.get(Case, (by.site, case)) is None:
        uow.insert(
            Case(
                by.site, case, kind, order or OrderId(NO_ID), subject, codec.canonical(facts or {}), by.at, by.actor,
                CaseState.OPEN, _NOBODY, "", 0,
            )
        )  # fmt: skip
    return case


def close_case(uow: UnitOfWork, by: Command, case: CaseId, decision: str) -> None:
    """Close a case as part of another command; where it is gone or settled already, that stands."""
    row = uow.get(Case, (by.site, case))
    if row is not None and row.state is CaseState.OPEN:
        uow.update(row, state=CaseState.CLOSED, decided_by=by.actor, decision=decision, closed_at=by.at)


@command("cases.open", OpClass.FACT, permission="cases.open")
class OpenCase(Command):
    """Somebody asks for help, or parks work that only another person can decide."""

    kind: CaseKind
    order: OrderId = OrderId(NO_ID)
    subject: bytes = NO_ID
    facts: tuple[tuple[str, str], ...] = ()

    def check(self, read: Read) -> Refusal | None:
        """Nothing stands against asking for help."""
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Open the case."""
        open_case(uow, self, self.kind, order=self.order, subject=self.subject, facts=dict(self.facts))


@command("cases.close", OpClass.FACT, permission="cases.decide")
class CloseCase(Command):
    """Somebody decided."""

    case: CaseId
    decision: str

    def reads(self) -> Reads:
        """Return the case."""
        return {Case: [(self.site, self.case)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a case that is not open, unless somebody decided the same about it unheard of us."""
        row = read.get(Case, (self.site, self.case))
        if row is None:
            return Refusal(Reason.NOT_FOUND)
        if row.state is CaseState.OPEN or row.decision == self.decision:
            return None
        return Refusal(Reason.CHANGED_MEANWHILE, {"state": row.state})

    def apply(self, uow: UnitOfWork) -> None:
        """Write the decision; the first one stands."""
        close_case(uow, self, self.case, self.decision)


@command("cases.settle_scan", OpClass.FACT, permission="cases.open")
class SettleScan(Command):
    """Somebody looked at a scan out of a scanner's memory: it is taken as work now, or it is nothing."""

    case: CaseId
    taken: int

    def reads(self) -> Reads:
        """Return the case."""
        return {Case: [(self.site, self.case)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse one that somebody settled already, and what is no stored scan."""
        row = read.get(Case, (self.site, self.case))
        if row is None or row.kind is not CaseKind.STORED_SCAN:
            return Refusal(Reason.NOT_FOUND)
        return None if row.state is CaseState.OPEN else Refusal(Reason.CHANGED_MEANWHILE, {"state": row.state})

    def apply(self, uow: UnitOfWork) -> None:
        """Write which."""
        row = uow.get(Case, (self.site, self.case))
        if row is not None:
            decision = Decision.TAKEN if self.taken else Decision.DISCARDED
            uow.update(row, state=CaseState.CLOSED, decided_by=self.actor, decision=decision.value, closed_at=self.at)


def note_id(command: CommandId) -> NoteId:
    """Return the id of the note that a command writes."""
    return NoteId(derive(command, "note"))


@command("cases.note", OpClass.FACT, permission="cases.open")
class WriteNote(Command):
    """Somebody wrote something down about an order or a case; the words are a private row beside it."""

    order: OrderId
    subject: bytes = NO_ID
    """The case; NO_ID where it is the order's own."""

    def reads(self) -> Reads:
        """Return the case and the note."""
        return _about(self)

    def check(self, read: Read) -> Refusal | None:
        """Refuse what is about nothing, and a case that is not there; one that is settled may still be written about."""
        return _refuse_nothing(self, read)

    def apply(self, uow: UnitOfWork) -> None:
        """Append it."""
        _append(self, uow)


@command("cases.photo", OpClass.FACT, permission="cases.open")
class AddPhoto(Command):
    """Somebody shows something of an order or a case: a note with a picture, whose bytes travel apart."""

    order: OrderId
    subject: bytes = NO_ID
    """The case; NO_ID where it is the order's own."""
    digest: str
    """SHA-256 of its bytes, in hex."""
    media_type: str = MEDIA_TYPE
    size: int
    """Bytes."""
    station: StationId
    """Where its bytes are."""

    def reads(self) -> Reads:
        """Return the case, the note and its picture."""
        return {**_about(self), Photo: [(self.site, note_id(self.id))]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse what is about nothing, a case that is not there, and bytes that no hub would take."""
        if not is_digest(self.digest) or self.media_type != MEDIA_TYPE or not 0 < self.size <= LARGEST:
            return Refusal(Reason.NO_PICTURE)
        return _refuse_nothing(self, read)

    def apply(self, uow: UnitOfWork) -> None:
        """Append the note and its picture."""
        _append(self, uow)
        note = note_id(self.id)
        if uow.get(Photo, (self.site, note)) is None:
            uow.insert(Photo(self.site, note, self.digest, self.media_type, self.size, self.station, self.at))


def _about(command: WriteNote | AddPhoto) -> Reads:
    cases = [] if command.subject == NO_ID else [(command.site, command.subject)]
    return {Case: cases, WrittenNote: [(command.site, note_id(command.id))]}


def _refuse_nothing(command: WriteNote | AddPhoto, read: Read) -> Refusal | None:
    there = command.subject == NO_ID or read.get(Case, (command.site, command.subject)) is not None
    about = command.order != NO_ID or command.subject != NO_ID
    return None if about and there else Refusal(Reason.NOT_FOUND)


def _append(command: WriteNote | AddPhoto, uow: UnitOfWork) -> None:
    note = note_id(command.id)
    if uow.get(WrittenNote, (command.site, note)) is None:
        uow.insert(WrittenNote(command.site, note, command.order, command.subject, command.at, command.actor))
