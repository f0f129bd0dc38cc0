"""How many labels are rendered a second, in each language and in letters that only we draw."""

import time
from dataclasses import replace
from typing import Any

from core.catalog.gs1_checks import mod10_check
from core.packing.contents import HouseLabel
from printing.media import Language, Letters, Media
from printing.render import render

LABELS = 1_000
_MEDIA = Media(dpi=203, width_mm=101.6, height_mm=152.4, language=Language.ZPL)


def labels(count: int, *, name: str = "Ines Okafor") -> list[HouseLabel]:
    """Return house labels that differ in all that differs on a floor: number, order, address, weight."""
    made = []
    for n in range(count):
        body = f"0614141{n:010}"
        made.append(
            HouseLabel(
                site_name="Dockside Leeds", from_lines=("Unit 4, Canal Road", "Leeds LS12 2TU"),
                to_lines=(f"{name} {n}", f"{n % 200 + 1} Harbour Row", "Whitby"), to_postcode=f"YO{n % 60 + 1} 3PU",
                to_country="GB", carrier="Kestrel", service="24", order_number=str(100_000 + n), parcel_number="1 of 2",
                sscc=body + mod10_check(body), weight_grams=800 + n, station="Bench 2",
                printed_at_text="24 Nov 2026, 14:41", route="N4", reference=f"PO {7_000 + n}", hazards=("UN3481",),
                job=f"{n:08x}",
            )
        )  # fmt: skip
    return made


def measure_labels_rendered() -> dict[str, Any]:
    """Render a thousand labels that all differ, in each language, and in letters that only we draw."""
    made = {
        "zpl": (_MEDIA, labels(LABELS)),
        "zpl_own_letters": (replace(_MEDIA, letters=Letters.OURS), labels(LABELS // 10)),
        "zpl_arabic": (_MEDIA, labels(LABELS // 10, name="محمد عبد الله")),
        "zpl_300dpi": (replace(_MEDIA, dpi=300), labels(LABELS)),
        "epl2": (replace(_MEDIA, language=Language.EPL2), labels(LABELS // 10)),
        "tspl": (replace(_MEDIA, language=Language.TSPL), labels(LABELS // 10)),
        "escpos": (replace(_MEDIA, language=Language.ESC_POS), labels(LABELS // 10)),
    }
    figures: dict[str, Any] = {}
    for what, (media, contents) in made.items():
        render(contents[0], media=media)
        begun = time.perf_counter()
        for content in contents:
            render(content, media=media)
        figures[f"{what}_per_second"] = len(contents) / (time.perf_counter() - begun)
    return figures
