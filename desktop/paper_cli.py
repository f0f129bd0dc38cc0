"""`dockside print …`: labels and documents as files, for a printer, a screen or a mail, without any window."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.kernel.refusal import Fault
from desktop.options import HomeOption, JsonOption, home_of, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop.label_rows import Row
    from desktop.paperwork import Said
    from printing.kinds import Kind
    from printing.label import Paper
    from printing.media import Media

paper_app = typer.Typer()

_SUFFIXES = {".zpl": "zpl", ".pdf": "pdf", ".png": "png", ".epl": "epl2", ".tspl": "tspl", ".escpos": "escpos"}

FormatOption = Annotated[
    str, typer.Option("--format", help="zpl, pdf, png, epl2, tspl or escpos; by default as --out ends, else pdf")
]
LanguageOption = Annotated[
    str, typer.Option(help="of the words on it: en, de or ar; by default as a template says, else en")
]
MediaOption = Annotated[str, typer.Option(help="size of the label, as in 100x50 (mm), 4x6in or A6")]
OutOption = Annotated[
    Path | None, typer.Option(help="a file for all of it, or a folder for a file each; nothing is printed then")
]
PrinterOption = Annotated[str, typer.Option(help="the printer it goes to; by default the one it is assigned to")]


@paper_app.command()
def labels(
    kind: Annotated[str, typer.Argument(help="which kind of label; `dockside print kinds` lists them")],
    codes: Annotated[
        list[str] | None, typer.Argument(help="codes and ranges, as in A-01-01..A-04-12 or TOTE-001..TOTE-250")
    ] = None,
    out: OutOption = None,
    printer: PrinterOption = "",
    file: Annotated[
        Path | None, typer.Option("--file", help="a list (.csv, .xlsx, .jsonl), a label a row, its columns named")
    ] = None,
    station: Annotated[bool, typer.Option("--all", help="everything of the kind that this station knows")] = False,
    constant: Annotated[
        list[str] | None, typer.Option("--with", help="COLUMN=VALUE on every label; may be repeated")
    ] = None,
    form: FormatOption = "",
    dpi: Annotated[
        int | None, typer.Option(help="dots an inch of the printer's head: 203 (so without), 300 or 600")
    ] = None,
    media: MediaOption = "",
    language: LanguageOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print labels of a KIND: of codes and ranges, of a list in a file, or of all that the station knows.

    They go to the printer that such labels are assigned to, or with --out into files. Nothing is printed or written
    unless every label is right; what is wrong is named by file, line and column.
    """
    from desktop import label_rows as listed
    from desktop import label_runs as runs
    from desktop.paper_desk import sentence
    from printing.media import Media

    chosen = listed.kind_called(kind)
    speaks(language)
    loaded: Media | None = None
    if out is not None:
        loaded = media_of(chosen.paper, form, out, dpi=203 if dpi is None else dpi, media=media)
    _together(out, printer, form=form, dpi=dpi, media=media)
    rows = listed.rows_of_ranges(chosen, codes or ())
    rows += [] if file is None else listed.rows_of_file(chosen, file)
    rows += _known(home_of(home), chosen) if station else []
    if not rows:
        raise Fault("no label to print: name codes, ranges, a list with --file, or --all")
    if len(rows) > listed.LABELS_MOST:
        raise Fault(f"{len(rows)} labels, at most {listed.LABELS_MOST} at once")
    wanted = runs.Wanted(chosen, rows, _pairs(constant or ()), language)
    if out is None or loaded is None:
        facts, all_out = runs.print_labels(home_of(home), wanted, printer, _warn)
        say(facts, sentence(facts), as_json=as_json)
        raise typer.Exit(0 if all_out else 1)
    count, shortened = runs.write_labels(home_of(home), wanted, loaded, out)
    facts = {
        "kind": chosen.content.KIND, "labels": count, "format": loaded.language.value, "out": str(out),
        "shortened": shortened,
    }  # fmt: skip
    _warn(shortened)
    say(facts, f"{count} labels in {out}", as_json=as_json)


