"""Importing as a shop does it: all four kinds, again and again, killed in the middle, with bad rows among good ones."""

import gzip
import json
import lzma
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from core.kernel.database import open_station
from core.kernel.executor import Work
from core.kernel.home import Home
from core.kernel.operations import ROWS_PER_OPERATION, Operation
from core.kernel.tables import sql_of
from core.orders.commands import ROWS_PER_LINE, ROWS_PER_ORDER
from core.people.queries import find_badge
from core.people.secrets import pin_fits
from core.receiving.commands import FinishDelivery
from core.receiving.queries import AskDeliveries
from desktop.assembly import assembled
from desktop.cli import main
from desktop.planning import stamp
from tests.cli.commands import Shell, contents
from tests.homes import copy_home

FILES = {
    "items": "sku,description,barcode,lot_control,serial_control,weight_g\nTEA,Tea,4006381333931,1,0,250\nLAMP,Lamp,,0,1,900\nMUG,Mug,,0,0,380\n",
    "locations": "code,zone,role,sequence\nA-01,A,pick,1\nA-02,A,reserve,2\nB-1,BENCH,pack,3\n",
    "stock": "sku,location,lot,expiry,serial,condition,quantity\nTEA,A-01,L7,2031-01-31,,good,40\nLAMP,A-01,,,S-1,good,1\nMUG,A-02,,,,damaged,3\n",
    "orders": "channel,order,line,sku,quantity,ordered_at,name\nweb,1,1,TEA,2,2025-12-16T09:00:00,Ann\nweb,1,2,MUG,1,2025-12-16T09:00:00,Ann\nfair,1,1,TEA,1,2025-12-16T09:00:00,Bob\n",
    "deliveries": "delivery,supplier,sku,quantity\nD-1,Potter & Son,MUG,24\nD-1,Potter & Son,LAMP,2\nD-2,,TEA,40\n",
}  # fmt: skip
DOCUMENTS = {"items": 3, "locations": 3, "stock": 3, "orders": 2, "deliveries": 2}


def written(folder: Path, kind: str, text: str) -> Path:
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    return path


def counts(said) -> tuple[int, int, int]:
    return said.data["imported"], said.data["unchanged"], said.data["rejected"]


