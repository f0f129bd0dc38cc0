"""`dockside …`: the composition root of the command line. Qt is imported only where a window opens."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from core.kernel.refusal import Fault

app = typer.Typer(help="Dockside runs a warehouse's floor.", no_args_is_help=True, add_completion=False)
import_app = typer.Typer(help="Read files: items, locations, stock, orders.", no_args_is_help=True)
app.add_typer(import_app, name="import")

HomeOption = Annotated[Path | None, typer.Option("--home", envvar="DOCKSIDE_HOME", help="the station's data folder")]
JsonOption = Annotated[bool, typer.Option("--json", help="machine-readable output")]
MappingOption = Annotated[str, typer.Option("--mapping", help="name of a shipped mapping, or a .toml file")]


def _home(named: Path | None) -> Path:
    from desktop.system import home_folder

    return home_folder(named)


def _say(data: dict[str, Any], text: str, *, as_json: bool) -> None:
    print(json.dumps(data, ensure_ascii=False) if as_json else text)


def _import(kind: str, file: Path, mapping: str, home: Path | None, *, strict: bool, as_json: bool) -> None:
    from core.exchange.imports import Importer
    from desktop.assembly import assembled

    def progress(report: Any) -> None:
        if not as_json and sys.stderr.isatty():
            print(f"\r{report.lines} lines, {report.imported} imported", end="", file=sys.stderr)

    with assembled(_home(home), create=True) as assembly, assembly.database.reading() as reader:
        importer = Importer(
            site=assembly.identity.site, reader=reader, submit=assembly.writer.submit_background, clock=assembly.clock,
            ids=assembly.ids, progress=progress, strict=strict,
        )  # fmt: skip
        report = importer.run(kind, file, mapping)
    _say(report.to_json(), report.to_text(), as_json=as_json)


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


for _kind in ("items", "locations", "stock", "orders"):
    _import_command(_kind)


def _make_sample(home: Path, from_orders: Path | None, mapping: str) -> dict[str, Any]:
    from core.exchange.imports import Importer
    from desktop import sample as samples
    from desktop.assembly import assembled
    from desktop.planning import plan_day

    with assembled(home, create=True) as assembly, assembly.database.reading() as reader:
        if assembly.profile.get("simulated"):
            raise samples.SampleFault(f"{assembly.home.folder} holds a station already")
        samples.set_up(
            assembly, name="Harbour Lane", time_zone="Europe/London", country="GB",
            address="Harbour Lane Ltd\n1 Harbour Lane\nWhitby YO21 3PU",
        )  # fmt: skip
        done: dict[str, Any] = {"home": str(assembly.home.folder)}
        if from_orders is None:
            orders = samples.builtin(assembly)
            importer = Importer(
                site=assembly.identity.site, reader=reader, submit=assembly.writer.submit_background,
                clock=assembly.clock, ids=assembly.ids,
            )  # fmt: skip
            done["orders"] = importer.run("orders", orders, "dockside").imported
            done["batches"] = plan_day(assembly).batches
        else:
            report = samples.lay_out_orders(assembly, from_orders, mapping)
            done["documents"] = report.documents
    return done


@app.command()
def sample(
    home: HomeOption = None,
    from_orders: Annotated[Path | None, typer.Option(help="lay out a warehouse around these orders")] = None,
    mapping: MappingOption = "dockside",
    as_json: JsonOption = False,
) -> None:
    """Make a sample warehouse: the one that comes with the program, or one around somebody's own orders."""
    done = _make_sample(_home(home), from_orders, mapping)
    _say(done, f"The sample warehouse is ready in {done['home']}.", as_json=as_json)


