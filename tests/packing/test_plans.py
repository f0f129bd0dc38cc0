"""No question of the bench or the dock reads a whole table: whatever lies in the file, a scan finds its few rows."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.catalog.commands import container_id, location_id
from core.kernel.flow import Candidate, CodeKind
from core.kernel.ids import ParcelId
from core.packing.due import AskDue
from core.packing.last_packed import AskLastPacked
from core.packing.queries import AskClosed, AskPack, AskSingle
from core.shipping.queries import AskDock, AskParcelInHand, AskPlace, AskStaying
from tests.orders.shop import Shop
from tests.packing.arrange import MUG, item, labelled, picked, singles
from tests.plans import reads_too_much
from tests.support import SITE, STATION

SMALL = {"box_type", "manifest", "sharing"}
"""Tables of a few rows (a site's stations), or read through an index of a few rows (open manifests)."""


@pytest.fixture
def asked(it: Shop) -> Iterator[dict[str, Any]]:
    order = picked(it, "o1", (MUG, 2))
    singles(it, "s1", "s2")
    parcel = labelled(it, it.pack_all(picked(it, "o2", (MUG, 2))))
    it.load(parcel)
    said = (Candidate(kind=CodeKind.ITEM, target=item(MUG), code=MUG, label=MUG),)
    assert it.manifest is not None
    yield {
        "what is due": AskDue(SITE),
        "a tote": AskPack(SITE, STATION, CodeKind.TOTE, container_id("TOTE-1"), "TOTE-1"),
        "an order": AskPack(SITE, STATION, CodeKind.ORDER, order, "o1"),
        "a fulfilment": AskPack(SITE, STATION, CodeKind.BATCH, it.part(order)),
        "a single unit": AskSingle(SITE, STATION, said, MUG),
        "a closed parcel": AskClosed(SITE, parcel.id),
        "the dock": AskDock(SITE, STATION, location_id("DOCK-1")),
        "a parcel in hand": AskParcelInHand(SITE, parcel.id),
        "a place": AskPlace(SITE, location_id("H-1")),
        "what stays": AskStaying(SITE, it.manifest),
        "what was packed last": AskLastPacked(STATION, ParcelId(bytes(16))),
    }


def test_every_question_finds_its_rows_by_more_than_the_site(it: Shop, asked: dict[str, Any]) -> None:
    assert reads_too_much(it.it, asked, SMALL) == []
