"""What the scale taught, once somebody who may said that it is right: from then on a wrong weight may block."""

from dataclasses import dataclass

from core.catalog.model import Item
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import ItemId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.packing.weight import LEARNT


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntWeight:
    """What one unit of an item weighs, by the scale."""

    item: ItemId
    base_version: int
    """The item's version that this was decided on."""
    weight_grams: int
    sigma_mg: int
    samples: int


@command("packing.learn_weights", OpClass.EDIT, permission="pack.approve_weights")
class LearnWeights(Command):
    """Take the weights of weighings for those of the items: the approval is the command itself, by whom is its actor."""

    weights: tuple[LearntWeight, ...]

    def reads(self) -> Reads:
        """Return the items."""
        return {Item: [(self.site, each.item) for each in self.weights]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse what too few weighings say, no weight at all, and an item that is gone or was edited meanwhile."""
        for each in self.weights:
            if each.weight_grams <= 0 or each.sigma_mg < 0 or each.samples < LEARNT:
                return Refusal(Reason.NOT_A_QUANTITY, {"quantity": min(each.weight_grams, each.samples)})
            row = read.get(Item, (self.site, each.item))
            if row is None:
                return Refusal(Reason.UNKNOWN_ITEM)
            if row.version != each.base_version:
                return Refusal(Reason.CHANGED_MEANWHILE, {"item": row.sku, "version": row.version})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write the weights; an item master that comes in later does not overwrite them."""
        for each in self.weights:
            row = uow.get(Item, (self.site, each.item))
            if row is not None:
                uow.update(
                    row, weight_grams=each.weight_grams, weight_sigma_mg=each.sigma_mg, weight_samples=each.samples,
                    version=row.version + 1,
                )  # fmt: skip
