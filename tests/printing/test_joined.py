"""Facts behind each other on one line of paper."""

from printing.words import joined, said


def test_a_number_beside_a_fact_that_reads_from_the_right_stays_with_its_own() -> None:
    assert said((("lot", "الدفعة L7"), ("subject", "3 x Bowl"))) == "الدفعة L7   \u20683 x Bowl\u2069"
    assert joined("الطلب 7", "", "2026-11-29") == "الطلب 7  ·  \u20682026-11-29\u2069"


def test_facts_that_read_from_the_left_are_only_joined() -> None:
    assert joined("Lot L7", "", "3 x Bowl") == "Lot L7  ·  3 x Bowl"
    assert said((("name", "محمد"),)) == "محمد"
