"""`dockside …`: the composition root of the command line. Qt is imported only where a window opens.

Whatever goes wrong ends in one sentence on standard error and a number: 1 where the answer is no (a file none of whose
documents was taken, a difference found, a shift that did not end at the van), 2 where the question could not be put.
"""

import io
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.exchange.mapping import KINDS
from core.kernel.refusal import Fault
from desktop.bench_cli import bench
from desktop.cases_cli import cases_app
from desktop.devices_cli import devices_app
from desktop.doctor_cli import doctor
from desktop.hub_cli import hub_app
from desktop.join_cli import join
from desktop.memory import collect_seldom
from desktop.office_cli import order_app
from desktop.options import ADDS_UP, NUMBER_MAX, AnswerIsNo, HomeOption, JsonOption, home_of, say
from desktop.paper_cli import paper_app
from desktop.parse_cli import parse
from desktop.print_cli import print_app
from desktop.printers_cli import printers_app
from desktop.rules_cli import amount, policy

if TYPE_CHECKING:
    from core.exchange.report import Report

app = typer.Typer(
    help="Dockside runs a warehouse's floor. --home and --json may stand before a command or behind it.", no_args_is_help=True, add_completion=False, rich_markup_mode=None,
    pretty_exceptions_enable=False,
)  # fmt: skip
import_app = typer.Typer(help="Read files: items, locations, stock, orders, people, containers, boxes, deliveries.")
app.add_typer(import_app, name="import")
app.add_typer(order_app, name="order")
app.add_typer(cases_app, name="cases")
print_app.add_typer(paper_app)
app.add_typer(print_app, name="print")
app.command()(join)
app.command()(parse)
app.command()(bench)
app.add_typer(hub_app, name="hub")
app.add_typer(printers_app, name="printers")
app.add_typer(devices_app, name="devices")
app.command()(doctor)
app.command()(policy)
app.command()(amount)

MappingOption = Annotated[str, typer.Option("--mapping", help="name of a shipped mapping, or a .toml file")]

_STOPPED = 130
"""How a program ends that somebody stopped: 128 and the signal's number."""
_PROGRESS_S = 5.0
"""Seconds between two lines of progress where nobody watches a terminal."""


class Theme(StrEnum):
    """What the window may look like."""

    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


class _Progress:
    """Tells how far an import is: in place on a terminal, else a line every few seconds; never on standard output."""

    def __init__(self) -> None:
        """Have told nothing yet."""
        self._told_at = time.monotonic()
        self._in_place = sys.stderr.isatty()
        self._open = False

    def tell(self, report: "Report") -> None:
        """Hear how far it is."""
        now = time.monotonic()
        if now - self._told_at < (0.1 if self._in_place else _PROGRESS_S):
            return
        self._told_at = now
        words = f"{report.lines} lines read, {report.imported} documents imported"
        print(
            f"\r{words}" if self._in_place else words, end="" if self._in_place else "\n", file=sys.stderr, flush=True
        )
        self._open = self._in_place

    def end(self) -> None:
        """Leave the line."""
        if self._open:
            print(file=sys.stderr)


def _import(kind: str, file: Path, mapping: str, home: Path | None, *, strict: bool, as_json: bool) -> None:
    from core.exchange.imports import Importer
    from desktop.assembly import assembled
    from desktop.planning import promise
    from desktop.sample import found_site

    progress = _Progress()
    with assembled(home_of(home), create=True) as assembly, assembly.database.reading() as reader:
        found_site(assembly)
        importer = Importer(
            site=assembly.identity.site, reader=reader, submit=assembly.writer.submit_background, clock=assembly.clock,
            ids=assembly.ids, progress=progress.tell, strict=strict,
        )  # fmt: skip
        try:
            report = importer.run(kind, file, mapping)
        finally:
            progress.end()
        if report.imported and kind in ("orders", "stock") and assembly.membership is None:
            promise(assembly)
    say(report.to_json(), report.to_text(), as_json=as_json)
    raise typer.Exit(1 if report.failed or report.strict else 0)


