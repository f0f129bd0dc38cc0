"""Files are read in beside the station: file, kind, mapping, report; for those who may, and scans go on meanwhile."""

import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.exchange.report import Entry, FileProblem, Problem
from core.kernel.database import DatabaseFault
from core.kernel.flow import Ask, Context, Go, Play, Start, Tone, Verb
from core.kernel.ids import NO_SESSION, SYSTEM
from core.kernel.operations import Operation
from core.kernel.reasons import Reason
from core.kernel.tables import sql_of
from core.people.queries import signed_in
from core.people.roles import ROLES
from core.station.importing import (
    ENTRIES_SHOWN,
    PERMISSIONS,
    ChooseFile,
    ChooseKind,
    ChooseMapping,
    FindFile,
    FindMappings,
    ImportFlow,
    Importing,
    LookAtDesk,
    ReadIn,
    Reading,
    ShowReport,
    may_import,
)
from core.station.replay import Line
from desktop.assembly import Assembly
from desktop.headless import headless
from desktop.importing import INBOX
from desktop.languages import plain, speaking
from desktop.present import present
from tests.homes import copy_home
from tests.playbook import Playbook, context, pressed, scanned
from tests.station.desk import FakeDesk

LEAD = context(roles="lead,inventory")
RUNNING = Reading("orders.csv", "orders", running=True, lines=10)


def _done(problems: int = 0) -> Reading:
    entries = tuple(Entry(n, "sku", "?", Problem.UNKNOWN_SKU, str(n)) for n in range(problems))
    return Reading(
        "orders.csv", "orders", running=False, lines=10, rejected=problems, problems=problems, entries=entries
    )


def _talk(state: Any = None, where: Context = LEAD) -> Playbook:
    return Playbook(ImportFlow(FakeDesk()), where, state)


def test_a_file_is_chosen_then_its_kind_then_its_mapping_and_it_is_read_in_beside_the_station() -> None:
    talk = _talk() << LookAtDesk
    talk.answers((("orders.csv", "stock.csv"), None)).ends(ChooseFile(("orders.csv", "stock.csv")))
    (talk >> pressed(Verb.QTY, "1") << FindFile).answers("/in/orders.csv") << Play(Tone.ACCEPT)
    talk.ends(ChooseKind("/in/orders.csv", tuple(each for each in PERMISSIONS if each != "people")))
    (talk >> pressed(Verb.QTY, "4") << FindMappings).answers(("dockside", "retail_uci"))
    talk.ends(ChooseMapping("/in/orders.csv", "orders", ("dockside", "retail_uci")))

    talk >> pressed(Verb.QTY, "2") << (lambda effect: isinstance(effect, Start) and _reads(effect, "retail_uci"))
    talk << Play(Tone.ACCEPT) << LookAtDesk
    talk.answers(((), RUNNING)).ends(Importing(RUNNING))


def _reads(effect: Start, mapping: str) -> bool:
    work = effect.work
    assert isinstance(work, ReadIn)
    assert (work.actor, work.session) == (LEAD.actor, LEAD.session)
    return (work.path, work.kind, work.mapping) == ("/in/orders.csv", "orders", mapping)


def test_a_path_is_typed_or_dropped_and_a_wrong_one_is_refused() -> None:
    talk = _talk(ChooseFile(())) >> scanned(raw="stock.csv") << FindFile
    talk.answers("/in/stock.csv") << Play(Tone.ACCEPT)
    talk.ends(ChooseKind)

    (_talk(ChooseFile(())) >> scanned(raw="gone.csv") << FindFile).answers(None).refuses(Reason.NOT_FOUND).ends(
        ChooseFile(())
    )


def test_who_comes_back_sees_how_far_it_is_and_then_the_report() -> None:
    (_talk() << LookAtDesk).answers(((), RUNNING)).ends(Importing(RUNNING))
    (_talk() << LookAtDesk).answers(((), _done())).ends(ShowReport(_done()))


