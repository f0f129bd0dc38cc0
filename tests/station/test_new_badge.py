"""A new badge as a conversation: who, a print, its scan; and everything that may go wrong between."""

from dataclasses import dataclass, field
from typing import Any

import pytest

import core.station.new_badge as module
from core.kernel.executor import Done, Failed
from core.kernel.flow import Answered, Ask, Candidate, CodeKind, Go, Refuse, Run, Start, Step, Verb
from core.kernel.ids import CommandId, PersonId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.people.commands import RenewBadge
from core.people.model import PersonCard
from core.station.badge_desk import AskBadge, AskHolders, BadgeTrial, Holder, ProveBadge, Proved
from core.station.gear import again
from core.station.new_badge import BadgesFlow, ChooseHolder, Renewing, ScanNewBadge, ShowHolder
from tests.diagrams import compare
from tests.playbook import context, pressed, scanned
from tests.support import NOON, SITE

LEAD, IT, PACKER = context(roles="lead"), context(roles="it"), context(roles="packer")
CAUSE = CommandId(b"c" * 16)
MARA = Holder(PersonId(b"m" * 16), "Mara Koch", "picker", 3)
PEOPLE = (MARA, *(Holder(PersonId(bytes((n,)) * 16), f"Packer {n}", "packer", 1) for n in range(8)))
OLD = Candidate(kind=CodeKind.PERSON, target=MARA.person, code="OLD", label=MARA.name)
CARD = (SITE, MARA.person, MARA.name, b"h" * 32, "")


@dataclass
class Desk:
    """A desk whose badge is called NEW."""

    now: tuple[Holder, BadgeTrial] | None = None
    wishes: list[str] = field(default_factory=list)

    def make(self, holder: Holder) -> None:
        self.wishes.append(f"make {holder.name}")
        self.now = (holder, BadgeTrial())

    def trial(self) -> tuple[Holder, BadgeTrial] | None:
        return self.now

    def proves(self, code: str) -> bytes | None:
        return b"h" * 32 if code == "NEW" else None

    def give_up(self) -> None:
        self.wishes.append("give up")
        self.now = None


class Bench:
    """The flow with its desk: what it asks is answered, what it runs is kept."""

    def __init__(self, where: Any = LEAD) -> None:
        self.desk, self.where = Desk(), where
        self.flow = BadgesFlow(self.desk)
        self.runs: list[Run] = []
        self.asked: list[Any] = []
        self.said: list[object] = []
        self.state: Any = None
        self.pairs: set[tuple[str, str]] = set()
        self.take(self.flow.begin("", NOON, CAUSE, where))

    def take(self, step: Step) -> "Bench":
        before, self.state = type(self.state).__name__, step.state
        if self.said is not None and before not in ("NoneType", type(step.state).__name__):
            self.pairs.add((before, type(step.state).__name__))
        self.said = []
        for effect in step.effects:
            match effect:
                case Start(work=work):
                    work.start()
                case Run():
                    self.runs.append(effect)
                case Ask(query=query):
                    self.asked.append(query)
                    said = self.said
                    self.take(
                        self.flow.handle(self.state, Answered(query, self.answer(query), NOON, CAUSE), self.where)
                    )
                    self.said = said + self.said
                case _:
                    self.said.append(effect)
        return self

    def answer(self, query: Any) -> Any:
        match query:
            case AskHolders(said=said, person=person):
                return tuple(e for e in PEOPLE if said.casefold() in e.name.casefold() and person in (None, e.person))
            case AskBadge():
                return self.desk.trial()
            case ProveBadge(code=code):
                return Proved(CARD) if self.desk.proves(code) else None
            case _:
                raise AssertionError(query)

    def press(self, verb: Verb, argument: str = "") -> "Bench":
        return self.take(self.flow.handle(self.state, pressed(verb, argument), self.where))

    def scan(self, *candidates: Candidate, raw: str = "") -> "Bench":
        return self.take(self.flow.handle(self.state, scanned(*candidates, raw=raw), self.where))

    def looks(self, trial: BadgeTrial) -> "Bench":
        """Let the badge be so, and the window look at it."""
        self.desk.now = (MARA, trial)
        return self.take(self.flow.begin("trial", NOON, CAUSE, self.where))


