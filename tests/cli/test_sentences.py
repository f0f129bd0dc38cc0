"""Whatever is wrong ends in one sentence on standard error, a number, and an unchanged home."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.kernel.database import open_station
from core.kernel.home import Home
from desktop.cli import main
from tests.cli.commands import ROOT, Shell, contents

ASKED = (
    ("verify",), ("plan",), ("explain", "1"), ("export", "orders", "x.csv"), ("replay", "--play"),
)  # fmt: skip


def sentence(text: str) -> str:
    """Return the one line that was said."""
    lines = text.splitlines()
    assert len(lines) == 1, text
    assert lines[0].startswith("dockside: ")
    return lines[0].removeprefix("dockside: ")


@pytest.mark.parametrize("words", ASKED, ids=lambda words: words[0])
def test_a_home_that_is_not_there_is_told_and_not_made(nowhere: Shell, words: tuple[str, ...]) -> None:
    said = nowhere(*words)

    assert said.code == 2
    assert "there is no station in" in sentence(said.err)
    assert not nowhere.home.exists()


@pytest.mark.parametrize("words", [*ASKED, ("sample",), ("import", "items", "x.csv")], ids=lambda words: words[0])
def test_a_file_is_no_home(nowhere: Shell, words: tuple[str, ...]) -> None:
    nowhere.home.write_text("x")

    assert nowhere(*words).code == 2
    assert nowhere.home.read_text() == "x"


@pytest.mark.parametrize("home", ["/proc/dockside", "/dev/null/home"])
def test_a_home_that_cannot_be_made_is_told(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", "--home", home]) == 2
    assert home in sentence(capsys.readouterr().err)


WRONG_USE = {
    "No such command 'frobnicate'": ("frobnicate",),
    "No such option: --colour": ("verify", "--colour"),
    "Missing argument": ("explain",),
    "Missing command": ("import",),
    "No such command 'animals'": ("import", "animals", "x.csv"),
    "unexpected extra argument": ("import", "orders", "a.csv", "b.csv"),
    "Invalid value for '--mistakes'": ("replay", "--play", "--mistakes", "-1"),
    "Invalid value for '--seed'": ("replay", "--play", "--seed", "x"),
    "exclude each other": ("replay", "--play", "--script", "x"),
    "Invalid value for '--theme'": ("station", "--theme", "pink"),
    "Invalid value for '--priority'": ("plan", "--priority", "99999999999999999999"),
}


@pytest.mark.parametrize("words", WRONG_USE)
def test_wrong_use_is_one_sentence(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*WRONG_USE[words]]) == 2
    assert words in sentence(capsys.readouterr().err)


def test_no_words_at_all_are_answered_with_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "explain" in capsys.readouterr().out


def test_an_order_nobody_knows_is_told_and_so_in_json(shell: Shell) -> None:
    assert sentence(shell("explain", "NO-SUCH").err) == "there is no order NO-SUCH"
    said = shell("explain", "NO-SUCH", "--json")
    assert (said.code, json.loads(said.out)) == (2, {"error": "there is no order NO-SUCH"})


UNCLEAR = {
    "'yesterday' is no time such as 2026-01-31T14:30": ("plan", "--cut-off", "yesterday"),
    "there is no zone NOWHERE": ("plan", "--zone", "NOWHERE"),
    f"there is no order {'x' * 80}…": ("explain", "x" * 100_000),
    "there is no order \\x00": ("explain", "\0"),
    "'': is no mapping": ("import", "orders", "x.csv", "--mapping", ""),
    "is longer than": ("replay", "--script", "/dev/zero"),
}


@pytest.mark.parametrize("words", UNCLEAR)
def test_what_is_asked_for_and_makes_no_sense_is_told_in_words(shell: Shell, words: str) -> None:
    said = shell(*UNCLEAR[words])

    assert said.code == 2
    assert words in sentence(said.err)


KEYS = {
    "cannot be read with the key": lambda key: key.write_bytes(b"x" * 32),
    "holds 1 bytes": lambda key: key.write_bytes(b"x"),
    "is missing": lambda key: key.unlink(),
    "Is a directory": lambda key: (key.unlink(), key.mkdir()),
}


IN_HOSPITAL = """
INSERT INTO exception_case
SELECT site, randomblob(16), 'hospital', "order", id, '{}', 1, zeroblob(16), 'open', zeroblob(16), '', 0
  FROM fulfilment WHERE "order" = (SELECT id FROM sales_order WHERE number = '100461')
