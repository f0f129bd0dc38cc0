"""From a scanned text to everything it can mean here: one reading of the text, one statement to the database.

The plain text is looked up beside every number read out of it, so that a lot called `10D9T` and an SKU that looks like
a GTIN are found as what they are. Nobody chooses here: several candidates are the flow's question.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from core.catalog.codes import (
    Ambiguous,
    CommandReading,
    Day,
    DigitalLinkReading,
    FillCode,
    Flaw,
    Gs1Reading,
    GtinReading,
    PlainReading,
    Reading,
    Rejected,
    SsccReading,
    TrackingReading,
    read_code,
    without_aim,
)
from core.catalog.command_codes import proven
from core.catalog.fill_codes import is_fill_code
from core.catalog.in_store import InStoreRule
from core.catalog.model import Container
from core.kernel.flow import Candidate, CodeKind, Pressed, Scanned, Symbol
from core.kernel.ids import CommandId, OwnerId, SiteId
from core.kernel.journal import GestureInput
from core.kernel.reasons import Reason
from core.kernel.tables import sql_of
from core.people.queries import find_badge

LONGEST = 4_296
"""Characters of a scan that are looked at: as many as a QR code holds; a longer one is nothing of ours."""

_SQL = """
SELECT c.kind, c.target, c.code, c.owner, c.quantity, COALESCE(i.sku, c.code), COALESCE(i.description, ''),
       COALESCE(i.variant, ''), c.code, COALESCE(i.picture, ''),
       CASE WHEN i.lot_control <> 0 AND i.serial_control <> 0 THEN 1 ELSE 0 END
  FROM code c LEFT JOIN item i ON i.site = c.site AND i.id = c.target
 WHERE c.site = :site AND c.code IN ({marks})
UNION ALL
SELECT 'order', o.id, o.number, o.owner, 1, o.number, '', '', o.number, '', 0
  FROM sales_order o WHERE o.site = :site AND o.number = :plain
UNION ALL
SELECT 'parcel', p.id, p.sscc, :nobody, 1, p.sscc, '', '', p.sscc, '', 0
  FROM parcel p WHERE p.site = :site AND p.sscc IN ({ssccs}) AND p.sscc <> ''
UNION ALL
SELECT 'parcel', p.id, p.sscc, :nobody, 1, p.sscc, '', '', p.sscc, '', 0
  FROM parcel p WHERE p.site = :site AND p.tracking IN (:plain, :tracking) AND p.tracking <> ''
UNION ALL
SELECT 'lot', l.id, l.code, l.owner, 1, l.code, '', '', l.code, '', 0
  FROM lot l WHERE l.site = :site AND l.code = :plain
"""


@dataclass(frozen=True, slots=True)
class _Keys:
    """What to look up: codes with what the same symbol said beside each, and handling unit numbers."""

    plain: str
    codes: dict[str, Gs1Reading | None]
    ssccs: tuple[str, ...]
    tracking: str = ""
    """A carrier's number, as its own rules read it out of a longer code."""


def read_input(
    connection: sa.Connection, site: SiteId, text: str, *, event: CommandId, at: int, today: Day, kind: GestureInput,
    trusted: bool = False, demands_trust: Callable[[bytes], bool] = lambda _: False, in_store: Sequence[InStoreRule] = (),
) -> Scanned | Pressed:  # fmt: skip
    """Return the event that a scanned or typed text is.

    Args:
        connection: where codes are looked up.
        site: whose codes.
        text: as the scanner sent it.
        event: the gesture's id.
        at: when it was read.
        today: the site's calendar day, for dates in the code.
        kind: scanned or typed.
        trusted: the scanner has shown that it passes separators on. Who types a message shows where its elements end by
            brackets; without them it may as well be a slow scanner's.
        demands_trust: whether an item by lot and serial is taken from such a scanner only.
        in_store: what the company's own numbers say.
    """
    typed = kind is GestureInput.MANUAL
    given = text.strip()[:LONGEST]
    readings = read_code(given, separators_trusted=trusted, typed=typed, today=today, in_store=in_store)
    # The symbology id says how to read it, and is no part of what it is called: of a badge, a serial, a slip.
    raw = given if typed else without_aim(given)
    for reading in readings:
        if isinstance(reading, CommandReading):
            return Pressed(id=event, at=at, verb=reading.verb, argument=reading.argument)
    by_both: set[bytes] = set()
    candidates = look_up(connection, site, readings, by_both)
    shown = trusted or (typed and given.startswith("(")) or not any(map(_has_separators, readings))
    if not shown and any(_may_have_lost(each, by_both) and demands_trust(each.target) for each in candidates):
        return Scanned(id=event, at=at, raw=raw, rejected=Reason.UNCALIBRATED_SCANNER)
    for reading in readings:
        if isinstance(reading, FillCode):
            candidates = _slip(connection, site, reading)
    if not candidates and typed and proven(raw):
        # The label shows a letter beside the code that proves it: who typed it too meant the same.
        candidates = look_up(connection, site, read_code(proven(raw), typed=True, today=today))
    if not candidates:
        badge = find_badge(connection, site, raw)
        if badge is not None:
            candidates = (Candidate(kind=CodeKind.PERSON, target=badge.person, code=raw, label=badge.name),)
    rejected = None if candidates else _flaw(readings, raw)
    return Scanned(
        id=event, at=at, raw=raw, candidates=candidates, rejected=rejected, typed=typed, symbol=_symbol(readings)
    )  # fmt: skip


def _has_separators(reading: Reading) -> bool:
    """Say whether separators tell the elements of a code apart; those of a Digital Link are told apart by the address."""
    return isinstance(reading, Gs1Reading) and not isinstance(reading, DigitalLinkReading)


