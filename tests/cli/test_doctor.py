"""`dockside doctor`: what is looked at, what is said of it, and how the command ends."""

import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from desktop import doctor, line_checks, printer_checks
from desktop.assembly import assembled
from desktop.doctor import Patient, examine, install_rules, shipped_rules, worst
from desktop.known_devices import kept_devices
from devices.profile import Profile, Role, TransportKind
from devices.scale_formats.asking import ScaleProtocol
from devices.simulation.scale import VirtualScale
from devices.transport import Match
from printing.drivers.windows import WindowsPrinter
from tests.cli.commands import Shell
from tests.desktop.rig import Plug
from tests.printing.test_queues import FakeSpool


def states(said) -> dict[tuple[str, str], tuple[str, str]]:  # type: ignore[no-untyped-def]
    return {(each["about"], each["name"]): (each["state"], each["why"]) for each in said.data["checks"]}


def test_a_station_is_looked_at_also_while_it_is_open(shell: Shell) -> None:
    with assembled(shell.home):
        said = shell("doctor", "--json")

    found = states(said)
    assert found["disk", ""][0] == found["database", ""][0] == found["spool", ""][0] == "ok"
    assert said.code == max({"ok": 0, "warning": 1, "wrong": 2}[state] for state, _ in found.values())


def test_a_device_is_named_with_what_to_do(shell: Shell, tmp_path: Path) -> None:
    plug = Plug(tmp_path, "scanner-1")
    shell("devices", "add", "scanner-1", "--protocol", "text", "--port", plug.path)
    there = states(shell("doctor", "--json"))
    assert there["device", "scanner-1"] == ("warning", "not_calibrated")
    file = tmp_path / "devices.json"
    shell("devices", "export", file)
    kept = json.loads(file.read_text(encoding="utf-8"))
    for learnt, said in (
        ({}, ("warning", "no_beginning")),
        ({"prefix": "\x02"}, ("ok", "")),
        ({"aim_ok": True}, ("ok", "")),
    ):
        kept["devices"][0]["calibration"] = {"separator": "\x1d", **learnt}
        file.write_text(json.dumps(kept), encoding="utf-8")
        assert shell("devices", "import", file).code == 0
        assert states(shell("doctor", "--json"))["device", "scanner-1"] == said

    plug.unplug()
    away = shell("doctor", "--json")
    assert (states(away)["device", "scanner-1"], away.code) == (("wrong", "absent"), 2)
    assert "wrong   Device scanner-1: Not there. Plug it in, switch it on." in shell("doctor").out.splitlines()


def test_where_no_station_is_that_is_said(nowhere: Shell) -> None:
    said = nowhere("doctor")
    assert (said.code, "there is no station in" in said.err) == (2, True)


@pytest.fixture
def patient(shell: Shell):
    with assembled(shell.home) as assembly:
        yield Patient(
            folder=shell.home, identity=assembly.identity, reading=assembly.database.reader, now_ms=1_765_900_000_000,
            profiles=tuple(kept_devices(assembly.profile)[0].values()),
        )  # fmt: skip


def test_a_hub_that_does_not_answer_and_a_screen_that_lies_are_said(patient: Patient) -> None:
    ill = replace(patient, hub="http://127.0.0.1:9", pixels_per_inch=0.0)
    found = {each.about: each for each in examine(ill)}

    assert (found["hub"].state, found["hub"].why) == ("wrong", "unreachable")
    assert (found["screen"].state, found["screen"].why) == ("warning", "no_size")
    assert found["queue"].state == "ok"
    assert worst(found.values()) == 2


def test_the_device_rules_are_installed_whole_and_known_again(tmp_path: Path) -> None:
    folder = tmp_path / "udev" / "rules.d"
    folder.mkdir(parents=True)
    assert [each.why for each in doctor._rules((folder,))] == ["no_rule"]
    place = install_rules(folder)
    assert [each.state for each in doctor._rules((folder,))] == ["ok"]
    place.write_text(shipped_rules() + "# changed\n", encoding="utf-8")
    assert [each.why for each in doctor._rules((folder,))] == ["old_rule"]
    assert [each.name for each in folder.iterdir()] == ["70-dockside.rules"]


def test_the_device_rules_give_ports_to_whoever_sits_there_and_to_nobody_else() -> None:
    rules = [line for line in shipped_rules().splitlines() if line and not line.startswith(("#", "LABEL", "ACTION"))]

    assert len(rules) >= 5
    assert all('TAG+="uaccess"' in line and "idVendor" in line and "MODE" not in line for line in rules), rules


