"""Picks of which units are taken away again: what is left of each row, by unit ordinal."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from core.kernel.commands import Command
from core.kernel.ids import derive
from core.kernel.uow import UnitOfWork
from core.picking.model import Pick


@dataclass(frozen=True, slots=True)
class Run:
    """Unit ordinals first..first+quantity-1."""

    first: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A row that names unit ordinals, with what is left of it; without runs it goes."""

    row: bytes
    kept: tuple[Run, ...]

    def kept_as(self, by: Command) -> Iterator[tuple[bytes, Run]]:
        """Yield what is left with an id of its own: the undo of what wrote the row finds nothing to undo."""
        for run in self.kept:
            yield derive(by.id, f"kept {self.row.hex()}", run.first), run


def runs_of(ordinals: Iterable[int]) -> list[Run]:
    """Return ascending ordinals as runs without gaps."""
    runs: list[Run] = []
    for ordinal in ordinals:
        if runs and runs[-1].first + runs[-1].quantity == ordinal:
            runs[-1] = Run(runs[-1].first, runs[-1].quantity + 1)
        else:
            runs.append(Run(ordinal, 1))
    return runs


def trim_picks(uow: UnitOfWork, by: Command, picks: Iterable[Trimmed]) -> None:
    """Write what is left of picks; one that is gone stays gone."""
    for each in picks:
        pick = uow.get(Pick, (by.site, each.row))
        if pick is not None:
            uow.delete(pick)
            for new, run in each.kept_as(by):
                uow.put(replace(pick, id=new, first=run.first, quantity=run.quantity, opened_fill=0))
