"""No question of the bench or the dock reads a whole table: whatever lies in the file, a scan finds its few rows.

SQLite says itself how it would answer (EXPLAIN QUERY PLAN), by the statistics of a busy warehouse that every file gets.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from core.catalog.commands import container_id, location_id
from core.kernel.flow import Candidate, CodeKind
from core.kernel.ids import ParcelId
from core.packing.last_packed import AskLastPacked
from core.packing.queries import AskClosed, AskDue, AskPack, AskSingle
from core.shipping.queries import AskDock, AskParcelInHand, AskPlace, AskStaying
from tests.orders.shop import Shop
from tests.packing.arrange import MUG, item, labelled, picked, singles
from tests.support import SITE, STATION

SMALL = {"box_type", "manifest"}
"""Tables of a few rows, or read through an index of a few rows (open manifests)."""


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
        "a tote": AskPack(SITE, CodeKind.TOTE, container_id("TOTE-1"), "TOTE-1"),
        "an order": AskPack(SITE, CodeKind.ORDER, order, "o1"),
        "a fulfilment": AskPack(SITE, CodeKind.BATCH, it.part(order)),
        "a single unit": AskSingle(SITE, said, MUG),
        "a closed parcel": AskClosed(SITE, parcel.id),
        "the dock": AskDock(SITE, location_id("DOCK-1")),
        "a parcel in hand": AskParcelInHand(SITE, parcel.id),
        "a place": AskPlace(SITE, location_id("H-1")),
        "what stays": AskStaying(SITE, it.manifest),
        "what was packed last": AskLastPacked(STATION, ParcelId(bytes(16))),
    }


def test_every_question_finds_its_rows_by_more_than_the_site(it: Shop, asked: dict[str, Any]) -> None:
    reader = it.it.database.reader()
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, parameters))

    sa.event.listen(reader.engine, "before_cursor_execute", note)
    bad: list[str] = []
    for name, query in asked.items():
        sent.clear()
        query.run(reader)
        assert sent, name
        for statement, parameters in list(sent):
            plan = reader.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            bad += [f"{name}: {row[3]}" for row in plan if reads_too_much(row[3])]
    reader.close()
    assert bad == []


def reads_too_much(step: str) -> bool:
    """Return whether a step of a plan goes over a whole table."""
    found = re.match(r"(SEARCH|SCAN) (\w+)(.*)", step)
    if found is None or found[2] in SMALL:
        return False
    if found[1] == "SCAN":
        return not re.match(r"anon_\d+|subquery", found[2])
    by = found[3].count("=?") + found[3].count(">?")
    # Without any it is the newest entry of an index; the log and the site itself have keys of one column.
    return 0 < by < (1 if found[2] in ("site", "op_log") else 2)
