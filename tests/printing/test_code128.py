"""Code 128: the bars are read by a scanner, and the printer's own words draw the same bars."""

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from printing import code128

ASCII = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=24)
DIGITS = st.text(alphabet="0123456789", min_size=1, max_size=24)
MIXED = st.lists(st.one_of(ASCII, DIGITS), min_size=1, max_size=3).map("".join)


def read(bars: str) -> zxingcpp.Barcode:
    picture = Image.new("L", ((len(bars) + 20) * 2, 40), 255)
    for index, bit in enumerate(bars):
        if bit == "1":
            picture.paste(0, ((index + 10) * 2, 0, (index + 11) * 2, 40))
    [found] = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.Code128]))
    return found


def interpreted(field_data: str) -> tuple[code128.Stretch, ...]:
    """Follow a printer's invocation codes back to stretches (`^BC`, mode N)."""
    stretches: list[code128.Stretch] = []
    index = 0
    while index < len(field_data):
        char = field_data[index]
        if char == ">":
            index += 1
            code = field_data[index]
            if code in ":;56":
                stretches.append(code128.Stretch("C" if code in ";5" else "B", ""))
                index += 1
                continue
            char = {"8": code128.GROUP_SEPARATOR, "0": ">"}[code]
        stretches[-1] = code128.Stretch(stretches[-1].code_set, stretches[-1].text + char)
        index += 1
    return tuple(stretches)


@given(MIXED)
def test_a_scanner_reads_what_was_encoded(data: str) -> None:
    found = read(code128.bars(code128.plan(data, gs1=False)))
    assert (found.text, found.symbology_identifier) == (data, "]C0")


@given(MIXED)
def test_the_printers_words_mean_the_same_stretches(data: str) -> None:
    stretches = code128.plan(data, gs1=False)
    assert interpreted(code128.zpl(stretches)) == stretches
    assert "".join(stretch.text for stretch in stretches) == data


def test_an_sscc_is_156_modules_of_digit_pairs_behind_a_function_character() -> None:
    stretches = code128.plan("00006141410000000012", gs1=True)
    assert code128.zpl(stretches) == ">;>800006141410000000012"
    assert len(code128.bars(stretches)) == 156
    found = read(code128.bars(stretches))
    assert (found.symbology_identifier, found.text) == ("]C1", "(00)006141410000000012")


def test_a_separator_within_gs1_data_is_read_as_one() -> None:
    found = read(code128.bars(code128.plan("10LOT7\x1d21123456", gs1=True)))
    assert bytes(found.bytes) == b"10LOT7\x1d21123456"


@pytest.mark.parametrize("data", ["", "ü", "tab\t", "\x1d"])
def test_what_the_bars_cannot_say_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match=r"nothing to encode|is not printable ASCII"):
        code128.plan(data, gs1=False)
