"""The one inbox of exceptions: what a person has to look at, with the facts and who may decide; and what people wrote down."""

from enum import StrEnum

from core.kernel.ids import CaseId, NoteId, OrderId, PersonId, SiteId, StationId
from core.kernel.private import brings
from core.kernel.tables import Key, Row, TableClass, table


class CaseKind(StrEnum):
    """What happened."""

    STOCK_UNEXPLAINED = "stock_unexplained"
    RECOUNT = "recount"
    """A place was counted while goods moved that the counter had not heard of, or twice with different results."""
    MOVED_TWICE = "moved_twice"
    """Two carried the same goods or tote elsewhere within minutes, unheard of each other: the books have what came last."""
    SHORT_PICK = "short_pick"
    DAMAGED = "damaged"
    HOSPITAL = "hospital"
    MISSING_AT_BENCH = "missing_at_bench"
    PRINT_UNKNOWN = "print_unknown"
    PRINT_FAULT = "print_fault"
    STOPPED_PARCEL = "stopped_parcel"
    CANCEL_TOO_LATE = "cancel_too_late"
    OVERRIDE_NEEDED = "override_needed"
    WEIGHT = "weight"
    CALL = "call"
    PUT_BACK = "put_back"
    LOG_BROKEN = "log_broken"
    """After an unclean end the log's last operations do not follow from each other."""
    CONTRADICTED = "contradicted"
    """What happened at a station does not fit what the hub knows: applied all the same, since it happened."""
    DOUBLE_PARCEL = "double_parcel"
    """The same units are in two parcels: both are named, only one of them may leave."""
    LABEL_TWICE = "label_twice"
    """A label number is on two parcels, or was given out by a station that had no right to: none of them may leave."""
    HANDED_OVER_VOID = "handed_over_void"
    """A parcel left under a label that had been void by then: the hand-over stands, what it costs is to be looked at."""
    SHIPPED_TWICE = "shipped_twice"
    """The same units may have left twice: both parcels are named."""
    NOT_APPLIED = "not_applied"
    """The hub could not apply what a station did, for no fault of the station's."""
    EDIT_LOST = "edit_lost"
    """Two people changed one thing unheard of each other: the first stands, what the other wanted is in the case."""
    FLOOR = "floor"
    """An order was looked for after a station was lost, and is not there."""
    CARRIER_INQUIRY = "carrier_inquiry"
    """A parcel may have left with a dock that forgot it: the carrier is asked, and nothing of the order is picked again."""
    STATION_TWICE = "station_twice"
    """Two files speak under the name of one station."""
    STORED_SCAN = "stored_scan"
    """A cordless scanner sent what it had read out of range: whether it counts, a person says."""
    OTHER_STATIONS = "other_stations"
    """A station did what stations of its kind do not: what happened is kept, what was decided is not."""
    ROLE_LOST = "role_lost"
    """Somebody did what he may not, by what the hub knows: what happened is kept, what was decided is not."""
    OVER_RECEIPT = "over_receipt"
    """More came of a delivery's line than was announced and is allowed over it: two people may have booked the same units."""
    STATION_RENEWED = "station_renewed"
    """A station's file was rolled back or copied: boxes at it without a print job are to be looked at."""
    RETURN_TWICE = "return_twice"
    """Two stations received one box that came back: where it stands, somebody looks."""
    RETURN_NOT_LEFT = "return_not_left"
    """A parcel came back that has not left by the books."""
    RETURN_UNKNOWN = "return_unknown"
    """A box came back of which nobody knows whose it is."""


RED = frozenset(
    {
        CaseKind.DOUBLE_PARCEL, CaseKind.LABEL_TWICE, CaseKind.SHIPPED_TWICE, CaseKind.HANDED_OVER_VOID,
        CaseKind.CANCEL_TOO_LATE, CaseKind.NOT_APPLIED, CaseKind.LOG_BROKEN, CaseKind.STATION_TWICE,
        CaseKind.CARRIER_INQUIRY,
    }
)  # fmt: skip
"""What cannot wait: goods or money may leave twice, or what was done may be lost."""


class CaseState(StrEnum):
    """Whether somebody has decided."""

    OPEN = "open"
    CLOSED = "closed"


@table(
    TableClass.FEED,
    key=("site", "id"),
    indexes={
        "case_state": ("site", "state", "opened_at"),
        "case_subject": ("site", "subject"),
    },
    unique={"order": ("site", "order", "id")},
    touch="order",
    name="exception_case",
)
class Case(Row):
    """One exception that waits for a person."""

    site: SiteId
    id: CaseId
    kind: CaseKind
    order: OrderId
    """The order it concerns; NO_ID when it concerns none."""
    subject: bytes
    """The parcel, task, tote or job it is about; NO_ID when none."""
    facts: str
    """Canonical JSON for the sentence."""
    opened_at: int
    opened_by: PersonId
    state: CaseState
    decided_by: PersonId
    decision: str
    closed_at: int


@table(
    TableClass.FEED,
    key=("site", "id"),
    indexes={"note_order": ("site", "order"), "note_subject": ("site", "subject")},
    touch="order",
    name="note",
)
class WrittenNote(Row):
    """Something that a person wrote about an order or a case: appended and never changed."""

    site: SiteId
    id: NoteId
    order: OrderId
    """The order it is about, also by its case; NO_ID for none."""
    subject: bytes
    """The case it was written at; NO_ID for none."""
    at: int
    by: PersonId


@table(TableClass.FEED, key=("site", "id"), indexes={"photo_digest": ("site", "digest")})
class Photo(Row):
    """The picture of a note; its bytes travel apart, by their digest (`core.cases.photos`)."""

    site: SiteId
    id: NoteId
    """The note it is the picture of."""
    digest: str
    """SHA-256 of its bytes, in hex."""
    media_type: str
    size: int
    """Bytes."""
    station: StationId
    """Where it was taken, and where its bytes are until the hub has them."""
    at: int


@table(TableClass.PRIVATE, key=("site", "id"))
class NoteText(Row):
    """What somebody wrote: a name or a telephone number may be in it, so it is in no operation and can be erased."""

    site: SiteId
    id: NoteId
    text: str


@brings(WrittenNote, again=False)
def _text_of(row: Row) -> list[tuple[type[Row], Key]]:
    """The words come with the note, to whoever may look at the order or the case: that is every station."""
    return [(NoteText, row.TABLE.key_of(row))]
