"""`dockside bench`: printer, scanner and scale to try a station with, scripted or clicked, and their labels counted."""

import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop.options import AnswerIsNo, HomeOption, JsonOption, home_of

if TYPE_CHECKING:
    from printing.simulation.counting import Count


def bench(
    simulate: Annotated[bool, typer.Option("--simulate", help="yes, nothing of it is real")] = False,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="where prints are kept; one of its own by default")
    ] = None,
    scenario: Annotated[Path | None, typer.Option(help="a JSON list of steps to play; then it counts and ends")] = None,
    window: Annotated[bool, typer.Option("--window", help="a window with everything to click on")] = False,
    ledger: Annotated[
        bool,
        typer.Option("--ledger", help="compare the labels with the print ledger of --home, whose station is closed"),
    ] = False,
    home: HomeOption = None,
    scanner: Annotated[str, typer.Option(help="how the scanner speaks: text, ssi, honeywell, datalogic")] = "text",
    scale: Annotated[str, typer.Option(help="how the scale speaks, such as sics, toledo_8217, nci")] = "sics",
    dpi: Annotated[int, typer.Option(help="of the printer's head: 203 or 300")] = 203,
    port: Annotated[int, typer.Option(min=0, max=65535, help="of the printer; 0 for any")] = 0,
    status_port: Annotated[int, typer.Option(min=0, max=65535, help="its second port; 0 for any")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Run a printer, a scanner and a scale that are simulated, each as a process of its own.

    The first line says where they are. Without --scenario or --window each line of standard input is told to one of them:
    {"to": "printer", "do": "paper out"}, {"to": "scanner", "do": "scan", "code": "A-01"}, {"to": "scale", "do": "put",
    "grams": 450}; {"do": "report"} counts. It ends with its input, and with 1 where paper and ledger differ or a device did not
    do a step. A scenario is looked over as a whole before anything starts.
    """
    from desktop.scenario import scenario_of
    from desktop.virtual_bench import answered, play, virtual_bench
    from devices.simulation.scale import PROTOCOLS
    from devices.simulation.scanner import MODES

    if not simulate:
        raise AnswerIsNo("the bench is simulated: say --simulate, and point no real station at it")
    for option, said, known in (("--scanner", scanner, MODES), ("--scale", scale, tuple(map(str, PROTOCOLS)))):
        if said not in known:
            raise typer.BadParameter(f"{option} is one of {', '.join(known)}")
    if dpi not in (203, 300):
        raise typer.BadParameter("--dpi is 203 or 300")
    books = home_of(home) if ledger else None
    steps = None if scenario is None else scenario_of(scenario)
    played = True
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dockside-bench-")))
        it = stack.enter_context(
            virtual_bench(place, mode=scanner, protocol=scale, dpi=dpi, port=port, status_port=status_port)
        )
        typer.echo(json.dumps(it.devices | {"dir": str(place)}))
        if window:
            from desktop.system import refuse_no_display

            refuse_no_display()
            from desktop.app import show_alone
            from desktop.bench_window import BenchWindow

            show_alone(lambda: BenchWindow(it))
        elif steps is not None:
            for done in play(it, steps):
                played = played and bool(done["ok"])
                typer.echo(json.dumps(done))
        else:
            for line in sys.stdin:
                if line.strip():
                    typer.echo(json.dumps(answered(it, books, line)))
                    sys.stdout.flush()
        count = it.count(books)
    _say(count, beside_ledger=books is not None, as_json=as_json)
    raise typer.Exit(1 if (books is not None and count.differences) or not played else 0)


def _say(count: "Count", *, beside_ledger: bool, as_json: bool) -> None:
    """Say what came out, and where that differs from a ledger."""
    from desktop.virtual_bench import report

    words = f"{count.labels} labels came out" + (f", {count.spoilt} spoilt" if count.spoilt else "")
    lines = [f"{words}; the ledger has {count.jobs} jobs, {count.in_doubt} in doubt" if beside_ledger else words]
    lines += [
        f"{d.job or 'no job'}: came out {d.came_out} times, the ledger says {d.state or 'nothing'}"
        for d in count.differences
    ]
    typer.echo(json.dumps(report(count)) if as_json else "\n".join(lines))
