"""Every kind and version of operation has a frozen body that this and every later program reads, and a frozen hash."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import core.everything  # noqa: F401
from core.kernel import commands
from core.kernel.commands import REGISTRY, Command, OpClass, Read, body_of, command, command_of, upcast
from core.kernel.refusal import Bug, Refusal
from core.kernel.uow import UnitOfWork
from tests.commands import GOLDEN, example, frozen, operation

FILES = sorted(GOLDEN.glob("*.json"))
KINDS = sorted(kind for kind in REGISTRY if not kind.startswith("test."))


@command("test.renamed", OpClass.FACT, permission="test.renamed", version=3)
class Renamed(Command):
    quantity: int
    reason: str

    def check(self, read: Read) -> Refusal | None:
        return None

    def apply(self, uow: UnitOfWork) -> None:
        uow.tell(quantity=self.quantity)


def read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def test_every_kind_and_version_has_its_file_and_no_other_has() -> None:
    wanted = {f"{kind}.{version}.json" for kind in KINDS for version in range(1, REGISTRY[kind].VERSION + 1)}

    assert {path.name for path in FILES} == wanted


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_frozen_operation_is_read_and_has_its_hash(path: Path) -> None:
    kept = read(path)
    made = operation(kept["kind"], kept["version"], kept["body"])

    assert made.hash.hex() == kept["hash"]
    assert command_of(made).KIND == kept["kind"]


@pytest.mark.parametrize("kind", KINDS)
def test_todays_operation_is_written_as_it_is_frozen(kind: str) -> None:
    cls = REGISTRY[kind]

    # Before the first release: `python -m tools.freeze`. After it: another version, with an upcast.
    assert frozen(example(cls)) == read(GOLDEN / f"{kind}.{cls.VERSION}.json")


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_log_keeps_is_the_command_again(kind: str) -> None:
    made = example(REGISTRY[kind])
    row = replace(operation(kind, made.VERSION, {}), body=body_of(made), id=made.id, session=made.session)

    assert command_of(replace(row, actor=made.actor, device_ms=made.at)) == made


def test_an_older_body_is_brought_to_todays_version_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_UPCASTS", {})
    upcast("test.renamed", 1, lambda body: {"quantity": body["units"]})
    upcast("test.renamed", 2, lambda body: {**body, "reason": ""})

    found = [command_of(operation("test.renamed", *each)) for each in ((1, {"units": 3}), (2, {"quantity": 4}))]

    assert [body_of(each) for each in found] == ['{"quantity":3,"reason":""}', '{"quantity":4,"reason":""}']


@pytest.mark.parametrize(("kind", "version"), [("test.unheard_of", 1), ("test.renamed", 4)])
def test_an_operation_of_a_newer_program_is_not_guessed(kind: str, version: int) -> None:
    with pytest.raises(Bug, match=rf"unknown operation {kind} version {version}"):
        command_of(operation(kind, version, {}))