@app.command()
def plan(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Promise free stock to open orders and release what is promised to the floor."""
    from desktop.assembly import assembled
    from desktop.planning import plan_day

    with assembled(_home(home)) as assembly:
        done = plan_day(assembly)
    facts = {name: getattr(done, name) for name in done.__slots__}
    _say(
        facts,
        f"{done.released_orders} orders released in {done.batches} batches; {done.waiting_lines} lines wait.",
        as_json=as_json,
    )


@app.command()
def replay(
    script: Annotated[Path | None, typer.Option(help="events, one a line")] = None,
    play: Annotated[bool, typer.Option(help="play a whole shift")] = False,
    seed: int = 1,
    mistakes: Annotated[float, typer.Option(help="how many times the usual mistakes; 0 for none")] = 1.0,
    home: HomeOption = None,
    as_json: JsonOption = False,
    allow_fuse: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Drive the station without a window: by a script, or by playing a shift."""
    from desktop import shift

    folder = _home(home)
    if play:
        raise typer.Exit(shift.play(folder, seed=seed, mistakes=mistakes, as_json=as_json, allow_fuse=allow_fuse))
    text = sys.stdin.read() if script is None else script.read_text(encoding="utf-8")
    shift.follow(folder, text, allow_fuse=allow_fuse)


@app.command()
def station(
    home: HomeOption = None,
    sample: Annotated[bool, typer.Option(help="on the sample warehouse, made where there is none")] = False,
    scripted: Annotated[bool, typer.Option(help="play a shift through the window and leave pictures")] = False,
    out: Annotated[Path, typer.Option(help="where --scripted leaves them")] = Path("build"),
    theme: Annotated[str, typer.Option(help="light, dark or contrast")] = "light",
) -> None:
    """Open the station's window."""
    import tempfile

    from desktop.app import open_window

    folder = _home(home)
    with tempfile.TemporaryDirectory(prefix="dockside-") as fresh:
        if sample and scripted:
            folder = Path(fresh) / "sample"
        elif sample and home is None:
            folder = folder.with_name(folder.name + "-sample")
        if sample and not (folder / "station.db").exists():
            _make_sample(folder, None, "dockside")
        code = open_window(folder, theme=theme, scripted=out if scripted else None)
        if scripted:
            print((out / "summary.json").read_text(encoding="utf-8"))
    raise typer.Exit(code)


@app.command()
def gallery(out: Annotated[Path, typer.Option(help="where the pictures go")] = Path("build/gallery")) -> None:
    """Render every screen of a played sample as pictures."""
    import tempfile

    from desktop.gallery import build_gallery

    with tempfile.TemporaryDirectory(prefix="dockside-") as fresh:
        folder = Path(fresh) / "sample"
        _make_sample(folder, None, "dockside")
        print(f"{build_gallery(folder, out)} pictures in {out}")


@app.command()
def verify(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Recompute everything from the ledger and the chain, and report each difference."""
    from core.exchange.verify import verify_all
    from desktop.assembly import assembled

    with assembled(_home(home)) as assembly, assembly.database.reading() as reader:
        differences = verify_all(reader)
    data = {"differences": [str(each) for each in differences]}
    _say(data, "\n".join(data["differences"]) or "Everything adds up.", as_json=as_json)
    raise typer.Exit(1 if differences else 0)


@app.command()
def explain(order: str, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say for every line of an order where it stands and what it waits for."""
    from core.allocation.queries import explain as explained
    from core.orders.queries import orders_by_number
    from desktop.assembly import assembled
    from desktop.messages import REFUSALS, fill
    from desktop.planning import today

    with assembled(_home(home)) as assembly, assembly.database.reading() as reader:
        found = orders_by_number(reader, assembly.identity.site, order)
        rows = [row for each in found for row in explained(reader, each.site, each.id, today(assembly))]
    if not found:
        raise typer.BadParameter(f"there is no order {order}")
    data = [
        {
            "line": row.number,
            "stage": str(row.stage),
            "reason": None if row.reason is None else str(row.reason),
            **row.facts,
        }
        for row in rows
    ]
    words = [
        f"line {row.number}: {row.stage}" + ("" if row.reason is None else f", {fill(REFUSALS[row.reason], row.facts)}")
        for row in rows
    ]
    _say({"order": order, "lines": data}, "\n".join(words), as_json=as_json)


@app.command()
def export(
    what: Annotated[str, typer.Argument(help="orders, stock, movements or parcels")],
    file: Path,
    since: Annotated[str, typer.Option(help="ISO time; movements and parcels from then on")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write orders, stock, movements or parcels to FILE (.csv or .jsonl)."""
    from core.exchange.exports import export as write
    from desktop.assembly import assembled

    with assembled(_home(home)) as assembly, assembly.database.reading() as reader:
        rows = write(reader, assembly.identity.site, what, file, since)
    _say({"file": str(file), "rows": rows}, f"{rows} rows in {file}", as_json=as_json)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; a fault is one clear sentence and exit code 2."""
    from click import ClickException

    run: Callable[..., Any] = app
    try:
        code = run(args=arguments, standalone_mode=False)
    except Fault as fault:
        print(f"dockside: {fault}", file=sys.stderr)
        return 2
    except ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except typer.Abort:
        return 130
    # Not standalone, an Exit comes back as the value of the call.
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
