"""Templates: the closest file has the last word, and a broken one stops its paper, naming file, line and reason."""

import ast
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from printing.documents.sheets import GROUPS, SHOWN
from printing.fault import LabelFault
from printing.kinds import KINDS, kept, lay_out
from printing.label import Reverse
from printing.labels.marks import marks
from printing.media import Language
from printing.render import Rendering, render
from printing.templates import look_over
from printing.wording import LANGUAGES, words_of
from tests.printing import samples
from tests.printing.readers import codes, pdf_text, pictures
from tests.printing.samples import DOCK, HOUSE, SLIP, TOTE, media_of

SIGNS = set(KINDS["cart_label"].choices.places)
"""Signs share one list: not each has a title, or an arrow."""
KNOWN = {name: kept(kind) for name, kind in KINDS.items()}


def printed(folder: Path, language: str = "", **change: str) -> Rendering:
    """Return the packing slip as the templates of a folder want it."""
    content = replace(SLIP, **change)  # type: ignore[arg-type]
    return render(content, media=media_of(SLIP, 203, Language.PDF), language=language, templates=folder)


def words_on(made: Rendering) -> str:
    return " ".join(" ".join(pdf_text(made.data)).split())


def logo() -> bytes:
    """Return a PNG of a black disc's width on nothing."""
    kept_in = io.BytesIO()
    image = Image.new("RGBA", (120, 40), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (10, 5, 110, 35))
    image.save(kept_in, "PNG")
    return kept_in.getvalue()


def test_without_a_folder_nothing_changes(tmp_path: Path) -> None:
    plain = render(SLIP, media=media_of(SLIP, 203, Language.PDF))
    assert printed(tmp_path / "none") == printed(tmp_path) == plain
    assert plain.made_by == "packing_slip 1"


def test_each_key_is_taken_from_the_closest_file(tmp_path: Path) -> None:
    (tmp_path / "packing_slip.toml").write_text(
        'version = 1\nsender = ["House", "everywhere"]\n[texts]\nthanks = "Thanks from the house."\n', "utf-8"
    )
    (tmp_path / "packing_slip.de.toml").write_text('version = 2\n[texts]\nthanks = "Danke vom Haus."\n', "utf-8")
    (tmp_path / "packing_slip@harbour-market.toml").write_text(
        'version = 3\nsender = ["Harbour Market"]\n[words]\n"Order {number}" = "Purchase {number}"\n', "utf-8"
    )
    (tmp_path / "packing_slip@harbour-market.de.toml").write_text(
        'version = 4\n[texts]\nthanks = "Danke vom Hafen für {order_number}."\n', "utf-8"
    )
    other = printed(tmp_path, channel="Somebody")
    assert other.made_by == "packing_slip 1, packing_slip.toml 1"
    assert "House everywhere" in words_on(other)
    assert "Thanks from the house." in words_on(other)
    assert "Danke vom Haus." in words_on(printed(tmp_path, "de", channel="Somebody"))
    market = printed(tmp_path)
    assert market.templates == ("packing_slip.toml 1", "packing_slip@harbour-market.toml 3")
    assert all(words in words_on(market) for words in ("Harbour Market", "Purchase 100482", "Thanks from the house."))
    both = printed(tmp_path, "de")
    assert both.templates[-1] == "packing_slip@harbour-market.de.toml 4"
    assert "Danke vom Hafen für 100482." in words_on(both)
    assert "Purchase 100482" in words_on(both)


def test_a_customers_language_decides_where_nobody_asks_for_one(tmp_path: Path) -> None:
    (tmp_path / "packing_slip@harbour-market.toml").write_text('version = 1\nlanguage = "de"\n', "utf-8")
    assert "Karton 1 von 2" in words_on(printed(tmp_path))
    assert "Carton 1 of 2" in words_on(printed(tmp_path, channel="Somebody"))
    assert "Carton 1 of 2" in words_on(printed(tmp_path, "en"))