@pytest.fixture(scope="session")
def shop_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with a small shop in it, to be copied and not changed."""
    folder = tmp_path_factory.mktemp("shop")
    for kind, text in FILES.items():
        assert main(["import", kind, str(written(folder, kind, text)), "--home", str(folder / "home")]) == 0
    return folder / "home"


@pytest.fixture
def shop(shop_home: Path, nowhere: Shell) -> Shell:
    """Return a shell on a copied shop."""
    copy_home(shop_home, nowhere.home)
    return nowhere


def test_a_shop_comes_in_and_adds_up(shop: Shell, tmp_path: Path) -> None:
    assert shop("verify").out == "Everything adds up.\n"
    assert shop("plan", "--json").data["waiting_lines"] == 1, "the mugs are damaged"
    assert shop("explain", "1").code == 0
    assert shop("export", "stock", tmp_path / "stock.csv", "--json").data["rows"] == 6


def test_a_warehouse_laid_out_around_orders_keeps_two_owners_of_one_sku_apart(nowhere: Shell, tmp_path: Path) -> None:
    text = "channel,order,owner,sku,quantity,ordered_at\nweb,1,east,MUG,2,2025-12-16\nweb,2,west,MUG,3,2025-12-16\n"
    path = written(tmp_path, "orders", text)
    assert nowhere("sample", "--from-orders", path).code == 0

    assert counts(nowhere("import", "orders", path, "--json")) == (2, 0, 0)
    for what in ("orders", "stock", "movements"):
        assert nowhere("export", what, tmp_path / "it.jsonl").code == 0
        rows = [json.loads(line) for line in (tmp_path / "it.jsonl").read_text(encoding="utf-8").splitlines()]
        assert {(row["owner"], row["sku"]) for row in rows} == {("east", "MUG"), ("west", "MUG")}


@pytest.mark.parametrize("kind", FILES)
def test_the_same_file_twice_changes_nothing(shop: Shell, tmp_path: Path, kind: str) -> None:
    before = contents(shop.home)

    said = shop("import", kind, written(tmp_path, kind, FILES[kind]), "--json")

    assert (said.code, counts(said)) == (0, (0, DOCUMENTS[kind], 0))
    assert contents(shop.home) == before


def test_two_channels_may_use_one_number(shop: Shell, tmp_path: Path) -> None:
    shop("export", "orders", tmp_path / "orders.csv")

    rows = (tmp_path / "orders.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert sorted(row.split(",")[0] for row in rows) == ["fair", "web", "web"]


def test_an_item_that_says_something_new_is_changed_and_its_stock_stays(shop: Shell, tmp_path: Path) -> None:
    said = shop("import", "items", written(tmp_path, "items", FILES["items"].replace("Mug,", "Mug of clay,")), "--json")

    assert counts(said) == (1, 2, 0)
    assert shop("verify").code == 0


def test_a_package_whose_content_nobody_says_is_not_taken_for_one_unit(shop: Shell, tmp_path: Path) -> None:
    before = contents(shop.home)
    text = "sku,description,inner_barcode,inner_quantity\nTIN,Tin,12345,\nPOT,Pot,12346,0\n"

    said = shop("import", "items", written(tmp_path, "items", text), "--json")

    told = [(each["reason"], each["column"]) for each in said.data["entries"]]
    assert told == [("missing_value", "inner_quantity"), ("not_positive", "inner_quantity")]
    assert contents(shop.home) == before


BAD_ROWS = {
    "items": {
        "WMS-1,x,,0,0,1\n": ("reserved_code", "sku"),
        "A,x,WMS-OK,0,0,1\n": ("reserved_code", "barcode"),
        "A,x,4006381333931,0,0,1\n": ("code_taken", "barcode"),
        "A,x,,maybe,0,1\n": ("not_allowed", "lot_control"),
        "A,x,,0,0,-1\n": ("not_positive", "weight_g"),
        "A,x,,0,0,1e12\n": ("too_large", "weight_g"),
        "A,x,,0,0,1_000\n": ("not_a_number", "weight_g"),
        ",x,,0,0,1\n": ("missing_value", "sku"),
        f"{'A' * 200},x,,0,0,1\n": ("too_long", "sku"),
        "A,x,,0,0,1,what\n": ("surplus_value", "beyond the header"),
        "TEA,Other tea,,0,0,1\nTEA,Yet another,,0,0,1\n": ("duplicate", "sku"),
    },
    "locations": {
        "Z-1,Z,shelf,1\n": ("not_allowed", "role"),
        "Z-1,Z,world,1\n": ("not_allowed", "role"),
        "Z-1,Z,,1\n": ("missing_value", "role"),
        "WMS-1,Z,pick,1\n": ("reserved_code", "code"),
        "Z-1,Z,pick,1.5\n": ("not_whole", "sequence"),
        "Z-1,Z,pick,1\nZ-1,Z,pack,1\n": ("duplicate", "code"),
    },
    "stock": {
        "CUP,A-01,,,,good,1\n": ("unknown_sku", "sku"),
        "MUG,Z-9,,,,good,1\n": ("unknown_location", "location"),
        "MUG,WORLD,,,,good,1\n": ("unknown_location", "location"),
        "MUG,A-01,,,,good,-1\n": ("not_positive", "quantity"),
        "MUG,A-01,,,,good,1.5\n": ("not_whole", "quantity"),
        "MUG,A-01,,,,good,=1+1\n": ("not_a_number", "quantity"),
        "MUG,A-01,,,,mouldy,1\n": ("not_allowed", "condition"),
        "TEA,A-01,,,,good,1\n": ("missing_value", "lot"),
        "TEA,A-01,L8,2031-02-30,,good,1\n": ("not_a_date", "expiry"),
        "MUG,A-01,,2031-01-31,,good,1\n": ("missing_value", "lot"),
        "LAMP,A-01,,,,good,1\n": ("missing_value", "serial"),
        "LAMP,A-01,,,S-2,good,2\n": ("not_allowed", "quantity"),
        "LAMP,A-02,,,S-1,good,1\n": ("already_here", "serial"),
        "MUG,A-02,,,,damaged,4\n": ("differs", "quantity"),
        "TEA,A-02,L7,2032-01-31,,good,1\n": ("differs", "expiry"),
        "MUG,A-01,,,,good,1\nMUG,A-01,,,,good,1\n": ("duplicate", "sku"),
    },
    "orders": {
        "web,9,1,CUP,1,2025-12-16T09:00:00,Ann\n": ("unknown_sku", "sku"),
        "web,9,1,MUG,-1,2025-12-16T09:00:00,Ann\n": ("not_positive", "quantity"),
        "web,9,1,MUG,0.5,2025-12-16T09:00:00,Ann\n": ("not_whole", "quantity"),
        "web,9,1,MUG,1e99,2025-12-16T09:00:00,Ann\n": ("too_large", "quantity"),
        "web,9,1,MUG,1,2025-02-30T09:00:00,Ann\n": ("not_a_date", "ordered_at"),
        "web,9,1,MUG,1,0001-01-01T00:00:00,Ann\n": ("not_a_date", "ordered_at"),
        "web,9,1,MUG,1,9999-12-31T23:59:59,Ann\n": ("not_a_date", "ordered_at"),
        f"web,9,1,MUG,1,2025-12-16T09:00:00,{'A' * 3000}\n": ("too_long", "name"),
        "web,9,1,MUG,1,2025-12-16T09:00:00,A\x07n\n": ("control_character", "name"),
        "web,9,1,MUG,1,2025-12-16T09:00:00,Ann,more\n": ("surplus_value", "beyond the header"),
        "web,,1,MUG,1,2025-12-16T09:00:00,Ann\n": ("missing_value", "order"),
        "web,9,1,MUG,1,2025-12-16T09:00:00,Ann\nweb,9,1,MUG,1,2025-12-16T09:00:00,Ann\n": ("duplicate", "line"),
        "web,1,1,TEA,2,2025-12-17T09:00:00,Ann\n": ("differs", "order"),
    },
    "deliveries": {
        "D-9,,CUP,1\n": ("unknown_sku", "sku"),
        "D-9,,MUG,0\n": ("not_positive", "quantity"),
        "D-9,,MUG,2.5\n": ("not_whole", "quantity"),
        "D-9,,MUG,\n": ("missing_value", "quantity"),
        "D-9,,,3\n": ("missing_value", "sku"),
        ",,MUG,3\n": ("missing_value", "delivery"),
        "WMS-OK,,MUG,3\n": ("reserved_code", "delivery"),
        "D-9,,MUG,3\nD-9,,MUG,4\n": ("duplicate", "sku"),
        "D-9,,MUG,3,more\n": ("surplus_value", "beyond the header"),
        f"D-9,{'A' * 3000},MUG,3\n": ("too_long", "supplier"),
        "D-2,,TEA,41\n": ("differs", "delivery"),
    },
}
CASES = [(kind, row, *expected) for kind, rows in BAD_ROWS.items() for row, expected in rows.items()]


@pytest.mark.parametrize(("kind", "row", "reason", "column"), CASES, ids=[f"{k}-{r}-{c}" for k, _, r, c in CASES])
def test_a_bad_row_is_named_and_nothing_is_written(
    shop: Shell, tmp_path: Path, kind: str, row: str, reason: str, column: str
) -> None:
    head = FILES[kind].splitlines()[0]
    before = contents(shop.home)

    said = shop("import", kind, written(tmp_path, kind, f"{head}\n{row}"), "--json")

    assert said.code == 1
    entry = said.data["entries"][-1]
    assert (entry["reason"], entry["column"], entry["line"]) == (reason, column, row.count("\n") + 1)
    assert contents(shop.home) == before
    told = shop("import", kind, tmp_path / f"{kind}.csv")
    assert f"line {entry['line']}, {column}" in told.out
    assert f"({reason})" in told.out


MINE = """
[stock.columns]
sku = "Artikel"
location = "Platz"
quantity = "Menge"
[orders.columns]
order = "Nummer"
sku = "Artikel"
quantity = "Menge"
[orders.constants]
channel = "fair"
"""


def test_every_problem_is_named_by_the_column_that_the_file_has(shop: Shell, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(MINE)
    orders = written(tmp_path, "orders", "Nummer,Artikel,Menge\n8,CUP,1\n9,MUG,0\n1,MUG,7\n")
    stock = written(tmp_path, "stock", "Artikel,Platz,Menge\nCUP,A-01,1\nMUG,Z-9,1\nMUG,A-01,-1\n")

    said = [
        shop("import", kind, path, "--mapping", tmp_path / "mine.toml", "--json").data["entries"]
        for kind, path in (("orders", orders), ("stock", stock))
    ]

    assert [{(each["reason"], each["column"]) for each in entries} for entries in said] == [
        {("unknown_sku", "Artikel"), ("not_positive", "Menge"), ("differs", "Nummer")},
        {("unknown_sku", "Artikel"), ("unknown_location", "Platz"), ("not_positive", "Menge")},
    ]


@pytest.mark.parametrize("kind", FILES)
def test_good_rows_come_in_beside_a_bad_one_and_none_with_strict(shop: Shell, tmp_path: Path, kind: str) -> None:
    good = {
        "items": "CUP,Cup,,0,0,1\n",
        "locations": "A-03,A,pick,9\n",
        "stock": "MUG,A-01,,,,good,9\n",
        "orders": "web,2,1,MUG,1,2025-12-16T09:00:00,Ann\n",
        "deliveries": "D-3,,MUG,12\n",
    }
    bad = next(row for row in BAD_ROWS[kind] if row.count("\n") == 1)
    path = written(tmp_path, kind, f"{FILES[kind].splitlines()[0]}\n{bad}{good[kind]}")
    before = contents(shop.home)

    strict = shop("import", kind, path, "--strict", "--json")

    assert (strict.code, counts(strict), strict.data["strict"]) == (1, (0, 0, 1), True)
    assert strict.data["withheld"] == 1
    assert contents(shop.home) == before
    said = shop("import", kind, path, "--json")
    assert (said.code, counts(said)) == (0, (1, 0, 1))
    assert shop("verify").code == 0


def test_a_delivery_that_was_finished_and_is_read_in_again_is_waited_for_again(shop: Shell, tmp_path: Path) -> None:
    path = written(tmp_path, "deliveries", FILES["deliveries"])
    with assembled(shop.home) as assembly:
        site = assembly.identity.site
        with assembly.database.reading() as reader:
            first = next(row for row in AskDeliveries(site).run(reader).rows if row.number == "D-1")
        assembly.submit(Work(command=FinishDelivery(**stamp(assembly), delivery=first.delivery))).result()

    assert counts(shop("import", "deliveries", path, "--json")) == (1, 1, 0)
    assert counts(shop("import", "deliveries", path, "--json")) == (0, 2, 0)
    with assembled(shop.home) as assembly, assembly.database.reading() as reader:
        assert sorted(row.number for row in AskDeliveries(site).run(reader).rows) == ["D-1", "D-2"]


GIFTS = (
    "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
    "1,MUG,Mug,2,2009-12-01 09:00:00,1.50,17850,United Kingdom\n"
    "1,POST,POSTAGE,1,2009-12-01 09:00:00,18.00,17850,United Kingdom\n"
    "2,BANK CHARGES,Charges,1,2009-12-01 09:00:00,15.00,17850,United Kingdom\n"
    "C3,MUG,Mug,-1,2009-12-01 09:00:00,1.50,17850,United Kingdom\n"
    "4,MUG,Mug,1,2009-12-01 09:00:00,1.50,,United Kingdom\n"
    "5,MUG,Mug,1,2009-12-01 09:00:00,0,17850,United Kingdom\n"
)


def test_what_the_mapping_says_is_no_order_is_skipped_and_stops_no_strict_import(shop: Shell, tmp_path: Path) -> None:
    said = shop("import", "orders", written(tmp_path, "orders", GIFTS), "--mapping", "retail_uci", "--strict", "--json")

    assert (said.code, counts(said), said.data["skipped"]) == (0, (1, 0, 0), 4)
    assert (said.data["lines"], said.data["skipped_lines"]) == (6, 5)
    told = [(each["line"], each["reason"], each["outcome"]) for each in said.data["entries"]]
    assert told == [
        (3, "not_goods", "line_skipped"),
        (4, "not_goods", "line_skipped"),
        (4, "no_goods", "skipped"),
        (5, "cancellation", "skipped"),
        (6, "missing_value", "skipped"),
        (7, "not_goods", "line_skipped"),
        (7, "no_goods", "skipped"),
    ]
    text = shop("import", "orders", tmp_path / "orders.csv", "--mapping", "retail_uci").out
    assert text.startswith("orders.csv: 6 lines, 5 documents: 0 imported, 1 already here, 4 skipped, 0 rejected\n")
    assert "5 lines are no goods of an order, the mapping says." in text


@pytest.mark.parametrize("strict", [(), ("--strict",)])
def test_every_document_is_counted_once(shop: Shell, tmp_path: Path, strict: tuple[str, ...]) -> None:
    bad = "6,NO-SUCH,?,1,2009-12-01 09:00:00,1,17850,United Kingdom\n7,MUG,Mug,x,2009-12-01 09:00:00,1,17850,France\n"
    path = written(tmp_path, "orders", GIFTS + bad)

    told = shop("import", "orders", path, "--mapping", "retail_uci", *strict, "--json").data

    parts = ("imported", "unchanged", "skipped", "rejected", "withheld")
    assert told["documents"] == sum(told[name] for name in parts) == 7
    assert (told["skipped"], told["rejected"], told["imported"] + told["withheld"]) == (4, 2, 1)


def test_a_rule_of_a_mapping_holds_for_items_too(shop: Shell, tmp_path: Path) -> None:
    (tmp_path / "it.toml").write_text(
        "[items.columns]\nsku = 'sku'\ndescription = 'description'\n"
        "[[items.not_goods]]\nfield = 'sku'\nbegins = 'FEE'\n"
    )
    path = written(tmp_path, "items", "sku,description\nFEE-1,Fee\nCUP,Cup\n")

    said = shop("import", "items", path, "--mapping", tmp_path / "it.toml", "--json")

    assert (counts(said), said.data["skipped"]) == ((1, 0, 0), 1)
    assert said.data["entries"][0]["outcome"] == "skipped"


def test_what_is_wrong_at_the_end_of_a_long_file_is_known_before_its_beginning_is_written(
    shop: Shell, tmp_path: Path
) -> None:
    lines = "".join(f"web,{n},1,MUG,1,2025-12-16T09:00:00,Ann\n" for n in range(100, 3_100))
    data = (FILES["orders"].splitlines()[0] + "\n" + lines).encode() + b"web,X,1,MUG,1,2025-12-16T09:00:00,J\xf6rg\n"
    (tmp_path / "orders.csv").write_bytes(data)
    before = contents(shop.home)

    said = shop("import", "orders", tmp_path / "orders.csv")

    assert said.code == 2
    assert said.err.startswith("dockside: orders.csv, line 3002: is not utf-8")
    assert contents(shop.home) == before


def test_the_other_formats_come_in(shop: Shell, tmp_path: Path) -> None:
    head = FILES["orders"].splitlines()[0].split(",")
    rows = {n: ["web", f"F{n}", "1", "MUG", "1", "2025-12-16T09:00:00", "Ann"] for n in range(4)}
    text = ",".join(head) + "\n" + ",".join(rows[0]) + "\n"
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "b.csv.xz").write_bytes(lzma.compress(text.replace("F0", "F1").encode()))
    book = openpyxl.Workbook()
    book.active.append(head)
    book.active.append([*rows[2][:4], 1, *rows[2][5:]])
    book.save(tmp_path / "c.xlsx")
    # A field that the first object has not is still a field.
    (tmp_path / "d.jsonl").write_text(
        '{"channel":"web","order":"F3","sku":"MUG","quantity":1,"ordered_at":"2025-12-16T09:00:00"}\n'
        '{"channel":"web","order":"F4","sku":"MUG","quantity":1,"ordered_at":"2025-12-16T09:00:00","gift_note":"Hi"}\n'
    )

    found = [
        counts(shop("import", "orders", tmp_path / name, "--json"))
        for name in ("a.csv.gz", "b.csv.xz", "c.xlsx", "d.jsonl")
    ]

    assert found == [(1, 0, 0), (1, 0, 0), (1, 0, 0), (2, 0, 0)]


def test_a_formula_of_a_sheet_counts_by_its_result_and_one_without_is_told(shop: Shell, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(FILES["orders"].splitlines()[0].split(","))
    book.active.append(["web", "F9", "1", "MUG", "=1+1", "2025-12-16T09:00:00", "Ann"])
    book.save(tmp_path / "orders.xlsx")

    entry = shop("import", "orders", tmp_path / "orders.xlsx", "--json").data["entries"][0]

    assert (entry["line"], entry["column"], entry["value"], entry["reason"]) == (2, "quantity", "=1+1", "formula")


def test_an_operation_holds_the_writer_for_few_documents(shop: Shell, tmp_path: Path) -> None:
    lines = "".join(f"web,P{n},1,MUG,1,2025-12-16T09:00:00,Ann\n" for n in range(300))
    shop("import", "orders", written(tmp_path, "orders", FILES["orders"].splitlines()[0] + "\n" + lines))

    place = Home(shop.home)
    database = open_station(place.database, place.key())
    with database.reading() as connection:
        log = sql_of(Operation)
        bodies = connection.execute(sa.select(log.c.body).where(log.c.kind == "orders.receive")).scalars().all()
    database.dispose()
    sizes = [len(json.loads(body)["orders"]) for body in bodies]
    assert sum(sizes) == 302
    assert max(sizes) * (ROWS_PER_ORDER + ROWS_PER_LINE) <= ROWS_PER_OPERATION


def test_progress_goes_to_standard_error_alone(shop: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from desktop import cli

    monkeypatch.setattr(cli, "_PROGRESS_S", 0.0)
    lines = "".join(f"web,P{n},1,MUG,1,2025-12-16T09:00:00,Ann\n" for n in range(300))
    said = shop(
        "import", "orders", written(tmp_path, "orders", FILES["orders"].splitlines()[0] + "\n" + lines), "--json"
    )

    assert said.data["imported"] == 300
    assert len(said.out.splitlines()) == 1
    assert "300 lines read" in said.err


FLOOR = {
    "people": "name,badge,roles,pin,language\nAnn Pick,BADGE-ANN,picker packer,,de\nCy Lead,BADGE-CY,lead,2580,\n",
    "containers": "code,kind,slots\nT-1,tote,\nK-1,cart,6\n",
    "boxes": "code,name,length_mm,width_mm,height_mm,tare_g\nX1,Small,200,150,100,90\nX2,,300,200,100,120\n",
}


def test_people_totes_carts_and_cartons_come_in_like_everything_else(shop: Shell, tmp_path: Path) -> None:
    for kind, text in FLOOR.items():
        path = written(tmp_path, kind, text)
        assert counts(shop("import", kind, path, "--json")) == (2, 0, 0), kind
        before = contents(shop.home)
        assert counts(shop("import", kind, path, "--json")) == (0, 2, 0), kind
        assert contents(shop.home) == before, kind
    assert shop("verify").out == "Everything adds up.\n"

    later = written(
        tmp_path, "people", "name,badge,roles,active\nCy Lead,BADGE-CY,lead it,1\nAnn Pick,BADGE-ANN,picker,0\n"
    )
    assert counts(shop("import", "people", later, "--json")) == (2, 0, 0)
    with assembled(shop.home) as assembly, assembly.database.reading() as reader:
        assert find_badge(reader, assembly.identity.site, "BADGE-ANN") is None, "who is not active does not sign in"
        known = find_badge(reader, assembly.identity.site, "BADGE-CY")
        assert known is not None
        assert (known.name, known.roles) == ("Cy Lead", "lead,it")
        assert pin_fits(known.pin, "2580"), "a file that says no PIN leaves it"
        log = reader.execute(sa.select(sql_of(Operation).c.body)).scalars().all()
    assert not any(word in body for body in log for word in ("BADGE-CY", "Cy Lead", "2580"))


def test_a_report_on_people_repeats_no_secret_and_nobody_is_shut_out(shop: Shell, tmp_path: Path) -> None:
    rows = "Cy Lead,BADGE-CY,lead,\nDi It,BADGE-DI,it,25\nEd,BAD,picker,\nFy,BADGE-FY,pilot,\nGi,WMS-OK,picker,\n"
    said = shop("import", "people", written(tmp_path, "people", f"name,badge,roles,pin\n{rows}"), "--json")

    assert (said.code, counts(said)) == (1, (0, 0, 5))
    assert [(each["document"], each["column"]) for each in said.data["entries"]] == [
        ("Di It", "pin"), ("Ed", "badge"), ("Fy", "roles"), ("Gi", "badge"), ("Cy Lead", "pin")
    ]  # fmt: skip
    assert not any(word in said.out for word in ("BADGE-", "WMS-OK", '"25"'))
