"""A badge that is given at one bench is in force at every other once they have heard, and the old one is not."""

from pathlib import Path

import sqlalchemy as sa

from core.kernel.ids import PersonId
from core.kernel.operations import Operation
from core.kernel.tables import sql_of
from core.people.commands import RenewBadge, SavePerson
from core.people.model import Person, PersonCard
from core.people.queries import find_badge
from core.people.secrets import badge_hash
from tests.support import SITE
from tests.sync.test_convergence import open_site
from tests.sync.world import Member, world

MARA = PersonId(b"person-mara-0001")
OLD, NEW = "OLD-BADGE", "B-NEWBADGE23456789"


def whose(member: Member, code: str) -> str:
    with member.connection.begin():
        found = find_badge(member.connection, SITE, code)
    return "" if found is None else found.name


def card(code: str) -> PersonCard:
    return PersonCard(SITE, MARA, "Mara Koch", badge_hash(code), "")


def test_a_badge_given_at_one_bench_is_in_force_at_all(tmp_path: Path) -> None:
    with world(tmp_path, stations=3) as it:
        open_site(it)
        one, two, three = it.members
        new = SavePerson(
            **one.bench.base(), person=MARA, roles="picker", language="en", preset="first_day", active=1, base_version=0
        )
        one.bench.run(new, card(OLD))
        it.settle()
        assert [whose(each, OLD) for each in it.members] == ["Mara Koch"] * 3

        renewed = RenewBadge(**two.bench.base(), person=MARA, base_version=1)
        two.bench.run(renewed, card(NEW))
        assert [(whose(each, OLD), whose(each, NEW)) for each in (two, three)] == [("", "Mara Koch"), ("Mara Koch", "")]
        it.settle()

        for each in it.members:
            assert (whose(each, OLD), whose(each, NEW)) == ("", "Mara Koch")
            assert each.bench.get(Person, MARA).version == 2
        with it.central.begin():
            bodies = it.central.execute(sa.select(sql_of(Operation).c.body)).scalars().all()
        assert not [text for text in bodies if "Mara" in text or badge_hash(NEW).hex() in text]
