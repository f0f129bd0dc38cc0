"""Weights by the scale, at a standalone station: what weighings say, and the approval of whoever runs the command."""

from collections.abc import Collection

from core.catalog.queries import item_ids
from core.exchange.report import printable
from core.kernel.executor import Failed, Work
from core.kernel.refusal import Fault
from core.packing.commands import LearnWeights
from core.packing.weighings import Lesson, lessons
from core.packing.weight import Weighed, weight_check
from desktop.assembly import Assembly
from desktop.messages import refusal_words
from desktop.planning import stamp


def proposed(assembly: Assembly, skus: Collection[str]) -> tuple[Lesson, ...]:
    """Return what weighings say that is not stored so; of these SKUs, or of all.

    Raises:
        Fault: one of them is no item here.
    """
    with assembly.database.reading() as connection:
        known = {sku for _, sku in item_ids(connection, assembly.identity.site)} if skus else set()
        for sku in skus:
            if sku not in known:
                raise Fault(f"there is no item {printable(sku)}")
        return lessons(connection, assembly.identity.site, assembly.clock.now_ms(), skus)


def approve(assembly: Assembly, found: Collection[Lesson]) -> str:
    """Take the weights for the items' own; return why that was refused, empty when it was done."""
    command = LearnWeights(**stamp(assembly), weights=tuple(each.weight for each in found))
    outcome = assembly.submit(Work(command=command)).result()
    return refusal_words(outcome.refusal) if isinstance(outcome, Failed) else ""


def told(lesson: Lesson) -> dict[str, str | int | None]:
    """Return a lesson as a program reads it."""
    item, learnt = lesson.item, lesson.learnt
    alone = weight_check([Weighed(1, learnt.weight_grams, learnt.sigma_mg, learnt.samples)], 0)
    return {
        "sku": item.sku, "stored_grams": item.weight_grams, "stored_samples": item.weight_samples,
        "weight_grams": learnt.weight_grams, "sigma_mg": learnt.sigma_mg, "samples": learnt.samples,
        "left_out": learnt.left_out, "sees_one_unit": int(alone.sees_one_unit),
    }  # fmt: skip


def words(lesson: Lesson) -> str:
    """Return a lesson as people read it."""
    said = told(lesson)
    stored = "nothing" if said["stored_grams"] is None else f"{said['stored_grams']} g"
    before = f"{stored} by {said['stored_samples']} weighings" if said["stored_samples"] else f"{stored} by the master"
    sees = "one missing unit would be seen" if said["sees_one_unit"] else "too light to see one missing unit"
    return (
        f"{said['sku']}: {said['weight_grams']} g ± {said['sigma_mg']} mg by {said['samples']} weighings "
        f"({said['left_out']} left out), stored {before}; {sees}"
    )
