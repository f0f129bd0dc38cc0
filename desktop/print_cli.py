"""`dockside print …`: what has to do with paper, from the command line."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.options import HomeOption, JsonOption, say

if TYPE_CHECKING:
    from printing.firewall import Objection
    from printing.foreign import Judgement

print_app = typer.Typer(help="Paper: labels and what goes to a printer.", no_args_is_help=True)


@print_app.callback()
def _group() -> None:
    """Paper: labels and what goes to a printer."""


@print_app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="labels as a carrier or a shop gave them: ZPL, PDF or PNG")],
    dpi: Annotated[int | None, typer.Option(min=100, max=1200, help="dots per inch that they were made for")] = None,
    printer_dpi: Annotated[int | None, typer.Option(min=100, max=1200, help="dots per inch of the printer")] = None,
    printer_admin: Annotated[bool, typer.Option("--printer-admin", help="let commands to the printer pass")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="write the label as it is sent: without what only sets the printer, a PDF or PNG as the dots of --printer-dpi"
        ),
    ] = None,
    _home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether somebody else's label may go to a printer of 4 x 6 inches; 1 if not, with all that speaks against it."""
    from desktop.keeping import keep
    from printing.foreign import judge, to_send
    from printing.media import Language, Media

    if out is not None and len(files) > 1:
        raise typer.BadParameter("--out is for one file")
    if dpi is not None and printer_dpi is None:
        raise typer.BadParameter("--dpi is said together with --printer-dpi")
    media = None
    if printer_dpi is not None:
        media = Media(dpi=printer_dpi, width_mm=101.6, height_mm=152.4, language=Language.ZPL)
    refused = False
    for file in files:
        data = file.read_bytes()
        found = judge(data, dpi=dpi or 0, media=media, administrator=printer_admin, bare=out is not None)
        if found.passes and out is not None:
            keep(out, to_send(data, found, dpi=dpi or 0, media=media).data)
        refused |= not found.passes
        told = {
            "file": str(file),
            "outcome": "accepted" if found.passes else "refused",
            "size": found.size,
            "sha256": found.sha256,
            "labels": found.labels,
            "objections": [_told(each) for each in found.objections],
        }
        say(told, _sentences(file, found), as_json=as_json)
    if refused:
        raise typer.Exit(1)


def _told(objection: "Objection") -> dict[str, Any]:
    return {
        "at": None if objection.at < 0 else objection.at,
        "command": objection.command,
        "reason": objection.reason,
        "for_good": objection.for_good,
    }


def _sentences(file: Path, found: "Judgement") -> str:
    from printing.foreign import sentence

    labels = "1 label" if found.labels == 1 else f"{found.labels} labels"
    lines = [f"{file}: {'may be printed' if found.passes else 'REFUSED'}, {labels}, SHA-256 {found.sha256}"]
    return "\n".join([*lines, *(f"  {sentence(each)}" for each in found.objections)])