def test_blocks_facts_extra_lines_and_paper_are_chosen(tmp_path: Path) -> None:
    (tmp_path / "packing_slip.toml").write_text(
        'version = 1\npaper = "A4"\nblocks = ["contents", "closing"]\nhide = ["packed_by"]\nextra = ["Open daily."]\n',
        "utf-8",
    )
    media = replace(media_of(SLIP, 203, Language.PDF), width_mm=210, height_mm=297)
    made = render(SLIP, media=media, templates=tmp_path)
    said = words_on(made)
    assert "Open daily." in said
    assert not any(words in said for words in ("Ines Okafor", "Happy birthday", "by Aylin S."))
    with pytest.raises(LabelFault, match="paper: 210 by 297 mm needed, 148 by 210 mm loaded"):
        printed(tmp_path)


def test_a_logo_stands_in_the_place_of_the_name_in_every_language_of_printers(tmp_path: Path) -> None:
    (tmp_path / "shop.png").write_bytes(logo())
    (tmp_path / "packing_slip.toml").write_text('version = 1\nlogo = "shop.png"\n', "utf-8")
    for language in (Language.PDF, Language.PNG, Language.ZPL):
        media = replace(media_of(SLIP, 203, language), width_mm=148, height_mm=210)
        made = render(SLIP, media=media, templates=tmp_path)
        if language is not Language.ZPL:
            page = pictures(made, media)[0]
            assert [code.data for code in codes(page)] == ["100482", SLIP.returns_link]
            assert page.getpixel((12 * 8 + 60, 12 * 8 + 10)) == 0
        else:
            assert made.data.count(b"^GFA") > 1


def test_sizes_of_texts_are_chosen_within_their_areas(tmp_path: Path) -> None:
    (tmp_path / "house_label.toml").write_text('version = 1\nsender = ["Acme"]\n[sizes]\npostcode = 6\n', "utf-8")
    made = render(HOUSE, media=media_of(HOUSE, 203, Language.ZPL), templates=tmp_path)
    assert b"^FDFrom Acme^FS" in made.data
    assert b"^A0N,63,63^FH^FDYO21 3PU" in made.data


BROKEN = {
    "version = 1\npaper = [": "line 2: ",
    "": "line 1: version: is a whole number from 1 on",
    "version = 0": "line 1: version: ",
    'version = 1\n\npaper = "A0"': "line 3: paper: 'A0' is none of A4, A5",
    'version = 1\nlanguage = "fr"': "line 2: language: 'fr' is none of en, de, ar",
    'version = 1\ncolour = "red"': "line 2: colour: no such key",
    'version = 1\nblocks = ["address"]': "line 2: blocks: 'contents' cannot be left out",
    'version = 1\nblocks = ["contents", "contents"]': "line 2: blocks: names something twice",
    'version = 1\nblocks = ["contents", "advert"]': "line 2: blocks: 'advert' is none of",
    'version = 1\nhide = ["order_number"]': "line 2: hide: 'order_number' is none of",
    'version = 1\nsender = "Acme"': "line 2: sender: is a list of texts",
    'version = 1\nextra = ["1","2","3","4","5","6","7","8","9"]': "line 2: extra: has at most 8 lines",
    'version = 1\nlogo = "../secret.png"': "line 2: logo: is the name of a PNG file",
    'version = 1\nlogo = "none.png"': "line 2: logo: none.png cannot be read",
    "version = 1\n[sizes]\nthanks = 90": "line 3: sizes.thanks: 90 is no height",
    "version = 1\n[sizes]\nbanner = 3": "line 3: sizes.banner: there is no such text",
    'version = 1\n[texts]\nthanks = "{price}"': "line 3: texts.thanks: {price} cannot be filled in",
    'version = 1\n[texts]\nthanks = "{"': "line 3: texts.thanks: has a brace",
    'version = 1\n[texts]\norder_number = "1"': "line 3: texts.order_number: there is no such text",
    'version = 1\n[words]\n"Buy more" = "Mehr"': "line 3: words.Buy more: is no word of ours",
    'version = 1\n[words]\n"Order {number}" = "{who}"': "line 3: words.Order {number}: {who} cannot be filled in",
    "version = 1\nextra = " + "[" * 3000: "line 1: cannot be read: it is nested too deeply",
    "version = 1\n[places]\nto = [1, 2]": "line 3: places.to: this kind of paper has none",
}