def test_a_printer_that_is_away_is_named_with_what_to_do(shell: Shell) -> None:
    added = shell("printers", "add", "P-01", "tcp:127.0.0.1:9", "--json")
    assert added.code == 0, added
    assert shell("printers", "assign", "label", "P-01").code == 0

    said = shell("doctor", "--json")
    assert (states(said)["printer", "P-01"], said.code) == (("wrong", "printer_held"), 2)
    assert "Printer P-01: It does not print: switch it on, check its cable." in shell("doctor").out


def test_a_proxy_that_the_line_goes_past_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://someone:secret@proxy.example:3128")
    monkeypatch.setenv("no_proxy", "hub.local")

    (found,) = line_checks._proxy("https://hub.example:8700")
    assert (found.about, found.name, found.why) == ("proxy", "proxy.example:3128", "proxy_passed_by")
    assert list(line_checks._proxy("https://hub.local:8700")) == list(line_checks._proxy("http://hub.example")) == []


@pytest.fixture
def secure_hub(tmp_path: Path) -> Iterator[tuple[str, ssl.SSLContext]]:
    """A hub with a certificate of ten days by an authority of its own, and whom to trust for it."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed: no certificate can be made to be looked at")
    key, pem = tmp_path / "key.pem", tmp_path / "hub.pem"
    asked = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 10 -subj /CN=localhost"
    asked += f" -addext subjectAltName=DNS:localhost -keyout {key} -out {pem}"
    subprocess.run([program, *asked.split()], check=True, capture_output=True)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(pem, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taking = threading.Thread(target=_shake_hands, args=(listening, serving))
        taking.start()
        yield f"https://localhost:{listening.getsockname()[1]}", ssl.create_default_context(cafile=str(pem))
        listening.shutdown(socket.SHUT_RDWR)
        taking.join()


def _shake_hands(listening: socket.socket, serving: ssl.SSLContext) -> None:
    while True:
        try:
            link, _ = listening.accept()
        except OSError:
            return
        with link, suppress(OSError):
            serving.wrap_socket(link, server_side=True).close()


def test_a_certificate_that_ends_soon_or_is_nobodys_is_said(secure_hub: tuple[str, ssl.SSLContext]) -> None:
    hub, trusting = secure_hub
    now_ms = time.time_ns() // 1_000_000

    (soon,) = line_checks.certificate(hub, now_ms, trusting)
    assert (soon.state, soon.why) == ("warning", "certificate_soon")
    assert 9 <= (date.fromisoformat(soon.detail) - datetime.fromtimestamp(now_ms / 1000, UTC).date()).days <= 10
    (early,) = line_checks.certificate(hub, now_ms - 60 * 86_400_000, trusting)
    assert (early.state, early.name) == ("ok", "localhost")
    (nobodys,) = line_checks.certificate(hub, now_ms)
    assert (nobodys.state, nobodys.why) == ("wrong", "not_trusted")
    assert "self" in nobodys.detail
    assert list(line_checks.certificate("http://localhost:1", now_ms)) == []


class AnsweringScale:
    """A port with a scale behind it, which answers at once."""

    def __init__(self, scale: VirtualScale) -> None:
        self._scale, self._said = scale, b""

    def read(self) -> bytes:
        said, self._said = self._said[:7], self._said[7:]
        return said

    def write(self, data: bytes) -> None:
        self._said += self._scale.hears(data)

    def close(self) -> None:
        pass


def test_a_scale_that_has_words_for_it_says_who_it_is() -> None:
    def asked(protocol: ScaleProtocol) -> str:
        profile = Profile(
            id="scale-1", role=Role.SCALE, transport=TransportKind.SERIAL, protocol=protocol,
            match=Match(path="/dev/ttyS9"), firmware="as it was",
        )  # fmt: skip
        return doctor._itself(profile, AnsweringScale(VirtualScale(protocol)))

    assert asked(ScaleProtocol.SICS) == "VIRTUAL SCALE, 1.0, NOT-REAL"
    assert asked(ScaleProtocol.TOLEDO_8217) == "as it was"


@pytest.mark.parametrize(("version", "told"), [(3, "driver v3, RAW"), (4, "driver v4, XPS_PASS")])
def test_the_kind_of_a_windows_queue_s_driver_is_told(version: int, told: str) -> None:
    assert printer_checks._windows_driver(WindowsPrinter("ZDesigner", FakeSpool(version=version))) == told
    assert printer_checks._windows_driver(WindowsPrinter("ZDesigner", FakeSpool(gone=True))) == ""