def _may_have_lost(candidate: Candidate, by_both: set[bytes]) -> bool:
    """Say whether a separator may be missing and nobody could see it: one before a serial (devices.md 1.3)."""
    return candidate.target in by_both and bool(candidate.lot or candidate.serial)


def look_up(
    connection: sa.Connection, site: SiteId, readings: Iterable[Reading], by_both: set[bytes] | None = None
) -> tuple[Candidate, ...]:
    """Return everything that these readings name at a site, each thing once; items by lot and serial into `by_both`."""
    keys = _keys(readings)
    names = [f"c{n}" for n in range(len(keys.codes))] or ["plain"]
    ssccs = [f"s{n}" for n in range(len(keys.ssccs))] or ["plain"]
    marks, more = (",".join(f":{name}" for name in each) for each in (names, ssccs))
    values: dict[str, Any] = {"site": site, "plain": keys.plain, "nobody": bytes(16)}
    values |= dict(zip(names, keys.codes, strict=False)) | dict(zip(ssccs, keys.ssccs, strict=False))
    values |= {"plain": keys.plain, "tracking": keys.tracking or keys.plain}
    rows = connection.execute(_statement(marks, more), values)
    found: dict[tuple[str, bytes], Candidate] = {}
    for row in rows:
        candidate = _candidate(row, keys.codes.get(row[8]))
        if by_both is not None and row[10]:
            by_both.add(candidate.target)
        known = found.get((candidate.kind, candidate.target))
        if known is None or (candidate.lot or candidate.serial) or candidate.quantity > known.quantity:
            found[candidate.kind, candidate.target] = candidate
    return tuple(found.values())


_STATEMENTS: dict[tuple[str, str], sa.TextClause] = {}


def _statement(marks: str, ssccs: str) -> sa.TextClause:
    known = _STATEMENTS.get((marks, ssccs))
    if known is None:
        known = _STATEMENTS[marks, ssccs] = sa.text(_SQL.format(marks=marks, ssccs=ssccs))
    return known


def _keys(readings: Iterable[Reading]) -> _Keys:
    plain, tracking, ssccs = "", "", []
    codes: dict[str, Gs1Reading | None] = {}
    for reading in readings:
        match reading:
            case PlainReading(text=text):
                plain = text
                codes.setdefault(text, None)
            case GtinReading(gtin14=gtin):
                codes.setdefault(gtin, None)
            case SsccReading(sscc=sscc):
                ssccs.append(sscc)
            case Gs1Reading():
                if reading.gtin is not None:
                    codes[reading.gtin] = reading
                if reading.sscc is not None:
                    ssccs.append(reading.sscc)
            case TrackingReading() if reading.vouchers or not tracking:
                tracking = reading.number
            case CommandReading() | TrackingReading() | FillCode() | Rejected() | Ambiguous():
                pass
    return _Keys(plain, codes, tuple(ssccs), tracking)


def _candidate(row: Any, said: Gs1Reading | None) -> Candidate:
    kind = CodeKind(row[0])
    words = ", ".join(filter(None, (row[6], row[7]))) or row[2]
    candidate = Candidate(
        kind=kind, target=bytes(row[1]), code=row[5], label=words, variant=row[7], picture=row[9],
        owner=OwnerId(bytes(row[3])), quantity=int(row[4]),
    )  # fmt: skip
    if said is None or kind is not CodeKind.ITEM:
        return candidate
    return replace(candidate, lot=said.lot or "", serial=said.serial or "", expiry=said.expiry or "")


def _symbol(readings: Sequence[Reading]) -> Symbol | None:
    """Return what a code says that is no text: by its symbology id, by its brackets, or by an item's number in front.

    A lot may well be called `10D9T`: elements that nothing vouches for stay a text.
    """
    is_text = any(isinstance(each, PlainReading) for each in readings)
    for reading in readings:
        match reading:
            case Rejected(partial=Gs1Reading() as said):
                return _said(said)
            case Gs1Reading() as said if not is_text or (said.gtin and not said.lacks):
                return _said(said)
            case _:
                pass
    return None if is_text else Symbol()


def _said(said: Gs1Reading) -> Symbol:
    return Symbol(lot=said.lot or "", serial=said.serial or "", expiry=said.expiry or "")


def _slip(connection: sa.Connection, site: SiteId, fill: FillCode) -> tuple[Candidate, ...]:
    """Return what a tote's slip names: the filling, by the tote it is in; nothing for another site's."""
    totes = sql_of(Container)
    query = sa.select(totes.c.code).where(totes.c.site == site, totes.c.id == fill.container)
    tote = connection.execute(query).scalar_one_or_none()
    if tote is None or fill.site != site:
        return ()
    return (Candidate(kind=CodeKind.FILL, target=fill.fill, code=tote, label=tote),)


def _flaw(readings: Iterable[Reading], raw: str) -> Reason | None:
    if is_fill_code(raw):
        newer = any(isinstance(each, Rejected) and each.reason is Flaw.UNKNOWN_VERSION for each in readings)
        broken = any(isinstance(each, Rejected) for each in readings)
        return Reason.SLIP_NEWER if newer else Reason.SLIP_NOT_READ if broken else Reason.SLIP_OF_NO_TOTE
    if any(isinstance(each, Ambiguous) for each in readings):
        return Reason.LOST_SEPARATORS
    # A carrier's own number is on parcels beside ours: it names nothing here, and says so.
    tracked = any(isinstance(each, TrackingReading) and each.vouchers for each in readings)
    return Reason.TRACKING_NUMBER if tracked else None
