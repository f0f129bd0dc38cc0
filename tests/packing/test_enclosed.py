"""Paper that goes with a carton: what the closest rule of its shop and customer asks for, in the customer's language."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.kernel import codec
from core.kernel.reasons import Reason
from core.kernel.spool import PrintJob
from core.orders.model import Contact
from core.packing.commands import SavePaperRule
from core.packing.contents import CartonContentLabel, LogisticLabel, ReturnLabel
from core.packing.model import PaperRule
from printing.media import Language, Media
from printing.render import render
from tests.orders.shop import CONTACT, Shop
from tests.packing.arrange import CUP, MUG, packing_shop, picked
from tests.support import SITE

CHANNEL = "test"
FOUR_BY_SIX = Media(dpi=203, width_mm=101.6, height_mm=152.4, language=Language.ZPL)


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with packing_shop(tmp_path) as shop:
        ann = shop.it.need(Contact, CONTACT)
        shop.it.seed(replace(ann, customer="4711", language="de", country="DE", postcode="10115"))
        yield shop


def rule(it: Shop, channel: str, customer: str, *papers: str, version: int = 0) -> None:
    made = PaperRule(SITE, channel, customer, ",".join(papers), version + 1)
    it.it.run(SavePaperRule(**it.it.base(), rule=made, base_version=version))


def printed(it: Shop, name: str) -> dict[str, PrintJob]:
    """Pack an order in one carton and return the jobs it asked for, by kind."""
    before = {each.id for each in it.it.all(PrintJob)}
    it.pack_all(picked(it, name, (MUG, 2), (CUP, 1)))
    return {each.document: each for each in it.it.all(PrintJob) if each.id not in before}


def test_a_carton_gets_what_its_customer_wants_and_no_more(it: Shop) -> None:
    assert set(printed(it, "o1")) == {"house_label", "packing_slip"}
    rule(it, "", "", ReturnLabel.KIND)
    rule(it, CHANNEL, "", CartonContentLabel.KIND)
    rule(it, "", "4711", LogisticLabel.KIND)
    rule(it, CHANNEL, "9999", ReturnLabel.KIND)
    assert set(printed(it, "o2")) == {"house_label", "packing_slip", "logistic_label"}

    rule(it, CHANNEL, "4711", CartonContentLabel.KIND, LogisticLabel.KIND, ReturnLabel.KIND)
    assert set(printed(it, "o3")) == {
        "house_label", "packing_slip", "logistic_label", "carton_content_label", "return_label",
    }  # fmt: skip
    rule(it, CHANNEL, "4711", version=1)
    rule(it, "", "4711", version=1)
    assert set(printed(it, "o4")) == {"house_label", "packing_slip", "carton_content_label"}


def test_they_say_what_is_inside_and_carry_the_cartons_own_number(it: Shop) -> None:
    rule(it, "", "", CartonContentLabel.KIND, LogisticLabel.KIND, ReturnLabel.KIND)

    jobs = printed(it, "o1")

    sscc = jobs["house_label"].code
    content = codec.from_text(CartonContentLabel, jobs["carton_content_label"].content)
    assert (content.code, content.units, sorted(content.lines)) == (sscc, 3, ["1 x CUP CUP", "2 x MUG MUG"])
    pallet = codec.from_text(LogisticLabel, jobs["logistic_label"].content)
    assert (pallet.sscc, pallet.to_postcode, pallet.order_number) == (sscc, "10115", "o1")
    # Two mugs of 300 g and a cup of 120 g in a box of 50 g.
    assert (content.weight_grams, content.tare_grams, pallet.gross_grams) == (770, 50, 770)
    back = codec.from_text(ReturnLabel, jobs["return_label"].content)
    assert (back.rma, back.to_lines[0], back.from_lines[0]) == ("o1", "Shop", "Ann")
    # A scan of the number settles the carton's own label alone.
    assert {kind: job.code for kind, job in jobs.items() if job.code} == {"house_label": sscc}
    for made in (content, pallet, back):
        assert render(made, media=FOUR_BY_SIX).pages == 1


def test_paper_of_an_order_knows_whose_it_is_and_what_they_read(it: Shop) -> None:
    rule(it, "", "", LogisticLabel.KIND, ReturnLabel.KIND)

    jobs = printed(it, "o1")

    assert {kind: (job.customer, job.language) for kind, job in jobs.items()} == {
        "house_label": ("4711", ""), "packing_slip": ("4711", "de"), "logistic_label": ("4711", ""),
        "return_label": ("4711", "de"),
    }  # fmt: skip


def test_what_cannot_be_enclosed_is_refused(it: Shop) -> None:
    wrong = PaperRule(SITE, "", "", "manifest", 1)
    assert it.it.refuse(SavePaperRule(**it.it.base(), rule=wrong, base_version=0)).reason is Reason.NOT_FOUND
    rule(it, "", "", ReturnLabel.KIND)
    again = PaperRule(SITE, "", "", ReturnLabel.KIND, 1)
    assert it.it.refuse(SavePaperRule(**it.it.base(), rule=again, base_version=0)).reason is Reason.CHANGED_MEANWHILE


def test_texts_that_an_element_string_cannot_hold_are_left_out_and_the_label_prints(it: Shop) -> None:
    rule(it, "", "", LogisticLabel.KIND)
    job = printed(it, "ö 1")["logistic_label"]
    assert codec.from_text(LogisticLabel, job.content).order_number == ""
    assert render(codec.from_text(LogisticLabel, job.content), media=FOUR_BY_SIX).pages == 1
