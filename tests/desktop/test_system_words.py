"""What the system and the readers of files say is said in the window's language, whatever way they say it."""

import errno
import json
import os
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core.exchange.report import FileProblem, Trouble
from desktop.languages import speaking
from desktop.messages import fault_words, file_problem_words, trouble_words
from desktop.system_words import said_of

BROKEN_TOML = {
    "a = 1\nb": "equals",
    "a = b": "value",
    "= 1": "statement",
    "a = 1 b = 2": "rest",
    "a = 1\na = 2": "again",
    "[a]\n[a]": "again",
    "a = 1\n[a.b]": "again",
    "[a\nb = 1": "bracket",
    "a = [1": "list",
    "a = {b = 1": "table",
    'a = "b': "character",
    'a = "b\nc"': "character",
    'a = """b': "text",
    'a = "\\q"': "backslash",
    "a = 2026-02-30": "date",
    "[]": "key",
}
BROKEN_JSON = {
    "": "no_value",
    "{a}": "no_name",
    '{"a": 1 "b": 2}': "no_comma",
    '{"a" 1}': "no_colon",
    "1 2": "rest",
    '"a': "text",
    '"\\q"': "backslash",
}


def _why(do: Callable[[], object]) -> str:
    with pytest.raises((OSError, ValueError, zipfile.BadZipFile)) as raised:
        do()
    return getattr(raised.value, "strerror", None) or str(raised.value)


@pytest.mark.parametrize(("text", "name"), BROKEN_TOML.items())
def test_each_way_to_break_a_template_is_known(text: str, name: str) -> None:
    known = said_of(_why(lambda: tomllib.loads(f"x = 0\n{text}\n")))
    assert known is not None
    what, facts = known
    if what == "line":
        assert facts["line"] in ("2", "3")
        known = said_of(facts["what"])
    assert known is not None
    assert known[0] == name


@pytest.mark.parametrize(("text", "name"), BROKEN_JSON.items())
def test_each_way_to_break_a_line_of_json_is_known(text: str, name: str) -> None:
    known = said_of(_why(lambda: json.loads(text)))
    assert known is not None
    inner = said_of(known[1]["what"])
    assert inner is not None
    assert inner[0] == name


def test_what_the_system_says_of_a_file_is_known(tmp_path: Path) -> None:
    (tmp_path / "packed.xlsx").write_bytes(b"nothing")
    tried = {
        "not_there": lambda: (tmp_path / "x").read_bytes(),
        "folder": tmp_path.read_bytes,
        "no_folder": lambda: (tmp_path / "packed.xlsx" / "x").read_bytes(),
        "name_long": lambda: (tmp_path / ("x" * 300)).read_bytes(),
        "no_archive": lambda: zipfile.ZipFile(tmp_path / "packed.xlsx"),
        "no_utf8": lambda: b"abc\xff".decode(),
    }
    for name, do in tried.items():
        known = said_of(_why(do))
        assert known is not None
        assert known[0] == name
    numbers = {
        errno.EACCES: "no_right", errno.ENOSPC: "full", errno.EROFS: "read_only", errno.EIO: "disk", errno.EBUSY: "busy",
        errno.ECONNREFUSED: "nobody", errno.ECONNRESET: "broke_off", errno.EPIPE: "broke_off", errno.ENOTCONN: "broke_off",
        errno.ETIMEDOUT: "too_long", errno.EHOSTUNREACH: "no_way", errno.ENETUNREACH: "no_way",
    }  # fmt: skip
    for number, name in numbers.items():
        known = said_of(os.strerror(number))
        assert known is not None
        assert known[0] == name
    assert said_of("[Errno 2] No such file or directory: 'goods.csv'") == ("not_there", {})


def test_the_window_says_it_in_its_language_and_leaves_what_nobody_knows() -> None:
    def said(why: str) -> str:
        return file_problem_words(Trouble("map.toml", FileProblem.NOT_TOML, facts=(("why", why),)))

    with speaking("de"):
        assert said("Invalid value (at line 3, column 5)") == (
            "ist kein TOML: ein Wert ist keiner; ein Text steht in Anführungszeichen, Zeile 3, Zeichen 5"
        )
        assert said("the stars are wrong") == "ist kein TOML: the stars are wrong"
        assert (
            fault_words("packing_slip.toml, line 2: logo: x.png cannot be read: No such file or directory")
            == "packing_slip.toml, Zeile 2: logo: x.png ist nicht lesbar: sie ist nicht da"
        )
        cut = "the picture is no whole PNG: cannot identify image file <_io.BytesIO object at 0x7f3c>"
        assert fault_words(cut) == "das Bild: ist kein ganzes PNG: das ist kein Bild"
        broken = "tcp:10.0.0.7:9100: [Errno 107] Transport endpoint is not connected"
        assert trouble_words(broken) == "tcp:10.0.0.7:9100: die Leitung brach ab"
        assert trouble_words("tcp:10.0.0.7:9100: odd, indeed") == "tcp:10.0.0.7:9100: odd, indeed"
    with speaking("ar"):
        assert "Permission" not in said("Permission denied")
