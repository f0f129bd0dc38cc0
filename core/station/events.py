"""What an input is to a flow: a code with its meanings, a key, a weight, a PIN."""

from dataclasses import replace

from core.kernel.flow import Event, Pressed, Scanned, SecretEntered, Verb, Weighed
from core.kernel.journal import GestureInput
from core.station.override import OverrideFlow
from core.station.turn import Input, Turn
from core.station.world import World

_ASK_SECRETS = ("sign_in", OverrideFlow.NAME)
"""Flows that are told a typed PIN; to every other it is a code like any."""


def event_of(world: World, given: Input, turn: Turn, flow: str, *, settled: bool) -> Event | SecretEntered:
    """Return the event that an input is to a flow.

    Args:
        world: where codes are looked up.
        given: the input.
        turn: what it leads to; the event has its id.
        flow: the flow's name.
        settled: whether it was read long enough after its question was painted.
    """
    if given.secret and flow in _ASK_SECRETS:
        return SecretEntered(id=turn.id, at=given.at, secret=given.secret)
    if given.kind is GestureInput.WEIGHT:
        return Weighed(id=turn.id, at=given.at, grams=int(given.text))
    if given.kind is GestureInput.KEY:
        verb, _, argument = given.text.partition("-")
        return Pressed(id=turn.id, at=given.at, verb=Verb(verb), argument=argument)
    event = world.read_code(world.reader, given, turn.id)
    return replace(event, settled=settled) if isinstance(event, Scanned) else event
