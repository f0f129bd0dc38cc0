"""`dockside join`: make this PC a station of a hub."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.rights.model import StationKind
from desktop.options import HomeOption, JsonOption, home_of, say

if TYPE_CHECKING:
    from core.station.line import Standing


def join(
    hub: Annotated[str, typer.Argument(help="the hub's address: a name, name:port or http://name:port")],
    name: Annotated[str, typer.Option(help="what the station is called")],
    kind: Annotated[
        StationKind | None, typer.Option(help="what it is there for; not needed where IT added it at the hub")
    ] = None,
    site: Annotated[int, typer.Option(min=0, help="which site, where the hub has several")] = 0,
    place: Annotated[str, typer.Option(help="code of the location it stands at; one that fits its name or kind")] = "",
    snapshot: Annotated[
        Path | None, typer.Option(help="a file of `dockside hub snapshot`: what is in it does not come over the wire")
    ] = None,
    simulated: Annotated[bool, typer.Option("--simulated", help="with devices drawn on the screen, to try it")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make this PC a station of the hub at HUB; interrupted, the same words go on where it was."""
    from desktop import joining

    folder = home_of(home)
    joining.begin(folder, joining.Wanted(hub, name.strip(), "" if kind is None else kind.value, site, place))
    told = [-1]

    def progress(standing: "Standing") -> None:
        done = (standing.loading or 0) // 100
        if done != told[0]:
            told[0] = done
            # Before it was asked it has not answered either.
            words = (
                "; the hub does not answer, it is asked again" if standing.troubles and not standing.connected else ""
            )
            print(f"{done * 10} % of the site is here{words}", file=sys.stderr, flush=True)  # noqa: T201

    reached = joining.load_site(folder, progress, place=place, simulated=simulated, snapshot=snapshot)
    data = {"home": str(folder), "name": name.strip(), "feed": reached}
    say(data, f"This PC is {name.strip()} now: `dockside station` opens it.", as_json=as_json)
