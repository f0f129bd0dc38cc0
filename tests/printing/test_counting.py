"""Labels on the floor, counted and compared with the ledger."""

import pytest

from core.kernel.spool import JobState
from printing.simulation.counting import Difference, counted


def line(job: str, copies: int = 1, *, file: str = "000001.zpl", spoilt: bool = False) -> dict[str, object]:
    return {"job": job, "copies": copies, "file": file, "spoilt": spoilt}


@pytest.mark.parametrize("state", JobState)
@pytest.mark.parametrize("out", [0, 1, 2])
def test_paper_and_ledger_agree_or_the_job_is_named(state: JobState, out: int) -> None:
    may = {
        JobState.PRINTED: {1},
        JobState.APPLIED: {1},
        JobState.QUEUED: {0},
        JobState.HELD: {0},
        JobState.FAILED_CLEAN: {0},
    }

    count = counted([line("aa")] * out, {"aa": state})

    wanted = () if out in may.get(state, {0, 1}) else (Difference("aa", out, state),)
    assert (count.labels, count.jobs, count.differences) == (out, 1, wanted)
    assert count.in_doubt == (state is JobState.UNKNOWN)


def test_spoilt_labels_documents_and_labels_without_a_job_are_told_apart() -> None:
    printed = [line("aa", 0, spoilt=True), line("aa"), line(""), line("", 3, file="000002.pdf"), line("bb")]

    count = counted(printed, {"aa": JobState.PRINTED})

    assert (count.labels, count.spoilt, count.without_job) == (3, 1, 1)
    assert count.differences == (Difference("bb", 1, ""),)
