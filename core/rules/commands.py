"""Edits of decisions that are data: how strict a check is, what follows from an exception."""

from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.rules.amounts import MEASURES
from core.rules.model import Amount, Check, ExceptionCode, Measure, Mode, Policy, Scope
from core.rules.policies import SCOPES


@command("rules.set_policy", OpClass.EDIT, permission="rules.edit")
class SetPolicy(Command):
    """Say how strict a check is for a scope."""

    check_name: Check
    scope: Scope
    target: str
    mode: Mode
    passed_by: str
    """Roles whose badge and PIN may pass it, comma-separated; empty for nobody."""
    base_version: int
    """The version this edit was made on; 0 for a new row."""

    def reads(self) -> Reads:
        """Return the policy row."""
        return {Policy: [(self.site, self.check_name, self.scope, self.target)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a scope that no check asks for, and an edit of a row that somebody changed meanwhile."""
        if self.scope not in SCOPES[self.check_name]:
            return Refusal(Reason.NOT_FOUND, {"scope": self.scope})
        row = read.get(Policy, (self.site, self.check_name, self.scope, self.target))
        version = 0 if row is None else row.version
        return None if version == self.base_version else Refusal(Reason.CHANGED_MEANWHILE, {"version": version})

    def apply(self, uow: UnitOfWork) -> None:
        """Write the mode."""
        uow.put(
            Policy(
                self.site, self.check_name, self.scope, self.target, self.mode, self.passed_by, self.base_version + 1
            )
        )


@command("rules.set_amount", OpClass.EDIT, permission="rules.edit")
class SetAmount(Command):
    """Say how many of something, for a scope."""

    measure: Measure
    scope: Scope
    target: str
    value: int
    base_version: int
    """The version this edit was made on; 0 for a new row."""

    def reads(self) -> Reads:
        """Return the row."""
        return {Amount: [(self.site, self.measure, self.scope, self.target)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a scope that nobody asks for, a number out of bounds, and an edit of a row somebody changed meanwhile."""
        bounds = MEASURES[self.measure]
        if self.scope not in bounds.scopes:
            return Refusal(Reason.NOT_FOUND, {"scope": self.scope})
        if not 0 <= self.value <= bounds.most:
            return Refusal(Reason.NOT_A_QUANTITY, {"quantity": self.value})
        row = read.get(Amount, (self.site, self.measure, self.scope, self.target))
        version = 0 if row is None else row.version
        return None if version == self.base_version else Refusal(Reason.CHANGED_MEANWHILE, {"version": version})

    def apply(self, uow: UnitOfWork) -> None:
        """Write the number."""
        uow.put(Amount(self.site, self.measure, self.scope, self.target, self.value, self.base_version + 1))


@command("rules.save_exception_codes", OpClass.EDIT, permission="rules.edit")
class SaveExceptionCodes(Command):
    """Write exception codes with their effects."""

    codes: tuple[ExceptionCode, ...]

    def reads(self) -> Reads:
        """Return the rows by code."""
        return {ExceptionCode: [(self.site, code.code) for code in self.codes]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a code of another site."""
        return next((Refusal(Reason.NOT_FOUND, {"code": c.code}) for c in self.codes if c.site != self.site), None)

    def apply(self, uow: UnitOfWork) -> None:
        """Write the codes."""
        for code in self.codes:
            uow.put(code)
