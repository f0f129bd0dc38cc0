"""Lives of a station that ended badly: what it told, what it had kept, and where the next one must stand."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import core.everything  # noqa: F401
from core.exchange.verify import verify_all
from core.kernel.database import open_station
from core.kernel.home import Home
from core.kernel.journal import Gesture, GestureOutcome
from core.kernel.spool import JobState, PrintJob
from core.kernel.tables import TABLES, TableClass, rows_of, sql_of
from desktop.cli import main
from tests.proof.outside import check, rows

GESTURES = ("badge", "scan", "key", "weight", "type", "pin")
BEFORE_THE_FIRST_BYTE = (JobState.QUEUED, JobState.HELD, JobState.FAILED_CLEAN)
IN_DOUBT = (JobState.SENDING, JobState.SENT, JobState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Life:
    """What a station told before it ended, and what it had kept by then."""

    told: list[dict[str, Any]]
    kept: Gesture | None
    """The last gesture in the database."""
    doubtful: frozenset[str]
    """Codes of labels that a person must look for: bytes may have left, and nobody counted them."""

    @property
    def gestures(self) -> int:
        return sum(each["event"].split()[0] in GESTURES for each in self.told)


def life_of(folder: Path, paper: Path, told: list[dict[str, Any]]) -> Life:
    """Look into the home of a station that ended: `verify` finds nothing, and what came out on paper is known."""
    home, gestures, spool = Home(folder), sql_of(Gesture), sql_of(PrintJob)
    assert differences(folder) == []
    database = open_station(home.database, home.key())
    with database.reading() as connection:
        last = rows_of(Gesture, connection.execute(gestures.select().order_by(gestures.c.number.desc()).limit(1)))
        jobs = {each.id.hex(): each for each in rows_of(PrintJob, connection.execute(spool.select()))}
    database.dispose()
    for each in printed(paper):
        if each["job"]:
            assert jobs[each["job"]].state not in BEFORE_THE_FIRST_BYTE, each["job"]
    doubtful = frozenset(each.code for each in jobs.values() if each.state in IN_DOUBT)
    return Life(told, last[0] if last else None, doubtful)


def differences(folder: Path) -> list[str]:
    """Return what `verify` finds in a home that nobody has open."""
    home = Home(folder)
    database = open_station(home.database, home.key())
    with database.reading() as connection:
        found = [str(each) for each in verify_all(connection)]
    database.dispose()
    return found


def private_rows(connection: sa.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Return the personal data of a database, by table and key."""
    return {
        name: sorted(
            (info.key_of(row), info.values(row)) for row in map(info.row, connection.execute(info.sql.select()))
        )
        for name, info in TABLES.items()
        if info.kind is TableClass.PRIVATE
    }


ASIDE = ("job_state", "fault", "rendering", "next_labels", "due")
"""News of a printer with what it was sent, and the lists of what may come next: a fresh look fills them up again."""


def place(told: dict[str, Any]) -> tuple[str, str, str]:
    """Return where the operator stands: the step and what it is about."""
    return told["flow"], told["state"], json.dumps(_without_aside(told["facts"]), sort_keys=True)


def _without_aside(facts: Any) -> Any:
    if isinstance(facts, dict):
        return {name: _without_aside(value) for name, value in facts.items() if name not in ASIDE}
    return [_without_aside(each) for each in facts] if isinstance(facts, list) else facts


def apart(last: dict[str, Any], first: dict[str, Any]) -> tuple[object, ...]:
    """Return in what two places differ, for the message of a test that fails."""
    one, other = last["facts"], first["facts"]
    facts = {name: (one.get(name), other.get(name)) for name in {*one, *other} if one.get(name) != other.get(name)}
    return last["event"], last["state"], first["state"], facts


def assert_resumed(before: Life, after: Life, already: int) -> None:
    """The step after an end is the one before it, unless the last gesture was kept: then its outcome is there, once."""
    last, first = before.told[-1], after.told[0]
    kept = before.kept
    assert first["event"] == "start"
    assert kept is not None
    more = kept.number - already - before.gestures
    assert more in (0, 1), "a gesture is kept once, and none that was told is lost"
    if more == 0:
        # The menu is no gesture: whoever stood at home may already stand where he was going.
        assert place(first) == place(last) or last["flow"] == "home", apart(last, first)
        return
    assert kept.step == last["state"]
    if kept.outcome is GestureOutcome.REFUSED:
        assert place(first) == place(last), apart(last, first)
    elif kept.command is not None:
        assert place(first) != place(last), "what was committed is not asked for again"


def printed(paper: Path) -> list[dict[str, Any]]:
    """Return what a virtual printer put on paper."""
    journal = paper / "printed.jsonl"
    if not journal.exists():
        return []
    return [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]


def assert_finished(folder: Path, lives: Sequence[Life], end: dict[str, Any], exports: Path) -> None:
    """The day is over: every unit accounted for, every loaded parcel labelled, no job printed twice."""
    assert end["shipped"] + end["short"] + end["cancelled"] == end["units"]
    assert end["open_promised"] == end["unloaded_parcels"] == 0
    assert differences(folder) == []
    exports.mkdir()
    for what in ("orders", "stock", "movements", "parcels"):
        assert main(["export", what, str(exports / f"{what}.csv"), "--home", str(folder)]) == 0
    assert check(exports) == []
    loaded = {row["label"] for row in rows(exports / "parcels.csv") if row["loaded_at"]}
    paper = printed(folder / "printed")
    jobs = Counter(each["job"] for each in paper if each["job"])
    assert [job for job, times in jobs.items() if times > 1] == []
    codes = [code for each in paper for code in each["codes"]]
    sure = loaded.difference(*(each.doubtful for each in lives))
    assert sure
    assert [label for label in sorted(sure) if not any(label in code for code in codes)] == []
