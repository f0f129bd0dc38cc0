"""Every label and document, drawn by somebody else's renderer, says exactly what it was meant to say."""

import pytest

from printing.media import Language, Letters
from printing.render import render
from tests.printing.readers import codes, pictures
from tests.printing.samples import (
    DPIS,
    HOSTILE,
    HOUSE,
    SSCC,
    Sample,
    addressed,
    every_sample,
    label_samples,
    media_of,
)

CASES = every_sample()
LABELS = label_samples()


@pytest.mark.parametrize("dpi", DPIS)
@pytest.mark.parametrize("letters", list(Letters))
@pytest.mark.parametrize("sample", LABELS.values(), ids=LABELS)
def test_a_label_in_zpl_is_one_label_with_exactly_its_code(sample: Sample, letters: Letters, dpi: int) -> None:
    media = media_of(sample.content, dpi, Language.ZPL, letters)
    drawn = pictures(render(sample.content, media=media), media)
    assert len(drawn) == 1
    assert codes(drawn[0]) == list(sample.reads)


@pytest.mark.parametrize("dpi", DPIS)
@pytest.mark.parametrize("language", [Language.PDF, Language.PNG])
@pytest.mark.parametrize("sample", CASES.values(), ids=CASES)
def test_a_document_as_pdf_and_as_preview_has_exactly_its_codes(sample: Sample, language: Language, dpi: int) -> None:
    media = media_of(sample.content, dpi, language)
    drawn = pictures(render(sample.content, media=media), media)
    assert [code for each in drawn for code in codes(each)] == list(sample.reads)


@pytest.mark.parametrize("dpi", DPIS)
@pytest.mark.parametrize("language", [Language.ZPL, Language.PDF, Language.PNG])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_in_an_address_changes_what_the_label_says(text: str, language: Language, dpi: int) -> None:
    content = addressed(text)
    media = media_of(content, dpi, language)
    drawn = pictures(render(content, media=media), media)
    assert len(drawn) == 1
    assert codes(drawn[0]) == [SSCC]


@pytest.mark.parametrize("dpi", DPIS)
def test_the_sscc_keeps_white_quiet_zones_of_ten_modules(dpi: int) -> None:
    media = media_of(HOUSE, dpi, Language.ZPL)
    picture = pictures(render(HOUSE, media=media), media)[0]
    row = picture.crop((0, 120 * dpi * 10 // 254, picture.width, 120 * dpi * 10 // 254 + 1))
    dark = [x for x in range(row.width) if int(row.getpixel((x, 0)) or 0) < 128]  # type: ignore[arg-type]
    module = {203: 4, 300: 6}[dpi]
    assert dark[-1] + 1 - dark[0] == 156 * module
    assert dark[0] >= 10 * module
    assert picture.width - 1 - dark[-1] >= 10 * module


def test_the_same_content_gives_the_same_bytes_in_every_language() -> None:
    for sample in (CASES["house_label"], CASES["packing_slip"], CASES["product_label"]):
        for language in (Language.PDF, Language.PNG):
            media = media_of(sample.content, 203, language)
            assert render(sample.content, media=media) == render(sample.content, media=media)
