"""Templates: what a customer or a site changes about a kind of paper, as data with a checked schema.

A template is a TOML file in the home's `templates/` folder, called by whom it is for: `packing_slip.toml`,
`packing_slip.de.toml`, `packing_slip@acme.toml`, `packing_slip@acme.de.toml`. Each key is taken from the file that is
closest to what is printed: customer and language, then customer, then language, then the kind's own; what none of them
says is the layout's. A shop's templates (its channel) and a customer's are named alike; the customer's are the closer ones. The one thing a newcomer would get wrong: a broken file stops the paper it is for, naming file,
line and reason, before anything prints; it is never skipped, since the default would go to that customer's customers.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Any, cast

from printing.fault import LabelFault
from printing.label import Paper, Place
from printing.wording import LANGUAGES, words_of

FOLDER = "templates"
"""Of a home."""
PAPERS: Mapping[str, Paper] = MappingProxyType(
    {
        "A4": Paper(210, 297), "A5": Paper(148, 210), "A6": Paper(105, 148), "letter": Paper(215.9, 279.4),
        "4x6in": Paper(101.6, 152.4), "4x2in": Paper(101.6, 50.8),
    }
)  # fmt: skip
_NAME = re.compile(r"(?P<kind>[a-z_]+)(?:@(?P<customer>[^.@]+))?(?:\.(?P<language>[a-z]{2}))?\.toml")
_SIZE = re.compile(r"(\d{2,3}(?:\.\d)?)x(\d{2,3}(?:\.\d)?)")
_LINES_MOST, _LINE_MOST, _TEXT_MOST, _LOGO_MOST = 8, 120, 600, 500_000
_LEAST_MM, _LARGEST_MM, _FARTHEST_MM = 1.6, 20.0, 300.0
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What templates say together about one print; None or empty where they say nothing."""

    sources: tuple[str, ...] = ()
    """Files that had a say with their versions, the closest last: `packing_slip@acme.de.toml 3`."""
    paper: Paper | None = None
    language: str | None = None
    """Of the words, where nobody asks for one."""
    sender: tuple[str, ...] | None = None
    """Whose paper it is, in place of the site's name and address: a name, then lines."""
    logo: bytes | None = None
    """A PNG, in black and white."""
    blocks: tuple[str, ...] | None = None
    """Which blocks, in which order."""
    hide: tuple[str, ...] | None = None
    """Facts that are not shown."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """What facts say that are texts, such as how to send something back; `{order_number}` fills in another fact."""
    extra: tuple[str, ...] | None = None
    """Lines below everything else."""
    sizes: Mapping[str, float] = field(default_factory=dict)
    """Heights of capitals in millimetres, by text."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Our own words, by their English source."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """Where elements stand and how large they are, in millimetres from the label's top left corner, by element."""
    said_in: Mapping[str, str] = field(default_factory=dict)
    """In which file and line a size or a place is said, by element."""


PLAIN = Template()
_BY_NAME = ("sizes", "texts", "words", "places", "said_in")
"""Keys that are tables, of which each entry is taken from the closest file that says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What may be chosen about a kind of paper beside its paper, its language and our words on it."""

    blocks: tuple[str, ...] = ()
    """In the layout's own order."""
    needed: tuple[str, ...] = ()
    """Blocks that cannot be left out: without them the paper does not do its work."""
    sender: tuple[str, str] | None = None
    """The facts that a sender's name and lines stand in for."""
    logo: bool = False
    extra: bool = False
    sizes: tuple[str, ...] = ()
    """Texts whose size may be chosen."""
    places: tuple[str, ...] = ()
    """Elements that may stand elsewhere."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is needed to look a template over: a kind's choices, and its facts by whether they are texts."""

    choices: Choices
    facts: tuple[tuple[str, bool], ...]
    """Those that may be left out."""
    filled: tuple[str, ...]
    """Those that a text may fill in."""


