"""What is founded from the first day because later is a rewrite: every table's class, and the columns nobody uses yet."""

import re
from typing import get_type_hints

import pytest
import sqlalchemy as sa

import core.everything  # noqa: F401
from core.kernel.ids import SiteId
from core.kernel.tables import TABLES, TableClass, TableInfo

EVERY = sorted(TABLES)
STOCK_KEY = {"site", "owner", "item", "lot", "serial", "lpn", "location", "condition"}
FOUNDED = {
    # Site first
    "site": {"kind", "time_zone", "calendar", "owner"},
    "item": {"owner", "sku", "base_unit", "catch_weight"},
    "code": {"owner", "level", "quantity"},
    "container": {"kind", "slots", "location"},
    "fill": {"container", "location"},
    # An order has lines and fulfilments; work names unit ordinals and hangs on fulfilments
    "order_line": {"parent", "unit_price_millionths", "currency", "description"},
    "fulfilment": {"site", "order", "contact", "service", "number"},
    "fulfilment_line": {"fulfilment", "order_line", "quantity"},
    "reservation": STOCK_KEY | {"demand", "work", "first", "quantity"},
    "parcel": {"fulfilment", "contact", "carrier", "service"},
    "parcel_content": {"line", "first", "quantity"},
    "batch_member": {"fulfilment"},
    # Quantities with a second one for catch weight
    "stock_entry": STOCK_KEY | {"operation", "n", "quantity", "second_quantity"},
    "balance": STOCK_KEY | {"settled", "total", "second_quantity"},
    # Operations as sync needs them, and the timeline
    "op_log": {
        "position", "seq", "id", "kind", "version", "body", "actor", "session", "station", "incarnation", "device_ms",
        "boot_ns", "base_cursor", "fence", "prev_hash", "hash", "state", "result", "outcome",
    },
    "op_touch": {"site", "entity", "id", "operation"},
    # Numbers that people read are separate, per site; policy is data; blobs are named by their digest
    "number_range": {"site", "next", "last"},
    "policy": {"check", "scope", "target", "mode", "passed_by", "version"},
    "print_job": {"rendering", "content", "version", "copy_number"},
}  # fmt: skip


@pytest.mark.parametrize("table", sorted(FOUNDED))
def test_the_columns_that_later_work_stands_on_are_there(table: str) -> None:
    assert FOUNDED[table] - set(TABLES[table].columns) == set()


@pytest.mark.parametrize("table", ["stock_entry", "balance", "reservation"])
def test_no_part_of_a_stock_key_is_ever_missing(table: str) -> None:
    assert {name for name in STOCK_KEY if TABLES[table].sql.c[name].nullable} == set()


@pytest.mark.parametrize("table", EVERY)
def test_a_table_has_one_class_and_leads_with_its_site_where_it_travels(table: str) -> None:
    info = TABLES[table]

    assert info.sql.info["class"] is info.kind
    assert TableClass(info.kind) is info.kind
    if info.kind in (TableClass.FEED, TableClass.LEDGER, TableClass.PRIVATE):
        assert info.key[0] == "site"
        assert get_type_hints(info.cls)["site"] is SiteId


@pytest.mark.parametrize("table", EVERY)
def test_a_column_means_the_same_in_both_databases(table: str) -> None:
    kinds = {type(column.type) for column in TABLES[table].sql.c}

    assert kinds <= {sa.BigInteger, sa.Text, sa.LargeBinary}


@pytest.mark.parametrize("table", EVERY)
def test_every_constraint_and_index_has_a_name(table: str) -> None:
    sql = TABLES[table].sql

    assert all(each.name for each in (*sql.constraints, *sql.indexes))
    assert not sql.foreign_keys, "a pulled row must always find its place"


def _personal(info: TableInfo) -> set[str]:
    return {name for name in info.columns if re.search(r"phone|email|street|postcode|gift_note|^badge$|^pin$", name)}


def test_names_and_addresses_are_in_private_tables_alone() -> None:
    assert {name for name, info in TABLES.items() if _personal(info)} == {"contact", "person_card"}
    private = {name for name, info in TABLES.items() if info.kind is TableClass.PRIVATE}
    assert private == {"contact", "person_card", "note_text"}
