"""Every label and document, drawn by somebody else's renderer, says exactly what it was meant to say."""

import pytest

from printing.media import Language, Letters
from printing.render import Content, render
from tests.printing.readers import Read, codes, pictures
from tests.printing.samples import (
    DPIS,
    FILL_SLIP,
    HOSTILE,
    HOUSE,
    QUARANTINE,
    SLIP,
    TOLD,
    addressed,
    manifest,
    media_of,
)

SSCC = Read("]C1", "(00)006141410000000012")
CASES: list[tuple[Content, list[Read]]] = [
    (HOUSE, [SSCC]),
    (TOLD, [Read("]Q1", TOLD.data), SSCC]),
    (QUARANTINE, [Read("]C0", "Q-000417")]),
    (FILL_SLIP, [Read("]Q1", FILL_SLIP.code)]),
    (SLIP, [Read("]C0", "100482"), Read("]Q1", "https://harbourhome.example/r/100482")]),
    (manifest(12), [Read("]C0", "M-2026-0417")]),
]
LABELS = CASES[:4]


@pytest.mark.parametrize("dpi", DPIS)
@pytest.mark.parametrize("letters", list(Letters))
@pytest.mark.parametrize(("content", "meant"), LABELS, ids=lambda each: getattr(each, "KIND", ""))
def test_a_label_in_zpl_is_one_label_with_exactly_its_code(
    content: Content, meant: list[Read], letters: Letters, dpi: int
) -> None:
    media = media_of(content, dpi, Language.ZPL, letters)
    drawn = pictures(render(content, media=media), media)
    assert len(drawn) == 1
    assert codes(drawn[0]) == meant


@pytest.mark.parametrize("dpi", DPIS)
@pytest.mark.parametrize("language", [Language.PDF, Language.PNG])
@pytest.mark.parametrize(("content", "meant"), CASES, ids=lambda each: getattr(each, "KIND", ""))
def test_a_document_as_pdf_and_as_preview_has_exactly_its_codes(
    content: Content, meant: list[Read], language: Language, dpi: int
) -> None:
    media = media_of(content, dpi, language)
    drawn = pictures(render(content, media=media), media)
    assert codes(drawn[0]) == meant


@pytest.mark.parametrize("dpi", DPIS)
@pytest.mark.parametrize("language", list(Language))
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
    for content, _ in CASES:
        for language in (Language.PDF, Language.PNG):
            media = media_of(content, 203, language)
            assert render(content, media=media) == render(content, media=media)
