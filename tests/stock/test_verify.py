"""`dockside verify` names every kind of difference: each row that was touched behind the program's back is told."""

from collections.abc import Iterator

import pytest

import core.everything  # noqa: F401
from core.exchange.verify import verify_all
from core.kernel import guards
from core.orders.commands import HoldOrder
from core.orders.model import Contact
from tests.orders.shop import CONTACT, Shop, shop


@pytest.fixture(scope="module")
def it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Return a shop with an order in the van, one packed, one in totes, one being picked, one released, one held."""
    with shop(tmp_path_factory.mktemp("shop")) as opened:
        opened.stock("MUG", "A-1", 30)
        opened.stock("CUP", "B-1", 30)
        sent = opened.released("sent", [("MUG", 3), ("CUP", 2)])
        opened.pick_all()
        opened.load(opened.pack_all(sent))
        packed = opened.released("packed", [("MUG", 2), ("CUP", 1)])
        opened.pick_all("CART-2")
        opened.pack_all(packed)
        opened.released("picked", [("MUG", 2), ("CUP", 2)])
        opened.pick_all("CART-3")
        opened.released("running", [("MUG", 4), ("CUP", 3)])
        opened.put(opened.start("CART-1"), 2)
        opened.released("ready", [("MUG", 2), ("CUP", 2)])
        held = opened.order("held", [("JUG", 1)])
        opened.it.run(HoldOrder(**opened.it.base(), order=held, fulfilments=(opened.part(held),), reason="fraud"))
        opened.check()
        # Whoever tampers takes the guards off first.
        with opened.connection.begin():
            guards.drop_guards(opened.connection)
            for table in ("op_log", "reservation", "parcel_content"):
                for name in opened.connection.exec_driver_sql(f"PRAGMA index_list({table})").all():
                    if not name[1].startswith("sqlite_") and name[2]:
                        opened.connection.exec_driver_sql(f'DROP INDEX "{name[1]}"')
        yield opened


def differences(it: Shop, *statements: str) -> list[str]:
    """Return what verify finds after these statements; nothing of them stays."""

    class Undo(Exception):
        pass

    found: list[str] = []
    try:
        with it.connection.begin():
            for sql in statements:
                assert it.connection.exec_driver_sql(sql).rowcount > 0, f"changed nothing: {sql}"
            found = [str(each) for each in verify_all(it.connection)]
            raise Undo
    except Undo:
        return found


ONE = "rowid IN (SELECT min(rowid) FROM {0})"

TAMPERED = {
    # The log
    "a body was rewritten": ("UPDATE op_log SET body = '{}' WHERE position = 5", "op_log position 5: expected hash"),
    "a body was rewritten and hashed anew": ("UPDATE op_log SET hash = x'00' WHERE position = 5", "op_log position 6: expected prev_hash"),
    "an operation is gone": ("DELETE FROM op_log WHERE position = 7", "op_log position 8: expected seq 7"),
    "the last operations are gone": ("DELETE FROM op_log WHERE position > 20", "stock_entry operation"),
    "an actor was exchanged": ("UPDATE op_log SET actor = x'00' WHERE position = 9", "op_log position 9"),
    "two operations changed places": ("UPDATE op_log SET position = 100 WHERE position = 4", "op_log position 5: expected seq 4"),
    # The ledger
    "an entry was changed": (f"UPDATE stock_entry SET quantity = quantity + 1 WHERE {ONE.format('stock_entry')}", "two entries of one item, a sum of 0, found 2 entries, a sum of 1"),
    "an entry is gone": (f"DELETE FROM stock_entry WHERE {ONE.format('stock_entry')}", "found 1 entries"),
    "a movement is gone": ("DELETE FROM stock_entry WHERE operation IN (SELECT operation FROM stock_entry WHERE cause = 'pick' LIMIT 1)", "balance"),
    "a movement came from nowhere": ("UPDATE stock_entry SET operation = x'77' WHERE operation IN (SELECT operation FROM stock_entry LIMIT 1)", "an operation of the log, found none"),
    "an entry names another item": (f"UPDATE stock_entry SET item = x'77' WHERE {ONE.format('stock_entry')}", "found two items"),
    "an entry weighs more": (f"UPDATE stock_entry SET second_quantity = 5 WHERE {ONE.format('stock_entry')}", "second_quantity 5"),
    # Balances and reservations
    "a total was changed": ("UPDATE balance SET total = total + 1 WHERE signed = 0", "balance", "total"),
    "a settled total was changed": ("UPDATE balance SET settled = settled + 1 WHERE signed = 0", "settled"),
    "a balance is gone": ("DELETE FROM balance WHERE reserved > 0", "found no row"),
    "a balance was invented": ("INSERT INTO balance SELECT site, x'77', location, owner, lot, serial, lpn, condition, 3, 3, 0, 0, 0 FROM balance LIMIT 1", "total 0"),
    "reserved units were changed": ("UPDATE balance SET reserved = reserved + 1 WHERE reserved > 0", "reserved"),
    "a shelf may be below nothing": ("UPDATE balance SET signed = 1 WHERE signed = 0", "signed 0, found signed 1"),
    "a reservation is gone": ("DELETE FROM reservation", "balance", "pick_task", "fulfilment_line"),
    "a reservation holds more": ("UPDATE reservation SET quantity = quantity + 1", "pick_task"),
    "a reservation is for nobody's task": ("UPDATE reservation SET work = x'77'", "reservation work 77: expected a task"),
    "a unit is reserved twice": ("INSERT INTO reservation SELECT site, x'77', demand, work, owner, item, lot, serial, lpn, location, condition, first, quantity FROM reservation LIMIT 1", "reservation", "ordinals from"),
    # Orders
    "a counter of a line was changed": ("UPDATE fulfilment_line SET picked = picked + 1 WHERE picked > 0", "fulfilment", "picked"),
    "a counter of a fulfilment was changed": ("UPDATE fulfilment SET packed = packed + 1 WHERE packed > 0", "packed"),
    "a promise was invented": ("UPDATE fulfilment SET promised = promised + 1 WHERE held > 0", "promised 0, found promised 1"),
    "a line is gone": ("DELETE FROM fulfilment_line WHERE number = 2", "lines 1, found lines 2"),
    "an order's line was changed": ("UPDATE order_line SET ordered = ordered + 1 WHERE number = 1", "order_line", "cancelled 0, found ordered"),
    "an order's line was cancelled": ("UPDATE order_line SET cancelled = 1 WHERE number = 1", "cancelled 1"),
    "a finished fulfilment is open": ("UPDATE fulfilment SET open = 1 - open", "open 0, found open 1"),
    "a finished line is open": ("UPDATE fulfilment_line SET open = 1 - open", "open 1, found open 0"),
    "a hold is forgotten": ("UPDATE fulfilment SET held = 0 WHERE held = 1", "held 1, found held 0"),
    "a hold was lifted behind its back": ("UPDATE order_hold SET released_at = 1", "held 0, found held 1"),
    "an operation is off the timeline": ("DELETE FROM op_touch", "the operation that brought the order"),
    "a timeline tells of nothing": ("UPDATE op_touch SET operation = x'77' WHERE operation IN (SELECT operation FROM op_touch LIMIT 1)", "none in the log"),
    # Work
    "a task wants more": ("UPDATE pick_task SET quantity = quantity + 1 WHERE state = 'open'", "pick_task"),
    "a task is done by hand": ("UPDATE pick_task SET state = 'done' WHERE state = 'open'", "expected 0 units reserved", "stops to go"),
    "a batch counts wrong": ("UPDATE batch SET tasks_done = tasks_done + 1 WHERE state = 'ready'", "stops to go"),
    "a batch ended by hand": ("UPDATE batch SET state = 'picked' WHERE state = 'running'", "no stop to go, being picked"),
    "a number would be given out again": ("UPDATE number_range SET next = 1 WHERE name IN ('wave', 'batch')", "number_range wave", "number_range batch"),
    # Parcels
    "a parcel's content is gone": ("DELETE FROM parcel_content", "parcel", "packed 0, loaded 0"),
    "a unit lies in two parcels": ("INSERT INTO parcel_content SELECT site, x'77', parcel, \"order\", fulfilment, line, owner, item, lot, serial, fill, first, quantity FROM parcel_content LIMIT 1", "parcel_content", "ordinals from"),
    "a parcel counts wrong": ("UPDATE parcel SET units = units + 1", "units"),
    "a parcel was loaded by hand": ("UPDATE parcel SET loaded_at = 1 WHERE loaded_at = 0", "loaded"),
    "a manifest counts wrong": ("UPDATE manifest SET parcels = parcels + 1", "manifest", "2 parcels"),
    "a manifest is gone": ("DELETE FROM manifest", "expected a manifest, found none, 1 parcels loaded"),
    "a pick is gone": ("DELETE FROM pick", "picked 0, found picked"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_tampered_with_is_named(it: Shop, what: str) -> None:
    statement, *words = TAMPERED[what]
    found = differences(it, statement)

    assert found, "nothing was noticed"
    missing = [word for word in words if not any(word in each for each in found)]
    assert missing == [], found[:5]


def test_what_nobody_touched_adds_up(it: Shop) -> None:
    it.check()


def test_erased_personal_data_leaves_everything_whole(it: Shop) -> None:
    assert it.it.get(Contact, CONTACT) is not None

    assert differences(it, "DELETE FROM contact") == []
