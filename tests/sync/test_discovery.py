"""A hub that announces itself is found with its sites, and gone when it ends; what anybody announces besides does no harm."""

import threading

import pytest

from core.kernel.ids import SiteId
from sync.announcements import FoundHub, from_txt, to_txt
from sync.hub.announcing import Announcer
from sync.station.discovery import Discovery


def test_a_hub_is_found_on_the_network_with_its_sites_and_gone_when_it_ends() -> None:
    there, gone = threading.Event(), threading.Event()
    heard: list[tuple[FoundHub, ...]] = []

    def hear(hubs: tuple[FoundHub, ...]) -> None:
        mine = tuple(each for each in hubs if each.address == "http://127.0.0.1:8799")
        heard.append(mine)
        (there if mine else gone).set()

    with Discovery(hear, ["127.0.0.1"]):
        with Announcer({SiteId(1): "Nord", SiteId(7): "Hafen"}) as announcer:
            announcer.begin("http://127.0.0.1:8799")
            assert there.wait(20)
            gone.clear()
        assert gone.wait(20)

    assert heard[0][0].sites == ((1, "Nord"), (7, "Hafen"))
    assert announcer.notes == ()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the library leaves that socket behind
def test_where_it_cannot_listen_there_is_nothing_to_hear_and_a_hub_says_so() -> None:
    with Discovery(lambda _hubs: None, ["192.0.2.77"]), Announcer({SiteId(1): "Nord"}) as announcer:
        announcer.begin("http://192.0.2.77:8799")
    assert "cannot announce itself" in announcer.notes[0]


def test_names_of_any_length_fit_what_may_be_said() -> None:
    names = {SiteId(n): "Hafen-Süd Lager für Übergrößen " * 9 for n in range(1, 40)}

    said = to_txt(names)

    assert all(len(f"{key}={value}".encode()) <= 255 for key, value in said.items())
    assert from_txt({key.encode(): value.encode() for key, value in said.items()})[0][0] == 1


def test_what_somebody_else_announces_is_read_as_far_as_it_makes_sense() -> None:
    told = {
        b"site1": b"Nord\x1b[31m\xff",
        b"site": b"x",
        b"sitex": b"y",
        b"site9" * 30: b"z",
        b"\xff": None,
        b"site2": None,
    }

    assert from_txt(told) == ((1, "Nord[31m�"), (2, ""))
