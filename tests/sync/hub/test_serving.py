"""Where the hub listens, and what its connections are like."""

import socket

from sync.hub.serving import LOOPBACK, listening


def test_an_answers_second_part_waits_for_nobody() -> None:
    with (
        listening(LOOPBACK, 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as taken,
    ):
        assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