"""


def test_an_order_that_waits_in_the_hospital_says_so(shell: Shell) -> None:
    place = Home(shell.home)
    database = open_station(place.database, place.key())
    with database.connect() as connection, connection.begin():
        connection.execute(sa.text(IN_HOSPITAL))
    database.dispose()

    said = shell("explain", "100461", "--json").data["lines"]

    assert {(each["stage"], each["reason"], each["order"]) for each in said} == {("released", "still_open", "100461")}
    assert "Order 100461 waits in the hospital." in shell("explain", "100461").out
    assert "hospital" not in shell("explain", "100462").out


@pytest.mark.parametrize("words", KEYS)
def test_a_key_that_is_none_is_told(shell: Shell, words: str) -> None:
    KEYS[words](shell.home / "station.key")

    said = shell("verify")

    assert said.code == 2
    assert words in sentence(said.err)


@pytest.mark.parametrize("words", [("verify",), ("export", "stock", "q.csv"), ("replay", "--play"), ("plan",)])
def test_a_torn_database_is_told(shell: Shell, words: tuple[str, ...]) -> None:
    path = shell.home / "station.db"
    data = bytearray(path.read_bytes())
    # All of it but its beginning: wherever a command looks, it looks at what is gone.
    data[len(data) // 8 :] = bytes(len(data) - len(data) // 8)
    path.write_bytes(data)

    said = shell(*words)

    assert said.code == 2
    assert "database" in sentence(said.err)


def test_a_database_cut_to_nothing_is_no_station(shell: Shell) -> None:
    (shell.home / "station.db").write_bytes(b"")

    assert "there is no station" in sentence(shell("verify").err)


def test_a_second_sample_in_a_home_changes_nothing(shell: Shell) -> None:
    before = contents(shell.home)

    assert "holds a station already" in sentence(shell("sample").err)
    assert contents(shell.home) == before


def test_a_sample_around_a_file_that_is_none_makes_no_home(nowhere: Shell, tmp_path: Path) -> None:
    for file in (tmp_path / "no.csv", tmp_path):
        assert nowhere("sample", "--from-orders", file).code == 2
    assert not nowhere.home.exists()


def test_a_sample_that_was_killed_is_told_apart_from_a_station(nowhere: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from desktop import sample

    def pulled(*_words: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sample, "place", pulled)
    assert nowhere("sample").code == 130
    monkeypatch.undo()

    assert "was not finished" in sentence(nowhere("sample").err)
    shutil.rmtree(nowhere.home)
    assert nowhere("sample").code == 0


def test_a_window_without_a_display_is_told(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)

    assert "there is no display" in sentence(shell("station").err)


MISTAKE = """
import sys
import desktop.assembly
from desktop.cli import main

def broken(*_words, **_more):
    raise RuntimeError("what nobody foresaw")

desktop.assembly.assembled = broken
sys.argv = ["dockside", "verify", "--json", "--home", sys.argv[1]]
sys.exit(main())
"""


def test_a_mistake_of_the_program_is_a_sentence_and_a_report(shell: Shell) -> None:
    words = [sys.executable, "-c", MISTAKE, str(shell.home)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 1
    report = shell.home / "crashes"
    assert "the program made a mistake (RuntimeError); a report for support is in" in sentence(done.stderr)
    assert json.loads(done.stdout)["error"] == sentence(done.stderr).removeprefix("dockside: ")
    assert "what nobody foresaw" in next(report.glob("*.txt")).read_text(encoding="utf-8")


def test_a_name_that_is_no_text_is_shown_and_stops_nothing(shell: Shell) -> None:
    command = [
        sys.executable,
        "-m",
        "desktop.cli",
        "import",
        "orders",
        b"\xff.csv",
        "--home",
        str(shell.home),
        "--json",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True)

    assert done.returncode == 2
    assert done.stderr == b"dockside: \\udcff.csv: does not exist\n"
    assert json.loads(done.stdout) == {"error": "\udcff.csv: does not exist"}


def test_the_home_may_come_from_the_environment(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKSIDE_HOME", str(shell.home))

    assert main(["verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"differences": []}


@pytest.mark.parametrize("joined", [False, True])
def test_home_and_json_may_stand_before_the_command(
    shell: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, joined: bool
) -> None:
    home = [f"--home={shell.home}"] if joined else ["--home", str(shell.home)]
    orders = tmp_path / "orders.csv"
    orders.write_text("order,sku,quantity\n")

    assert main(["--json", *home, "verify"]) == 0
    assert json.loads(capsys.readouterr().out) == {"differences": []}
    assert main([*home, "--json", "import", "orders", str(orders)]) == 0
    assert json.loads(capsys.readouterr().out)["documents"] == 0


def test_every_command_that_answers_takes_json_and_a_home() -> None:
    from typer.main import get_command

    from desktop.cli import app

    def every(group: Any, before: str = "") -> dict[str, Any]:
        """Return the commands of a group and of those within it by what is typed for each."""
        found: dict[str, Any] = {}
        for name, each in group.commands.items():
            found |= every(each, f"{before}{name} ") if hasattr(each, "commands") else {before + name: each}
        return found

    commands = every(get_command(app))
    assert {"verify", "import orders", "hub station add"} <= commands.keys()
    options = {name: {word for param in each.params for word in param.opts} for name, each in commands.items()}
    assert {name for name, words in options.items() if "--json" not in words} == set()
    assert {name for name, words in options.items() if "--home" not in words} == set()


def test_the_gallery_is_not_played_in_a_home_that_works(shell: Shell, tmp_path: Path) -> None:
    before = contents(shell.home)

    said = shell("gallery", "--out", tmp_path / "pictures")

    assert "holds a station already" in sentence(said.err)
    assert contents(shell.home) == before
    assert not (tmp_path / "pictures").exists()
