"""`dockside hub recall`, `lost`, `revoke`, `vouch` and `floor …`: what a station is to give back, and what one held that will not come back."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from core.kernel.refusal import Fault
from core.rights.model import FloorAnswer
from desktop.options import JsonOption, say

floor_app = typer.Typer(help="Orders to be looked for, since whoever had them cannot say what became of them.")

HomeOption = Annotated[Path | None, typer.Option("--home", envvar="DOCKSIDE_HUB_HOME", help="the hub's data folder")]
SiteOption = Annotated[int | None, typer.Option(min=1, help="which site, where the hub has several")]


def _list_command(site: int | None, home: Path | None) -> str:
    """Return what lists them, with the hub and the site that were named."""
    where = ("" if site is None else f" --site {site}") + ("" if home is None else f" --home {shlex.quote(str(home))}")
    return f"dockside hub floor list{where}"


def lost(
    name: Annotated[str, typer.Argument(help="what the station is called")],
    reason: Annotated[str, typer.Option(help="why it will not come back")],
    switched_off: Annotated[
        bool, typer.Option("--switched-off", help="its device is in your hand and off; a dock and a desk need that")
    ] = False,
    site: SiteOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a station up: what it held is kept until somebody has looked for it."""
    from desktop import hub, reclaiming

    with hub.at_work(home) as running:
        done = reclaiming.give_up(running, hub.only_site(running, site), name, reason, switched_off=switched_off)
    words = f"{name} is given up. {done['lines']} orders are to be looked for: {_list_command(site, home)}"
    say(done, words, as_json=as_json)


def revoke(
    name: Annotated[str, typer.Argument(help="what the station is called")],
    switched_off: Annotated[
        bool,
        typer.Option(
            "--switched-off", help="its device is off, or nowhere near the goods; a dock and a desk need that"
        ),
    ] = False,
    site: SiteOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a station out: what it still says is kept and changes nothing, and it is given nothing any more."""
    from desktop import hub, reclaiming

    with hub.at_work(home) as running:
        done = reclaiming.take_out(running, hub.only_site(running, site), name, switched_off=switched_off)
    words = f"{name} takes no part any more. {done['lines']} orders are to be looked for: {_list_command(site, home)}"
    say(done, words, as_json=as_json)


def recall(
    name: Annotated[str, typer.Argument(help="what the station is called")],
    walk: Annotated[list[int] | None, typer.Option("--walk", help="a walk's number; say it again for each")] = None,
    carrier: Annotated[list[str] | None, typer.Option("--carrier", help="a carrier; say it again for each")] = None,
    site: SiteOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask NAME for what it holds and has not begun: all of it, or some walks or carriers; what it has begun stays."""
    from desktop import hub, reclaiming

    with hub.at_work(home) as running:
        done = reclaiming.ask_back(running, hub.only_site(running, site), name.strip(), walk or [], carrier or [])
    words = [
        f"Asked back from {done['station']}. Walks: {done['walks']}; carriers: {done['carriers']}.",
        "It gives them back once it hears of it; a carrier once no list of it is open.",
    ]
    if not (done["walks"] or done["carriers"]):
        words = [f"{done['station']} holds nothing that it has not begun and was not asked for."]
    say(done, "\n".join(words), as_json=as_json)


def vouch(site: SiteOption = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say that this machine was only switched off and not put back: carriers are given out though a dock was not heard yet."""
    from desktop import hub, reclaiming

    with hub.at_hand(home) as running:
        doubted = reclaiming.vouch_for(running, hub.only_site(running, site))
    words = "The hub gives out work and carriers." if doubted else "Nothing was in doubt."
    say({"doubted": doubted}, words, as_json=as_json)


@floor_app.command("list")
def list_lines(
    out: Annotated[Path | None, typer.Option(help="print it: a PDF to take along and tick")] = None,
    language: Annotated[str, typer.Option(help="of the words on paper: en, de or ar")] = "en",
    site: SiteOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what is to be looked for."""
    from desktop import hub, reclaiming

    with hub.at_hand(home) as running:
        number = hub.only_site(running, site)
        found = reclaiming.lines(running, number)
        paper = None if out is None else reclaiming.on_paper(running, number, found)
    if out is not None:
        from desktop.paper_cli import speaks, write_document

        speaks(language)
        write_document(paper, out, language=language)
    words = [f"{each['line']}  {each['what']}" for each in found]
    say({"lines": found}, "\n".join(words) or "Nothing is to be looked for.", as_json=as_json)


@floor_app.command("found")
def found_box(
    label: Annotated[str, typer.Argument(help="what the square code on the box's label says")],
    site: SiteOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that a labelled box of a lost bench was found: a dock takes it then."""
    from desktop import hub, reclaiming

    with hub.at_work(home) as running:
        done = reclaiming.found_box(running, hub.only_site(running, site), label)
    say(done, f"Noted: {done['label']} is here.", as_json=as_json)


@floor_app.command()
def answer(
    line: Annotated[str, typer.Argument(help="the line, as `floor list` shows it")],
    found: Annotated[str, typer.Argument(help="here, gone or not-found")],
    site: SiteOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what was found of an order."""
    from desktop import hub, reclaiming

    answers = {"here": FloorAnswer.HERE, "gone": FloorAnswer.GONE, "not-found": FloorAnswer.NOT_FOUND}
    if found not in answers:
        raise Fault(f"{found} is no answer: here, gone or not-found")
    with hub.at_work(home) as running:
        done = reclaiming.answer(running, hub.only_site(running, site), line, answers[found])
    say(done, f"Noted: {done['answer'].replace('_', ' ')}.", as_json=as_json)
