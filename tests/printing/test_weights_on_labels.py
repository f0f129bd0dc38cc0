"""Net and gross weight on a GS1 label, and what a carton's content label says of gross, net and tare."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from core.packing.contents import LogisticLabel
from printing.fault import LabelFault
from printing.kinds import KINDS, lay_out
from printing.label import Text
from printing.media import Language
from printing.render import render
from tests.printing.readers import codes
from tests.printing.samples import CARTON, LOGISTIC, media_of

PALLET = LogisticLabel(sscc=LOGISTIC.sscc, content="09501101530003", count=48)


def read(content: LogisticLabel, dpi: int) -> set[str]:
    made = render(content, media=media_of(content, dpi, Language.PNG))
    return {each.data for each in codes(Image.open(io.BytesIO(made.data)))}


def words(content: object) -> dict[str, str]:
    kind = KINDS[content.KIND]  # type: ignore[attr-defined]
    found = lay_out(content, kind.paper).pages[0].elements
    return {each.name: each.text for each in found if isinstance(each, Text)}


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize(
    ("net", "gross", "said"),
    [
        (14_400, 16_250, {"(3103)014400", "(3303)016250"}),
        (0, 999_999, {"(3303)999999"}),
        (0, 1_234_567, {"(3302)123457"}),
    ],
)
def test_weights_are_said_in_kilograms_with_their_decimals(dpi: int, net: int, gross: int, said: set[str]) -> None:
    content = replace(PALLET, net_grams=net, gross_grams=gross)
    all_of_it = "".join(read(content, dpi))
    assert all(each in all_of_it for each in said)
    assert "(00)006141410000000012" in all_of_it


def test_they_stand_above_the_bars_in_words_too() -> None:
    said = words(replace(PALLET, net_grams=14_400, gross_grams=1_234_567))
    assert (said["title 3103"], said["value 3103"]) == ("NET WEIGHT (kg)", "14.400")
    assert (said["title 3302"], said["value 3302"]) == ("GROSS WEIGHT (kg)", "1234.57")


@pytest.mark.parametrize(
    ("content", "element"),
    [
        (replace(PALLET, gross_grams=10_000_000), "gross_grams"),
        (LogisticLabel(sscc=LOGISTIC.sscc, net_grams=5), "net_grams"),
    ],
)
def test_a_weight_that_cannot_be_said_is_refused(content: LogisticLabel, element: str) -> None:
    with pytest.raises(LabelFault) as fault:
        render(content, media=media_of(content, 203, Language.ZPL))
    assert fault.value.element == element


def test_a_carton_says_gross_net_and_tare_where_its_own_weight_is_known() -> None:
    assert words(replace(CARTON, tare_grams=310))["facts"].endswith("Gross 4.31 kg   Net 4.00 kg   Tare 0.31 kg")
    assert words(CARTON)["facts"].endswith("4.31 kg")