def test_a_report_is_paged_and_another_file_follows_it() -> None:
    many = _done(ENTRIES_SHOWN + 1)
    talk = _talk(ShowReport(many)) >> pressed(Verb.QTY, "1")
    talk.ends(ShowReport(many, page=1))
    talk >> pressed(Verb.QTY, "1")
    talk.ends(ShowReport(many, page=0))
    talk >> pressed(Verb.CONFIRM) << (lambda effect: isinstance(effect, Ask) and effect.query.anew)
    talk.answers((("stock.csv",), many)).ends(ChooseFile(("stock.csv",)))


@pytest.mark.parametrize("state", [ChooseFile(()), Importing(RUNNING), ShowReport(_done())])
def test_back_leads_home_and_what_is_read_goes_on(state: Any) -> None:
    (_talk(state) >> pressed(Verb.NO) << Go("home")).ends(state)


@pytest.mark.parametrize(
    "state", [ChooseKind("/in/a.csv", ("items",)), ChooseMapping("/in/a.csv", "items", ("dockside",))]
)
def test_back_from_a_question_leads_to_the_files(state: Any) -> None:
    (_talk(state) >> pressed(Verb.NO) << LookAtDesk).answers((("a.csv",), None)).ends(ChooseFile(("a.csv",)))


@pytest.mark.parametrize(
    "state",
    [
        ChooseKind("/in/a.csv", ("items",)),
        ChooseMapping("/in/a.csv", "items", ("dockside",)),
        Importing(RUNNING),
        ShowReport(_done()),
    ],
)
def test_a_scan_that_answers_nothing_is_refused(state: Any) -> None:
    (_talk(state) >> scanned(raw="TOTE-1")).refuses(Reason.COMMAND_NOT_NOW).ends(state)


@pytest.mark.parametrize("state", [ChooseFile(("a",)), ChooseKind("/a", ("items",)), ShowReport(_done())])
@pytest.mark.parametrize("answer", [(Verb.QTY, "9"), (Verb.SHORT, ""), (Verb.YES, "")])
def test_a_key_that_answers_nothing_is_refused(state: Any, answer: tuple[Verb, str]) -> None:
    (_talk(state) >> pressed(*answer)).refuses(Reason.COMMAND_NOT_NOW).ends(state)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_those_who_may_read_that_kind_are_asked(role: str) -> None:
    where = context(roles=role)
    if not may_import(role):
        talk = Playbook(ImportFlow(FakeDesk()), where)
        (talk.refuses(Reason.NOT_ALLOWED) << Go("home")).ends(ChooseFile(()))
        return
    talk = _talk(ChooseFile(()), where) >> scanned(raw="stock.csv") << FindFile
    talk.answers("/in/stock.csv") << Play(Tone.ACCEPT)

    kinds = {
        "lead": ("orders", "deliveries"),
        "inventory": ("items", "locations", "stock", "containers", "boxes", "deliveries"),
        "it": ("items", "locations", "people", "containers", "boxes"),
    }  # fmt: skip
    assert talk.state.kinds == kinds.get(role, tuple(PERMISSIONS))


# At a real station


@pytest.fixture
def it(sample_home: Path, tmp_path: Path):
    with headless(copy_home(sample_home, tmp_path / "home"), printer=False) as (assembly, replay):
        replay.start()
        replay.perform(Line(0, "badge", "BADGE-DANA"))
        if replay.heard_last[-1].flow == "sign_in":
            replay.perform(Line(0, "pin", "2580"))
        yield assembly, replay


_HEAD = "channel,order,line,sku,quantity,ordered_at,name,address,city,postcode,country\n"


def _row(order: str, sku: str = "MUG-350-BLUE", quantity: str = "1") -> str:
    return f"shop,{order},1,{sku},{quantity},2025-12-16T09:00:00,Ada Byron,1 Mill Lane,Leeds,LS1 4AP,GB\n"


