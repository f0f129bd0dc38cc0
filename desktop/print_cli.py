"""`dockside print …`: what has to do with paper, from the command line."""

from pathlib import Path
from typing import Annotated, Any

import typer

from desktop.keeping import keep
from desktop.options import HomeOption, JsonOption, say
from printing.firewall import Objection, Verdict, as_sent, inspect
from printing.media import dpi_fault, fetch_instead

print_app = typer.Typer(help="Paper: labels and what goes to a printer.", no_args_is_help=True)


@print_app.callback()
def _group() -> None:
    """Paper: labels and what goes to a printer."""


@print_app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="files of ZPL, as a carrier or a shop gave them")],
    dpi: Annotated[int | None, typer.Option(min=100, max=1200, help="dots per inch that they were made for")] = None,
    printer_dpi: Annotated[int | None, typer.Option(min=100, max=1200, help="dots per inch of the printer")] = None,
    printer_admin: Annotated[bool, typer.Option("--printer-admin", help="let commands to the printer pass")] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="write the label as it is sent: without what only sets the printer, else as it is"),
    ] = None,
    _home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether somebody else's ZPL may go to a printer; 1 if not, with each command and byte that speaks against it."""
    if out is not None and len(files) > 1:
        raise typer.BadParameter("--out is for one file")
    if (dpi is None) != (printer_dpi is None):
        raise typer.BadParameter("--dpi and --printer-dpi are said together")
    misfit = None if dpi is None or printer_dpi is None else dpi_fault(dpi, printer_dpi, fetch_instead(printer_dpi))
    refused = False
    for file in files:
        data = file.read_bytes()
        verdict = inspect(data)
        passes = verdict.passes(administrator=printer_admin, without_settings=out is not None) and misfit is None
        if passes and out is not None:
            keep(out, as_sent(data))
        refused |= not passes
        against = [_told(each) for each in verdict.objections]
        if misfit is not None:
            against.append({"at": None, "command": "", "reason": misfit.reason, "for_good": True})
        told = {
            "file": str(file),
            "outcome": "accepted" if passes else "refused",
            "size": verdict.size,
            "sha256": verdict.sha256,
            "labels": verdict.labels,
            "objections": against,
        }
        say(told, _sentences(file, verdict, against, passes=passes), as_json=as_json)
    if refused:
        raise typer.Exit(1)


def _told(objection: Objection) -> dict[str, Any]:
    return {
        "at": objection.at,
        "command": objection.command,
        "reason": objection.reason,
        "for_good": objection.for_good,
    }


def _sentences(file: Path, verdict: Verdict, against: list[dict[str, Any]], *, passes: bool) -> str:
    labels = "1 label" if verdict.labels == 1 else f"{verdict.labels} labels"
    lines = [f"{file}: {'may be printed' if passes else 'REFUSED'}, {labels}, SHA-256 {verdict.sha256}"]
    for each in against:
        place = "" if each["at"] is None else f"byte {each['at']}: "
        lines.append(f"  {place}{' '.join(filter(None, (each['command'], each['reason'])))}")
    return "\n".join(lines)
