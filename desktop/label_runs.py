"""A run of labels from the command line: looked over as a whole, its numbers written down, then printed or put into files."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.kernel.home import DATABASE
from core.kernel.refusal import Fault
from desktop import label_numbers as numbers
from desktop import label_rows as listed
from desktop import paper_desk as desk
from desktop.assembly import Assembly, assembled
from desktop.keeping import file_names, keep, keep_all
from printing.batch import Batch
from printing.kinds import Content, Kind
from printing.lint import Finding
from printing.media import Language, Media
from printing.render import render
from printing.templates import FOLDER

SUFFIX = {
    Language.ZPL: ".zpl", Language.PDF: ".pdf", Language.PNG: ".png", Language.EPL2: ".epl", Language.TSPL: ".tspl",
    Language.ESC_POS: ".escpos",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for."""

    kind: Kind
    rows: Sequence[listed.Row]
    constant: Mapping[str, str]
    """Columns with the same value on every label."""
    language: str
    """Of our own words on them."""


@contextmanager
def _numbered(assembly: Assembly | None, wanted: Wanted) -> Iterator[tuple[Sequence[listed.Row], list[Content]]]:
    """Yield rows and labels with numbers that may be given out; they are written down once nothing speaks against them.

    Without a station nobody knows which were given out before.

    Raises:
        AnswerIsNo: rows have mistakes, or numbers that may not be given out.
    """
    if assembly is None or not listed.has_numbers(wanted.kind):
        yield wanted.rows, listed.contents(wanted.kind, wanted.rows, wanted.constant)
        return
    rows, drawn = numbers.with_numbers(assembly, wanted.rows)
    made = listed.contents(wanted.kind, rows, wanted.constant)
    numbers.look_over(assembly, rows, made, drawn)
    yield rows, made
    numbers.write_down(assembly, made, drawn)


def print_labels(
    home: Path, wanted: Wanted, printer: str, warn: Callable[[Sequence[str]], None]
) -> tuple[dict[str, Any], bool]:
    """Print labels; return what became of them, and whether it is known of all that they came out.

    Args:
        home: of the station.
        wanted: what is asked for.
        printer: the one it goes to; by default the routes decide.
        warn: hears what had to be shortened, before anything is printed.

    Raises:
        AnswerIsNo: one of them cannot be printed; nothing was.
    """
    with assembled(home) as assembly:
        with _numbered(assembly, wanted) as (rows, made):
            desk.refuse_many(made)
            desk.refuse_secret(made[0])
            target = desk.target_of(assembly, made[0], desk.LABEL, printer)
            _, shortened = listed.each_rendered(
                wanted.kind, rows, made, lambda each: _one(each, wanted, target.media, home / FOLDER)
            )
        warn(shortened)
        asked = desk.ask(assembly, made, desk.LABEL, outlet=printer, language=wanted.language)
        jobs = desk.carry(assembly, asked)
    return desk.told(target.name, jobs) | {"shortened": shortened}, desk.all_out(jobs)


def _one(content: Content, wanted: Wanted, media: Media, templates: Path) -> tuple[bytes, tuple[Finding, ...]]:
    made = render(content, media=media, language=wanted.language, templates=templates)
    return made.data, made.shortened


def write_labels(home: Path, wanted: Wanted, media: Media, out: Path) -> tuple[int, list[str]]:
    """Put labels into one file, or into a file each of a folder; return how many they are, and what had to be shortened.

    Raises:
        AnswerIsNo: one of them cannot be made; nothing was written.
    """
    if not (listed.has_numbers(wanted.kind) and (home / DATABASE).exists()):
        with _numbered(None, wanted) as (rows, made):
            files, shortened = _rendered(home, wanted, rows, made, media, out)
    else:
        with assembled(home) as assembly, _numbered(assembly, wanted) as (rows, made):
            files, shortened = _rendered(home, wanted, rows, made, media, out)
    if set(files) == {out}:
        keep(out, files[out])
    else:
        out.mkdir(parents=True, exist_ok=True)
        keep_all(files)
    return len(made), shortened


def _rendered(
    home: Path, wanted: Wanted, rows: Sequence[listed.Row], made: Sequence[Content], media: Media, out: Path
) -> tuple[dict[Path, bytes], list[str]]:
    templates = home / FOLDER
    if out.is_dir() or not out.suffix:
        data, shortened = listed.each_rendered(
            wanted.kind, rows, made, lambda each: _one(each, wanted, media, templates)
        )
        names = file_names([str(getattr(each, "code", "")) for each in made], SUFFIX[media.language])
        return {out / name: each for name, each in zip(names, data, strict=True)}, shortened
    if media.language is Language.PNG and len(made) > 1:
        raise Fault(f"{out}: a picture is of one label; name a folder for {len(made)}")
    batch = Batch(media, language=wanted.language, templates=templates)
    _, shortened = listed.each_rendered(wanted.kind, rows, made, batch.add)
    return {out: batch.data(out.stem)}, shortened
