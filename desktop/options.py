"""What commands of the command line have in common: where the home is, and how an answer looks."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from core.kernel.refusal import Fault

HomeOption = Annotated[Path | None, typer.Option("--home", envvar="DOCKSIDE_HOME", help="the station's data folder")]
JsonOption = Annotated[bool, typer.Option("--json", help="machine-readable output")]


class AnswerIsNo(Fault):
    """What was asked for was understood and is not to be done: everything is as it was, and the message says why."""


ADDS_UP = "Everything adds up."
"""What a verification says that found nothing."""
NUMBER_MAX = 1_000_000_000
"""No number that a person means is larger; nor is one in a file."""


_LINE_ENDS = {ord(each): f"\\u{ord(each):04x}" for each in "\x85\u2028\u2029"}
"""What ends a line of text and is not written otherwise in JSON by itself."""


def home_of(named: Path | None) -> Path:
    """Return the station's data folder, the usual one where none is named."""
    from desktop.system import home_folder

    return home_folder(named)


def say(data: dict[str, Any], text: str, *, as_json: bool) -> None:
    """Answer on standard output, in one line where it is JSON, however its reader tells lines apart."""
    typer.echo(json.dumps(data, ensure_ascii=False).translate(_LINE_ENDS) if as_json else text)
