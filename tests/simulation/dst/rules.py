"""All rules that have a switch, and which of them are masked."""

from tests.simulation.dst import mutants, mutants_of_goods, mutants_of_loss

MUTANTS = mutants.MUTANTS
"""Every rule by the name of what it says; see `mutants`."""
MASKED = mutants.MASKED | mutants_of_loss.MASKED | mutants_of_goods.MASKED
"""Rules whose removal alone shows nothing, since another guards the same; with what they are removed together."""

__all__ = ["MASKED", "MUTANTS"]
