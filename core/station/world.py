"""What a station asks of its surroundings: the one place where a composition root or a test plugs in."""

from collections.abc import Callable
from concurrent.futures import Future

import sqlalchemy as sa

from core.kernel.clock import Clock
from core.kernel.executor import Outcome, Work
from core.kernel.flow import Policies, Pressed, Scanned
from core.kernel.ids import CommandId, IdSource
from core.people.queries import Operator
from core.station.turn import Input


class World:
    """What the station asks of its surroundings; the composition root gives it, tests fake it."""

    def __init__(
        self,
        *,
        reader: sa.Connection,
        submit: Callable[[Work], Future[Outcome]],
        deliver: Callable[[Callable[[], None]], None],
        clock: Clock,
        ids: IdSource,
        read_code: Callable[[sa.Connection, Input, CommandId], Scanned | Pressed],
        operator: Callable[[sa.Connection], Operator | None],
        policies: Callable[[sa.Connection, Operator | None], Policies],
        today: Callable[[int], str],
        dropped: Callable[[Input], None] = lambda _: None,
    ) -> None:
        """Hold the seats."""
        self.reader = reader
        self.submit = submit
        self.deliver = deliver
        self.clock = clock
        self.ids = ids
        self.read_code = read_code
        self.operator = operator
        self.policies = policies
        self.today = today
        self.dropped = dropped
        """Hears of an input that was not taken, for whoever has to tell the scanner it came from."""
