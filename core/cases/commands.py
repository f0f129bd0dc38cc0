"""Opening and deciding cases, and writing something down about one or about an order."""

from core.cases.decisions import Decision
from core.cases.model import Case, CaseKind, CaseState, WrittenNote
from core.kernel import codec
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import NO_ID, CaseId, CommandId, NoteId, OrderId, PersonId, derive
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
        cases = [] if self.subject == NO_ID else [(self.site, self.subject)]
        return {Case: cases, WrittenNote: [(self.site, note_id(self.id))]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse what is about nothing, and a case that is not there; one that is settled may still be written about."""
        there = self.subject == NO_ID or read.get(Case, (self.site, self.subject)) is not None
        about = self.order != NO_ID or self.subject != NO_ID
        return None if about and there else Refusal(Reason.NOT_FOUND)

    def apply(self, uow: UnitOfWork) -> None:
        """Append it."""
        note = note_id(self.id)
        if uow.get(WrittenNote, (self.site, note)) is None:
            uow.insert(WrittenNote(self.site, note, self.order, self.subject, self.at, self.actor))
