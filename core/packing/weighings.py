"""Which weights the scale could teach now: closed cartons of one item, as they were weighed, against what is stored."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from core.catalog.model import BaseUnit, BoxType, Item
from core.kernel.ids import ItemId, SiteId
from core.kernel.tables import rows_of, sql_of
from core.packing.commands import LearntWeight
from core.packing.learning import Learnt, Weighing, learn
from core.packing.model import Parcel, ParcelContent, ParcelState

SINCE_MS = 90 * 86_400_000
"""Older weighings say nothing: a maker changes the wrapping."""
NEWEST = 50
"""So many weighings of an item are looked at."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What weighings say of an item, for somebody to approve."""

    item: Item
    learnt: Learnt

    @property
    def weight(self) -> LearntWeight:
        """Return it as the command names it."""
        return LearntWeight(
            item=self.item.id, base_version=self.item.version, weight_grams=self.learnt.weight_grams,
            sigma_mg=self.learnt.sigma_mg, samples=self.learnt.samples,
        )  # fmt: skip


def lessons(connection: sa.Connection, site: SiteId, at: int, skus: Collection[str] = ()) -> tuple[Lesson, ...]:
    """Return what could be learnt, by SKU; nothing of an item that is stored just so.

    Args:
        connection: where to read.
        site: whose parcels.
        at: now; weighings of the last 90 days count.
        skus: only these; all of them where none is named.
    """
    taught = {item: learn(each) for item, each in _weighings(connection, site, at - SINCE_MS).items()}
    items = sql_of(Item)
    query = sa.select(items).where(
        items.c.site == site, items.c.base_unit == BaseUnit.EACH.value, items.c.catch_weight == 0
    )
    if skus:
        query = query.where(items.c.sku.in_(skus))
    found = []
    for item in rows_of(Item, connection.execute(query.order_by(items.c.sku, items.c.id))):
        learnt = taught.get(item.id)
        if learnt is not None and not _known(item, learnt):
            found.append(Lesson(item, learnt))
    return tuple(found)


def _known(item: Item, learnt: Learnt) -> bool:
    stored = (item.weight_grams, item.weight_sigma_mg, item.weight_samples)
    return stored == (learnt.weight_grams, learnt.sigma_mg, learnt.samples)


def _weighings(connection: sa.Connection, site: SiteId, since: int) -> dict[ItemId, list[Weighing]]:
    """Return the newest weighings of each item that lay alone in a carton."""
    parcels, inside, boxes = sql_of(Parcel), sql_of(ParcelContent), sql_of(BoxType)
    others = inside.alias()
    mixed = sa.exists().where(
        others.c.site == inside.c.site, others.c.parcel == inside.c.parcel, others.c.item != inside.c.item
    )
    query = (
        sa.select(
            inside.c.item, sa.func.sum(inside.c.quantity), parcels.c.weight_grams,
            sa.func.coalesce(boxes.c.tare_grams, 0),
        )
        .select_from(parcels)
        .join(inside, sa.and_(inside.c.site == parcels.c.site, inside.c.parcel == parcels.c.id))
        .outerjoin(boxes, sa.and_(boxes.c.site == parcels.c.site, boxes.c.id == parcels.c.box_type))
        .where(
            parcels.c.site == site, parcels.c.state == ParcelState.CLOSED.value, parcels.c.weight_grams > 0,
            parcels.c.closed_at > since, ~mixed,
        )
        .group_by(
            parcels.c.id, inside.c.item, parcels.c.weight_grams, boxes.c.tare_grams, parcels.c.closed_at
        )
        .order_by(parcels.c.closed_at.desc(), parcels.c.id)
    )  # fmt: skip
    found: dict[ItemId, list[Weighing]] = defaultdict(list)
    for item, quantity, grams, tare in connection.execute(query):
        if len(found[item]) < NEWEST:
            found[item].append(Weighing(int(quantity), grams - tare))
    return found