def _import_command(kind: str) -> None:
    @import_app.command(kind, help=f"Read {kind} from FILE.")
    def command(
        file: Path,
        mapping: MappingOption = "dockside",
        home: HomeOption = None,
        strict: Annotated[bool, typer.Option(help="import nothing if anything is rejected")] = False,
        as_json: JsonOption = False,
    ) -> None:
        _import(kind, file, mapping, home, strict=strict, as_json=as_json)


for _kind in KINDS:
    _import_command(_kind)


@app.command()
def sample(
    home: HomeOption = None,
    from_orders: Annotated[Path | None, typer.Option(help="lay out a warehouse around these orders")] = None,
    mapping: MappingOption = "dockside",
    as_json: JsonOption = False,
) -> None:
    """Make a sample warehouse: the one that comes with the program, or one around somebody's own orders."""
    from desktop.sample import make_sample

    done = make_sample(home_of(home), from_orders, mapping)
    say(done, f"The sample warehouse is ready in {done['home']}.", as_json=as_json)


@app.command()
def plan(
    home: HomeOption = None,
    cut_off: Annotated[str | None, typer.Option(help="only orders due by this local time: 2026-01-31T14:30")] = None,
    carrier: Annotated[str | None, typer.Option(help="only orders of this carrier")] = None,
    priority: Annotated[
        int | None, typer.Option(min=-NUMBER_MAX, max=NUMBER_MAX, help="only orders of this priority and above")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="only orders all of whose units lie in this zone")] = None,
    as_json: JsonOption = False,
) -> None:
    """Promise free stock to open orders and release what is promised to the floor, all of it or a part."""
    from core.waves.planning import filters_of
    from desktop.assembly import assembled
    from desktop.planning import plan_day

    with assembled(home_of(home)) as assembly:
        try:
            with assembly.database.reading() as reader:
                filters = filters_of(
                    reader, assembly.identity.site, cut_off=cut_off, carrier=carrier, priority=priority, zone=zone
                )
        except ValueError as e:
            raise typer.BadParameter(str(e)) from e
        done = plan_day(assembly, filters=filters)
    facts = {name: getattr(done, name) for name in done.__slots__}
    say(
        facts,
        f"{done.released_orders} orders released in {done.batches} batches; {done.waiting_lines} lines wait.",
        as_json=as_json,
    )


