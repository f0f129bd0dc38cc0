"""Contents to print, and what a hostile world puts into them.

Run as `python -m tests.printing.samples` to write the golden files anew after a deliberate change of a layout.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from core.catalog.command_codes import command_code
from core.catalog.contents import (
    CalibrationSheet,
    CartLabel,
    CommandSheet,
    DockLabel,
    HazardLabel,
    LocationLabel,
    ProductLabel,
    SheetCommand,
    ShelfLabel,
    SlotLabel,
    ToteLabel,
    WorkstationLabel,
)
from core.catalog.fill_codes import fill_code
from core.catalog.parcel_codes import ParcelCode, ParcelUnits, parcel_code
from core.catalog.readings import FillCode, FillUnits
from core.kernel.ids import (
    NO_ID,
    BatchId,
    CommandId,
    ContainerId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    ItemId,
    LocationId,
    LotId,
    OwnerId,
    ParcelId,
    SiteId,
    StationId,
    derive,
    document_id,
)
from core.packing.contents import (
    CartonContentLabel,
    HouseLabel,
    LogisticLabel,
    PackingSlip,
    ReturnLabel,
    SlipLine,
)
from core.people.contents import BadgeLabel
from core.picking.contents import FillSlip, FloorItem, FloorList, PickList, PickStop
from core.printers.contents import DarknessLadder
from core.shipping.contents import Manifest, ManifestRow, ReturnLine, ReturnSlip
from core.stock.contents import QuarantineLabel
from printing.kinds import KINDS, Content
from printing.media import Language, Letters, Media
from printing.render import render
from tests.printing.readers import Read

GOLDEN = Path(__file__).parent / "golden"
DPIS = (203, 300)

T = TypeVar("T", bound=bytes)


def _id(kind: Callable[[bytes], T], name: str) -> T:
    """Return an id that is the same on every day."""
    return kind(document_id(1_700_000_000_000, name))


HOUSE = HouseLabel(
    site_name="Dockside Leeds",
    from_lines=("Unit 4, Canal Road", "Leeds LS12 2TU"),
    to_lines=("Ines Okafor", "14 Harbour Row", "Whitby"),
    to_postcode="YO21 3PU",
    to_country="GB",
    carrier="Kestrel",
    service="24",
    order_number="100482",
    parcel_number="1 of 2",
    sscc="006141410000000012",
    weight_grams=1910,
    station="Bench 2",
    printed_at_text="24 Nov 2026, 14:41",
    route="N4",
    reference="PO 7781",
    hazards=("UN3481",),
    job="018f3ab0",
)

TOLD = replace(
    HOUSE,
    data=parcel_code(
        ParcelCode(
            site=SiteId(1), sscc=HOUSE.sscc, parcel=_id(ParcelId, "parcel"), fulfilment=_id(FulfilmentId, "fulfilment"),
            operation=_id(CommandId, "operation"), container=_id(ContainerId, "tote"), fence=41,
            station=_id(StationId, "bench"), incarnation=1, epoch=1, carrier="Kestrel", weight_grams=1910,
            units=tuple(
                ParcelUnits(
                    line=_id(FulfilmentLineId, f"line {n}"), first=1, quantity=n, fill=_id(FillId, "fill")
                )
                for n in range(1, 4)
            ),
        )
    ),
)  # fmt: skip
"""The house label at a station that shares its site: what it says to a dock that has not heard of the parcel."""

QUARANTINE = QuarantineLabel(
    code="Q-000417",
    reason="Arrived wet. Carton torn at one corner.",
    subject="Wool blanket, grey",
    destination="QH-01",
    site_name="Dockside Leeds",
    raised_by="Aylin S.",
    raised_at_text="24 Nov 2026, 14:41",
    sku="BLK-140-GR",
    lot="L2611",
    quantity_text="12 each",
    job="018f3ab1",
)


def _fill() -> FillCode:
    """Return a filling of three lines, one of them with a serial number."""
    order = derive(b"an order of mine", "order")
    units = tuple(
        FillUnits(
            line=FulfilmentLineId(derive(order, "line", n)), owner=OwnerId(b"o" * 16), item=ItemId(derive(b"i" * 16, "", n)),
            lot=LotId(NO_ID), serial="" if n else "SN-4711", first=1, quantity=1 + n,
        )
        for n in range(3)
    )  # fmt: skip
    return FillCode(
        site=SiteId(1), fill=FillId(derive(order, "fill")), container=ContainerId(b"t" * 16),
        fulfilment=FulfilmentId(order), walk=BatchId(derive(order, "batch")), place=LocationId(b"p" * 16),
        station=StationId(b"s" * 16), incarnation=1, epoch=1, fence=4711, number=3, units=units,
    )  # fmt: skip


FILL_SLIP = FillSlip(
    code=fill_code(_fill()),
    tote="TOTE-0007",
    order_number="100482",
    batch_number=17,
    slot=3,
    units=6,
    lines=("1 x CAM-4711", "2 x MUG-BL", "3 x CUP-RD"),
    number=3,
    site_name="Dockside Leeds",
    job="018f3ab4",
)

SLIP = PackingSlip(
    shop_name="Harbour & Home",
    shop_lines=("harbourhome.example", "Unit 4, Canal Road, Leeds LS12 2TU"),
    order_number="100482",
    ordered_at_text="22 Nov 2026",
    ship_to_lines=("Ines Okafor", "14 Harbour Row", "Whitby YO21 3PU"),
    channel="Harbour Market",
    lines=(
        SlipLine(sku="BLK-140-GR", description="Wool blanket, 140 x 200 cm, grey check", quantity=1),
        SlipLine(sku="MUG-BL", description="Stoneware mug, blue", quantity=4, backordered=2),
        SlipLine(sku="CND-CED", description="Candle, cedar", quantity=1, in_other_cartons=1),
    ),
    carton=1,
    cartons=2,
    packed_at_text="24 Nov 2026, 14:41",
    packed_by="Aylin S.",
    gift_note="Happy birthday, Ines! 🎉",
    thanks="Thank you for your order.",
    returns="Changed your mind? Send it back within 30 days.",
    returns_link="https://harbourhome.example/r/100482",
)


def manifest(count: int) -> Manifest:
    """Return a manifest of so many parcels, the seventh of them not weighed."""
    rows = tuple(
        ManifestRow(
            label=f"KX{4000 + n:07}GB",
            order_number=str(100480 + n),
            postcode=("YO21 3PU", "LS1 4AP", "50667")[n % 3],
            weight_grams=None if n == 7 else 800 + 37 * n,
        )
        for n in range(1, count + 1)
    )
    return Manifest(
        carrier="Kestrel",
        site="Dockside Leeds",
        dock="3",
        number="M-2026-0417",
        closed_at_text="24 Nov 2026, 15:02",
        rows=rows,
        parcels=count,
        weight_grams=sum(row.weight_grams or 0 for row in rows),
        closed_by="Aylin S.",
        vehicle="YB71 KSD",
    )


@dataclass(frozen=True, slots=True)
class Sample:
    """A content with what a scanner reads of it, from top to bottom."""

    content: Content
    reads: tuple[Read, ...]


SSCC = Read("]C1", "(00)006141410000000012")


LOGISTIC = LogisticLabel(
    sscc="006141410000000012",
    from_lines=("Dockside Leeds", "Unit 4, Canal Road", "Leeds LS12 2TU"),
    to_lines=("Harbour Market DC 7", "2 Wharf Way", "Bremen"),
    content="09501101530003",
    count=48,
    lot="L26-B",
    best_before="2027-06-30",
    description="Stoneware mug, blue",
    carrier="Kestrel",
)
CARTON = CartonContentLabel(
    code="C-0000417",
    lines=(
        "4 x MUG-BL  Stoneware mug, blue",
        "1 x BLK-140-GR  Blanket, grey",
        "2 x CND-CED  Candle, cedar wood",
    ),
    order_number="100482",
    carton="1 of 2",
    units=7,
    weight_grams=4310,
    site_name="Dockside Leeds",
    packed_at_text="24 Nov 2026, 14:41",
)
LOCATION = LocationLabel(code="A-12-03", zone="A", note="Heavy goods below", site_name="Dockside Leeds")
SHELF = ShelfLabel(code="A-12-03", arrow="up", note="Mugs")
DOCK = DockLabel(code="DOCK-3", name="3", note="Kestrel, from 14:00", site_name="Dockside Leeds")
TOTE = ToteLabel(code="TOTE-0007", note="Pick totes only", site_name="Dockside Leeds")
CART = CartLabel(code="CART-02", slots=6, site_name="Dockside Leeds")
SLOT = SlotLabel(code="CART-02", slot=3)
WORKSTATION = WorkstationLabel(code="BENCH-2", name="Bench 2", note="Packing", site_name="Dockside Leeds")
BADGE = BadgeLabel(code="B7K2M9QX4T", name="Aylin Sahin", role="Packer", site_name="Dockside Leeds")
PRODUCT = ProductLabel(
    gtin="9501101530003", description="Stoneware mug, blue", sku="MUG-BL", lot="L2611", expiry="2027-06-30"
)
ARTICLE = ProductLabel(gtin="9501101530003", description="Stoneware mug, blue", sku="MUG-BL")
SHORT = ProductLabel(gtin="96385074", description="Chewing gum, mint", sku="GUM-M")
INNER = ProductLabel(gtin="19501101530000", description="6 mugs, blue", sku="MUG-BL-6", lot="L2611", form="gs1_128")
RETURN = ReturnLabel(
    rma="RMA-104417",
    to_lines=("Dockside Leeds, returns", "Unit 4, Canal Road", "Leeds"),
    to_postcode="LS12 2TU",
    to_country="GB",
    from_lines=("Ines Okafor", "14 Harbour Row", "Whitby YO21 3PU"),
    order_number="100482",
    reasons=("Too small", "Too large", "Not as described", "Arrived damaged", "Changed my mind", "Other"),
)
HAZARD = HazardLabel(mark="lithium_battery", on="2026-11-24", un_numbers=("UN3481",), order_number="100482")
LIMITED = HazardLabel(mark="limited_quantity", on="2026-11-24")


PICK_LIST = PickList(
    batch_number=17,
    stops=(
        PickStop(
            location="A-01-02", sku="MUG-BL", description="Stoneware mug", variant="blue", quantity=3,
            slots_text="1: 2   3: 1",
        ),
        PickStop(
            location="A-04-01", sku="CND-CED", description="Candle, cedar wood", quantity=2, lot="L2611",
            slots_text="2: 2",
        ),
        PickStop(
            location="B-11-03", sku="BLK-140-GR", description="Wool blanket, 140 x 200 cm, grey check", quantity=1,
            serial="SN-004711", slots_text="3: 1",
        ),
    ),
    units=6,
    cart="CART-02",
    cut_off_text="2026-11-24 16:00",
    site_name="Dockside Leeds",
    printed_at_text="2026-11-24 09:12",
)  # fmt: skip
FLOOR_LIST = FloorList(
    lines=(
        FloorItem(
            order_number="100482", what="order 100482, batch 17 of Cart 2: 3 of 6 picked in TOTE-0007, 0 packed",
            line="018f3ab0c0de",
        ),
        FloorItem(order_number="100490", what="label 006141410000000012 of order 100490", line="018f3ab0beef"),
    ),
    site_name="Dockside Leeds",
    printed_at_text="2026-11-24 15:20",
)  # fmt: skip
RETURN_SLIP = ReturnSlip(
    rma="100482",
    order_number="100482",
    shop_name="Harbour & Home",
    to_lines=("Unit 4, Canal Road", "Leeds LS12 2TU"),
    lines=(
        ReturnLine(sku="BLK-140-GR", description="Wool blanket, 140 x 200 cm, grey check", quantity=1),
        ReturnLine(sku="MUG-BL", description="Stoneware mug, blue", quantity=4),
    ),
    reasons=RETURN.reasons,
    how="Use the label from the carton and drop it at any shop of the carrier.",
    returns_link="https://harbourhome.example/r/100482",
)
COMMAND_SHEET = CommandSheet(
    commands=(
        *(
            SheetCommand(code=command_code(verb), verb=verb)
            for verb in ("CONFIRM", "NO", "UNDO", "CALL", "SHORT", "FULL")
        ),
        SheetCommand(code=command_code("BOX", "C2"), verb="BOX", argument="C2", name="Carton C2"),
        *(SheetCommand(code=command_code("QTY", str(n)), verb="QTY", argument=str(n)) for n in (1, 2, 3)),
    ),
    site_name="Dockside Leeds",
)
CALIBRATION_SHEET = CalibrationSheet(
    codes=("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "!en#en", "010950600013435210CALIB\x1d17291231"),
    site_name="Dockside Leeds",
)


def every_sample() -> dict[str, Sample]:
    """Return a sample of every kind of label and document, by its name: everything that is printed is among them."""
    return {
        "house_label": Sample(HOUSE, (SSCC,)),
        "house_label_told": Sample(TOLD, (Read("]Q1", TOLD.data), SSCC)),
        "logistic_label": Sample(
            LOGISTIC,
            (
                Read("]C1", "(02)09501101530003(37)48"),
                Read("]C1", "(15)270630(10)L26-B"),
                SSCC,
            ),
        ),
        "logistic_label_square": Sample(
            replace(
                LOGISTIC, lot="LOT-2026-11-WHARF-07", order_number="PO-2026-0000077812-A", to_postcode="28195"
            ),  # fmt: skip
            (
                Read(
                    "]d2",
                    "(00)006141410000000012(02)09501101530003(15)270630(37)48(10)LOT-2026-11-WHARF-07"
                    "(400)PO-2026-0000077812-A(420)28195",
                ),
                SSCC,
            ),
        ),
        "carton_content_label": Sample(CARTON, (Read("]C0", CARTON.code),)),
        "location_label": _sign(LOCATION),
        "shelf_label": _sign(SHELF),
        "dock_label": _sign(DOCK),
        "tote_label": _sign(TOTE),
        "cart_label": _sign(CART),
        "slot_label": _sign(SLOT),
        "workstation_label": _sign(WORKSTATION),
        "badge_label": _sign(BADGE),
        "product_label": Sample(PRODUCT, (Read("]d2", "(01)09501101530003(17)270630(10)L2611"),)),
        "product_label_ean": Sample(ARTICLE, (Read("]E0", "9501101530003"),)),
        "product_label_ean_8": Sample(SHORT, (Read("]E4", "96385074"),)),
        "product_label_bars": Sample(INNER, (Read("]C1", "(01)19501101530000(10)L2611"),)),
        "return_label": Sample(RETURN, (Read("]C0", "RMA-104417"),)),
        "hazard_label": Sample(HAZARD, ()),
        "hazard_label_limited": Sample(LIMITED, ()),
        "quarantine_label": Sample(QUARANTINE, (Read("]C0", "Q-000417"),)),
        "fill_slip": Sample(FILL_SLIP, (Read("]Q1", FILL_SLIP.code),)),
        "darkness_ladder": Sample(LADDER, tuple(Read("]C0", f"DARK-Z-{step}") for step in (8, 13, 18, 23, 28))),
        "packing_slip": Sample(SLIP, (Read("]C0", "100482"), Read("]Q1", "https://harbourhome.example/r/100482"))),
        "manifest": Sample(manifest(12), (Read("]C0", "M-2026-0417"),)),
        "pick_list": Sample(PICK_LIST, (Read("]C0", "17"),)),
        "floor_list": Sample(FLOOR_LIST, ()),
        "return_slip": Sample(
            RETURN_SLIP, (Read("]C0", "100482"), Read("]Q1", "https://harbourhome.example/r/100482"))
        ),
        "command_sheet": Sample(COMMAND_SHEET, tuple(Read("]C0", command.code) for command in COMMAND_SHEET.commands)),
        "calibration_sheet": Sample(
            CALIBRATION_SHEET,
            (
                *(Read("]C0", code) for code in CALIBRATION_SHEET.codes[:-1]),
                Read("]C1", "(01)09506000134352(10)CALIB(17)291231"),
            ),
        ),
    }


def _sign(content: Content) -> Sample:
    """Return the sample of a sign, whose code stands on it as a square and as bars."""
    code = str(getattr(content, "code", ""))
    return Sample(content, (Read("]Q1", code), Read("]C0", code)))


def label_samples() -> dict[str, Sample]:
    """Return the samples of labels: what goes to a label printer, one page each."""
    sheets = (
        DarknessLadder, Manifest, PackingSlip, PickList, FloorList, ReturnSlip, CommandSheet, CalibrationSheet
    )  # fmt: skip
    return {name: sample for name, sample in every_sample().items() if not isinstance(sample.content, sheets)}


_LONG = 200
LADDER = DarknessLadder(language="zpl", printer="P-07", job="018f3ac0")

HOSTILE = {
    "a second label": "^XZ^XA^FO10,10^A0N,99,99^FDOWNED^FS^XZ",
    "a control command": '~JR ~HS ^JUF ! U1 do "device.reset" ""',
    "quotes": 'Jane "J" O\'Neil \\ 5th\\& floor',
    "escapes": "_5E_7E_ >; >8 >:",
    "controls": "Line\x00\x1b\x02one\ttwo\x7f",
    "line breaks": "c/o\r\nReception\n\n",
    "umlauts": "Jörg Weiß, Große Straße 12, Çeşme, Łódź, Ångström",
    "greek and cyrillic": "Ιωάννα Παπαδοπούλου, Санкт-Петербург",
    "arabic": "محمد عبد الله، شارع الملك فهد 12",
    "hebrew": "רחוב הרצל 14, תל אביב",
    "east asian": "東京都千代田区丸の内一丁目 서울특별시 北京市朝阳区",
    "emoji": "Ines 🎉👩‍👩‍👧 ❤️ 👍🏽",
    "reversing marks": "abc \u202e321\u202c def",
    "300 characters in words": " ".join(["Conveyancing"] * 24)[:300],
    "300 characters in one": ("Donaudampfschiffahrts" * 15)[:300],
    "a combining mark": "Zoe\u0308 n\u0303o\u0304x",
    "thai": "นายสมชาย ใจดี 99/1 ถนนสุขุมวิท แขวงคลองเตย กรุงเทพฯ ที่ปู่ญี่ปุ่น ฎีกา",
}


def addressed(text: str) -> HouseLabel:
    """Return the house label with a text wherever people can write what they like; no room for two very long addresses."""
    sender = HOUSE.from_lines if len(text) > _LONG else (text,)
    return replace(HOUSE, to_lines=(text, "14 Harbour Row"), from_lines=sender, reference=text)


def media_of(content: Content, dpi: int, language: Language, letters: Letters = Letters.PRINTERS) -> Media:
    """Return the media a kind of content is printed on."""
    paper = KINDS[content.KIND].paper
    return Media(dpi=dpi, width_mm=paper.width_mm, height_mm=paper.height_mm, language=language, letters=letters)


def golden_labels() -> dict[str, bytes]:
    """Return each golden file's name with what the code makes of it now."""
    made = {}
    for name, sample in label_samples().items():
        for dpi in DPIS:
            made[f"{name}-{dpi}.zpl"] = render(sample.content, media=media_of(sample.content, dpi, Language.ZPL)).data
    return made


if __name__ == "__main__":
    for name, data in golden_labels().items():
        (GOLDEN / name).write_bytes(data)
