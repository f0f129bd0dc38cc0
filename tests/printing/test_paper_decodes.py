"""Every label and document, drawn by somebody else's renderer, says exactly what it was meant to say."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

import pytest

from core.catalog.contents import ProductLabel
from printing.fault import LabelFault
from printing.kinds import Content, lay_out
from printing.label import Barcode, Paper
from printing.media import Language, Letters
from printing.render import render
from tests.printing.readers import Read, codes, pictures
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


def hostile() -> Iterator[Any]:
    """Yield every text in every language at every resolution, of which each run takes one resolution in turn."""
    for row, (name, text) in enumerate(HOSTILE.items()):
        for column, language in enumerate((Language.ZPL, Language.PDF, Language.PNG)):
            for turn, dpi in enumerate(DPIS):
                marks = () if (row + column) % 2 == turn else (pytest.mark.nightly,)
                yield pytest.param(text, language, dpi, id=f"{name}-{language}-{dpi}", marks=marks)


@pytest.mark.parametrize(("text", "language", "dpi"), list(hostile()))
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


PROSE = {
    "house_label": ("carrier", "service", "route", "reference", "station", "printed_at_text"),
    "logistic_label": ("description", "carrier"), "carton_content_label": ("lines", "site_name", "packed_at_text"),
    "location_label": ("zone", "note", "site_name"), "shelf_label": ("note",), "dock_label": ("name", "note", "site_name"),
    "tote_label": ("note", "site_name"), "cart_label": ("note", "site_name"), "slot_label": (),
    "workstation_label": ("name", "note", "site_name"), "badge_label": ("name", "role", "site_name"),
    "product_label": ("description",), "return_label": ("reasons",), "hazard_label": (),
    "quarantine_label": ("reason", "subject", "destination", "site_name", "raised_by", "raised_at_text"),
    "fill_slip": ("lines", "site_name"),
}  # fmt: skip
"""Words of every kind of label, which are shortened where they do not fit; every other text of it never is."""
OURS = ("job", "data")
HAS_ROOM = (("house_label", "to_lines"), ("house_label", "to_country"), ("fill_slip", "code"))
"""Of what is never shortened, what 300 characters fit in."""
LONG = {"words": HOSTILE["300 characters in words"], "one word": "A" * 300}


def written(content: Content, fields: Sequence[str], text: str) -> Content:
    """Return a content with a text in some of its fields."""
    lines = {each: (text,) if isinstance(getattr(content, each), tuple) else text for each in fields}
    return replace(content, **lines)  # type: ignore[arg-type]


def outcomes(content: Content, languages: Iterable[Language] = tuple(Language)) -> set[str]:
    """Return what each back end makes of a label: what it shortens, or why it refuses."""
    said = set()
    for language in languages:
        try:
            made = render(content, media=media_of(content, 203, language))
            said.add("; ".join(f"{each.element} {each.reason}" for each in made.shortened))
        except LabelFault as fault:
            said.add(f"refused: {fault}")
    return said


def test_every_text_of_every_label_is_prose_or_not() -> None:
    assert set(PROSE) == {each.content.KIND for each in LABELS.values()}
    for name, prose in PROSE.items():
        assert set(prose) <= set(texts_of(LABELS[name].content)), name


def texts_of(content: Content) -> list[str]:
    """Return the fields of a content that hold text."""
    return [
        each.name
        for each in fields(content)
        if isinstance(getattr(content, each.name), str | tuple) and each.name not in OURS
    ]


@pytest.mark.parametrize("long", LONG)
@pytest.mark.parametrize("name", LABELS)
def test_prose_of_300_characters_is_shortened_alike_by_all_and_changes_no_code(name: str, long: str) -> None:
    sample = LABELS[name]
    prose = PROSE[sample.content.KIND]
    content = written(sample.content, prose, LONG[long])
    [said] = outcomes(content, Language if long == "one word" else (Language.ZPL, Language.PNG))
    assert not said.startswith("refused")
    # Reasons and lines have the room of a page; of everything else it is said that something is left out, and how much.
    told = {each.split(" ", 1)[0] for each in said.split("; ") if each}
    assert told == set(prose) - ({"lines"} if name == "carton_content_label" else set())
    turn = list(LABELS).index(name) + (long == "words")
    language = (Language.ZPL, Language.PNG)[turn % 2]
    media = media_of(content, DPIS[turn // 2 % 2], language)
    drawn = pictures(render(content, media=media), media)
    assert [code for each in drawn for code in codes(each)] == list(sample.reads)


@pytest.mark.parametrize("name", PROSE)
def test_a_code_a_number_or_an_address_that_does_not_fit_is_refused_alike_by_all_and_named(name: str) -> None:
    content = LABELS[name].content
    for field in texts_of(content):
        if field not in PROSE[name]:
            [said] = outcomes(written(content, (field,), "A" * 300))
            whole = (name, field) in HAS_ROOM
            assert not said if whole else said.startswith(f"refused: {field}: "), (field, said)


def test_a_long_sender_takes_more_lines_and_is_whole() -> None:
    sender = ("Dockside Leeds Distribution Centre North", HOSTILE["300 characters in words"][:200])
    content = replace(HOUSE, from_lines=sender)
    assert outcomes(content) == {""}
    assert outcomes(replace(LABELS["return_label"].content, from_lines=sender)) == {""}  # type: ignore[type-var]
    media = media_of(content, 203, Language.PNG)
    assert codes(pictures(render(content, media=media), media)[0]) == [SSCC]


SHEETS = {
    "pick_list": ("cart", "site_name"), "return_slip": ("shop_name", "how", "reasons"),
    "floor_list": ("site_name",), "command_sheet": ("site_name",), "packing_slip": ("gift_note", "thanks", "ship_to_lines"),
}  # fmt: skip
CODED = {
    "product_label": ("sku",), "return_label": ("from_lines", "order_number"), "hazard_label": ("order_number",),
    "quarantine_label": ("sku",), "logistic_label": ("from_lines",), "carton_content_label": ("order_number",),
}  # fmt: skip
FREE = {name: prose for name, prose in (PROSE | SHEETS).items() if prose}
"""Texts that anybody may write anything into: they are shortened, and change nothing else."""


@pytest.mark.parametrize("name", FREE)
def test_what_anybody_writes_into_any_paper_is_words_and_nothing_else(name: str) -> None:
    sample, own = CASES[name], list(FREE).index(name)
    for place, text in enumerate(HOSTILE.values()):
        if place % 4 != own % 4:  # a fourth of the texts on each kind, each on several
            continue
        content = written(written(sample.content, FREE[name], text), CODED.get(name, ()), text[:8])
        media = media_of(content, 203, Language.PNG)
        drawn = pictures(render(content, media=media), media)
        # Our reader now and then takes a line of small print for an EAN: those are none where none was drawn.
        read = [code for each in drawn for code in codes(each) if code.aim != "]E0" or code in sample.reads]
        assert read == list(sample.reads), text


FIXED = {
    ("location_label", "code"): "Größe-1", ("product_label", "gtin"): "9501101530004",
    ("product_label", "expiry"): "2027-02-30", ("product_label", "lot"): "^XZ^XA#",
    ("product_label", "form"): "qr", ("product_label_ean", "gtin"): "^XZ", ("logistic_label", "sscc"): "0" * 18 + "1",
    ("logistic_label", "content"): "", ("logistic_label", "lot"): "L" * 21, ("hazard_label", "mark"): "radioactive",
    ("hazard_label", "on"): "1999-01-01", ("hazard_label", "un_numbers"): ("UN1203",), ("shelf_label", "arrow"): "left",
    ("slot_label", "slot"): 0, ("badge_label", "code"): "", ("tote_label", "code"): "W" * 300,
}  # fmt: skip
"""Facts that must be right: by which kind and field, and a wrong one."""


@pytest.mark.parametrize(("name", "field"), FIXED)
def test_a_fact_that_must_be_right_is_refused_and_named(name: str, field: str) -> None:
    content = replace(CASES[name].content, **{field: FIXED[name, field]})  # type: ignore[arg-type]
    with pytest.raises(LabelFault) as caught:
        render(content, media=media_of(content, 203, Language.PNG))
    assert caught.value.element in (field, "count"), str(caught.value)


@pytest.mark.parametrize(("wide", "high"), [(76.2, 25.4), (50.8, 50.8), (101.6, 50.8), (57.0, 89.0), (105.0, 148.0)])
@pytest.mark.parametrize("name", ["location_label", "tote_label", "cart_label", "slot_label", "workstation_label"])
def test_a_sign_fits_itself_to_what_is_loaded(name: str, wide: float, high: float) -> None:
    media = replace(media_of(CASES[name].content, 203, Language.PNG), width_mm=wide, height_mm=high)
    drawn = pictures(render(CASES[name].content, media=media), media)
    assert {code.data for code in codes(drawn[0])} == {code.data for code in CASES[name].reads}


@pytest.mark.parametrize(("wide", "high"), [(101.6, 152.4), (105.0, 148.0), (148.0, 210.0)])
@pytest.mark.parametrize("name", ["logistic_label", "logistic_label_square"])
def test_the_logistic_label_keeps_its_rules_on_every_paper(name: str, wide: float, high: float) -> None:
    content = CASES[name].content
    document = lay_out(content, Paper(wide, high))
    bars = [each for each in document.pages[0].elements if isinstance(each, Barcode)]
    sscc = next(each for each in bars if each.name == "sscc")
    assert sscc.area.bottom_mm == max(each.area.bottom_mm for each in bars)
    assert sscc.least_height_mm >= 32
    assert all(each.least_module_mm >= 0.495 for each in bars)
    media = replace(media_of(content, 300, Language.PNG), width_mm=wide, height_mm=high)
    assert {each.data for each in codes(pictures(render(content, media=media), media)[0])} >= {SSCC.data}


@pytest.mark.parametrize(
    ("gtin", "form", "reads"),
    [
        ("96385074", "", Read("]E4", "96385074")), ("00000096385074", "", Read("]E4", "96385074")),
        ("416000336108", "", Read("]E0", "0416000336108")), ("09501101530003", "ean_13", Read("]E0", "9501101530003")),
        ("96385074", "data_matrix", Read("]d2", "(01)00000096385074")),
    ],
)  # fmt: skip
def test_a_gtin_is_the_code_of_its_length(gtin: str, form: str, reads: Read) -> None:
    content = ProductLabel(gtin=gtin, form=form)
    for language in (Language.ZPL, Language.PNG):
        media = media_of(content, 203, language)
        assert codes(pictures(render(content, media=media), media)[0]) == [reads]


@pytest.mark.parametrize(
    ("gtin", "form", "why"),
    [
        ("96385074", "ean_13", "form: 00000096385074 is no EAN-13, it is an EAN-8"),
        ("9501101530003", "ean_8", "form: 09501101530003 is no EAN-8, it is an EAN-13"),
        ("19501101530000", "ean_13", "form: 19501101530000 is no EAN-13"),
    ],
)
def test_a_gtin_of_another_length_is_refused_in_that_form(gtin: str, form: str, why: str) -> None:
    content = ProductLabel(gtin=gtin, form=form)
    with pytest.raises(LabelFault) as caught:
        render(content, media=media_of(content, 203, Language.PNG))
    assert str(caught.value) == why


@pytest.mark.parametrize("language", ["de", "ar"])
def test_every_label_and_its_copy_has_room_for_our_words_in_every_language(language: str) -> None:
    for name, sample in LABELS.items():
        for copy in (1, 2):
            made = render(
                sample.content, media=media_of(sample.content, 203, Language.PNG), language=language, copy=copy
            )
            assert made.shortened == (), (name, copy)
