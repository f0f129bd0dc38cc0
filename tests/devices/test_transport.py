"""A device is known by what it is and where it is plugged in, not by its port's name."""

import pytest

from devices.transport import Match, Port, find

ZEBRA = Port(path="/dev/ttyACM0", vid=0x05E0, pid=0x1701, serial="S1", location="1-2")
TWIN = Port(path="/dev/ttyACM1", vid=0x05E0, pid=0x1701, serial="S2", location="1-3")
MUTE = Port(path="COM7", vid=0x0C2E, pid=0x0B6A, location="1-4")
MUTE_TWIN = Port(path="COM8", vid=0x0C2E, pid=0x0B6A, location="1-5")
BUILT_IN = Port(path="/dev/ttyS0")
ALL = (BUILT_IN, ZEBRA, TWIN, MUTE, MUTE_TWIN)


@pytest.mark.parametrize(("match", "ports", "found"), [
    (Match(vid=0x05E0, pid=0x1701, serial="S2", location="9-9", path="/dev/ttyACM0"), ALL, TWIN),
    (Match(vid=0x0C2E, pid=0x0B6A, location="1-5"), ALL, MUTE_TWIN),
    (Match(vid=0x0C2E, pid=0x0B6A, location="1-9"), (BUILT_IN, MUTE), MUTE),
    (Match(vid=0x0C2E, pid=0x0B6A, location="1-9"), ALL, None),
    (Match(vid=0x05E0, pid=0x1701, serial="S3", location="1-2"), ALL, None),
    (Match(vid=0x1234, pid=0x0B6A, path="COM7"), ALL, None),
    (Match(path="/dev/ttyS0"), ALL, BUILT_IN),
    (Match(path="/dev/ttyS1"), ALL, None),
])  # fmt: skip
def test_the_device_is_found_or_nothing_is_taken_for_it(match: Match, ports, found) -> None:
    assert find(ports, match) == found
