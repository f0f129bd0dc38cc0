"""`dockside cases`: what a person has to look at, what is to be done about it, and what was decided."""

from collections.abc import Callable

import pytest

from core.cases.commands import OpenCase
from core.cases.decisions import DECISIONS, Decision
from core.cases.model import CaseKind
from core.kernel.commands import Command, body_of
from core.kernel.executor import Done, Work
from core.kernel.ids import PersonId
from core.kernel.tables import rows_of, sql_of
from core.people.commands import SavePerson
from core.people.model import Person
from desktop.assembly import Assembly, assembled
from desktop.case_words import CASE_DECISIONS, CASE_STEPS, CASE_TITLES, CASES
from desktop.planning import stamp
from tests.cli.commands import Shell


def run(shell: Shell, made: Callable[[Assembly], Command]) -> None:
    """Run a command at the home."""
    with assembled(shell.home) as assembly:
        assert isinstance(assembly.writer.submit(Work(command=made(assembly))).result(), Done)


def opened(shell: Shell, case: CaseKind, /, **facts: str) -> None:
    run(shell, lambda assembly: OpenCase(**stamp(assembly), kind=case, facts=tuple(facts.items())))


def people(shell: Shell) -> dict[PersonId, Person]:
    with assembled(shell.home) as assembly, assembly.database.reading() as connection:
        return {row.id: row for row in rows_of(Person, connection.execute(sql_of(Person).select()))}


def save(assembly: Assembly, person: Person, language: str, base_version: int) -> SavePerson:
    return SavePerson(
        **stamp(assembly), person=person.id, roles=person.roles, language=language, active=1, preset=person.preset,
        base_version=base_version,
    )  # fmt: skip


def lost_edit(shell: Shell) -> Person:
    """Let an edit of a person's language have lost against another, and return the person as it stands."""
    person = next(iter(people(shell).values()))
    run(shell, lambda assembly: save(assembly, person, "de", person.version))
    with assembled(shell.home) as assembly:
        wanted = body_of(save(assembly, person, "ar", person.version))
    opened(shell, CaseKind.EDIT_LOST, kind="people.save", wanted=wanted, stands="person de", reason="changed_meanwhile")
    return people(shell)[person.id]


def test_every_kind_of_case_says_what_happened_and_what_to_do() -> None:
    assert set(CASES) == set(CASE_TITLES) == set(CASE_STEPS) == set(DECISIONS) == set(CaseKind)
    # The one that no kind has from its beginning is a put-back's whose units are all put back.
    always = {each for offered in DECISIONS.values() for each in offered}
    assert always | {Decision.NOTHING_LEFT} == set(Decision) == set(CASE_DECISIONS)


def test_what_cannot_wait_comes_first_and_says_what_to_do(shell: Shell) -> None:
    assert shell("cases", "list").out == "Nothing waits to be looked at.\n"
    opened(shell, CaseKind.CALL)
    opened(shell, CaseKind.LABEL_TWICE)

    said = shell("cases", "list", "--json").data["cases"]
    assert [(each["kind"], each["red"]) for each in said] == [("label_twice", True), ("call", False)]
    words = shell("cases", "list").out
    assert f"{said[0]['case']}  ! {CASES[CaseKind.LABEL_TWICE]}" in words
    assert CASE_STEPS[CaseKind.CALL][0] in words
    assert "Hingehen." in shell("cases", "list", "--language", "de").out
    assert "اذهب إليه." in shell("cases", "list", "--language", "ar").out


def test_a_case_is_closed_with_what_was_decided(shell: Shell) -> None:
    opened(shell, CaseKind.CALL)
    (case,) = shell("cases", "list", "--json").data["cases"]

    assert shell("cases", "close", case["case"], "--decision", "went there").code == 0

    assert shell("cases", "list", "--json").data["cases"] == []
    again = shell("cases", "close", case["case"], "--decision", "went there")
    assert (again.code, "no open case is called" in again.err) == (2, True)


def test_both_versions_of_an_edit_that_lost_are_shown_and_the_other_one_is_taken(shell: Shell) -> None:
    stands = lost_edit(shell)
    (case,) = shell("cases", "list", "--json").data["cases"]

    words = shell("cases", "show", case["case"]).out
    assert '"language":"ar"' in words
    assert "stands: person de" in words
    assert shell("cases", "close", case["case"], "--take", "--json").data["kind"] == "people.save"

    now = people(shell)[stands.id]
    assert (stands.language, now.language, now.version) == ("de", "ar", stands.version + 1)
    assert shell("cases", "list", "--json").data["cases"] == []
    assert shell("verify").code == 0


def test_what_stands_stays_where_that_is_decided(shell: Shell) -> None:
    stands = lost_edit(shell)
    (case,) = shell("cases", "list", "--json").data["cases"]

    assert shell("cases", "close", case["case"], "--decision", "stays").code == 0

    assert people(shell)[stands.id] == stands


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "say either --decision WORDS or --take"),
        (("--decision", "x", "--take"), "say either --decision WORDS or --take"),
        (("--decision", "   "), "say what was decided"),
        (("--take",), "is not about an edit: close it with --decision"),
    ],
)
def test_what_is_no_decision_is_told(shell: Shell, words: tuple[str, ...], sentence: str) -> None:
    opened(shell, CaseKind.CALL, kind="picking.pick")
    (case,) = shell("cases", "list", "--json").data["cases"]

    said = shell("cases", "close", case["case"], *words)

    assert (said.code, sentence in said.err) == (2, True), said.err
    assert len(shell("cases", "list", "--json").data["cases"]) == 1


def test_an_edit_of_which_the_case_has_not_all_is_not_half_made(shell: Shell) -> None:
    stands = lost_edit(shell)
    opened(shell, CaseKind.EDIT_LOST, kind="people.save", wanted='{"language":"ar","pers', stands="")
    cut = shell("cases", "list", "--json").data["cases"][-1]["case"]

    said = shell("cases", "close", cut, "--take")

    assert (said.code, "has not all of the edit" in said.err) == (2, True)
    assert people(shell)[stands.id] == stands


def test_cases_that_end_alike_are_told_apart(shell: Shell) -> None:
    opened(shell, CaseKind.CALL)
    opened(shell, CaseKind.WEIGHT)

    assert "no open case" in shell("cases", "show", "").err
    names = {each["case"] for each in shell("cases", "list", "--json").data["cases"]}
    assert len(names) == 2
