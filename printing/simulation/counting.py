"""Physical labels counted and compared with the ledger: what came out twice, never, or without anybody knowing of it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.kernel.spool import OPEN_STATES, JobState


@dataclass(frozen=True, slots=True)
class Difference:
    """One job of which paper and ledger say different things."""

    job: str
    came_out: int
    state: str
    """What the ledger says; empty where it knows no such job."""


@dataclass(frozen=True, slots=True)
class Count:
    """What lies on the floor, beside what the ledger says."""

    labels: int
    spoilt: int
    without_job: int
    """Labels that name no job: a test, or somebody else's."""
    jobs: int
    in_doubt: int
    """Jobs of which the ledger says that nobody knows; no difference, whatever came out."""
    differences: tuple[Difference, ...]


def counted(printed: Iterable[Mapping[str, Any]], ledger: Mapping[str, JobState]) -> Count:
    """Return what was printed, by the lines of a virtual printer, compared with the jobs of a ledger.

    A job that was printed once more is another job: of each one at most one label may lie about.
    """
    lines = [line for line in printed if str(line.get("file", "")).endswith(".zpl")]
    out: Counter[str] = Counter()
    for line in lines:
        out[str(line.get("job", ""))] += int(line.get("copies", 1))
    without = out.pop("", 0)
    differences = [
        Difference(job, out[job], str(ledger.get(job, "")))
        for job in sorted({*out, *ledger})
        if not _agrees(out[job], ledger.get(job))
    ]
    return Count(
        labels=out.total() + without,
        spoilt=sum(bool(line.get("spoilt")) for line in lines),
        without_job=without,
        jobs=len(ledger),
        in_doubt=sum(state is JobState.UNKNOWN for state in ledger.values()),
        differences=tuple(differences),
    )


def _agrees(came_out: int, state: JobState | None) -> bool:
    match state:
        case None:
            return not came_out
        case JobState.PRINTED | JobState.APPLIED:
            return came_out == 1
        case _ if state in OPEN_STATES:
            return came_out == 0
        case _:
            return came_out <= 1