def chosen(folder: Path | None, kind: str, kept: Kept, whose: Sequence[str], language: str) -> Template:
    """Return what the templates of a folder say about one print.

    Args:
        folder: of the templates; None for none.
        kind: of paper.
        kept: what may be chosen about it.
        whose: the shop it was ordered at and the customer, the closest last; empty where nobody is named.
        language: of our own words; empty where a template decides.

    Raises:
        LabelFault: one of them is broken; it names file, line and reason.
    """
    if folder is None or not folder.is_dir():
        return PLAIN
    own = [_as_named(each) for each in whose]
    found: dict[str, Any] = {}
    said = _found(folder, kind, kept, own, language)
    if not language:
        # The site's or the customer's own language decides which of the files for a language have a say.
        spoken = next((each["language"] for each in reversed(said) if "language" in each), "")
        said = _found(folder, kind, kept, own, spoken) if spoken else said
    for each in said:
        merged = {name: {**found.get(name, {}), **each.get(name, {})} for name in _BY_NAME}
        found.update(each | merged)
    sources = tuple(each["source"] for each in said)
    found.pop("source", None)
    return Template(sources=sources, **found)


def _found(folder: Path, kind: str, kept: Kept, whose: Sequence[str], language: str) -> list[dict[str, Any]]:
    for_whom = [kind, *(f"{kind}@{each}" for each in dict.fromkeys(whose) if each)]
    paths = [folder / f"{name}{ending}.toml" for name in for_whom for ending in ("", f".{language}") if ending != "."]
    return [_read(path, path.stat().st_mtime_ns, kept) for path in paths if path.is_file()]


def look_over(folder: Path, known: Mapping[str, Kept]) -> dict[str, int]:
    """Return the version of every template of a folder by file, all of them looked over.

    Raises:
        LabelFault: one is broken, or its name says nothing.
    """
    found = {}
    for path in sorted(folder.glob("*.toml")):
        named = _NAME.fullmatch(path.name)
        if named is None or named["kind"] not in known:
            raise LabelFault(
                path.name, f"a template is called by its kind ({', '.join(sorted(known))}), @CUSTOMER and .LANGUAGE"
            )
        if named["language"] and named["language"] not in LANGUAGES:
            raise LabelFault(path.name, f"{named['language']!r} is none of {', '.join(LANGUAGES)}")
        if named["customer"] and named["customer"] != _as_named(named["customer"]):
            raise LabelFault(
                path.name, f"nobody's paper looks there: write {_as_named(named['customer'])!r} for whom it is"
            )
        found[path.name] = int(_read(path, path.stat().st_mtime_ns, known[named["kind"]])["source"].rpartition(" ")[2])
    return found


def _as_named(whose: str) -> str:
    """Return a shop or a customer as files are called by them: `harbour-market` for Harbour Market."""
    return re.sub(r"[^a-z0-9_-]+", "-", whose.lower()).strip("-")


