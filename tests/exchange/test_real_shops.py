"""The two real shops: what is goods, what is dirt, counted."""

from collections import Counter

from core.exchange.convert import read_items
from core.exchange.mapping import load_mapping
from core.exchange.order_rows import read_orders
from core.exchange.report import Fate, Problem, Report
from tests.shared_data import shared


def test_the_gift_shop(tmp_path) -> None:
    path = shared("retail_uci") / "online_retail_2009-12_2010-02.csv.xz"
    report = Report(path.name)

    documents = list(read_orders(path, load_mapping("retail_uci", "orders"), report))

    assert report.lines == 106_171
    assert len(documents) == 3_549
    assert (report.skipped, report.rejected) == (2_383, 0), "whatever is dirt here, the mapping says what it is"
    assert report.documents == len(documents) + report.skipped
    assert report.problems[Problem.CANCELLATION] == 941
    assert not {line.sku for each in documents for line in each.lines} & {"POST", "BANK CHARGES", "D", "M", "DOT"}
    assert all(line.quantity > 0 and line.unit_price_millionths > 0 for each in documents for line in each.lines)


def test_what_the_gift_shop_books_as_stock_codes_is_no_item() -> None:
    path = shared("retail_uci") / "online_retail_2009-12_2010-02.csv.xz"
    report = Report(path.name)

    skus = {each.item.sku for each in read_items(path, load_mapping("retail_uci", "items"), report)}

    assert len(skus) > 2_500
    assert not skus & {"POST", "BANK CHARGES", "D", "M", "DOT"}
    assert {each.problem for each in report.entries if each.fate is Fate.SKIPPED} == {Problem.NOT_GOODS}
    assert report.documents == len(skus) + report.skipped + report.rejected


def test_the_marketplace(tmp_path) -> None:
    path = shared("retail_olist") / "sample3000" / "olist_orders_dataset.csv"
    report = Report(path.name)

    documents = list(read_orders(path, load_mapping("retail_olist", "orders"), report))

    assert report.documents == 3_000
    assert (len(documents), report.skipped, report.rejected) == (2_959, 41, 0)
    assert all(each.contact.postcode and each.contact.city for each in documents)
    assert Counter(each.partial.value for each in documents) == {"whole": len(documents)}
    several = [line for each in documents for line in each.lines if line.quantity > 1]
    assert several, "rows of one item of an order are one line with their sum"


def test_the_marketplace_publishes_its_items() -> None:
    path = shared("retail_olist") / "sample3000" / "olist_products_dataset.csv"
    report = Report(path.name)

    items = list(read_items(path, load_mapping("retail_olist", "items"), report))

    assert len(items) == 2_452
    assert sum(each.item.weight_grams is not None for each in items) > 2_400
