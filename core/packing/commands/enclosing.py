"""What paper goes with a closed carton beside its label and slip: a rule of the shop or the customer, as data.

The bench reads the rule with the order (`papers_of`), and the command that closes the carton names what it asks for.
"""

from collections.abc import Iterable, Mapping

from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import FulfilmentLineId
from core.kernel.printing import spool_job
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.model import Contact
from core.packing.commands.paper import LABEL_PRINTER
from core.packing.contents import CartonContentLabel, LogisticLabel, ReturnLabel
from core.packing.labels import carton_content_label, logistic_label, return_label
from core.packing.model import PaperRule, Parcel

ENCLOSED = (CartonContentLabel.KIND, LogisticLabel.KIND, ReturnLabel.KIND)
"""Kinds of paper that a rule may ask for."""


@command("packing.save_paper_rule", OpClass.EDIT, permission="rules.edit")
class SavePaperRule(Command):
    """Say what goes with the cartons of a shop or a customer; a rule that asks for nothing is taken out."""

    rule: PaperRule
    base_version: int
    """The version this edit was made on; 0 for a new one."""

    def reads(self) -> Reads:
        """Return the rule."""
        return {PaperRule: [self.rule.TABLE.key_of(self.rule)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a kind of paper that nobody can enclose, and an edit of what changed meanwhile."""
        kinds = self.rule.kinds
        if self.rule.site != self.site or not set(kinds) <= set(ENCLOSED):
            return Refusal(Reason.NOT_FOUND, {"papers": self.rule.papers})
        before = read.get(PaperRule, self.rule.TABLE.key_of(self.rule))
        version = 0 if before is None else before.version
        return None if version == self.base_version else Refusal(Reason.CHANGED_MEANWHILE, {"version": version})

    def apply(self, uow: UnitOfWork) -> None:
        """Write it, or take it out."""
        if self.rule.papers:
            uow.put(self.rule)
            return
        row = uow.get(PaperRule, self.rule.TABLE.key_of(self.rule))
        if row is not None:
            uow.delete(row)


def enclose(
    uow: UnitOfWork, by: Command, parcel: Parcel, sscc: str, inside: Mapping[FulfilmentLineId, int], *,
    papers: Iterable[str], parcels: int, weight_grams: int, tare_grams: int,
) -> None:  # fmt: skip
    """Ask for what the shop or the customer wants beside a carton's label; only where it is printed."""
    contact = uow.get(Contact, (by.site, parcel.contact))
    for kind in papers:
        content: object
        match kind:
            case CartonContentLabel.KIND:
                content = carton_content_label(
                    uow,
                    by.site,
                    parcel,
                    sscc,
                    inside,
                    parcels=parcels,
                    weight_grams=weight_grams,
                    tare_grams=tare_grams,
                    at=by.at,
                )
            case LogisticLabel.KIND:
                content = logistic_label(uow, by.site, parcel, sscc, weight_grams=weight_grams)
            case ReturnLabel.KIND:
                content = return_label(uow, by.site, parcel)
            case _:
                continue
        # Their code is the carton's, whose own label proves it: a scan of it settles that one.
        spool_job(
            uow, by, content, purpose=kind, printer=LABEL_PRINTER, subject=parcel.id, code="",
            language="" if contact is None or kind != ReturnLabel.KIND else contact.language,
            customer="" if contact is None else contact.customer, carton=sscc,
        )  # fmt: skip