class _Wrong(Exception):
    """A value will not do; carries the key and why."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(why)
        self.key, self.why = key, why


@lru_cache(maxsize=256)
def _read(path: Path, _changed_at: int, kept: Kept) -> dict[str, Any]:
    """Return what a file says, checked; read again only where it changed."""
    try:
        raw = path.read_bytes()
    except OSError as e:
        raise LabelFault(path.name, f"cannot be read: {e.strerror or e}") from e
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = raw.count(b"\n", 0, e.start) + 1
        raise LabelFault(f"{path.name}, line {line}", f"cannot be read: {e}") from e
    try:
        data = tomllib.loads(text)
    except RecursionError as e:
        raise LabelFault(f"{path.name}, line 1", "cannot be read: it is nested too deeply") from e
    except tomllib.TOMLDecodeError as e:
        at = _AT_LINE.search(str(e))
        line = int(at[1]) if at else max(1, len(text.splitlines()))
        raise LabelFault(f"{path.name}, line {line}", f"cannot be read: {_AT_LINE.sub('', str(e))}") from e
    try:
        found = _checked(data, path, kept)
    except _Wrong as wrong:
        raise LabelFault(f"{path.name}, line {_line_of(text, wrong.key)}", f"{wrong.key}: {wrong.why}") from wrong
    about = [(table, name) for table in ("sizes", "places") for name in found.get(table, ())]
    lines = {name: f"{path.name}, line {_line_of(text, f'{table}.{name}')}" for table, name in about}
    return {**found, "said_in": lines}


def _line_of(text: str, key: str) -> int:
    """Return the line that a key stands in, counted from 1; that of its table, or the first, where it is missing."""
    table, _, last = key.rpartition(".")
    header = re.compile(rf"\s*\[{re.escape(table)}\]")
    begins = re.compile(
        rf"""\s*(?:"{re.escape(last)}"|'{re.escape(last)}'|{re.escape(last)})\s*=|\s*\[{re.escape(key)}\]"""
    )
    lines = list(enumerate(text.splitlines(), start=1))
    within = next((n for n, line in lines if table and header.match(line)), 1)
    return next((n for n, line in lines if n >= within and begins.match(line)), within)


def _named(known: Iterable[str]) -> str:
    return ", ".join(known) or "none"


def _checked(data: Mapping[str, Any], path: Path, kept: Kept) -> dict[str, Any]:
    known = {each.name for each in fields(Template)} - {"sources", "said_in"} | {"version"}
    for key in data:
        if key not in known:
            raise _Wrong(key, f"no such key; there are {_named(sorted(known))}")
    version = data.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _Wrong("version", "is a whole number from 1 on, raised with each change")
    checks: Mapping[str, Callable[[Any, Kept, Path], Any]] = {
        "paper": _paper, "language": _language, "sender": _sender, "logo": _logo, "blocks": _blocks, "hide": _hide,
        "extra": _extra, "sizes": _sizes, "texts": _texts, "words": _words, "places": _places,
    }  # fmt: skip
    found = {key: checks[key](value, kept, path) for key, value in data.items() if key != "version"}
    return {**found, "source": f"{path.name} {version}"}


def _paper(value: Any, _kept: Kept, _path: Path) -> Paper:
    if isinstance(value, str) and value in PAPERS:
        return PAPERS[value]
    size = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if size is None:
        raise _Wrong("paper", f"{value!r} is none of {_named(PAPERS)}, and no size in mm such as 100x150")
    return Paper(float(size[1]), float(size[2]))


def _language(value: Any, _kept: Kept, _path: Path) -> str:
    if value not in LANGUAGES:
        raise _Wrong("language", f"{value!r} is none of {', '.join(LANGUAGES)}")
    return str(value)


def _lines(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _Wrong(key, "is a list of texts")
    if len(value) > _LINES_MOST or any(len(each) > _LINE_MOST for each in value):
        raise _Wrong(key, f"has at most {_LINES_MOST} lines of {_LINE_MOST} characters")
    return tuple(value)


def _sender(value: Any, kept: Kept, _path: Path) -> tuple[str, ...]:
    if kept.choices.sender is None:
        raise _Wrong("sender", "this kind of paper has none")
    return _lines("sender", value)


def _extra(value: Any, kept: Kept, _path: Path) -> tuple[str, ...]:
    if not kept.choices.extra:
        raise _Wrong("extra", "this kind of paper has no room for it")
    return _lines("extra", value)


def _logo(value: Any, kept: Kept, path: Path) -> bytes:
    if not kept.choices.logo:
        raise _Wrong("logo", "this kind of paper has none")
    if not isinstance(value, str) or Path(value).name != value or not value.lower().endswith(".png"):
        raise _Wrong("logo", "is the name of a PNG file in the same folder")
    try:
        data = (path.parent / value).read_bytes()
    except OSError as e:
        raise _Wrong("logo", f"{value} cannot be read: {e.strerror}") from e
    if not data.startswith(b"\x89PNG\r\n\x1a\n") or len(data) > _LOGO_MOST:
        raise _Wrong("logo", f"{value} is no PNG of at most {_LOGO_MOST // 1000} kB")
    return data


def _of(key: str, value: Any, known: Sequence[str]) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _Wrong(key, "is a list of names")
    if value and not known:
        raise _Wrong(key, "this kind of paper has none")
    for each in value:
        if each not in known:
            raise _Wrong(key, f"{each!r} is none of {_named(known)}")
    if len(set(value)) < len(value):
        raise _Wrong(key, "names something twice")
    return tuple(value)


def _blocks(value: Any, kept: Kept, _path: Path) -> tuple[str, ...]:
    found = _of("blocks", value, kept.choices.blocks)
    for each in kept.choices.needed:
        if each not in found:
            raise _Wrong("blocks", f"{each!r} cannot be left out")
    return found


def _hide(value: Any, kept: Kept, _path: Path) -> tuple[str, ...]:
    return _of("hide", value, [name for name, _ in kept.facts])


def _sizes(value: Any, kept: Kept, _path: Path) -> dict[str, float]:
    if not isinstance(value, dict):
        raise _Wrong("sizes", "is a table of millimetres by text")
    for name, size in value.items():
        if name not in kept.choices.sizes:
            raise _Wrong(f"sizes.{name}", f"there is no such text; there are {_named(kept.choices.sizes)}")
        if isinstance(size, bool) or not isinstance(size, int | float) or not _LEAST_MM <= size <= _LARGEST_MM:
            raise _Wrong(f"sizes.{name}", f"{size!r} is no height between {_LEAST_MM:g} and {_LARGEST_MM:g} mm")
    return {name: float(size) for name, size in value.items()}


def _places(value: Any, kept: Kept, _path: Path) -> dict[str, Place]:
    if not isinstance(value, dict):
        raise _Wrong("places", "is a table of places by element")
    for name, place in value.items():
        known = kept.choices.places
        if not known:
            raise _Wrong(f"places.{name}", "this kind of paper has none")
        if name not in known:
            raise _Wrong(f"places.{name}", f"no such element may stand elsewhere; {_named(known)} may")
        numbers = place if isinstance(place, list) else []
        if len(numbers) not in (2, 4) or not all(
            isinstance(n, int | float) and not isinstance(n, bool) for n in numbers
        ):
            raise _Wrong(f"places.{name}", f"{place!r} is neither [left, top] nor [left, top, width, height] in mm")
        if not all(0 <= n <= _FARTHEST_MM for n in numbers) or not all(n >= _LEAST_MM for n in numbers[2:]):
            raise _Wrong(
                f"places.{name}", f"{place!r}: from 0 to {_FARTHEST_MM:g} mm, and at least {_LEAST_MM:g} mm large"
            )
    return {name: cast("Place", tuple(float(n) for n in place)) for name, place in value.items()}


def _texts(value: Any, kept: Kept, _path: Path) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _Wrong("texts", "is a table of texts by fact")
    known = [name for name, is_text in kept.facts if is_text]
    for name, said in value.items():
        if name not in known:
            raise _Wrong(f"texts.{name}", f"there is no such text; there are {_named(known)}")
        _fillable(f"texts.{name}", said, kept.filled)
    return dict(value)


def _fillable(key: str, said: Any, filled: Sequence[str]) -> None:
    """Let a text pass that fills in nothing but these facts."""
    if not isinstance(said, str) or len(said) > _TEXT_MOST:
        raise _Wrong(key, f"is a text of at most {_TEXT_MOST} characters")
    try:
        wanted = [name for _, name, _, _ in Formatter().parse(said) if name is not None]
    except ValueError as e:
        raise _Wrong(key, "has a brace that opens or closes nothing") from e
    for each in wanted:
        if each not in filled:
            raise _Wrong(key, f"{{{each}}} cannot be filled in; {_named(filled)} can")


def _words(value: Any, _kept: Kept, _path: Path) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _Wrong("words", "is a table of our words and those that are to stand in their place")
    for source, said in value.items():
        if source not in words_of("de"):
            raise _Wrong(f"words.{source}", "is no word of ours")
        _fillable(f"words.{source}", said, re.findall(r"{(\w+)}", source))
    return dict(value)
