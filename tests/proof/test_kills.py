"""Killed at any moment, a station goes on at the same step: nothing lost, nothing done twice."""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import core.everything  # noqa: F401
from core.exchange.verify import verify_all
from core.kernel.database import open_station
from core.kernel.home import Home
from core.kernel.journal import Gesture, GestureOutcome
from core.kernel.tables import rows_of, sql_of
from desktop.cli import main
from tests.homes import copy_home
from tests.proof.doomed import MOMENTS
from tests.proof.outside import check, rows

ROOT = Path(__file__).parents[2]
AT_RANDOM = 4
IN_TEST, AT_NIGHT = 2, 20
"""Shifts, each killed at the six named moments and four times at random: 20 kills in `make test`, 200 at night."""
PRINTER = ("before first byte", "after first byte")
GESTURES = ("badge", "scan", "key", "weight", "type", "pin")


@dataclass(frozen=True, slots=True)
class Life:
    """What a station told before it was killed, and what it had kept by then."""

    told: list[dict[str, Any]]
    kept: Gesture | None
    """The last gesture in the database."""

    @property
    def gestures(self) -> int:
        return sum(each["event"].split()[0] in GESTURES for each in self.told)


def live_until_killed(folder: Path, words: Sequence[str], events: int | None = None) -> Life:
    """Run a station in a process of its own until it kills itself, or is killed when it told so many events."""
    process = subprocess.Popen(
        [sys.executable, "-m", *words], stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(json.loads(line))
        if len(told) == events:
            # The virtual printer goes with it: a plug takes everything.
            os.killpg(process.pid, signal.SIGKILL)
            break
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL, told[-1]
    found, last = looked_into(folder)
    assert found == []
    return Life(told, last)


def looked_into(folder: Path) -> tuple[list[str], Gesture | None]:
    """Return what `verify` finds in a home, and its last gesture."""
    home, gestures = Home(folder), sql_of(Gesture)
    database = open_station(home.database, home.key())
    with database.reading() as connection:
        found = [str(each) for each in verify_all(connection)]
        last = rows_of(Gesture, connection.execute(gestures.select().order_by(gestures.c.number.desc()).limit(1)))
    database.dispose()
    return found, last[0] if last else None


def place(told: dict[str, Any]) -> tuple[str, str, str]:
    """Return where the operator stands: the step and what it is about, apart from news of a printer."""
    facts = {name: value for name, value in told["facts"].items() if name not in ("job_state", "fault")}
    return told["flow"], told["state"], json.dumps(facts, sort_keys=True)


def moments(chance: random.Random) -> list[tuple[str, int]]:
    """Return every named moment once, with how often it passes first; labels come when the picking is over."""
    first = [each for each in MOMENTS if each not in PRINTER]
    chance.shuffle(first)
    return [(each, chance.randint(8, 50)) for each in first] + [(each, chance.randint(1, 3)) for each in PRINTER]


def assert_resumed(before: Life, after: Life, already: int) -> None:
    """The step after a kill is the one before it, unless the last gesture was kept: then its outcome is there, once."""
    last, first = before.told[-1], after.told[0]
    kept = before.kept
    assert first["event"] == "start"
    assert kept is not None
    more = kept.number - already - before.gestures
    assert more in (0, 1), "a gesture is kept once, and none that was told is lost"
    if more == 0:
        # The menu is no gesture: whoever stood at home may already stand where he was going.
        assert place(first) == place(last) or last["flow"] == "home"
        return
    assert kept.step == last["state"]
    if kept.outcome is GestureOutcome.REFUSED:
        assert place(first) == place(last)
    elif kept.command is not None:
        assert place(first) != place(last), "what was committed is not asked for again"


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "seed", [*range(IN_TEST), *(pytest.param(n, marks=pytest.mark.nightly) for n in range(IN_TEST, AT_NIGHT))]
)
def test_a_shift_with_the_plug_pulled_again_and_again_still_ends_at_the_van(
    sample_home: Path, tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_home(sample_home, tmp_path / "home")
    chance = random.Random(seed)
    lives = [
        live_until_killed(folder, ["tests.proof.doomed", str(folder), str(seed), moment, str(nth)])
        for moment, nth in moments(chance)
    ]
    play = ["desktop.cli", "replay", "--play", "--seed", str(seed), "--home", str(folder), "--json"]
    lives += [live_until_killed(folder, play, chance.randint(3, 25)) for _ in range(AT_RANDOM)]

    assert len(lives) == len(MOMENTS) + AT_RANDOM
    already = 0
    for before, after in zip(lives, lives[1:], strict=False):
        assert_resumed(before, after, already)
        already = before.kept.number if before.kept else already

    assert main(["replay", "--play", "--seed", str(seed), "--mistakes", "0", "--home", str(folder)]) == 0
    end = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert end["shipped"] + end["short"] + end["cancelled"] == end["units"]
    assert end["open_promised"] == end["unloaded_parcels"] == 0
    assert looked_into(folder)[0] == []
    out = folder.parent / "exports"
    out.mkdir()
    for what in ("orders", "stock", "movements", "parcels"):
        assert main(["export", what, str(out / f"{what}.csv"), "--home", str(folder)]) == 0
    assert check(out) == []
    assert_labelled_once(folder, {row["label"] for row in rows(out / "parcels.csv") if row["loaded_at"]})


def assert_labelled_once(folder: Path, loaded: set[str]) -> None:
    """Every loaded parcel has its label on paper, and no job came out twice."""
    journal = [
        json.loads(line) for line in (folder / "printed" / "printed.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    jobs = Counter(each["job"] for each in journal if each["job"])
    assert [job for job, times in jobs.items() if times > 1] == []
    codes = [code for each in journal for code in each["codes"]]
    assert [label for label in sorted(loaded) if not any(label in code for code in codes)] == []
    assert loaded
