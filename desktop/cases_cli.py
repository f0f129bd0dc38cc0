"""`dockside cases …`: what a person has to look at, and what was decided."""

from contextlib import AbstractContextManager
from typing import Annotated

import typer

from core.kernel.refusal import Fault
from desktop.options import HomeOption, JsonOption, home_of, say

cases_app = typer.Typer(help="What a person has to look at: what happened, what to do, and what was decided.")

CaseArgument = Annotated[str, typer.Argument(help="the case, as `cases list` names it")]
LanguageOption = Annotated[str, typer.Option(help="of the words: en, de or ar")]


@cases_app.command("list")
def list_cases(language: LanguageOption = "en", home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show the open cases, those that cannot wait first."""
    from desktop import cases
    from desktop.assembly import assembled

    with assembled(home_of(home)) as assembly, _speaking(language):
        found = cases.waiting(assembly)
    words = [line for each in found for line in cases.in_words(each)]
    say({"cases": found}, "\n".join(words) or "Nothing waits to be looked at.", as_json=as_json)


@cases_app.command()
def show(
    case: CaseArgument, language: LanguageOption = "en", home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Show all that is known of CASE; of an edit that lost, both versions."""
    from desktop import cases
    from desktop.assembly import assembled

    with assembled(home_of(home)) as assembly, _speaking(language):
        found = cases.shown(assembly, case)
    say(found, "\n".join(cases.in_words(found)), as_json=as_json)


@cases_app.command()
def close(
    case: CaseArgument,
    decision: Annotated[str, typer.Option(help="what was decided; no names or addresses")] = "",
    take: Annotated[bool, typer.Option("--take", help="of an edit that lost: make it after all")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Close CASE: with --decision, or where an edit lost with --take, which makes it over what stands now."""
    from desktop import cases
    from desktop.assembly import assembled

    if take == bool(decision):
        raise Fault("say either --decision WORDS or --take")
    with assembled(home_of(home)) as assembly:
        done = cases.take(assembly, case) if take else cases.close(assembly, case, decision)
    say(done, f"Case {case} is closed: {done['decision']}.", as_json=as_json)


def _speaking(language: str) -> AbstractContextManager[object]:
    from desktop.languages import speaking
    from desktop.paper_cli import speaks

    speaks(language)
    return speaking(language)
