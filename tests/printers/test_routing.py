"""What goes to which printer: the narrowest route decides, and without one nothing goes anywhere."""

from dataclasses import replace

import pytest

from core.kernel.ids import JobId
from core.kernel.spool import ConfirmedBy, JobState, PrintJob
from core.printers.model import PrintRoute
from core.printers.routing import Wanted, route_of, wanted_by
from tests.support import NOON, PICKER, SITE

HERE, THERE = "aa" * 16, "bb" * 16
WANTED = Wanted(station=HERE, document="house_label", role="label", carrier="DHL", dpi=203)


def route(printer: str, **conditions: str | int) -> PrintRoute:
    return replace(PrintRoute(SITE, "", "", "", "", "", 0, "", printer, "", 1), **conditions)  # type: ignore[arg-type]


def test_without_a_route_nothing_goes_anywhere() -> None:
    assert route_of([], WANTED) is None
    assert (
        route_of([route("P-1", station=THERE), route("P-2", document="manifest"), route("P-3", dpi=300)], WANTED)
        is None
    )


@pytest.mark.parametrize(
    ("narrower", "wider"),
    [
        ({"station": HERE}, {"document": "house_label", "carrier": "DHL"}),
        ({"document": "house_label"}, {"document": "label", "carrier": "DHL"}),
        ({"document": "label"}, {"carrier": "DHL"}),
        ({"carrier": "DHL"}, {"dpi": 203}),
        ({"dpi": 203}, {}),
    ],
)
def test_the_narrower_route_decides(narrower: dict[str, str | int], wider: dict[str, str | int]) -> None:
    routes = [route("wide", **wider), route("narrow", **narrower)]

    assert [found.printer for each in (routes, routes[::-1]) if (found := route_of(each, WANTED))] == ["narrow"] * 2


def test_what_a_job_wants_is_read_from_its_content() -> None:
    job = PrintJob(
        SITE, JobId(b"job-000000000001"), NOON, "house_label", 1, '{"carrier":"DHL","dpi":300,"is":"HouseLabel"}', "label", b"s", "", 1,
        JobState.QUEUED, 0, "", "", None, PICKER, "", "", 0, 0, 0, ConfirmedBy.NOBODY, NOON,
    )  # fmt: skip

    assert wanted_by(job, HERE) == replace(WANTED, dpi=300)
