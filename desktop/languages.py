"""The language that is spoken at this window: sentences by their English source, plurals, times, numbers, direction.

Presenters and widgets say `tr("Go to")`; the catalogues lie in `resources/translations/`, one TOML a language. One
window speaks one language at a time, the signed-in person's: so it is set once for each feedback (`speak`), and not
handed through every presenter. The thing a newcomer would get wrong: a fact is filled in by name, never glued on,
because another language puts it elsewhere, and in a right-to-left one it must be isolated: `14-3` turns into `3-14`.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from importlib.resources import files
from string import Formatter
from zoneinfo import ZoneInfo

SOURCE = "en"
PSEUDO = "en-XA"
"""Generated from the source, 40 % longer and accented: what is not translated or not laid out for it stands out."""
LANGUAGES = ("en", "de", "ar")
"""Languages with a catalogue."""

_ISOLATE, _LIST, _POP, _LEFT_TO_RIGHT = "\u2068", "\u2067", "\u2069", "\u200e"
_FEW, _MANY = range(3, 11), range(11, 100)


@dataclass(frozen=True, slots=True)
class Language:
    """One language: how it writes and what it says."""

    code: str
    name: str
    right_to_left: bool
    decimal: str
    comma: str
    """What stands between the parts of a list."""
    time: str
    """A `strftime` pattern."""
    sentences: Mapping[str, str | Mapping[str, str]] = field(repr=False)
    """By source; a table of plural forms where the sentence depends on its fact ``n``."""

    def form(self, sentence: str, count: object) -> str:
        """Return the sentence in this language, in the form for a count; the source where there is no translation."""
        found = self.sentences.get(sentence, sentence)
        if isinstance(found, str):
            return found
        form = plural(self.code, count) if isinstance(count, int) else "other"
        return found.get(form, found["other"])


def plural(code: str, count: int) -> str:
    """Return the plural form a language uses for a count, by the names of CLDR."""
    if code != "ar":
        return "one" if count == 1 else "other"
    if count in (0, 1, 2):
        return ("zero", "one", "two")[count]
    rest = count % 100
    return "few" if rest in _FEW else "many" if rest in _MANY else "other"


@lru_cache
def language(code: str) -> Language:
    """Return a language by its code; English where nobody has translated into it."""
    if code == PSEUDO:
        return _pseudo(language(SOURCE))
    name = code if code in LANGUAGES else SOURCE
    data = tomllib.loads(files("resources").joinpath("translations", f"{name}.toml").read_text(encoding="utf-8"))
    manner = data["manner"]
    return Language(
        name, manner["name"], manner["right_to_left"], manner["decimal"], manner["comma"], manner["time"],
        data["sentences"],
    )  # fmt: skip


# What is spoken now


@dataclass(slots=True)
class _Speech:
    language: Language
    zone: tzinfo


_now = _Speech(language(SOURCE), UTC)


def speak(code: str, zone: str = "") -> Language:
    """Speak a language from now on, and tell times of a zone where one is named."""
    _now.language = language(code)
    if zone:
        _now.zone = ZoneInfo(zone)
    return _now.language


@contextmanager
def speaking(code: str, zone: str = "") -> Iterator[Language]:
    """Speak a language for a while."""
    before = (_now.language, _now.zone)
    try:
        yield speak(code, zone)
    finally:
        _now.language, _now.zone = before


def spoken() -> Language:
    """Return the language that is spoken."""
    return _now.language


# Saying it


class _Filled(Formatter):
    """Fills in facts by name; a missing one leaves nothing."""

    def get_value(self, key: int | str, args: object, kwargs: Mapping[str, object]) -> object:
        """Return a fact, isolated from the direction around it; empty when there is none."""
        return isolated(str(kwargs.get(str(key), "")))


def tr(sentence: str, /, **facts: str | int) -> str:
    """Return a source sentence in the language that is spoken, its facts filled in.

    A fact ``n`` is a count: it chooses the plural form. A missing fact leaves its part out.
    """
    words = _now.language.form(sentence, facts.get("n"))
    if "{" not in words:
        return words
    filled = " ".join(_Filled().vformat(words, (), facts).split())
    for mark in (".", ",", "،"):
        filled = filled.replace(f" {mark}", mark)
    return filled.replace(": .", ".")


def isolated(text: str) -> str:
    """Return a code, range or time so that words of the other direction do not turn it round."""
    if not text or not _now.language.right_to_left:
        return text
    if _ISOLATE in text:
        # A list: what is isolated within it gives it no direction, and without one it would be read from the left.
        return f"{_LIST}{text}{_POP}"
    # What holds no letter gives no direction of its own: ``-2`` and ``1.84 - 1.96`` are read from the left.
    mark = "" if any(each.isalpha() for each in text) else _LEFT_TO_RIGHT
    return f"{_ISOLATE}{mark}{text}{_POP}"


def plain(text: str) -> str:
    """Return a text without its isolating marks: for measuring, comparing and reading out."""
    for mark in (_ISOLATE, _LIST, _POP, _LEFT_TO_RIGHT):
        text = text.replace(mark, "")
    return text


def joined(parts: Iterable[str]) -> str:
    """Return the parts that are not empty as a list of words."""
    return _now.language.comma.join(isolated(each) for each in parts if each)


def clock(at: int) -> str:
    """Return an instant as the time of day at the site; empty for none."""
    if not at:
        return ""
    return isolated(datetime.fromtimestamp(at / 1000, _now.zone).strftime(_now.language.time))


def day(at: int) -> str:
    """Return an instant's calendar day at the site, ISO; empty for none."""
    return isolated(datetime.fromtimestamp(at / 1000, _now.zone).date().isoformat()) if at else ""