def _drop(assembly: Assembly, name: str, text: str) -> None:
    folder = assembly.home.folder / INBOX
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def _read_in(replay: Any, kind: str, mapping: str = "dockside") -> Any:
    """Choose the only file, its kind and a mapping by its stem; wait for the report and return the state."""
    if replay.perform(Line(0, "open", "import"))["state"] == "ShowReport":
        replay.perform(Line(0, "key", "CONFIRM"))
    replay.perform(Line(0, "key", "QTY-1"))
    kinds = replay.heard_last[-1].state.kinds
    replay.perform(Line(0, "key", f"QTY-{kinds.index(kind) + 1}"))
    mappings = [Path(each).stem for each in replay.heard_last[-1].state.mappings]
    replay.perform(Line(0, "key", f"QTY-{mappings.index(mapping) + 1}"))
    for _ in range(500):
        state = replay.heard_last[-1].state
        if isinstance(state, ShowReport):
            return state
        time.sleep(0.02)
        replay.perform(Line(0, "open", "import"))
    raise AssertionError("the file was never read")


def test_a_file_from_the_inbox_is_read_in_and_its_report_names_line_column_value_and_reason(it: Any) -> None:
    assembly, replay = it
    _drop(assembly, "new.csv", _HEAD + _row("A-1") + _row("A-2", sku="NOBODY-KNOWS") + _row("A-3", quantity="-2"))

    reading = _read_in(replay, "orders").reading

    assert (reading.file, reading.imported, reading.rejected) == ("new.csv", 1, 2)
    assert [(each.line, each.column, each.value, each.problem) for each in reading.entries] == [
        (3, "sku", "NOBODY-KNOWS", Problem.UNKNOWN_SKU),
        (4, "quantity", "-2", Problem.NOT_POSITIVE),
    ]
    assert replay.perform(Line(0, "key", "CONFIRM"))["state"] == "ChooseFile"


def test_the_same_file_again_changes_nothing(it: Any) -> None:
    assembly, replay = it
    _drop(assembly, "new.csv", _HEAD + _row("A-1") + _row("A-2"))

    assert _read_in(replay, "orders").reading.imported == 2
    again = _read_in(replay, "orders").reading

    assert (again.imported, again.unchanged, again.rejected) == (0, 2, 0)


def test_a_file_that_cannot_be_read_at_all_says_so_and_imports_nothing(it: Any) -> None:
    assembly, replay = it
    _drop(assembly, "new.csv", "nothing,of,ours\n1,2,3\n")

    state = _read_in(replay, "orders")

    trouble = state.reading.fault
    assert (trouble.file, trouble.problem, trouble.column) == ("new.csv", FileProblem.NO_COLUMN, "order")
    assert state.reading.imported == 0
    with speaking("de"):
        shown = present(state)
    assert shown.detail == "new.csv, Aufträge"
    assert shown.proof.rows[0].words == "hat keine Spalte 'order', sondern nothing, of, ours"
    assert shown.proof.rows[0].facts == "Spalte order"


@pytest.mark.parametrize(
    ("language", "words", "facts"),
    [
        ("en", "has an unknown unit, mg, g, kg, lb, oz are known", "[orders], Key weight_unit"),
        ("de", "hat eine unbekannte Einheit, bekannt sind mg, g, kg, lb, oz", "[orders], Schlüssel weight_unit"),
        ("ar", "فيه وحدة غير معروفة، والمعروف mg, g, kg, lb, oz", "[orders]، المفتاح weight_unit"),
    ],
)
def test_a_mapping_of_ones_own_with_a_mistake_is_offered_and_its_report_names_the_mistake(
    it: Any, language: str, words: str, facts: str
) -> None:
    assembly, replay = it
    _drop(assembly, "new.csv", _HEAD + _row("A-1"))
    _drop(
        assembly,
        "mine.toml",
        "[orders]\nweight_unit = 'stone'\n[orders.columns]\norder = 'o'\nsku = 's'\nquantity = 'q'\n",
    )

    state = _read_in(replay, "orders", "mine")

    trouble = state.reading.fault
    assert (trouble.file, trouble.problem) == ("mine.toml", FileProblem.UNKNOWN_UNIT)
    assert (trouble.part, trouble.key) == ("orders", "weight_unit")
    assert state.reading.imported == 0
    with speaking(language):
        shown = present(state)
    assert plain(shown.detail).startswith("mine.toml")
    assert (plain(shown.proof.rows[0].words), plain(shown.proof.rows[0].facts)) == (words, facts)