@app.command()
def replay(
    script: Annotated[
        Path | None, typer.Option(help="events, one a line; without it they come from standard input")
    ] = None,
    play: Annotated[bool, typer.Option(help="play a whole shift")] = False,
    seed: Annotated[int, typer.Option(help="which shift to play")] = 1,
    mistakes: Annotated[float, typer.Option(min=0, max=20, help="how many times the usual mistakes; 0 for none")] = 1.0,
    home: HomeOption = None,
    as_json: JsonOption = False,
    allow_fuse: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Drive the station without a window: by a script, or by playing a shift."""
    from desktop import shift

    folder = home_of(home)
    if play and script is not None:
        raise typer.BadParameter("--script and --play exclude each other")
    if play:
        raise typer.Exit(shift.play(folder, seed=seed, mistakes=mistakes, as_json=as_json, allow_fuse=allow_fuse))
    shift.follow(folder, None if script == Path("-") else script, as_json=as_json, allow_fuse=allow_fuse)


@app.command()
def station(
    home: HomeOption = None,
    sample: Annotated[bool, typer.Option(help="on the sample warehouse, made where there is none")] = False,
    scripted: Annotated[bool, typer.Option(help="play a shift through the window and leave pictures")] = False,
    out: Annotated[Path, typer.Option(help="where --scripted leaves them")] = Path("build"),
    theme: Annotated[Theme, typer.Option(help="how it looks")] = Theme.LIGHT,
    sound: Annotated[
        int | None, typer.Option(min=0, max=100, help="volume of the tones from now on; 0 for none")
    ] = None,
    places: Annotated[
        str | None,
        typer.Option(
            help="how location codes are built from now on, as in aisle-bay-level or aisle-bay-level-bin; '' for names"
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Open the station's window; where it is open already, bring it to the front."""
    import tempfile

    from core.kernel.home import DATABASE, HomeBusy
    from desktop.sample import make_sample, refuse_no_sample
    from desktop.system import refuse_no_display

    refuse_no_display()
    from desktop.app import open_window
    from desktop.front_door import knock
    from desktop.places import read_shape

    try:
        read_shape(places or "")
    except ValueError as e:
        raise typer.BadParameter(f"--places: {e}") from e

    folder = home_of(home)
    with tempfile.TemporaryDirectory(prefix="dockside-") as fresh:
        if sample and scripted:
            folder = Path(fresh) / "sample"
        elif sample and home is None:
            folder = folder.with_name(folder.name + "-sample")
        if sample and (folder / DATABASE).exists():
            refuse_no_sample(folder)
        elif sample:
            make_sample(folder, None, "dockside")
        try:
            code = open_window(folder, theme=theme, scripted=out if scripted else None, volume=sound, places=places)
        except HomeBusy:
            if not knock(folder):
                raise
            say({"raised": True}, "The station is open already; its window was brought to the front.", as_json=as_json)
            raise typer.Exit(0) from None
        if scripted:
            print((out / "summary.json").read_text(encoding="utf-8"))
        elif as_json:
            print(json.dumps({"closed": True}))
    raise typer.Exit(code)


@app.command()
def gallery(
    out: Annotated[Path, typer.Option(help="where the pictures go")] = Path("build/gallery"),
    home: Annotated[
        Path | None, typer.Option(help="an empty folder for the sample that is played; one of its own by default")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Render every screen of a played sample as pictures; never those of a station that works."""
    import tempfile

    from desktop.gallery import build_gallery
    from desktop.sample import make_sample

    with tempfile.TemporaryDirectory(prefix="dockside-") as fresh:
        folder = home or Path(fresh) / "sample"
        make_sample(folder, None, "dockside")
        pictures = build_gallery(folder, out)
    say({"pictures": pictures, "folder": str(out)}, f"{pictures} pictures in {out}", as_json=as_json)


@app.command()
def verify(
    home: HomeOption = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="leave out what takes long: making everything again from the log")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Recompute everything from the ledger and the chain, and report each difference."""
    import tempfile

    from core.exchange.verify import verify_all
    from core.exchange.verify_again import verify_again
    from core.exchange.verify_member import verify_member
    from core.kernel.comparing import mended
    from desktop.assembly import assembled

    checked = ""
    with assembled(home_of(home)) as assembly, assembly.database.reading() as reader:
        differences = verify_all(reader, follows=assembly.membership is not None)
        if assembly.membership is not None:
            quick, site = True, assembly.identity.site
            held, repaired = verify_member(reader, site), mended(reader)
            differences = (*differences, *held.differences)
            checked = (
                "Checked here: this station's own log; stock, orders and work as far as they are here; "
                f"the feed from row {held.first} to {held.last}, and every row as it last told it. "
                "The rest is the hub's: `dockside hub verify`."
            )
            checked += "".join(
                f"\nWas something else here than at the hub, and was fetched again at row {each.seq}: {each.table} "
                f"{each.key or '(rows were missing: the site was loaded anew)'}"
                for each in repaired
            )
        # Of a log that is not whole nothing can be made again.
        if not quick and all(each.table != "op_log" for each in differences):
            with tempfile.TemporaryDirectory(prefix="dockside-") as folder:
                again = verify_again(reader, Path(folder) / "again.db", assembly.home.key())
                differences = (*differences, *again)
    wrong, told = ([*dict.fromkeys(str(d) for d in differences if bool(d.case) is known)] for known in (False, True))
    data = {"differences": wrong} | ({"in_cases": told} if told else {})
    found = "\n".join(wrong or ["Everything adds up, but for what a case tells of:" if told else ADDS_UP])
    found = "\n".join([found, *told])
    say(data | ({"checked": checked} if checked else {}), f"{found}\n{checked}".rstrip(), as_json=as_json)
    raise typer.Exit(1 if wrong else 0)


@app.command()
def weights(
    skus: Annotated[list[str] | None, typer.Argument(help="only these; all where none is named")] = None,
    home: HomeOption = None,
    approve: Annotated[bool, typer.Option("--approve", help="take them: a wrong weight may then block")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what units weigh by the weighings of cartons that held one item only, and take it with --approve."""
    from desktop import learning
    from desktop.assembly import assembled

    with assembled(home_of(home)) as assembly:
        found = learning.proposed(assembly, skus or ())
        refused = learning.approve(assembly, found) if approve and found else ""
    if refused:
        raise typer.Exit(_sorry(refused, as_json=as_json, code=1))
    lines = [learning.words(each) for each in found] or ["The weighings say nothing new."]
    if approve and found:
        lines.append(f"Taken: {len(found)}.")
    data = {"weights": [learning.told(each) for each in found], "approved": int(approve)}
    say(data, "\n".join(lines), as_json=as_json)


@app.command()
def explain(order: str, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say for every line of an order where it stands and what it waits for."""
    from desktop.assembly import assembled
    from desktop.explaining import explained
    from desktop.planning import today

    with assembled(home_of(home)) as assembly, assembly.database.reading() as reader:
        data, words = explained(reader, assembly.identity.site, order.strip(), today(assembly))
    say({"order": order, **data}, "\n".join(words), as_json=as_json)


@app.command()
def export(
    what: Annotated[str, typer.Argument(help="orders, stock, movements or parcels")],
    file: Path,
    since: Annotated[str, typer.Option(help="ISO time; what happened from then on")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write orders, stock, movements or parcels to FILE (.csv or .jsonl)."""
    from core.exchange.exports import export as write
    from desktop.assembly import assembled

    with assembled(home_of(home)) as assembly, assembly.database.reading() as reader:
        rows = write(reader, assembly.identity.site, what, file, since)
    say({"file": str(file), "rows": rows}, f"{rows} rows in {file}", as_json=as_json)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; whatever is wrong is one clear sentence and exit code 2."""
    import sqlalchemy as sa
    from typer.main import get_command

    words = _common_last(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:
        collect_seldom()
        sys.excepthook = _crashed
        # A file's name may hold bytes that are no text, and so may a script: they are shown, and stop nothing.
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
    as_json = "--json" in words
    wrong_use: type[Any] = typer.BadParameter.__mro__[1]  # the usage error of whichever click it was built with
    # Not the Typer itself: it would put its own excepthook in the place of ours.
    run: Callable[..., Any] = get_command(app)
    try:
        code = run(args=words or ["--help"], standalone_mode=False)
    except wrong_use as wrong:
        return _sorry(f"{wrong.format_message().rstrip('.')}; --help tells what there is", as_json=as_json)
    except AnswerIsNo as no:
        return _sorry(str(no), as_json=as_json, code=1)
    except Fault as fault:
        return _sorry(str(fault), as_json=as_json)
    except sa.exc.DBAPIError as broken:
        return _sorry(f"the database cannot be read or written: {broken.orig}", as_json=as_json)
    except BrokenPipeError:
        # Whoever read the output has seen enough; the interpreter must not try to flush it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as refused:
        place = f"{refused.filename}: " if refused.filename else ""
        return _sorry(f"{place}{refused.strerror or refused}", as_json=as_json)
    except (typer.Abort, KeyboardInterrupt):
        code = _STOPPED
    if code == _STOPPED:
        print("dockside: stopped; what was done stays done", file=sys.stderr)
    # Not standalone, an Exit comes back as the value of the call, and so does the key that stops it.
    return code if isinstance(code, int) else 0


def _common_last(words: Sequence[str]) -> list[str]:
    """Return the words with what every command takes behind the command before which it was written."""
    rest, common = list(words), []
    while rest and (rest[0] in ("--json", "--home") or rest[0].startswith("--home=")):
        common.append(rest.pop(0))
        if common[-1] == "--home" and rest:
            common.append(rest.pop(0))
    return [*rest, *common]


def _sorry(words: str, *, as_json: bool, code: int = 2) -> int:
    if as_json:
        print(json.dumps({"error": words}, ensure_ascii=False))
    print(f"dockside: {words}", file=sys.stderr)
    return code


def _crashed(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    """Leave a report of what nobody foresaw, and say so in one sentence."""
    from desktop.crash import CrashReports
    from desktop.system import SystemClock

    named = sys.argv[sys.argv.index("--home") + 1 :][:1] if "--home" in sys.argv else []
    report = CrashReports(home_of(Path(named[0]) if named else None) / "crashes", SystemClock()).write(error)
    place = "" if report is None else f"; a report for support is in {report}"
    _sorry(f"the program made a mistake ({kind.__name__}){place}", as_json="--json" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
