"""What nobody caught leaves a report without anybody's data, and somebody is told."""

import sys
import threading
from pathlib import Path

from desktop.crash import KEPT, CrashReports
from tests.support import FakeClock


def raised(message: str) -> Exception:
    try:
        raise ValueError(message)
    except ValueError as e:
        return e


def test_a_report_names_version_thread_and_trace(tmp_path: Path) -> None:
    path = CrashReports(tmp_path / "crashes", FakeClock()).write(raised("odd"))

    text = path.read_text(encoding="utf-8")
    assert "Dockside 0.1.0" in text
    assert "2025-12-16 12:00:00 UTC" in text
    assert "ValueError: odd" in text
    assert "test_crash.py" in text


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    clock = FakeClock()
    reports = CrashReports(tmp_path, clock)
    for n in range(KEPT + 5):
        clock.tick()
        reports.write(raised(str(n)))

    kept = sorted(tmp_path.glob("*.txt"))
    assert len(kept) == KEPT
    assert f"ValueError: {KEPT + 4}" in kept[-1].read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_is_no_second_crash(tmp_path: Path) -> None:
    (tmp_path / "crashes").write_text("a file", encoding="utf-8")

    assert CrashReports(tmp_path / "crashes", FakeClock()).write(raised("odd")) is None


def test_both_hooks_report_and_tell_and_are_given_back(tmp_path: Path, capsys) -> None:
    told: list[str] = []
    before = sys.excepthook, threading.excepthook
    with CrashReports(tmp_path, FakeClock()).installed(told.append):
        error = raised("in a slot")
        sys.excepthook(type(error), error, error.__traceback__)

        def fail() -> None:
            raise ValueError("in a thread")

        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()

    assert (sys.excepthook, threading.excepthook) == before
    assert len(set(told)) == 2 and all((tmp_path / name).exists() for name in told)
    assert "in a thread" in capsys.readouterr().err
