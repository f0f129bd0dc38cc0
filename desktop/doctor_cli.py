"""`dockside doctor`: the checks of the station's own screen, for whoever has a terminal; also while the station is open."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.options import HomeOption, JsonOption, home_of, say

if TYPE_CHECKING:
    from core.station.gear import Checked
    from desktop.doctor import Patient


def doctor(
    fix: Annotated[
        bool, typer.Option("--fix", help="install the device rules (as root); nothing else is changed")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check disk, database, devices, rights and the hub; 0 where all is well, 1 to be looked at, 2 where something is wrong."""
    from desktop.doctor import examine, install_rules, worst

    fixed = str(install_rules()) if fix else ""
    with _patient(home_of(home)) as patient:
        found = tuple(examine(patient))
    rows: list[dict[str, Any]] = [asdict(each) for each in found]
    lines = [_line(each) for each in found]
    if fixed:
        lines.insert(0, f"installed: {fixed}")
    say({"checks": rows, "fixed": [fixed] if fixed else []}, "\n".join(lines), as_json=as_json)
    raise typer.Exit(worst(found))


def _line(each: "Checked") -> str:
    from desktop.messages import check_name, check_words

    about = f"{check_name(each.about)} {each.name}".rstrip()
    said = check_words(each.why, each.detail) or each.detail
    return f"{each.state:8}{about}{': ' if said else ''}{said}"


@contextmanager
def _patient(folder: Path) -> "Iterator[Patient]":
    """Open a station's file to be read only, whether or not somebody works with it."""
    from core.kernel.database import open_station
    from core.kernel.executor import identity_of
    from core.kernel.home import DATABASE, Home
    from desktop.assembly import SIMULATED, NotSetUp
    from desktop.doctor import Patient
    from desktop.known_devices import kept_devices
    from desktop.membership import HUB, read_profile
    from desktop.printer_checks import printer_checks
    from desktop.system import SystemClock

    if not (folder / DATABASE).exists() or not (folder / DATABASE).stat().st_size:
        raise NotSetUp(f"there is no station in {folder.absolute()}: import a shop first, or try `dockside sample`")
    home = Home(folder)
    database = open_station(home.database, home.key())
    try:
        profile = read_profile(database)
        with database.reading() as reader:
            identity = identity_of(reader)
        if identity is None:
            raise NotSetUp(f"{folder.absolute()} holds no station yet")
        known, broken = kept_devices(profile)
        yield Patient(
            folder=folder, identity=identity, reading=database.reader, now_ms=SystemClock().now_ms(),
            profiles=tuple(known.values()), unreadable=tuple(broken), hub=profile.get(HUB, ""),
            simulated=profile.get(SIMULATED) == "1",
            printers=lambda connection: printer_checks(connection, identity),
        )  # fmt: skip
    finally:
        database.dispose()
