"""Every label in ZPL, drawn by a second interpreter that is not ours, says exactly what it is meant to say.

A share in every run, everything in the night: drawing a label takes it a quarter of a second.
"""

from dataclasses import dataclass

import pytest
from PIL import ImageChops

from printing.media import Language, Letters
from printing.render import Content, render
from tests.printing import second_reader
from tests.printing.readers import Read, codes, page
from tests.printing.samples import DPIS, HOSTILE, SSCC, addressed, label_samples, media_of


@dataclass(frozen=True, slots=True)
class Case:
    """A label at a resolution, and what a scanner is to read of it from top to bottom."""

    name: str
    content: Content
    reads: tuple[Read, ...]
    dpi: int
    letters: Letters = Letters.PRINTERS


def every_kind() -> list[Case]:
    """Return every label at every resolution and in both letters."""
    return [
        Case(f"{name} {dpi} {letters}", sample.content, sample.reads, dpi, letters)
        for name, sample in label_samples().items()
        for dpi in DPIS
        for letters in Letters
    ]


def every_text() -> list[Case]:
    """Return a label with each hostile or foreign text wherever people write."""
    return [Case(f"{name} {dpi}", addressed(text), (SSCC,), dpi) for name, text in HOSTILE.items() for dpi in DPIS]


def a_share() -> list[Case]:
    """Return every kind at one resolution, which changes from kind to kind, and the texts that differ most."""
    kinds = [
        Case(f"{name} {DPIS[n % 2]}", sample.content, sample.reads, DPIS[n % 2], list(Letters)[n // 2 % 2])
        for n, (name, sample) in enumerate(label_samples().items())
    ]
    texts = ("a second label", "quotes", "arabic", "thai", "emoji", "300 characters in one")
    return [*kinds, *(Case(text, addressed(HOSTILE[text]), (SSCC,), 203) for text in texts)]


def misread(cases: list[Case]) -> list[str]:
    """Return what comes out otherwise than meant: how many labels, what their codes say, and dots of what we draw."""
    media = [media_of(case.content, case.dpi, Language.ZPL, case.letters) for case in cases]
    jobs = [(render(case.content, media=each).data, each) for case, each in zip(cases, media, strict=True)]
    wrong = []
    for case, (data, each), labels in zip(cases, jobs, second_reader.draw(jobs), strict=True):
        found = [codes(label) for label in labels]
        if found != [list(case.reads)]:
            wrong.append(f"{case.name}: {found}")
        elif b"^A0N" not in data:
            meant = page(case.content, each)
            drawn = labels[0].crop((0, 0, *meant.size)).point([0 if level < 128 else 255 for level in range(256)])
            if ImageChops.difference(meant, drawn).getbbox() is not None:
                wrong.append(f"{case.name}: its dots differ in {ImageChops.difference(meant, drawn).getbbox()}")
    return wrong


def test_every_kind_of_label_says_exactly_its_codes() -> None:
    assert misread(a_share()) == []


@pytest.mark.nightly
@pytest.mark.timeout(1200)
def test_every_kind_at_every_resolution_in_both_letters_says_exactly_its_codes() -> None:
    assert misread(every_kind()) == []


@pytest.mark.nightly
@pytest.mark.timeout(1200)
def test_no_text_changes_how_many_labels_come_out_or_what_they_say() -> None:
    assert misread(every_text()) == []