def reasons(it: Bench) -> list[Reason]:
    return [each.refusal.reason for each in it.said if isinstance(each, Refuse)]


def test_only_whoever_gives_out_badges_does_and_a_lead_asks_for_those_who_only_work() -> None:
    assert Bench(PACKER).said == [Refuse(Refusal(Reason.NOT_ALLOWED)), Go("home")]
    assert [each.anybody for each in (Bench(LEAD).asked[0], Bench(IT).asked[0])] == [False, True]


def test_somebody_is_chosen_by_a_part_of_the_name_or_by_the_old_badge() -> None:
    it = Bench()
    assert (len(it.state.holders), it.state.more) == (7, 2)
    assert it.scan(raw="mara").state == ChooseHolder((MARA,))
    assert it.scan(raw="xyz").state == ChooseHolder((MARA,))
    assert reasons(it) == [Reason.NO_SUCH_PERSON]
    assert it.scan(OLD, raw="OLD").state == ChooseHolder((MARA,))
    assert it.asked[-1].said == "", "an old badge's code is in no question"
    assert it.press(Verb.NO).said == [Go("labels")]


def test_a_badge_is_in_force_with_its_scan_and_every_print_has_another_code() -> None:
    it = Bench().scan(raw="mara").press(Verb.QTY, "1")
    assert it.state == ShowHolder(MARA)
    assert it.press(Verb.CONFIRM).state == ScanNewBadge(MARA, BadgeTrial())
    out = BadgeTrial(printer="P-07", left=True)
    assert again(it.looks(out).state) == ("badges", "trial")
    it.press(Verb.NOTPRINTED)
    assert it.desk.wishes == ["make Mara Koch", "make Mara Koch"]
    assert it.looks(out).scan(OLD, raw="OLD").state == ScanNewBadge(MARA, out)
    assert reasons(it) == [Reason.NOT_THIS_BADGE]
    assert not it.runs

    assert it.scan(raw="NEW").state == Renewing(MARA)
    [run] = it.runs
    assert isinstance(run.command, RenewBadge)
    assert (run.command.person, run.command.base_version, run.beside) == (MARA.person, 3, {PersonCard: [CARD]})
    it.take(it.flow.handle(it.state, Done(CAUSE, NOON), it.where))
    assert isinstance(it.state, ChooseHolder)
    assert it.desk.wishes[-1] == "give up"


@pytest.mark.parametrize("left", [False, True])
def test_who_goes_back_leaves_the_old_badge_in_force(left: bool) -> None:
    it = Bench().scan(raw="mara").press(Verb.QTY, "1").press(Verb.CONFIRM).looks(BadgeTrial(left=left)).press(Verb.NO)
    assert (type(it.state), it.desk.wishes, it.runs) == (ChooseHolder, ["make Mara Koch", "give up"], [])
    it.take(it.flow.begin("trial", NOON, CAUSE, it.where))
    assert type(it.state) is ChooseHolder, "after a restart nobody knows the code any more"


def test_the_diagram_shows_every_way() -> None:
    pairs: set[tuple[str, str]] = set()
    it = (
        Bench()
        .scan(raw="mara")
        .press(Verb.QTY, "1")
        .press(Verb.NO)
        .scan(raw="mara")
        .press(Verb.QTY, "1")
        .press(Verb.CONFIRM)
    )
    it.press(Verb.NO).scan(raw="mara").press(Verb.QTY, "1").press(Verb.CONFIRM).scan(raw="NEW")
    it.take(it.flow.handle(it.state, Failed(CAUSE, Refusal(Reason.CHANGED_MEANWHILE)), it.where))
    pairs |= it.pairs
    compare(module, pairs)