@pytest.mark.parametrize(("text", "reason"), BROKEN.items())
def test_a_broken_template_stops_its_paper_and_names_file_line_and_reason(
    tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "packing_slip@harbour-market.toml").write_text(text, "utf-8")
    wanted = re.escape(f"packing_slip@harbour-market.toml, {reason}")
    with pytest.raises(LabelFault, match=wanted):
        printed(tmp_path)
    with pytest.raises(LabelFault, match=wanted):
        look_over(tmp_path, KNOWN)
    assert printed(tmp_path, channel="Somebody").pages == 1
    assert render(TOTE, media=media_of(TOTE, 203, Language.ZPL), templates=tmp_path).pages == 1


def test_a_template_of_windows_notepad_is_read_and_one_in_other_letters_names_its_line(tmp_path: Path) -> None:
    file = tmp_path / "packing_slip.toml"
    file.write_bytes(b'\xef\xbb\xbfversion = 1\n[texts]\nthanks = "One."\n')
    assert "One." in words_on(printed(tmp_path))
    file.write_bytes(b'version = 2\n[texts]\nthanks = "Gr\xfc\xdfe"\n')
    with pytest.raises(LabelFault, match=r"packing_slip\.toml, line 3: cannot be read: 'utf-8'"):
        printed(tmp_path)


def test_a_name_that_no_customer_can_have_is_told(tmp_path: Path) -> None:
    (tmp_path / "packing_slip@Harbour Market.toml").write_text("version = 1\n", "utf-8")
    with pytest.raises(
        LabelFault, match="Market.toml: nobody's paper looks there: write 'harbour-market' for whom it is"
    ):
        look_over(tmp_path, KNOWN)


def test_a_changed_template_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "packing_slip.toml"
    file.write_text('version = 1\n[texts]\nthanks = "One."\n', "utf-8")
    assert "One." in words_on(printed(tmp_path))
    file.write_text('version = 2\n[texts]\nthanks = "Two."\n', "utf-8")
    assert "Two." in words_on(printed(tmp_path))


@pytest.mark.parametrize("name", ["banner.toml", "packing_slip.fr.toml", "packing_slip@.toml", "packing-slip.toml"])
def test_a_name_that_says_nothing_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("version = 1\n", "utf-8")
    with pytest.raises(LabelFault, match=re.escape(name)):
        look_over(tmp_path, KNOWN)


def spoken() -> Iterator[str]:
    """Yield every sentence of ours that a layout may say."""
    for path in sorted(Path("printing").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("say", "count")
            ):
                said = node.args[:1] if node.func.attr == "say" else node.args[1:]
                constants = [each for arg in said for each in ast.walk(arg) if isinstance(each, ast.Constant)]
                yield from (each.value for each in constants if isinstance(each.value, str))
    yield from (text for mark in marks() for text in (mark.name, mark.form, mark.note))
    yield from (shown.word for shown in SHOWN.values())
    yield from GROUPS
    yield from ("Label", "Order", "Postcode", "Driver, in capitals", "Signature", "Date and time")


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_every_sentence_on_paper_is_in_every_language_with_the_same_facts(language: str) -> None:
    words = words_of(language)
    sentences = set(spoken())
    assert {each for each in sentences if each not in words} == set()
    facts = re.compile(r"{(\w+)}")
    assert {each for each, said in words.items() if set(facts.findall(each)) != set(facts.findall(said))} == set()


def test_a_customers_templates_come_before_their_shops(tmp_path: Path) -> None:
    for name, version, thanks in (("@harbour-market", 1, "Shop."), ("@4711", 2, "You."), ("@4711.de", 3, "Du.")):
        text = f'version = {version}\n[texts]\nthanks = "{thanks}"\n'
        (tmp_path / f"packing_slip{name}.toml").write_text(text, "utf-8")
    (tmp_path / "packing_slip@harbour-market.de.toml").write_text("version = 4\nextra = ['Offen.']\n", "utf-8")

    def made(customer: str, language: str) -> Rendering:
        media = media_of(SLIP, 203, Language.PDF)
        content = replace(SLIP, channel="Harbour Market")
        return render(content, media=media, language=language, customer=customer, templates=tmp_path)

    assert "You." in words_on(made("4711", ""))
    both = made("4711", "de")
    assert ("Du." in words_on(both), "Offen." in words_on(both)) == (True, True)
    assert [each.split(" ")[0] for each in both.templates] == [
        "packing_slip@harbour-market.toml", "packing_slip@harbour-market.de.toml", "packing_slip@4711.toml",
        "packing_slip@4711.de.toml",
    ]  # fmt: skip
    assert "Shop." in words_on(made("0815", ""))


