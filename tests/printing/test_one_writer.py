"""One writer a printer: the end of a program frees it at once, a hanging one loses it after its lease."""

import subprocess
import sys
from pathlib import Path

import pytest

from printing.drivers.one_writer import LEASE_S, LeaseLost, writer_of

ROOT = Path(__file__).parents[2]
LEASE_NS = int(LEASE_S * 1e9)
HOLDER = """
import sys
from pathlib import Path
from printing.drivers.one_writer import writer_of
with writer_of(sys.argv[1], lambda: int(sys.argv[3]), Path(sys.argv[2])) as lease:
    print("held" if lease else "busy", flush=True)
    sys.stdin.read()
"""


class Boot:
    def __init__(self) -> None:
        self.ns = 10**12

    def __call__(self) -> int:
        return self.ns


def test_a_second_writer_waits_and_another_printer_does_not(tmp_path: Path) -> None:
    boot = Boot()
    with writer_of("tcp:a:9100", boot, tmp_path) as lease:
        assert lease is not None
        with writer_of("tcp:a:9100", boot, tmp_path) as second, writer_of("tcp:b:9100", boot, tmp_path) as other:
            assert (second is None, other is None) == (True, False)
    with writer_of("tcp:a:9100", boot, tmp_path) as again:
        assert again is not None


def test_who_hangs_longer_than_the_lease_loses_the_printer_and_must_not_write_on(tmp_path: Path) -> None:
    boot = Boot()
    with writer_of("tcp:a:9100", boot, tmp_path) as hanging:
        assert hanging is not None
        hanging.renew()
        boot.ns += LEASE_NS + 1
        with writer_of("tcp:a:9100", boot, tmp_path) as next_one:
            assert next_one is not None
            with pytest.raises(LeaseLost):
                hanging.renew()
            next_one.renew()
            with writer_of("tcp:a:9100", boot, tmp_path) as third:
                assert third is None


def test_a_lease_from_before_the_computer_started_anew_holds_nobody_up(tmp_path: Path) -> None:
    boot = Boot()
    with writer_of("tcp:a:9100", boot, tmp_path):
        boot.ns = 5
        with writer_of("tcp:a:9100", boot, tmp_path) as lease:
            assert lease is not None


def test_another_process_is_kept_out_and_its_end_frees_the_printer_however_it_ends(tmp_path: Path) -> None:
    boot = Boot()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, "tcp:a:9100", str(tmp_path), str(boot.ns)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with writer_of("tcp:a:9100", boot, tmp_path) as lease:
        assert lease is None

    process.kill()
    process.communicate(timeout=20)

    with writer_of("tcp:a:9100", boot, tmp_path) as lease:
        assert lease is not None
