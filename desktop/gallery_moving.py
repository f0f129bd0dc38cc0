"""Screens of moving, as pictures: a place or a tote, what is taken, how many, where to, and what two carried at once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.cases.model import CaseKind
from core.catalog.commands import item_id, location_id, owner_id
from core.kernel.ids import NO_ID, CaseId, ContainerId, FillId, LocationId, LotId, OrderId, SiteId
from core.station.case_queries import CaseSeen, PutDown
from core.station.cases import CasesFlow, ShowCase
from core.station.moving import ChooseGoods, Moved, MoveFlow, PutGoods, PutTote, ScanSource
from core.station.moving_queries import AskMove, Goods, GoodsAt, ToteStands
from core.stock.model import StockKey
from desktop.gallery_shared import Shown

_NOW = 1_765_886_400_000
_MINUTE_MS = 60_000
_NAMES = (
    ("MUG-350-BLUE", "Mug, 350 ml", "blue"), ("MUG-350-GREEN", "Mug, 350 ml", "green"),
    ("LAMP-RETRO-BRASS", "Retro lamp", "brass"), ("TEA-ASSAM-250", "Assam tea, 250 g", ""),
)  # fmt: skip


def moving_states(shown: Sequence[Shown]) -> Iterator[Shown]:
    """Yield them, as if they had come up at the end of what was played."""
    last = next(each for each in reversed(shown) if each.feedback.refusal is None and each.standing is None)
    place, owner = location_id("R-04-03"), owner_id("SHOP")
    goods = tuple(
        Goods(
            StockKey(owner=owner, item=item_id(owner, sku), location=place, lot=LotId(NO_ID)), sku, name, variant, "",
            "L-2207" if n > 1 else "", "2026-03-31" if n > 2 else "", 24 * (n + 1),
        )
        for n, (sku, name, variant) in enumerate(_NAMES)
    )  # fmt: skip
    there = GoodsAt(place, "R-04-03", goods * 3)
    back = AskMove(SiteId(1), goods[0].key, 24, place, "R-04-03")
    tote = ToteStands(
        ContainerId(b"t" * 16), "TOTE-0012", FillId(b"f" * 16), OrderId(b"o" * 16), "100461", LocationId(b"p" * 16),
        "STAGE-2", "Aylin Demir", _NOW - 7 * _MINUTE_MS,
    )  # fmt: skip
    states: dict[str, ScanSource | ChooseGoods | PutGoods | PutTote] = {
        "source": ScanSource(),
        "source-after": ScanSource(Moved("MUG-350-BLUE", 24, "R-04-03", "A-01-02", back)),
        "goods": ChooseGoods(there, there.goods),
        "goods-few": ChooseGoods(there, goods[:2]),
        "target": PutGoods(there, goods[3], "24"),
        "target-tote": PutTote(tote),
        "target-tote-new": PutTote(replace(tote, fill=FillId(NO_ID), number="", place_code="", by="", at=0)),
    }
    flow = MoveFlow()
    for name, state in states.items():
        told = replace(
            last.feedback, flow=flow.NAME, state=state, expects=flow.expects(state), note=None, input=None
        )  # fmt: skip
        yield replace(last, name=f"move-{name}", feedback=told, person="Dana Wolf", roles="lead", now=_NOW)
    twice = ShowCase(_twice())
    cases = CasesFlow()
    told = replace(last.feedback, flow=cases.NAME, state=twice, expects=cases.expects(twice), note=None, input=None)
    yield replace(last, name="move-case", feedback=told, person="Dana Wolf", roles="lead", now=_NOW)


def _twice() -> CaseSeen:
    return CaseSeen(
        case=CaseId(b"moved-twice-----"), kind=CaseKind.MOVED_TWICE, opened_at=_NOW - 3 * _MINUTE_MS, who="Tom Berger",
        station="DESK-1", place="A-01-02", item="Mug, 350 ml, blue", facts=(("quantity", "24"),),
        moves=(
            PutDown("Aylin Demir", "BENCH-2", "B-02-04", _NOW - 5 * _MINUTE_MS),
            PutDown("Tom Berger", "DESK-1", "A-01-02", _NOW - 3 * _MINUTE_MS),
        ),
    )  # fmt: skip
