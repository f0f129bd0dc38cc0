"""The player: a program that works a whole shift by what the station says it expects, with mistakes.

It knows nothing of the database: every code it scans comes out of `expects`. What it counts as gestures is what a
person would have to do.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.station.replay import Line, Replay

MISTAKES: Mapping[str, int] = {"wrong": 20, "short": 5, "damaged": 2, "full": 2, "undo": 5}
"""How often each happens per 1,000 lines, by default."""
STEPS_MAX = 2_000_000
_NOTHING_NEW = 6
"""Rounds over all benches without progress before the player gives up."""


@dataclass(slots=True)
class Tally:
    """What a shift came to."""

    gestures: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    units: int = 0
    lines: int = 0
    parcels: int = 0
    loaded: int = 0
    manifests: int = 0
    mistakes: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        """Return the tally as plain data."""
        return {
            "gestures": dict(sorted(self.gestures.items())), "refusals": dict(sorted(self.refusals.items())),
            "units_put": self.units, "puts": self.lines, "parcels": self.parcels, "loaded": self.loaded,
            "manifests": self.manifests, "mistakes": dict(sorted(self.mistakes.items())),
        }  # fmt: skip


class Player:
    """Plays picker, packer and loader in turn, until nothing is left to do."""

    def __init__(
        self,
        replay: Replay,
        *,
        seed: int,
        rate: float,
        plan: Callable[[], int],
        badges: Mapping[str, str],
        report: Callable[[dict[str, Any]], None],
    ) -> None:
        """Play through `replay`.

        Args:
            replay: the station.
            seed: one seed, one shift.
            rate: how many times the usual mistakes happen; 0 for none.
            plan: promises and releases, and returns how many orders went to the floor.
            badges: badge code by bench: pick, pack, dispatch.
            report: hears of every event's outcome.
        """
        self._replay = replay
        self._chance = random.Random(seed)  # noqa: S311  mistakes, not secrets
        self._rate = rate
        self._plan = plan
        self._badges = badges
        self._report = report
        self._number = 0
        self._totes = iter(())
        self._tote = 0
        self._seen: list[str] = []
        self.tally = Tally()

    def play(self) -> Tally:
        """Work until there is nothing left: pick, pack, dispatch, and again while something was released."""
        told = self._replay.start()
        idle_rounds = 0
        while idle_rounds < 2:
            released = self._plan()
            before = self.tally.gestures.total()
            for bench in ("pick", "pack", "dispatch"):
                told = self._sign_in(told, self._badges[bench])
                told = self._do("open", bench)
                told = self._work(bench, told)
            idle_rounds = idle_rounds + 1 if not released and self.tally.gestures.total() - before < _NOTHING_NEW else 0
        return self.tally

    def _sign_in(self, told: dict[str, Any], badge: str) -> dict[str, Any]:
        if told["flow"] != "sign_in":
            self._do("key", "LOGOUT")
        return self._do("badge", badge, "sign_in")

    def _work(self, bench: str, told: dict[str, Any]) -> dict[str, Any]:
        stuck = 0
        for _ in range(STEPS_MAX):
            if told["flow"] != bench or self._is_over(told):
                return told
            if self._chance_of("undo", told):
                told = self._step(told, "undo")
            elif self._chance_of("wrong", told):
                told = self._wrong(told)
            else:
                told = self._step(told, self._wanted(told))
            stuck = stuck + 1 if told["outcome"] == "refused" else 0
            if stuck > 5:
                self._do("key", "MENU")
                return self._do("open", bench)
        return told

    def _is_over(self, told: dict[str, Any]) -> bool:
        state = told["state"]
        if state == "NoWork":
            return True
        if state == "ScanWork":
            return not any(each["meaning"] == "next" for each in told["expects"])
        if state == "ScanParcel":
            return not any(each["meaning"] in ("next", "close") for each in told["expects"])
        return False

    def _wanted(self, told: dict[str, Any]) -> str:
        meanings = {each["meaning"] for each in told["expects"]}
        for odd in ("short", "damaged", "full"):
            if odd in meanings and self._chance_of(odd, told):
                self.tally.mistakes[odd] += 1
                return odd
        if "next" not in meanings and "close" in meanings:
            return "close"
        return "next"

    def _chance_of(self, what: str, told: dict[str, Any]) -> bool:
        """Return whether a mistake happens now; each is tied to one state, so that it counts per line."""
        at = {
            "wrong": "TakeItem",
            "short": "TakeItem",
            "damaged": "TakeItem",
            "full": "PutInTote",
            "undo": "GoToLocation",
        }
        if told["state"] != at[what] or not self._rate:
            return False
        return self._chance.random() < self._rate * MISTAKES[what] * 1.5 / 1000

    def _step(self, told: dict[str, Any], meaning: str) -> dict[str, Any]:
        if meaning == "undo":
            self.tally.mistakes["undo"] += 1
        found = next((each for each in told["expects"] if each["meaning"] == meaning), None)
        if found is None:
            return self._do("key", "CONFIRM", told["flow"])
        kind, code = found["kind"], found["code"]
        if kind == "tote" and not code:
            code = self._empty_tote()
        if kind == "weight":
            return self._do("weight", "1.000", told["flow"])
        verb = "key" if kind == "key" else "scan"
        if verb == "scan" and code not in self._seen[-50:]:
            self._seen.append(code)
        if told["state"] == "StickLabel":
            self._replay.perform(Line(self._number, "wait", "printer"))
        return self._do(verb, code, told["flow"])

    def _wrong(self, told: dict[str, Any]) -> dict[str, Any]:
        self.tally.mistakes["wrong"] += 1
        expected = {each["code"] for each in told["expects"]}
        others = [code for code in self._seen[-40:] if code not in expected]
        code = self._chance.choice([*others, "NO-SUCH-CODE"])
        return self._do("scan", code, told["flow"])

    def _empty_tote(self) -> str:
        self._tote = self._tote % 120 + 1
        return f"TOTE-{self._tote:04d}"

    def _do(self, verb: str, argument: str, bench: str = "") -> dict[str, Any]:
        self._number += 1
        told = self._replay.perform(Line(self._number, verb, argument))
        if bench:
            self.tally.gestures[bench] += 1
        if told["outcome"] == "refused":
            self.tally.refusals[told["reason"]] += 1
        self._count(told)
        self._report(told)
        return told

    def _count(self, told: dict[str, Any]) -> None:
        note = told.get("note")
        if told["outcome"] != "accepted" or note is None:
            return
        match note["note"]:
            case "put":
                self.tally.lines += 1
                self.tally.units += int(note["quantity"])
            case "closed":
                self.tally.parcels += 1
            case "loaded":
                self.tally.loaded += 1
            case "manifest_closed":
                self.tally.manifests += 1
            case _:
                pass
