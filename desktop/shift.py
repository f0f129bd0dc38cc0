"""Whole shifts without a window: a script followed, or a day played to the van."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import sqlalchemy as sa

from core.kernel.tables import sql_of
from core.orders.model import Fulfilment
from core.packing.model import Parcel, ParcelState
from core.shipping.model import Manifest, ManifestState
from core.station.menu import left_to_others
from core.station.replay import Line, ScriptFault, read_line, read_script
from desktop.assembly import Assembly, NotSetUp
from desktop.headless import headless
from desktop.planning import plan_day
from desktop.player import Player

SCRIPT_MAX = 50_000_000
"""Characters of a script: more than a year of scans."""
_IDLE_ROUNDS = 2
"""Rounds without anything to do after which a station that is alone is done."""
_LOOK_S, _PATIENCE_S = 0.5, 30.0
"""How often a station that shares its site looks whether others brought work, and how long it does so in vain."""
BADGES = {"pick": "BADGE-MARA", "pack": "BADGE-AYLIN", "dispatch": "BADGE-TOM"}


def follow(folder: Path, script: Path | None, *, as_json: bool, allow_fuse: bool = False) -> None:
    """Follow a script and tell of each event: a file's, checked before the first is done, or standard input's as it comes.

    Raises:
        ScriptFault: a line cannot be understood. Of a file nothing was done; of standard input what came before was.
    """
    lines: Iterable[Line] = _typed(sys.stdin) if script is None else read_script(_text(script), script.name)
    tell = _tell if as_json else _print
    with headless(folder, allow_fuse=allow_fuse) as (_, replay):
        tell(replay.start())
        for line in lines:
            tell(replay.perform(line))
        last = replay.finish()
        if last is not None:
            tell(last)


def _typed(lines: Iterable[str]) -> Iterator[Line]:
    for number, raw in enumerate(lines, start=1):
        line = read_line(number, raw)
        if line is not None:
            yield line


def _text(script: Path) -> str:
    try:
        with script.open(encoding="utf-8-sig") as file:
            text = file.read(SCRIPT_MAX + 1)
    except OSError as e:
        raise ScriptFault(f"{script} cannot be read: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise ScriptFault(f"{script} is not UTF-8") from e
    if len(text) > SCRIPT_MAX:
        raise ScriptFault(f"{script} is longer than {SCRIPT_MAX} characters")
    return text


def play(folder: Path, *, seed: int, mistakes: float, as_json: bool, allow_fuse: bool = False) -> int:
    """Play a whole shift; return 0 only if it ended at the van."""
    with (
        headless(folder, allow_fuse=allow_fuse, facts=as_json) as (assembly, replay),
        assembly.database.reading() as reader,
    ):
        if not assembly.simulated:
            raise NotSetUp(
                f"a shift is played at a sample, or a station that joined with --simulated: {folder} is neither"
            )
        member = assembly.membership
        others = left_to_others(None if member is None else member.kind)
        player = Player(
            replay,
            seed=seed,
            rate=mistakes,
            # Where the site is shared its hub plans.
            plan=lambda: plan_day(assembly).released_orders if member is None else 0,
            badges={flow: badge for flow, badge in BADGES.items() if flow not in others},
            empty_tote=lambda: assembly.empty_tote(reader),
            report=_tell if as_json else _quiet,
            goes_on=_until_nothing_comes() if member is not None else lambda idle: idle < _IDLE_ROUNDS,
        )
        tally = player.play()
        ended = _ended(assembly)
    summary = tally.to_json() | ended
    _tell(summary)
    if member is not None:
        # What is left is for others to do, as far as this station knows of it.
        return 0
    return 1 if any(ended[left] for left in ("open_promised", "unloaded_parcels", "open_manifests")) else 0


def _until_nothing_comes() -> Callable[[int], bool]:
    """Return what a station that shares its site asks after a round: others may bring work yet, but not for ever."""
    pause = Event()

    def goes_on(idle: int) -> bool:
        if idle:
            pause.wait(_LOOK_S)
        return idle * _LOOK_S < _PATIENCE_S

    return goes_on


def _ended(assembly: Assembly) -> dict[str, Any]:
    """Return what is left of the day's work: promised units that did not leave, parcels and manifests left open."""
    parts, parcels, lists = sql_of(Fulfilment), sql_of(Parcel), sql_of(Manifest)
    with assembly.database.reading() as connection:
        row = connection.execute(
            sa.select(
                sa.func.coalesce(sa.func.sum(parts.c.units), 0), sa.func.coalesce(sa.func.sum(parts.c.loaded), 0),
                sa.func.coalesce(sa.func.sum(parts.c.short), 0), sa.func.coalesce(sa.func.sum(parts.c.cancelled), 0),
                sa.func.coalesce(sa.func.sum(parts.c.promised - parts.c.loaded), 0), sa.func.count(),
            )
        ).one()  # fmt: skip
        left = connection.execute(
            sa.select(sa.func.count()).where(parcels.c.state != ParcelState.VOID.value, parcels.c.loaded_at == 0)
        ).scalar_one()
        still_open = connection.execute(
            sa.select(sa.func.count()).where(lists.c.state == ManifestState.OPEN.value)
        ).scalar_one()
    names = ("units", "shipped", "short", "cancelled", "open_promised", "orders")
    return dict(zip(names, (int(value) for value in row), strict=True)) | {
        "unloaded_parcels": int(left),
        "open_manifests": int(still_open),
    }


def _tell(told: dict[str, Any]) -> None:
    # Flushed, so that a program can answer it.
    print(json.dumps(told, ensure_ascii=False), flush=True)  # noqa: T201  one object a line is what a replay is for


def _print(told: dict[str, Any]) -> None:
    place = f"{told['flow']}.{told['state']}"
    words = " — ".join(each for each in (told["said"], told["prompt"]) if each)
    print(f"{told['n']:>4} {told['event']:<28} {told['outcome']:<9}{place:<26}{words}", flush=True)  # noqa: T201  as above


def _quiet(_told: dict[str, Any]) -> None:
    return