def test_a_mapping_that_says_nothing_about_a_kind_is_not_offered_for_it(it: Any) -> None:
    assembly, replay = it
    _drop(assembly, "new.csv", _HEAD)
    _drop(assembly, "mine.toml", "[items.columns]\nsku = 's'\ndescription = 'd'\n")

    assert not any("mine" in each for each in assembly.desk.mappings("orders"))
    assert any("mine" in each for each in assembly.desk.mappings("items"))


def test_a_disk_that_refuses_while_a_file_is_read_is_told_with_its_report(
    it: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assembly, replay = it
    _drop(assembly, "new.csv", _HEAD + _row("A-1"))

    def full(_work: Any) -> Any:
        raise DatabaseFault("not written: database or disk is full")

    monkeypatch.setattr(assembly.desk, "_submit", full)

    trouble = _read_in(replay, "orders").reading.fault

    assert (trouble.problem, dict(trouble.facts)) == (
        FileProblem.BROKEN_OFF,
        {"why": "not written: database or disk is full"},
    )


def test_what_is_read_in_is_done_by_whoever_signed_in(it: Any) -> None:
    assembly, replay = it
    _drop(assembly, "new.csv", _HEAD + _row("A-1"))
    with assembly.database.reading() as connection:
        dana = signed_in(connection, assembly.identity.site, assembly.identity.station)

    _read_in(replay, "orders")

    log = sql_of(Operation)
    query = sa.select(log.c.actor, log.c.session).where(log.c.kind == "orders.receive").order_by(log.c.position)
    with assembly.database.reading() as connection:
        done = [(bytes(actor), bytes(session)) for actor, session in connection.execute(query)]
    assert dana is not None
    assert done[-1] == (dana.person, dana.session)
    assert set(done[:-1]) == {(SYSTEM, NO_SESSION)}, "the sample itself came by the command line"


def test_scans_go_on_while_a_file_is_read(it: Any) -> None:
    assembly, replay = it
    _drop(assembly, "new.csv", _HEAD + "".join(_row(f"B-{n}") for n in range(3_000)))
    replay.perform(Line(0, "open", "import"))
    for key in ("QTY-1", "QTY-4", "QTY-1"):
        replay.perform(Line(0, "key", key))
    assert replay.heard_last[-1].state.reading.running

    replay.perform(Line(0, "key", "NO"))
    told = replay.perform(Line(0, "scan", "MUG-350-BLUE"))

    assert (told["state"], told["outcome"]) == ("ShowStock", "accepted")
    for _ in range(1_000):
        if not assembly.desk.running:
            break
        time.sleep(0.02)
    told = replay.perform(Line(0, "open", "import"))
    assert told["state"] == "ShowReport"
    assert replay.heard_last[-1].state.reading.imported == 3_000


@pytest.mark.parametrize("name", ["", "no-such-file.csv", "/", "\0", "x" * 5_000])
def test_what_is_no_file_is_none(it: Any, name: str) -> None:
    assembly, _ = it

    assert assembly.desk.find(name) is None


def test_a_mapping_of_ones_own_lies_beside_the_files(it: Any) -> None:
    assembly, _ = it
    _drop(assembly, "mine.toml", '[items]\ncolumns = { sku = "Artikel", description = "Name" }\n')

    names = [Path(each).stem for each in assembly.desk.mappings("items")]

    assert names[0] == "dockside"
    assert "mine" in names
    assert "mine" not in [Path(each).stem for each in assembly.desk.mappings("orders")]
    assert assembly.desk.files() == ()
