"""The languages that are told dots print the very dots that were looked at, and each is set up as its manual says."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from printing import media as media_rules
from printing import render
from printing.fault import LabelFault
from printing.media import DARKNESS, Language, Letters, dpi_fault, fits
from printing.render import BACK_ENDS
from tests.printing import heads
from tests.printing.readers import codes, page, pictures
from tests.printing.samples import DPIS, HOSTILE, HOUSE, QUARANTINE, SSCC, Sample, addressed, label_samples, media_of

DOTS = (Language.EPL2, Language.TSPL, Language.ESC_POS)
LABELS = label_samples()


def test_every_language_has_a_back_end() -> None:
    assert set(BACK_ENDS) == set(Language)


@pytest.mark.parametrize("dpi", DPIS)
@pytest.mark.parametrize("language", DOTS)
@pytest.mark.parametrize("sample", LABELS.values(), ids=LABELS)
def test_a_printer_that_is_told_dots_prints_exactly_the_page(sample: Sample, language: Language, dpi: int) -> None:
    media = media_of(sample.content, dpi, language)
    [printed] = pictures(render.render(sample.content, media=media), media)
    meant = page(sample.content, media)
    assert printed.crop((0, 0, *meant.size)).tobytes() == meant.tobytes()
    assert codes(printed) == list(sample.reads)


@pytest.mark.parametrize("language", [Language.ZPL, Language.TSPL])
def test_letters_that_reach_beyond_most_are_printed_whole(language: Language) -> None:
    content = addressed("Ångström Ç ç Ế ự ẞ jgy")
    media = media_of(content, 203, language, Letters.OURS)
    [printed] = pictures(render.render(content, media=media), media)
    meant = page(content, media)
    assert printed.crop((0, 0, *meant.size)).tobytes() == meant.tobytes()


@pytest.mark.parametrize("language", DOTS)
def test_no_text_reaches_a_printer_as_text(language: Language) -> None:
    content = replace(addressed("Zq7 "), carrier="Zq7")
    made = render.render(content, media=media_of(content, 203, language)).data
    assert b"ZQ7" not in made.upper()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (Language.EPL2, "a second label"),
        (Language.TSPL, "arabic"),
        (Language.ESC_POS, "emoji"),
        (Language.EPL2, "300 characters in one"),
    ],
)
def test_a_label_with_a_hostile_text_is_one_label_that_says_its_number(language: Language, text: str) -> None:
    content = addressed(HOSTILE[text])
    media = media_of(content, 203, language)
    [printed] = pictures(render.render(content, media=media), media)
    assert codes(printed) == [SSCC]


def test_epl2_is_set_up_before_the_picture_is_cleared() -> None:
    media = replace(media_of(QUARANTINE, 203, Language.EPL2), darkness=9, speed=4, gap_mm=3)
    made = render.render(QUARANTINE, media=media).data
    assert made.startswith(b"\nq812\nQ406,24\nS4\nD9\n;job=018f3ab1 dpi=203\nN\n")
    assert made.endswith(b"\nP1\n")


def test_tspl_is_set_up_before_the_picture_is_cleared() -> None:
    media = replace(media_of(QUARANTINE, 203, Language.TSPL), darkness=9, speed=4, gap_mm=2.5)
    made = render.render(QUARANTINE, media=media).data
    assert made.startswith(
        b"\r\nSIZE 101.6 mm,50.8 mm\r\nGAP 2.5 mm,0 mm\r\nSPEED 4\r\nDENSITY 9\r\nREM job=018f3ab1 dpi=203\r\n"
        b"DIRECTION 0\r\nREFERENCE 0,0\r\nCLS\r\n"
    )
    assert made.endswith(b"\r\nPRINT 1,1\r\n")


def test_esc_pos_resets_the_printer_and_cuts_each_label_off() -> None:
    made = render.render(QUARANTINE, media=replace(media_of(QUARANTINE, 203, Language.ESC_POS), darkness=-3)).data
    assert made.startswith(b"\x1b@\x1d(K\x02\x00\x31\xfd\x1dv0\x00")
    assert made.endswith(b"\x1dVB\x00")
    assert heads.escpos(made).settings == {"darkness": "-3"}


@pytest.mark.parametrize("name", label_samples())
def test_a_printer_repeats_no_label_by_itself_that_gives_a_right_to_its_holder(name: str) -> None:
    content = label_samples()[name].content
    made = render.render(content, media=media_of(content, 203, Language.ZPL)).data
    assert (b"^JZN" in made, b"^JZY" in made) == ((True, False) if name == "badge_label" else (False, True))


def test_zpl_says_darkness_before_the_label_and_speed_in_it() -> None:
    media = replace(media_of(HOUSE, 203, Language.ZPL), darkness=8, speed=4)
    assert render.render(HOUSE, media=media).data.startswith(
        b"~SD08\n^XA\n^FXjob=018f3ab0 dpi=203^FS\n^PON^PMN^LRN^LS0^FWN^CVN^CI28^JZY^PR4^PW812"
    )


@pytest.mark.parametrize(
    ("language", "read"), [(Language.EPL2, heads.epl2), (Language.TSPL, lambda d: heads.tspl(d, 203))]
)
def test_a_printer_is_left_as_it_is_set_where_the_media_say_nothing(
    language: Language, read: Callable[[bytes], heads.Head]
) -> None:
    head = read(render.render(QUARANTINE, media=media_of(QUARANTINE, 203, language)).data)
    assert not {"S", "D", "SPEED", "DENSITY"} & set(head.settings)


@pytest.mark.parametrize("job", ["", "N\nP9", "a b", '"', "x" * 65])
@pytest.mark.parametrize("language", DOTS)
def test_a_job_id_that_could_be_more_than_a_comment_is_left_out(job: str, language: Language) -> None:
    made = render.render(QUARANTINE, media=media_of(QUARANTINE, 203, language), job=job).data
    assert b"job=" not in made


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"darkness": 31}, "darkness: 31 is not between 0 and 30"),
        ({"language": Language.TSPL, "darkness": 16}, "darkness: 16 is not between 0 and 15"),
        ({"language": Language.PDF, "darkness": 5}, "darkness: pdf has none, 5 is set"),
        ({"speed": 0}, "speed: 0 inches a second is not between 1 and 14"),
        ({"gap_mm": -1}, "gap: -1 mm between labels of 152.4 mm"),
    ],
)
def test_settings_that_no_printer_takes_are_refused(wrong: dict[str, object], reason: str) -> None:
    with pytest.raises(LabelFault) as caught:
        render.render(HOUSE, media=replace(media_of(HOUSE, 203, Language.ZPL), **wrong))  # type: ignore[arg-type]
    assert str(caught.value) == reason


@pytest.mark.parametrize("language", DARKNESS)
def test_every_step_of_every_ladder_is_a_darkness_the_language_has(language: Language) -> None:
    for step in DARKNESS[language].ladder:
        media_rules.check(replace(media_of(HOUSE, 203, language), darkness=step))
    assert len(set(DARKNESS[language].ladder)) == 5


def test_bytes_for_another_head_are_refused_with_what_to_do() -> None:
    assert dpi_fault(300, 300) is None
    assert str(dpi_fault(203, 300)) == (
        "dpi: made for 203 dpi, the printer has 300: fetch the label for 300 dpi, or as PDF or PNG"
    )


@pytest.mark.parametrize("language", list(Language))
def test_kept_bytes_are_only_for_a_printer_like_the_one_they_were_made_for(language: Language) -> None:
    media = replace(media_of(QUARANTINE, 203, language), darkness=8 if language is Language.ZPL else None)
    made = render.render(QUARANTINE, media=media, job="").data
    assert fits(made, media)
    assert not any(fits(made, replace(media, language=other)) for other in Language if other is not language)
    if language in (Language.ZPL, Language.EPL2, Language.TSPL):
        assert not fits(made, replace(media, dpi=300))
