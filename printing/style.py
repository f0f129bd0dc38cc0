"""How a content is to be laid out: which copy, on what paper, in which language, as whose template says.

A layout asks its style for every word that is not the content's own, so that a language is data. The one thing a
newcomer would get wrong: in a language that reads from the right a fact is isolated, or `14-3` turns into `3-14`; and
the layout is not mirrored by itself, `label.mirrored` does that once for every kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from printing.label import Paper
from printing.templates import PLAIN, Template
from printing.wording import RIGHT_TO_LEFT, SOURCE, words_of

_ISOLATE, _POP = "\u2068", "\u2069"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What a layout is told beside its content."""

    copy: int
    paper: Paper
    language: str = SOURCE
    template: Template = PLAIN

    def say(self, sentence: str, **facts: object) -> str:
        """Return words of ours in the language, with facts filled in by name."""
        said = self.template.words.get(sentence) or words_of(self.language).get(sentence, sentence)
        if not facts:
            return said
        if self.language in RIGHT_TO_LEFT:
            return said.format(**{name: f"{_ISOLATE}{fact}{_POP}" for name, fact in facts.items()})
        return said.format(**facts)

    def fact(self, text: str) -> str:
        """Return a fact that stands beside words of ours, kept together where these read from the right."""
        return f"{_ISOLATE}{text}{_POP}" if text and self.language in RIGHT_TO_LEFT else text

    def count(self, n: int, one: str, many: str) -> str:
        """Return words of ours about a number of things: `one` for a single one, `many` with its `{n}` for all others."""
        return self.say(one) if n == 1 else self.say(many, n=n)

    def copied(self) -> str:
        """Return what a copy says of itself, small; nothing on the first."""
        return self.say("COPY {number}", number=self.copy) if self.copy > 1 else ""

    def ordered(self, blocks: Mapping[str, T]) -> list[T]:
        """Return the blocks of a layout that are wanted, in the order in which they are."""
        wanted = blocks if self.template.blocks is None else self.template.blocks
        return [blocks[name] for name in wanted if name in blocks]
