"""Lists on paper: what to pick, what to look for, what comes back."""

from core.picking.contents import FloorList, PickList
from core.shipping.contents import ReturnSlip
from printing import words
from printing.documents.listing import Column, Listing, listing
from printing.label import Align, Document
from printing.style import Style

TEMPLATE_VERSION = 1


def pick_list(content: PickList, style: Style) -> Document:
    """Return what to pick in one walk, stop by stop: for a day without the cart's screen."""
    where = words.joined(
        style.say("Cart {code}", code=content.cart) if content.cart else "",
        style.say("Carrier's cut-off {when}", when=content.cut_off_text) if content.cut_off_text else "", by="   ",
    )  # fmt: skip
    count = words.joined(
        style.count(len(content.stops), "1 stop", "{n} stops"), style.count(content.units, "1 unit", "{n} units"), by=", "
    )  # fmt: skip
    columns = (
        Column(title=style.say("Place"), part=0.19, strong=True, capital_mm=3.4, lines=1),
        Column(title=style.say("Units"), part=0.09, strong=True, capital_mm=3.4, lines=1, align=Align.RIGHT),
        Column(title=style.say("Item"), part=0.42, lines=3),
        Column(title=style.say("Into slot"), part=0.2, strong=True, capital_mm=2.8),
        Column(title=style.say("Done"), part=0.1, box_mm=5.2, align=Align.RIGHT),
    )
    rows = [
        (
            stop.location, str(stop.quantity),
            words.joined(
                words.joined(stop.description, stop.variant, by=", "),
                words.joined(stop.sku, style.say("Lot {lot}", lot=stop.lot) if stop.lot else "", stop.serial, by="   "),
                by="\n",
            ),
            stop.slots_text,
        )
        for stop in content.stops
    ]  # fmt: skip
    return listing(
        Listing(
            template=content.KIND, version=TEMPLATE_VERSION,
            title=style.say("Pick list {number}", number=content.batch_number), code=str(content.batch_number),
            facts=(content.site_name, where, count, content.printed_at_text), columns=columns, rows=rows, tall_mm=6.0,
        ),
        style,
    )  # fmt: skip


def floor_list(content: FloorList, style: Style) -> Document:
    """Return the orders to look for, with what was known last, and the three answers to tick."""
    columns = (
        Column(title=style.say("Order"), part=0.2, strong=True, capital_mm=3.0, lines=1),
        Column(title=style.say("Known last"), part=0.5, lines=3),
        Column(title=style.say("Here"), part=0.1, box_mm=5.2, align=Align.CENTRE),
        Column(title=style.say("Gone"), part=0.1, box_mm=5.2, align=Align.CENTRE),
        Column(title=style.say("Not found"), part=0.1, box_mm=5.2, align=Align.CENTRE),
    )
    rows = [
        (each.order_number, words.joined(each.what, style.say("Line {number}", number=each.line), by="\n"))
        for each in content.lines
    ]
    return listing(
        Listing(
            template=content.KIND, version=TEMPLATE_VERSION, title=style.say("Floor list"), code="",
            facts=(
                words.joined(content.site_name, content.printed_at_text, by="   "),
                style.count(len(content.lines), "1 order to look for", "{n} orders to look for"),
                style.say("Look for each, tick what you found, and give the list to the lead."),
            ),
            columns=columns, rows=rows, tall_mm=6.0,
        ),
        style,
    )  # fmt: skip


def return_slip(content: ReturnSlip, style: Style) -> Document:
    """Return what the customer fills in and puts on top of what goes back."""
    columns = (
        Column(title=style.say("Item"), part=0.54, lines=3),
        Column(title=style.say("Ordered"), part=0.14, align=Align.RIGHT),
        Column(title=style.say("Back"), part=0.16, box_mm=10.0, align=Align.CENTRE),
        Column(title=style.say("Reason"), part=0.16, box_mm=10.0, align=Align.CENTRE),
    )
    rows = [
        (words.joined(line.description, line.sku, by="\n"), f"{line.quantity} {line.unit}".strip())
        for line in content.lines
    ]
    reasons = "   ".join(f"{number}\u00a0{reason}" for number, reason in enumerate(content.reasons, start=1))
    closing = words.joined(
        style.say("Reasons: {reasons}", reasons=reasons) if reasons else "", content.how, content.returns_link, by="\n"
    )
    return listing(
        Listing(
            template=content.KIND, version=TEMPLATE_VERSION, title=style.say("Return slip"), code=content.rma,
            facts=(
                style.say("Return {number}", number=content.rma),
                style.say("Order {number}", number=content.order_number) if content.order_number else "",
                words.joined(content.shop_name, *content.to_lines, by=", "),
                style.say("Write how many come back and the number of the reason, and put this slip on top."),
            ),
            columns=columns, rows=rows, closing=closing, square=content.returns_link,
            document_title=style.say("Return {number}", number=content.rma),
        ),
        style,
    )  # fmt: skip