def _warn(shortened: "Sequence[str]") -> None:
    """Say on standard error which texts had no room."""
    from desktop.label_rows import some_of

    for sentence in some_of(shortened):
        typer.echo(f"dockside: {sentence}", err=True)


def _templates(home: Path) -> Path:
    from printing.templates import FOLDER

    return home / FOLDER


def _together(out: Path | None, printer: str, *, form: str, dpi: int | None, media: str) -> None:
    """Let pass options that can be said together.

    Raises:
        Fault: some are for files and others for printers.
    """
    if out is not None and printer:
        raise Fault("--out makes files, --printer prints: say one of them")
    if out is None and (form or dpi is not None or media):
        raise Fault(
            "--format, --dpi and --media are for files, with --out; a printer's own are `dockside printers list`"
        )


@paper_app.command()
def kinds(_home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the kinds of labels with their sizes and the columns that a list of them has."""
    from desktop import label_rows as listed

    found = [
        {
            "kind": name, "width_mm": kind.paper.width_mm, "height_mm": kind.paper.height_mm,
            "columns": {column: "needed" if needed else "optional" for column, needed in listed.columns(kind).items()},
        }
        for name, kind in sorted(listed.label_kinds().items())
    ]  # fmt: skip
    lines = [
        f"{each['kind']:16} {each['width_mm']:g} x {each['height_mm']:g} mm   "
        + ", ".join(f"{c}*" if how == "needed" else c for c, how in dict(each["columns"]).items())  # type: ignore[call-overload]
        for each in found
    ]
    say({"kinds": found}, "\n".join([*lines, "* needed"]), as_json=as_json)


def media_of(usual: "Paper", form: str, out: Path, *, dpi: int, media: str) -> "Media":
    """Return what is printed on and for what, as the command line says it.

    Raises:
        Fault: the format, the resolution or the size is none.
    """
    from printing.media import DPIS, Language, Media, size_of

    name = form.lower() or _SUFFIXES.get(out.suffix.lower(), "pdf" if not out.suffix else "")
    if not name:
        raise Fault(f"{out}: what kind of file is that? Say --format {'|'.join(each.value for each in Language)}")
    try:
        spoken = Language({"epl": "epl2", "esc_pos": "escpos", "esc-pos": "escpos"}.get(name, name))
    except ValueError as e:
        raise Fault(f"{form!r} is no format: {', '.join(each.value for each in Language)}") from e
    if dpi not in DPIS:
        raise Fault(f"{dpi} dpi: heads have {', '.join(map(str, DPIS))}")
    wide, high = (usual.width_mm, usual.height_mm) if not media else size_of(media)
    return Media(dpi=dpi, width_mm=wide, height_mm=high, language=spoken)


def speaks(language: str) -> None:
    """Let a language pass that paper speaks.

    Raises:
        Fault: it does not.
    """
    from printing.wording import LANGUAGES

    if language and language not in LANGUAGES:
        raise Fault(f"{language!r} is no language of paper: {', '.join(LANGUAGES)}")


def _pairs(said: "list[str] | tuple[()]") -> dict[str, str]:
    pairs = [each.partition("=") for each in said]
    for name, equals, _ in pairs:
        if not equals or not name:
            raise Fault(f"--with {name}: write COLUMN=VALUE")
    return {name.strip().lower().replace("-", "_"): value for name, _, value in pairs}


def _known(home: Path, kind: "Kind") -> "list[Row]":
    from desktop.assembly import assembled
    from desktop.known_labels import known

    with assembled(home) as assembly, assembly.database.reading() as reader:
        return known(reader, assembly.identity.site, kind)


@paper_app.command()
def document(
    kind: Annotated[
        str,
        typer.Argument(help="pick-list, packing-slip, manifest, return-slip, command-sheet or calibration-sheet"),
    ],
    number: Annotated[str, typer.Argument(help="of the batch, the order or the manifest; the sheets have none")] = "",
    out: Annotated[Path | None, typer.Option(help="a file in place of a printer; .pdf or .png")] = None,
    printer: PrinterOption = "",
    form: FormatOption = "",
    dpi: Annotated[int | None, typer.Option(help="dots an inch: 203, 300 (so without) or 600")] = None,
    media: Annotated[str, typer.Option(help="A4, A5, A6, letter or a size in mm; by default what it is made for")] = "",
    language: LanguageOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a document of KIND: what to pick, what was packed, what may come back, and sheets of codes.

    It goes to the printer that such documents are assigned to, or with --out into a file.
    """
    from desktop.paperwork import DOCUMENTS, content_of

    if kind not in DOCUMENTS:
        raise Fault(f"{kind!r} is no kind of document: {', '.join(DOCUMENTS)}")
    speaks(language)
    _together(out, printer, form=form, dpi=dpi, media=media)
    said = content_of(home_of(home), kind, number.strip())
    said = replace(said, language=language or said.language)
    if out is None:
        _print_document(home_of(home), said, printer=printer, as_json=as_json)
        return
    pages = write_document(
        said.content, out, form=form, dpi=300 if dpi is None else dpi, media=media, language=said.language,
        customer=said.customer, templates=_templates(home_of(home)),
    )  # fmt: skip
    facts = {"kind": kind, "pages": pages, "out": str(out)}
    say(facts, f"{pages} pages in {out}", as_json=as_json)


def _print_document(home: Path, said: "Said", *, printer: str, as_json: bool) -> None:
    from desktop import paper_desk as desk
    from desktop.assembly import assembled
    from printing.render import render

    with assembled(home) as assembly:
        target = desk.target_of(assembly, said.content, desk.DOCUMENT, printer)
        made = render(
            said.content, media=target.media, language=said.language, customer=said.customer, templates=_templates(home)
        )
        _warn([f"{each.element}: {each.reason}" for each in made.shortened])
        jobs = desk.carry(
            assembly,
            desk.ask(
                assembly, [said.content], desk.DOCUMENT, outlet=printer, language=said.language, customer=said.customer
            ),
        )
        facts = desk.told(target.name, jobs)
    say(facts, desk.sentence(facts), as_json=as_json)
    raise typer.Exit(0 if desk.all_out(jobs) else 1)


def write_document(
    content: object, out: Path, *, form: str = "", dpi: int = 300, media: str = "", language: str = "",
    customer: str = "", templates: Path | None = None,
) -> int:  # fmt: skip
    """Write a document to a file, and return how many pages it has.

    Raises:
        Fault: the format, size or language is none, the paper too small, or the disk refused.
    """
    from desktop.keeping import keep
    from printing.kinds import kind_named, kind_of
    from printing.render import render

    loaded = media_of(kind_named(kind_of(content)).paper, form, out, dpi=dpi, media=media)
    made = render(content, media=loaded, language=language, customer=customer, templates=templates)
    keep(out, made.data)
    _warn([f"{each.element}: {each.reason}" for each in made.shortened])
    return made.pages


@paper_app.command()
def templates(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Look over the templates of this station's home: what is wrong is named by file, line and reason."""
    from printing.kinds import KINDS, kept
    from printing.templates import look_over

    folder = _templates(home_of(home))
    found = look_over(folder, {name: kept(kind) for name, kind in KINDS.items()}) if folder.is_dir() else {}
    lines = [f"{name}  version {version}" for name, version in found.items()]
    say({"templates": found}, "\n".join(lines) or f"There are no templates in {folder}.", as_json=as_json)


@paper_app.command()
def jobs(
    last: Annotated[int, typer.Option(min=1, max=1000, help="how many, the newest first")] = 20,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what was printed here, the newest first."""
    from desktop.assembly import assembled
    from desktop.messages import trouble_words
    from desktop.paperwork import newest_jobs

    with assembled(home_of(home)) as assembly, assembly.database.reading() as reader:
        found = newest_jobs(reader, assembly.identity.site, last)
    lines = [
        f"{j['job'][-12:]}  {j['at']}  {j['document']:16} {j['code']:20} {j['state']:10} {j['printer']:10} {j['asked_by']:12} {trouble_words(j['fault'])}".rstrip()
        for j in found
    ]
    say({"jobs": found}, "\n".join(lines) or "Nothing was printed here.", as_json=as_json)


@paper_app.command()
def show(
    job: Annotated[str, typer.Argument(help="the job's number or its end, or the code that its label is scanned by")],
    out: Annotated[Path, typer.Option(help="where it goes; .png for a picture of what a printer was sent")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what was printed, as it was: the bytes that were kept, or a picture of them."""
    from desktop.assembly import assembled
    from desktop.keeping import keep
    from desktop.paperwork import shown

    with assembled(home_of(home)) as assembly, assembly.database.reading() as reader:
        facts, data = shown(reader, assembly.identity.site, assembly.home.blobs, job.strip(), out.suffix.lower())
    keep(out, data)
    say({**facts, "out": str(out)}, f"{facts['document']}, {facts['template']}, in {out}", as_json=as_json)


@paper_app.command()
def again(
    job: Annotated[str, typer.Argument(help="the job's number or its end, or the code that its label is scanned by")],
    reason: Annotated[str, typer.Option(help="JAM, DAMAGED, LOST, WRONG_PRINTER or NOT_PRINTED")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print something once more, with a reason; the print before is void. A parcel's label is printed so at its bench."""
    from desktop import paper_desk as desk
    from desktop.assembly import assembled

    with assembled(home_of(home)) as assembly:
        jobs = desk.carry(assembly, [desk.again(assembly, job.strip(), reason.strip().upper())])
        facts = desk.told(desk.printer_of(assembly, jobs[0]), jobs)
    say(facts, desk.sentence(facts), as_json=as_json)
    raise typer.Exit(0 if desk.all_out(jobs) else 1)


@paper_app.command()
def enclose(
    papers: Annotated[
        list[str] | None, typer.Argument(help="carton-content, logistic, return: with each carton that is closed")
    ] = None,
    channel: Annotated[str, typer.Option(help="of orders that came through it; of all, without")] = "",
    customer: Annotated[str, typer.Option(help="of orders of the customer with this number")] = "",
    nothing: Annotated[bool, typer.Option("--nothing", help="take the rule out")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which labels are printed with each carton of a shop or customer, beside its label and slip; alone, list the rules.

    The closest rule decides: of the customer at the shop, of the customer, of the shop, of the house.
    """
    from desktop import paper_desk as desk
    from desktop.assembly import assembled

    with assembled(home_of(home)) as assembly:
        if papers or nothing:
            desk.save_rule(assembly, channel, customer, [] if nothing else papers or [])
        rules = desk.rules(assembly)
    lines = [
        f"{each['channel'] or 'every shop'}, {each['customer'] or 'every customer'}: {', '.join(each['papers'])}"
        for each in rules
    ]
    say({"rules": rules}, "\n".join(lines) or "Nothing but label and slip goes with a carton.", as_json=as_json)


@paper_app.command()
def carrier(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Take the labels that lie in the home's `carrier/` folder, look them over, and print them; an open window does so itself."""
    from desktop import paper_desk as desk
    from desktop.assembly import assembled
    from desktop.carrier_labels import CarrierInbox

    with assembled(home_of(home)) as assembly:
        found = CarrierInbox(assembly).look()
        digests = [each.sha256 for each in found if each.outcome == "accepted"]
        jobs = desk.carry(assembly, desk.jobs_of(assembly, digests)) if digests else ()
    lines = [f"{each.file}: {each.outcome}{f', {each.reason}' if each.reason else ''}" for each in found]
    states = [each.state.value for each in jobs]
    say(
        {"labels": [asdict(each) for each in found], "states": states},
        "\n".join(lines) or "No label lies there.",
        as_json=as_json,
    )
    raise typer.Exit(1 if any(each.outcome == "refused" for each in found) or not desk.all_out(jobs) else 0)
