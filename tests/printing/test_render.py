"""The door of the room: every kind has its layout, copies say so, jobs are named, and wrong paper is refused."""

from dataclasses import dataclass, replace
from typing import ClassVar, get_args

import pytest

from core.catalog import contents as catalog_contents
from core.kernel.codec import from_text, to_text
from core.packing import contents as packing_contents
from core.people import contents as people_contents
from core.picking import contents as picking_contents
from core.printers import contents as printers_contents
from core.shipping import contents as shipping_contents
from core.stock import contents as stock_contents
from printing.fault import LabelFault
from printing.kinds import KINDS, Content
from printing.media import Language, Media
from printing.render import content_type, render
from tests.printing.readers import pdf_text, pictures
from tests.printing.samples import (
    GOLDEN,
    HOUSE,
    QUARANTINE,
    SLIP,
    TOTE,
    every_sample,
    golden_labels,
    manifest,
    media_of,
)

ALL: list[Content] = list({type(each.content): each.content for each in every_sample().values()}.values())


@pytest.mark.parametrize("name", sorted(golden_labels()))
def test_a_label_is_its_golden_file(name: str) -> None:
    assert golden_labels()[name] == (GOLDEN / name).read_bytes()


def test_every_golden_file_is_still_made() -> None:
    assert sorted(path.name for path in GOLDEN.iterdir()) == sorted(golden_labels())


def test_every_content_of_the_areas_has_a_layout_and_no_other_has() -> None:
    declared = {
        each.KIND: each
        for module in (
            shipping_contents,
            packing_contents,
            picking_contents,
            stock_contents,
            catalog_contents,
            people_contents,
            printers_contents,
        )  # fmt: skip
        for each in vars(module).values()
        if isinstance(each, type) and hasattr(each, "KIND")
    }
    assert {kind: template.content for kind, template in KINDS.items()} == declared
    drawn = {each for each in declared.values() if not KINDS[each.KIND].foreign}
    assert set(declared.values()) == set(get_args(Content))
    assert drawn == {type(each) for each in ALL}


@pytest.mark.parametrize("content", ALL, ids=lambda each: each.KIND)
def test_a_content_comes_back_from_the_spool_as_it_went_in(content: Content) -> None:
    assert from_text(content_type(content.KIND), to_text(content)) == content


@pytest.mark.parametrize("content", ALL, ids=lambda each: each.KIND)
def test_a_rendering_names_its_template_and_version(content: Content) -> None:
    made = render(content, media=media_of(content, 203, Language.PDF))
    assert (made.template, made.template_version, made.mime) == (content.KIND, 1, "application/pdf")
    assert made.data.startswith(b"%PDF-")


def test_what_had_to_be_shortened_is_named_with_what_made_it() -> None:
    content = replace(TOTE, note="A" * 300)
    made = render(content, media=media_of(content, 203, Language.ZPL))
    assert made.made_by == "tote_label 1, note shortened to 30 of 300 characters"
    assert made.made_by == render(content, media=media_of(content, 203, Language.PDF)).made_by


@dataclass(frozen=True, slots=True)
class Postcard:
    KIND: ClassVar[str] = "postcard"


@pytest.mark.parametrize("content", [Postcard(), "house_label", None])
def test_an_unknown_kind_is_refused(content: object) -> None:
    with pytest.raises(LabelFault, match="no layout for this kind of content"):
        render(content, media=media_of(HOUSE, 203, Language.ZPL))


def test_a_kind_that_is_not_its_class_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Imposter:
        KIND: ClassVar[str] = "house_label"

    with pytest.raises(LabelFault, match="house_label: content is a Imposter"):
        render(Imposter(), media=media_of(HOUSE, 203, Language.ZPL))


def test_paper_that_is_too_small_is_refused_with_both_sizes() -> None:
    small = Media(dpi=203, width_mm=101.6, height_mm=50.8, language=Language.ZPL)
    with pytest.raises(LabelFault, match=r"paper: 101\.6 by 152\.4 mm needed, 101\.6 by 50\.8 mm loaded"):
        render(HOUSE, media=small)


def test_a_label_keeps_its_size_on_larger_paper() -> None:
    large = Media(dpi=203, width_mm=148, height_mm=210, language=Language.ZPL)
    assert b"^PW812^LL1218" in render(HOUSE, media=large).data


@pytest.mark.parametrize("content", [TOTE, QUARANTINE], ids=lambda each: each.KIND)
def test_only_a_copy_says_that_it_is_one(content: Content) -> None:
    media = media_of(content, 203, Language.ZPL)
    assert b"COPY" not in render(content, media=media, copy=1).data
    assert b"^FDCOPY 2" in render(content, media=media, copy=2).data
    assert render(replace(content, copy_number=3), media=media) == render(content, media=media, copy=3)