def decimal(value: float, places: int) -> str:
    """Return a number with so many places after the language's decimal sign."""
    return f"{value:.{places}f}".replace(".", _now.language.decimal)


def kilograms(grams: int) -> str:
    """Return a weight for people: grams below a kilogram, else kilograms with two places."""
    if grams < 1000:
        return isolated(f"{grams} g")
    return isolated(f"{decimal(grams / 1000, 2)} kg")


def measured(said: str) -> str:
    """Return a weight digit by digit as a scale sent it, with the language's decimal sign: `1.240 kg` is a ton to some."""
    return isolated(said.replace(".", _now.language.decimal))


def span(minutes: int) -> str:
    """Return a length of time: ``18 min``, ``1 h 48 min``; less than a minute is told as that."""
    hours, rest = divmod(max(0, minutes), 60)
    if not hours:
        return tr("{n} min", n=rest) if rest else tr("under 1 min")
    return tr("{hours} h {minutes} min", hours=hours, minutes=rest)


def ago(at: int, now: int) -> str:
    """Return how long ago something was: relative up to an hour, then the clock."""
    seconds = max(0, now - at) // 1000
    if seconds < 3:
        return tr("just now")
    if seconds < 60:
        return tr("{n} s ago", n=seconds)
    if seconds < 3600:
        return tr("{n} min ago", n=seconds // 60)
    return clock(at)


# The pseudo-locale

_ACCENTS = str.maketrans("AEIOUYaeiouycnsCNS", "ÅÉÎÖÛÝåéîöûýçñšÇÑŠ")
_LONGER = 1.4


def _pseudo(source: Language) -> Language:
    return Language(
        PSEUDO, "Pseudo", source.right_to_left, source.decimal, source.comma, source.time, _Accented(source.sentences)
    )


class _Accented(Mapping[str, str | Mapping[str, str]]):
    """Every sentence there is, accented and longer."""

    def __init__(self, source: Mapping[str, str | Mapping[str, str]]) -> None:
        self._source = source

    def __getitem__(self, sentence: str) -> str | Mapping[str, str]:
        found = self._source.get(sentence, sentence)
        if isinstance(found, str):
            return accented(found)
        return {form: accented(words) for form, words in found.items()}

    def __iter__(self) -> Iterator[str]:
        return iter(self._source)

    def __len__(self) -> int:
        return len(self._source)


def accented(sentence: str) -> str:
    """Return a sentence accented and 40 % longer, its placeholders as they are."""
    parts, letters = [], 0
    for words, name, _, _ in Formatter().parse(sentence):
        parts.append(words.translate(_ACCENTS))
        letters += len(words)
        if name is not None:
            parts.append(f"{{{name}}}")
    more = int(letters * (_LONGER - 1) + 0.999)
    return f"[{''.join(parts)}{'~' * max(0, more - 2)}]"
