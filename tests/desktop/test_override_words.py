"""A refusal that a supervisor may pass says so, and offers the call that parks the work."""

import pytest

from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from desktop.presenters.outcomes import refusal_screen

OFF = {"got": 500, "expected": 800, "tolerance": 16}


def test_a_weight_that_blocks_says_who_may_pass_it_and_offers_the_call() -> None:
    stop = refusal_screen(Refusal(Reason.WEIGHT_OUTSIDE, OFF | {"override": "weight"}), 0)

    assert "Scan a supervisor's badge" in stop.rest
    assert [each.key for each in stop.answers] == ["CALL", "NO"]


@pytest.mark.parametrize("facts", [{"override": "verify_units"}, {}])
def test_it_is_said_once(facts: dict[str, str | int]) -> None:
    stop = refusal_screen(Refusal(Reason.SUPERVISOR_NEEDED, facts), 0)

    assert f"{stop.title}. {stop.rest}".count("A supervisor must do that") == 1
    assert ("CALL" in [each.key for each in stop.answers]) is bool(facts)


def test_a_refusal_that_nobody_passes_calls_nobody() -> None:
    stop = refusal_screen(Refusal(Reason.WEIGHT_OUTSIDE, OFF), 0)

    assert "supervisor" not in stop.rest
    assert [each.key for each in stop.answers] == ["NO"]