def test_a_copy_of_what_goes_with_the_carrier_looks_as_the_first_did() -> None:
    media = media_of(HOUSE, 203, Language.ZPL)
    assert render(HOUSE, media=media, copy=2).data == render(HOUSE, media=media, copy=1).data


def test_the_job_rides_in_a_comment_and_the_caller_may_name_it() -> None:
    media = media_of(HOUSE, 203, Language.ZPL)
    assert b"\n^FXjob=018f3ab0 dpi=203^FS\n" in render(HOUSE, media=media).data
    assert b"\n^FXjob=beef dpi=203^FS\n" in render(HOUSE, media=media, job="beef").data


@pytest.mark.parametrize("job", ["", "^XZ", "a b", "x" * 65])
def test_a_job_id_that_could_be_more_than_a_comment_is_left_out(job: str) -> None:
    assert b"job=" not in render(HOUSE, media=media_of(HOUSE, 203, Language.ZPL), job=job).data


def test_a_slip_tells_the_customer_what_is_inside_and_what_follows() -> None:
    made = render(SLIP, media=media_of(SLIP, 300, Language.PDF))
    page = " ".join(pdf_text(made.data)[0].split())
    for words in (
        "Harbour & Home",
        "Order 100482",
        "Carton 1 of 2",
        "Happy birthday, Ines!",
        "Wool blanket, 140 x 200 cm, grey check",
        "MUG-BL 2 to follow",
        "CND-CED 1 in another carton",
        "Thank you for your order.",
    ):
        assert words in page


def test_a_slip_has_as_many_pages_as_its_lines_take_and_loses_none() -> None:
    long = replace(SLIP, lines=tuple(replace(SLIP.lines[0], sku=f"SKU-{n:03}") for n in range(60)))
    made = render(long, media=media_of(SLIP, 203, Language.PDF))
    pages = pdf_text(made.data)
    assert len(pages) == made.pages == 5
    assert [page.count("SKU-") for page in pages] == [9, 14, 14, 14, 9]
    assert f"{len(pages)} of {len(pages)}" in pages[-1]


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_number_of_a_reason_stands_on_the_line_of_its_reason(language: str) -> None:
    slip = every_sample()["return_slip"].content
    made = render(slip, media=media_of(slip, 203, Language.PDF), language=language)
    [text] = pdf_text(made.data)
    lines = [each for each in text.splitlines() if "Too small" in each or "Other" in each]
    assert len(lines) == 2
    assert not lines[0].rstrip()[-1].isdigit()


def test_a_manifest_lists_each_parcel_once_and_ends_with_the_signatures() -> None:
    content = manifest(75)
    made = render(content, media=media_of(content, 203, Language.PDF))
    pages = pdf_text(made.data)
    listed = [word for page in pages for word in page.split() if word.startswith("KX")]
    assert listed == [row.label for row in content.rows]
    assert "75 parcels" in pages[0]
    assert all("Postcode" in page for page in pages)
    assert "Signature" in pages[-1]
    assert not any("Signature" in page for page in pages[:-1])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"parcels": 4}, "parcels: 4 were loaded, 3 are listed"),
        ({"weight_grams": 1}, "weight: total is 1 g, the rows add up to 2622 g"),
    ],
)
def test_a_manifest_that_does_not_add_up_is_refused(change: dict[str, int], reason: str) -> None:
    content = replace(manifest(3), **change)  # type: ignore[arg-type]
    with pytest.raises(LabelFault, match=reason):
        render(content, media=media_of(content, 203, Language.PDF))


def test_a_preview_of_several_pages_shows_them_one_below_the_other() -> None:
    content = manifest(75)
    media = media_of(content, 203, Language.PNG)
    made = render(content, media=media)
    assert pictures(made, media)[0].size == (1678, 2374 * made.pages)


def test_a_country_without_postcodes_is_the_largest_thing_itself() -> None:
    made = render(replace(HOUSE, to_postcode="", to_country="HK"), media=media_of(HOUSE, 203, Language.ZPL)).data
    assert b"^A0N,143,143^FH^FDHK^FS" in made
    assert made.count(b"^FDHK^FS") == 1


def test_a_parcel_that_was_not_weighed_has_no_weight_on_its_label() -> None:
    made = render(replace(HOUSE, weight_grams=None), media=media_of(HOUSE, 203, Language.ZPL)).data
    assert b"kg" not in made


def test_a_country_written_out_ends_the_address_and_two_letters_stand_beside_the_postcode() -> None:
    media = media_of(HOUSE, 203, Language.ZPL)
    written = render(replace(HOUSE, to_country="United States of America"), media=media).data
    assert b"^FDWhitby^FS\n" in written
    assert b"^FDUNITED STATES OF AMERICA^FS\n" in written
    assert b"^FB224,1,0,R^FH^FDGB^FS" in render(HOUSE, media=media).data
