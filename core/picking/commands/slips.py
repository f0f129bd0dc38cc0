"""Slips for totes: printed at the cart, because the news of its picks has not reached the others."""

from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import FillId, JobId
from core.kernel.printing import settle_job, spool_job
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.spool import JobState, PrintJob
from core.kernel.uow import UnitOfWork
from core.picking.contents import FillSlip

SLIP_PRINTER = "label"


@command("picking.print_slips", OpClass.FACT, permission="pick.work")
class PrintSlips(Command):
    """Slips were asked for that say what is in some totes; older ones of the same fills that did not come out are void."""

    slips: tuple[tuple[FillId, FillSlip], ...]
    voids: tuple[JobId, ...] = ()
    """Print jobs of older slips of these fills."""

    def reads(self) -> Reads:
        """Return the jobs before."""
        return {PrintJob: [(self.site, each) for each in self.voids]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse nothing at all."""
        return None if self.slips else Refusal(Reason.NOT_A_QUANTITY, {"quantity": 0})

    def apply(self, uow: UnitOfWork) -> None:
        """Ask for the paper."""
        for n, (fill, slip) in enumerate(self.slips):
            spool_job(
                uow, self, slip, purpose=f"fill slip {n}", printer=SLIP_PRINTER, subject=fill, code=slip.code,
                copy_number=slip.copy_number,
            )  # fmt: skip
        for job in self.voids if uow.at_origin else ():
            settle_job(uow, self, job, JobState.VOIDED)
