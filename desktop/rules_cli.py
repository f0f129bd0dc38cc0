"""`dockside policy` and `dockside amount`: what the house says of its checks, and how many of something, as data."""

from typing import Annotated

import typer

from core.rules.model import Check, Measure, Mode
from core.rules.policies import SUPERVISOR
from desktop.options import AnswerIsNo, HomeOption, JsonOption, home_of, say


def policy(
    check: Annotated[Check | None, typer.Argument(help="which check; none: what was said so far")] = None,
    mode: Annotated[Mode | None, typer.Argument(help="how strict it is from now on")] = None,
    home: HomeOption = None,
    preset: Annotated[str | None, typer.Option(help="for people of a preset")] = None,
    here: Annotated[bool, typer.Option("--here", help="for this station")] = False,
    zone: Annotated[str | None, typer.Option(help="for a zone, by its code")] = None,
    printer: Annotated[str | None, typer.Option(help="for a printer, as print jobs name it")] = None,
    item: Annotated[str | None, typer.Option(help="for an item, by its SKU")] = None,
    badge: Annotated[str | None, typer.Option(help="for one person, by the badge's code")] = None,
    passed_by: Annotated[str, typer.Option(help="roles whose badge and PIN pass it; '' for nobody's")] = SUPERVISOR,
    as_json: JsonOption = False,
) -> None:
    """Say how strict a check is: everywhere, or for one preset, station, zone, printer, item or person."""
    from desktop import policies
    from desktop.assembly import assembled

    if check is not None and mode is None:
        raise typer.BadParameter("MODE is missing")
    about = policies.About(preset=preset, here=here, zone=zone, printer=printer, item=item, badge=badge)
    with assembled(home_of(home)) as assembly:
        try:
            refused = "" if check is None or mode is None else policies.say(assembly, check, mode, about, passed_by)
        except ValueError as e:
            raise typer.BadParameter(str(e)) from e
        rows = policies.said(assembly)
    if refused:
        raise AnswerIsNo(refused)
    lines = [policies.words(row) for row in rows] or ["Nothing was said: the presets hold."]
    say({"policies": rows}, "\n".join(lines), as_json=as_json)


def amount(
    measure: Annotated[Measure | None, typer.Argument(help="of what; none: what was said so far")] = None,
    value: Annotated[int | None, typer.Argument(min=0, help="how many from now on")] = None,
    home: HomeOption = None,
    here: Annotated[bool, typer.Option("--here", help="for this station")] = False,
    zone: Annotated[str | None, typer.Option(help="for a zone, by its code")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say how many of something: everywhere, or for one station or zone."""
    from desktop import amounts, policies
    from desktop.assembly import assembled

    if measure is not None and value is None:
        raise typer.BadParameter("VALUE is missing")
    with assembled(home_of(home)) as assembly:
        try:
            about = policies.About(here=here, zone=zone)
            refused = "" if measure is None or value is None else amounts.say(assembly, measure, value, about)
        except ValueError as e:
            raise typer.BadParameter(str(e)) from e
        rows = amounts.said(assembly)
    if refused:
        raise AnswerIsNo(refused)
    say({"amounts": rows}, "\n".join(map(amounts.words, rows)), as_json=as_json)