def test_a_language_that_paper_does_not_speak_is_left_to_the_templates(tmp_path: Path) -> None:
    (tmp_path / "packing_slip.toml").write_text('version = 1\nlanguage = "de"\n', "utf-8")
    assert printed(tmp_path, "fr").data == printed(tmp_path, "de").data != printed(tmp_path, "en").data


def house(folder: Path, text: str = "", language: str = "") -> Rendering:
    (folder / "house_label.toml").write_text(f"version = 1\n{text}", "utf-8")
    return render(HOUSE, media=media_of(HOUSE, 203, Language.PNG), language=language, templates=folder)


def where(folder: Path, name: str) -> tuple[float, float, float, float]:
    """Return where an element of the house label stands, in millimetres."""
    document = lay_out(HOUSE, KINDS["house_label"].paper, templates=folder)
    area = next(each.area for each in document.pages[0].elements if each.name == name)
    return (area.x_mm, area.y_mm, area.width_mm, area.height_mm)


def test_elements_of_a_label_stand_where_a_template_says_and_it_still_scans(tmp_path: Path) -> None:
    plain = house(tmp_path)
    x, y, wide, high = where(tmp_path, "weight")
    order = where(tmp_path, "order")

    # The two change places.
    swapped = house(tmp_path, f"[places]\nweight = [{order[0]}, {order[1]}]\norder = [{x}, {y}, {wide}, {high}]\n")

    assert (where(tmp_path, "weight"), where(tmp_path, "order")) == ((*order[:2], wide, high), (x, y, wide, high))
    assert swapped.data != plain.data
    assert {each.data for each in codes(Image.open(io.BytesIO(swapped.data)))} == {
        each.data for each in codes(Image.open(io.BytesIO(plain.data)))
    }


def test_a_block_takes_its_words_along(tmp_path: Path) -> None:
    (tmp_path / "dock_label.toml").write_text("version = 1\n[places]\ntitle = [20, 10, 40, 8]\n", "utf-8")
    document = lay_out(DOCK, KINDS["dock_label"].paper, templates=tmp_path)
    block = next(each for each in document.pages[0].elements if each.name == "title")
    assert isinstance(block, Reverse)
    assert all(
        20 <= text.area.x_mm and text.area.right_mm <= 60.001 and 10 <= text.area.y_mm and text.area.bottom_mm <= 18.001
        for text in block.texts
    )


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[places]\nbanner = [1, 2]\n", 3, "places.banner: no such element may stand elsewhere"),
        ("[places]\nrule = [1, 2]\n", 3, "places.rule: no such element may stand elsewhere"),
        ("[sizes]\nto = 4\n[places]\nto = [1, 2, 3]\n", 5, "places.to: [1, 2, 3] is neither"),
        ("[places]\n\nto = [1, -2]\n", 4, "places.to: [1, -2]: from 0 to 300 mm"),
        ("[places]\nto = [1, 2, 0.5, 9]\n", 3, "places.to: [1, 2, 0.5, 9]: from 0 to 300 mm"),
        ("places = 3\n", 2, "places: is a table of places by element"),
        # What the schema lets pass the linter refuses, by the same file and line.
        ("[places]\nweight = [95, 20]\n", 3, "weight_grams: reaches "),
        ("[places]\nsscc = [5, 60]\n", 3, "overlap"),
        ("[places]\nto = [5, 40, 12, 2]\n", 3, "to_lines: does not fit"),
        ("[sizes]\n[places]\npostcode = [40, 110]\n", 4, "sscc: its quiet zone is overlapped by postcode"),
    ],
)
def test_a_place_that_will_not_do_is_refused_by_file_line_and_reason(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    with pytest.raises(LabelFault) as fault:
        house(tmp_path, text)
    assert fault.value.element == f"house_label.toml, line {line}"
    assert reason in fault.value.reason


def test_every_element_that_may_stand_elsewhere_is_one_of_its_label(tmp_path: Path) -> None:
    contents = [each for each in vars(samples).values() if hasattr(type(each), "KIND")]
    for name, kind in KINDS.items():
        said = {
            element.name
            for each in contents
            if each.KIND == name
            for page in lay_out(each, kind.paper).pages
            for element in page.elements
        }
        assert set(kind.choices.places) <= said | SIGNS, name
