"""How a content is to be laid out: which copy, on what paper, in which language, as whose template says.

A layout asks its style for every word that is not the content's own, so that a language is data. The one thing a
newcomer would get wrong: in a language that reads from the right a fact is isolated, or `14-3` turns into `3-14`; and
the layout is not mirrored by itself, `label.mirrored` does that once for every kind.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from printing.label import Paper

SOURCE = "en"
LANGUAGES = ("en", "de", "ar")
"""Languages that our own words are there in."""
RIGHT_TO_LEFT = ("ar",)
_ISOLATE, _POP = "\u2068", "\u2069"


@cache
def words_of(language: str) -> Mapping[str, str]:
    """Return our own words in a language, by their English source; none for English itself."""
    if language not in LANGUAGES or language == SOURCE:
        return {}
    text = files("resources").joinpath("paper", f"{language}.toml").read_text(encoding="utf-8")
    found: Mapping[str, str] = tomllib.loads(text)["words"]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What a layout is told beside its content."""

    copy: int
    paper: Paper
    language: str = SOURCE

    def say(self, sentence: str, **facts: object) -> str:
        """Return words of ours in the language, with facts filled in by name."""
        said = words_of(self.language).get(sentence, sentence)
        if not facts:
            return said
        if self.language in RIGHT_TO_LEFT:
            return said.format(**{name: f"{_ISOLATE}{fact}{_POP}" for name, fact in facts.items()})
        return said.format(**facts)

    def count(self, n: int, one: str, many: str) -> str:
        """Return words of ours about a number of things: `one` for a single one, `many` with its `{n}` for all others."""
        return self.say(one) if n == 1 else self.say(many, n=n)

    def copied(self) -> str:
        """Return what a copy says of itself, small; nothing on the first."""
        return self.say("COPY {number}", number=self.copy) if self.copy > 1 else ""
