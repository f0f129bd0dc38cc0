"""Compressed GS1 Digital Links, whole and with their key before them, as GS1's own prototype writes them."""

from hypothesis import given
from hypothesis import strategies as st

from core.catalog.codes import DigitalLinkReading, Flaw, PlainReading, Rejected, read_code
from core.catalog.digital_link import read_digital_link
from core.catalog.judging import Verdict, judge

TODAY = (2026, 6, 15)
HOST = "https://id.example.com/"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
LONG_99 = "000" + "123456789" * 7

# Made with gs1/GS1DigitalLinkCompressionPrototype: the end of the address, and what it says in the order of a link.
VECTORS = [
    ("ARFKk4XBoA", "01 09506000134352"),
    ("AAFdGUuw5W0g", "00 006141411234567890"),
    ("AN2yxDhfaiaw", "00 998440410914660971"),
    ("AQnYUc1gmiERBhQ0ytiyZuAGOLc1TQ", "01 05412345000013 10 ABC&+123 7003 1903061658"),
    ("stem/AQnYUc1gmiERBhQ0ytiyZuAGOLc1TXhXsaXbQKHFuaprwUmrBX6g?x=1", "01 05412345000013 10 ABC&+123 7003 1903061658"),
    # A usual set of identifiers, its values in the standard's order and in that of an older toolkit; without sets; in part.
    ("GhFKk4XBoAgAYxpfan-N4", "01 09506000134352 10 0012 21 S-1 17 261231"),
    ("GhFKk4XBoAgAYf43saX2o", "01 09506000134352 10 0012 21 S-1 17 261231"),
    ("ARFKk4XBoCAIAGC5_jeQsaX2o", "01 09506000134352 10 0012 21 S-1 17 261231"),
    ("01/09506000134352/EAQAMFz_G8hY0vtQ", "01 09506000134352 10 0012 21 S-1 17 261231"),
    # Names and values that are the website's own stand among the bits.
    ("LRFKk4XBoAAXohDQYS-GrYnJEhD54KTVgr9Q", "01 09506000134352 10 AB/C+1 3103 000189 3922 2172"),
    ("a/b/01/09506000134352/EIaDCXw1bExAwAL05IkIfPBSasFfq", "01 09506000134352 10 AB/C+1 3103 000189 3922 2172"),
    ("ARFKk4XBoCENBhL4atiYgYAF6ckSEPngpNWCv1", "01 09506000134352 10 AB/C+1 3103 000189 3922 2172"),
    # Hexadecimal in small and in capital letters.
    ("ChFKk4XBoIRUIFG9W33eQpG9W33e", "01 09506000134352 22 2A 10 deadbeef 21 DEADBEEF"),
    ("01/09506000134352/ECjerb7vIUjerb7vIkIq", "01 09506000134352 22 2A 10 deadbeef 21 DEADBEEF"),
    ("nYqJOTrRSFZssK_E", "414 9520123456788 254 32a/b"),
    ("nYVmywr8UVEnJ1oo", "414 9520123456788 254 32a/b"),
    ("414/9520123456788/JUhWbLCvxA", "414 9520123456788 254 32a/b"),
    # Values of several parts, one of which may be absent.
    ("JViok5OtFAA", "255 9520123456788"),
    ("JTiok5OtFEOrw", "253 9520123456788ABC"),
    ("gAMRUScnWiiNV4JG", "8003 09520123456788ABC123"),
    ("EGEuABhUbiRTG29Zg", "8006 095060001343520102 10 L"),
    ("8006/095060001343520102/EGEs", "8006 095060001343520102 10 L"),
    ("ARFKk4XBoIRooBwBz-AUPB3WzAGA4", "01 09506000134352 423 276 7007 260101"),
    # More digits than a floating point number keeps.
    ("ARFKk4XBoTIhAAJmnmjiM8EpmQmILTDgF4UXIFo5Q4W0ICL4q", f"01 09506000134352 99 {LONG_99}"),
    # Beside what is compressed the query may say more.
    ("ARFKk4XBoA?17=261231&k=v#part", "01 09506000134352 17 261231"),
]  # fmt: skip


def test_every_compressed_link_says_what_was_put_into_it_with_and_without_a_symbology_id() -> None:
    for address, told in VECTORS:
        for aim in ("", "]Q1", "]d1"):
            judged = judge(read_code(f"{aim}{HOST}{address}", today=TODAY))
            assert judged.verdict is Verdict.ACCEPTED, (address, judged)
            assert isinstance(judged.chosen, DigitalLinkReading), address
            assert " ".join(part for element in judged.chosen.ais for part in element) == told
            assert judged.chosen.uri == HOST + address


def test_a_compressed_link_with_a_wrong_value_is_refused_as_any_other() -> None:
    for address, flaw, at in [
        ("AQnYUd1gmiERBhQ0ytiyZuAGOLc1TQ", Flaw.BAD_CHECK_DIGIT, "01"),
        ("ARFKk4XBog", Flaw.BAD_CHECK_DIGIT, "01"),
        ("01/09506000134352/Fz_NM", Flaw.BAD_DATE, "17"),
        ("01/09506000134353/EAQAMFz_G8hY0vtQ", Flaw.BAD_CHECK_DIGIT, "01"),
        ("01/09506000134352/ARZlXgDkGg", Flaw.BAD_LINK, "01"),
        ("ARFKk4XBoA?10=A", Flaw.BAD_LINK, "10"),
        ("GhFKk4XBoAgAYxpfan-N4?17=261231", Flaw.REPEATED_IDENTIFIER, "17"),
        ("ARFKk4XBoA/", Flaw.BAD_LINK, "/"),
    ]:
        refused = read_digital_link(HOST + address, TODAY)
        assert isinstance(refused, Rejected), address
        assert (refused.reason, refused.at) == (flaw, at)


def test_words_of_a_website_are_text() -> None:
    for address in (
        "", "catalogue", "ingredients-list", "dQw4w9WgXcQ", "01/09506000134352/details", "ARFKk4XBo", "ARFKk4XBoAB",
        "EAQAMFz_G8hY0vtQ", "GRFKk4XBoAgAYxpfan-N4", "05/12/EAQAMFz_G8hY0vtQ",
    ):  # fmt: skip
        assert read_code(HOST + address, today=TODAY) == (PlainReading(HOST + address),), address


@given(st.text(LETTERS, max_size=60), st.sampled_from(("", "01/09506000134352/", "414/9520123456788/")))
def test_whatever_letters_come_they_are_read_or_not(letters: str, before: str) -> None:
    reading = read_digital_link(HOST + before + letters, TODAY)
    assert reading is None or isinstance(reading, DigitalLinkReading | Rejected)


def test_a_compressed_link_that_lost_its_end_says_nothing_that_it_did_not_say_whole() -> None:
    for address, told in VECTORS:
        letters = address.partition("?")[0]
        for end in range(len(letters) - 1, letters.rfind("/") + 4, -1):
            cut = read_digital_link(HOST + letters[:end], TODAY)
            if isinstance(cut, DigitalLinkReading):
                assert {" ".join(each) for each in cut.ais} <= {" ".join(each) for each in _pairs(told)}


def _pairs(told: str) -> list[tuple[str, str]]:
    parts = told.split(" ")
    return list(zip(parts[::2], parts[1::2], strict=True))
