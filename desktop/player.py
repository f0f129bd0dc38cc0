"""The player: a program that works a whole shift by what the station says it expects, with mistakes.

It knows nothing of the database: every code it scans comes out of `expects`, but for empty totes, which lie about. What it
counts as gestures is what a person would have to do.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.station.replay import Line, Replay
from desktop.gestures import GestureTable

MISTAKES: Mapping[str, int] = {"wrong": 20, "short": 5, "damaged": 2, "full": 2, "undo": 5}
"""How often each happens per 1,000 lines, by default."""
STEPS_MAX = 2_000_000
_NOTHING_NEW = 6
"""Gestures that a round over all benches takes when there is nothing to do."""
_STUCK = 5
"""Refusals in a row after which the player leaves the bench and opens it again."""
_AT: Mapping[str, str] = {
    "wrong": "TakeItem", "short": "TakeItem", "damaged": "TakeItem", "full": "PutInTote", "undo": "GoToLocation",
}  # fmt: skip
"""The state in which a mistake happens, so that each counts per line."""
_UNDOABLE = ("put", "shorted", "damaged")


@dataclass(slots=True)
class Tally:
    """What a shift came to."""

    gestures: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    lines: int = 0
    parcels: int = 0
    loaded: int = 0
    manifests: int = 0
    table: GestureTable = field(default_factory=GestureTable)
    mistakes: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        """Return the tally as plain data."""
        return {
            "gestures": dict(sorted(self.gestures.items())), "refusals": dict(sorted(self.refusals.items())),
            "puts": self.lines, "parcels": self.parcels, "loaded": self.loaded,
            "manifests": self.manifests, "gesture_table": self.table.to_json(), "mistakes": dict(sorted(self.mistakes.items())),
        }  # fmt: skip


class Mistakes:
    """When which mistake is due: so many per 1,000 lines, at lines that chance moves a little."""

    def __init__(self, chance: random.Random, rate: float) -> None:
        """Plan mistakes; with a rate of 0 none is ever due."""
        self._chance = chance
        self._apart = {kind: 950 / (count * rate) for kind, count in MISTAKES.items()} if rate else {}
        self._next = {kind: self._moved(kind) for kind in self._apart}

    def _moved(self, kind: str) -> float:
        # Never late: over any stretch there are at least as many as were asked for.
        return self._chance.random() * 0.05 * self._apart[kind]

    def is_due(self, kind: str, lines: int) -> bool:
        """Return whether a mistake should have happened by now."""
        return kind in self._next and lines >= self._next[kind]

    def made(self, kind: str, count: int) -> None:
        """Hear that one was made, the so-manieth of its kind."""
        self._next[kind] = count * self._apart[kind] + self._moved(kind)


class Player:
    """Plays picker, packer and loader in turn, or those of them that the station is there for, until nothing is left to do."""

    def __init__(
        self,
        replay: Replay,
        *,
        seed: int,
        rate: float,
        plan: Callable[[], int],
        badges: Mapping[str, str],
        empty_tote: Callable[[], str],
        report: Callable[[dict[str, Any]], None],
        goes_on: Callable[[int], bool],
    ) -> None:
        """Play through `replay`.

        Args:
            replay: the station.
            seed: one seed, one shift.
            rate: how many times the usual mistakes happen; 0 for none.
            plan: promises and releases, and returns how many orders went to the floor.
            badges: badge code by bench: pick, pack, dispatch.
            empty_tote: takes a tote with nothing in it off the stack.
            report: hears of every event's outcome.
            goes_on: says whether another round is worth it after so many in which there was nothing to do.
        """
        self._replay = replay
        self._chance = random.Random(seed)  # noqa: S311  mistakes, not secrets
        self._mistakes = Mistakes(self._chance, rate)
        self._plan = plan
        self._badges = badges
        self._empty_tote = empty_tote
        self._report = report
        self._goes_on = goes_on
        self._badge = ""
        self._number = 0
        self._seen: list[str] = []
        self.tally = Tally()

    def play(self) -> Tally:
        """Work until there is nothing left: pick, pack, dispatch, and again while something was released."""
        told = self._replay.start()
        self._report(told)
        if told["flow"] in self._badges:
            # Somebody was at work when the station went down: the step is there again, without a gesture.
            self.tally.table.count("resume", 0)
            told = self._work(told["flow"], told)
        idle_rounds = 0
        while self._goes_on(idle_rounds):
            released = self._plan()
            before = self.tally.gestures.total()
            for bench, badge in self._badges.items():
                told = self._sign_in(told, badge)
                told = self._do("open", bench)
                self.tally.table.begin()
                told = self._work(bench, told)
            idle_rounds = idle_rounds + 1 if not released and self.tally.gestures.total() - before < _NOTHING_NEW else 0
        return self.tally

    def _sign_in(self, told: dict[str, Any], badge: str) -> dict[str, Any]:
        if told["flow"] != "sign_in":
            if badge == self._badge:
                # Whoever plays one part stays at the screen.
                return told
            self._do("key", "LOGOUT")
        self._badge = badge
        before = self.tally.gestures["sign_in"]
        told = self._do("badge", badge, "sign_in")
        self.tally.table.count("sign_in", self.tally.gestures["sign_in"] - before)
        return told

    def _work(self, bench: str, told: dict[str, Any]) -> dict[str, Any]:
        stuck = 0
        for _ in range(STEPS_MAX):
            if told["flow"] != bench or self._is_over(told):
                return told
            meaning = self._meaning(told)
            told = self._wrong(told) if meaning == "wrong" else self._step(told, meaning)
            stuck = stuck + 1 if told["outcome"] == "refused" else 0
            if stuck > _STUCK:
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

    def _meaning(self, told: dict[str, Any]) -> str:
        """Return what to do now: a mistake that is due and possible here, else what the station asks for."""
        meanings = {each["meaning"] for each in told["expects"]}
        for kind, state in _AT.items():
            if told["state"] != state or not self._mistakes.is_due(kind, self.tally.lines):
                continue
            if kind == "wrong" or (kind in meanings and (kind != "undo" or _note(told) in _UNDOABLE)):
                self.tally.mistakes[kind] += 1
                self._mistakes.made(kind, self.tally.mistakes[kind])
                return kind
        return "close" if "next" not in meanings and "close" in meanings else "next"

    def _step(self, told: dict[str, Any], meaning: str) -> dict[str, Any]:
        found = next((each for each in told["expects"] if each["meaning"] == meaning), None)
        if found is None:
            return self._do("key", "CONFIRM", told["flow"], meaning)
        kind, code = found["kind"], found["code"]
        if kind == "tote" and not code:
            # Where none is left, one that is full is tried and refused: a bench must empty some first.
            code = self._empty_tote() or "TOTE-0001"
        if kind == "weight":
            return self._do("weight", "1.000", told["flow"], "weight")
        verb = "key" if kind == "key" else "scan"
        if verb == "scan" and code not in self._seen[-50:]:
            self._seen.append(code)
        if told["state"] == "StickLabel":
            self._replay.perform(Line(self._number, "wait", "printer"))
        return self._do(verb, code, told["flow"], meaning)

    def _wrong(self, told: dict[str, Any]) -> dict[str, Any]:
        expected = {each["code"] for each in told["expects"]}
        others = [code for code in self._seen[-40:] if code not in expected]
        code = self._chance.choice([*others, "NO-SUCH-CODE"])
        return self._do("scan", code, told["flow"], "wrong")

    def _do(self, verb: str, argument: str, bench: str = "", meaning: str = "next") -> dict[str, Any]:
        self._number += 1
        told = self._replay.perform(Line(self._number, verb, argument))
        if bench:
            self.tally.gestures[bench] += 1
            self.tally.table.heard(bench, meaning, told)
        if told["outcome"] == "refused":
            self.tally.refusals[told["reason"]] += 1
        self._count(told)
        self._report(told)
        return told

    def _count(self, told: dict[str, Any]) -> None:
        if told["outcome"] != "accepted":
            return
        match _note(told):
            case "put" | "batch_done":
                self.tally.lines += 1
            case "closed":
                self.tally.parcels += 1
            case "loaded":
                self.tally.loaded += 1
            case "manifest_closed":
                self.tally.manifests += 1
            case _:
                pass


def _note(told: dict[str, Any]) -> str:
    return str((told["note"] or {}).get("note", ""))
