"""A carrier's label: taken out of the folder, looked over, kept, printed, and found by its number from then on."""

import io
import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from core.amending.over import files_needed
from core.cases.commands import CloseCase
from core.cases.decisions import Decision
from core.cases.model import Case, CaseKind
from core.kernel import codec
from core.kernel.executor import Done, Work
from core.kernel.flow import CodeKind, Scanned
from core.kernel.ids import (
    NO_ID,
    SYSTEM,
    BoxTypeId,
    CommandId,
    JobId,
    LocationId,
    ManifestId,
    ParcelId,
    PersonId,
)
from core.kernel.journal import GestureInput
from core.kernel.spool import JobState, PrintJob
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Fulfilment, Order
from core.packing.model import LabelState, Parcel, ParcelState
from core.station.case_queries import AskCases
from core.station.cases import ShowCase, offered
from core.station.resolve import read_input
from desktop.assembly import Assembly, assembled
from desktop.carrier_labels import CarrierInbox
from desktop.languages import speaking
from desktop.messages import fault_words
from desktop.paper_desk import carry, jobs_of
from desktop.pictures import Pictures
from desktop.planning import stamp
from desktop.present import present
from printing.firewall import as_sent
from tests.homes import copy_home
from tests.printing.readers import codes, zpl_pictures
from tests.printing.test_pictured import beside, cut_bars, pdf, shot
from tests.support import NOON

FOUR_BY_SIX, SIZE = "101.6 x 152.4", "fetch it in the size of the label"
ORDER, TRACKING = "100482", "1Z999AA10123456784"
LABEL = b"^XA^PW812^LL1218^FO20,20^A0N,40,40^FDKESTREL 1Z999AA10123456784^FS^XZ\n"


@pytest.fixture
def station(sample_home: Path, tmp_path: Path) -> Iterator[Assembly]:
    with assembled(copy_home(sample_home, tmp_path / "home")) as assembly:
        yield assembly


def closed(assembly: Assembly, number: int = 1, state: ParcelState = ParcelState.CLOSED) -> ParcelId:
    """Put a closed parcel of the order into the books."""
    site = assembly.identity.site
    orders, parts = sql_of(Order), sql_of(Fulfilment)
    with assembly.database.reading() as reader:
        order = rows_of(Order, reader.execute(orders.select().where(orders.c.number == ORDER)))[0]
        part = rows_of(Fulfilment, reader.execute(parts.select().where(parts.c.order == order.id)))[0]
    row = Parcel(
        site, ParcelId(f"parcel-{number:09}".encode()), order.id, part.id, number, BoxTypeId(NO_ID), "HOUSE", "",
        order.contact, f"00950110000000{number:04}", 1, 0, 0, assembly.identity.station, LocationId(NO_ID), PersonId(NO_ID),
        NOON, NOON, state, LabelState.SPOOLED, JobId(NO_ID), 1, ManifestId(NO_ID), 0, 1,
    )  # fmt: skip

    def write(connection: sa.Connection) -> None:
        with connection.begin():
            connection.execute(
                sql_of(Parcel).insert(), [dict(zip(Parcel.TABLE.columns, Parcel.TABLE.values(row), strict=True))]
            )

    assembly.writer.maintain(write).result()
    return row.id


def all_of(assembly: Assembly, cls: type[Any]) -> tuple[Any, ...]:
    with assembly.database.reading() as reader:
        return rows_of(cls, reader.execute(sql_of(cls).select()))


Lay = Callable[..., None]


@pytest.fixture
def lay(station: Assembly) -> Lay:
    """Return what lays a label into the folder, with what is said of it."""

    def laid(data: bytes = LABEL, **said: object) -> None:
        folder = station.home.folder / "carrier"
        folder.mkdir(exist_ok=True)
        for name in {"one.zpl", str(said.get("label", "one.zpl"))} & {"one.zpl", "one.pdf", "one.png"}:
            (folder / name).write_bytes(data)
        told = {"order": ORDER, "label": "one.zpl", "dpi": 203, "carrier": "KESTREL", "tracking": TRACKING} | said
        (folder / "one.json").write_text(json.dumps(told), encoding="utf-8")

    return laid


def scanned(assembly: Assembly, text: str) -> Scanned:
    with assembly.database.reading() as reader:
        event = read_input(
            reader, assembly.identity.site, text, event=CommandId(b"c" * 16), at=NOON, today=(2025, 12, 16),
            kind=GestureInput.SCAN,
        )  # fmt: skip
    assert isinstance(event, Scanned)
    return event


def test_it_is_kept_as_it_came_and_as_it_was_sent_and_its_number_finds_the_parcel(station: Assembly, lay: Lay) -> None:
    parcel = closed(station)
    lay()

    (found,) = CarrierInbox(station).look()

    digest = sha256(LABEL).hexdigest()
    assert (found.outcome, found.sha256) == ("accepted", digest)
    (job,) = carry(station, jobs_of(station, [digest]))
    assert (job.state, job.subject, job.code) == (JobState.PRINTED, parcel, TRACKING)
    assert station.home.blobs.get(digest) == LABEL
    assert station.home.blobs.get(job.rendering) == as_sent(LABEL)
    with station.database.reading() as reader:
        assert {digest, job.rendering} <= files_needed(reader, station.identity.site)
    for code in (TRACKING, f"]C0{TRACKING}"):
        (candidate,) = scanned(station, code).candidates
        assert (candidate.kind, candidate.target) == (CodeKind.PARCEL, parcel)
    assert sorted(each.name for each in (station.home.folder / "carrier" / "taken").iterdir()) == [
        "one.json",
        "one.zpl",
    ]
    assert CarrierInbox(station).look() == []


@pytest.mark.parametrize("name", ["one.pdf", "one.png"])
def test_a_pdf_or_a_picture_is_kept_as_it_came_and_printed_as_dots_from_which_its_code_reads(
    station: Assembly, lay: Lay, name: str
) -> None:
    parcel, data = closed(station), pdf() if name == "one.pdf" else shot()
    lay(data, label=name, dpi=None)

    (found,) = CarrierInbox(station).look()

    assert (found.outcome, found.reason) == ("accepted", "")
    (job,) = carry(station, jobs_of(station, [sha256(data).hexdigest()]))
    assert (job.state, job.subject, job.pages) == (JobState.PRINTED, parcel, 1)
    assert job.template == "carrier_label, drawn at 203 dpi"
    assert station.home.blobs.get(sha256(data).hexdigest()) == data
    [picture] = zpl_pictures(station.home.blobs.get(job.rendering), 203)
    assert TRACKING in {each.data for each in codes(picture)}
    assert (station.home.folder / "carrier" / "taken" / name).read_bytes() == data


def test_it_waits_until_the_carton_is_closed(station: Assembly, lay: Lay) -> None:
    closed(station, state=ParcelState.OPEN)
    lay()

    assert [each.outcome for each in CarrierInbox(station).look()] == ["waits"]

    closed(station, 2)
    assert [each.outcome for each in CarrierInbox(station).look()] == ["accepted"]


@pytest.mark.parametrize(
    ("data", "said", "facts"),
    [
        (
            b"^XA^FO1,1^FDA^FS~JR^XZ", {},
            {"byte": "16", "command": "~JR", "reason": "restarts the printer", "fault": "byte 16: ~JR restarts the printer"},
        ),
        (b"^XA^FO1,1^FDA^FS", {}, {"byte": "0", "command": "^XA", "reason": "begins a label that never ends"}),
        (LABEL, {"dpi": 300}, {"byte": "-1", "fault": "made for 300 dpi, the printer has 203: fetch the label for 203 dpi, or as PDF or PNG"}),
        (LABEL, {"dpi": None}, {"fault": "nobody says for how many dpi it was made, the printer has 203"}),
        (b"%PDF-1.4", {}, {"fault": "the PDF is cut off: its end is missing", "file": "one.zpl", "byte": "-1"}),
        (pdf((210, 297)), {}, {"command": "page 1", "reason": f"is 210.0 x 297.0 mm, the label {FOUR_BY_SIX} mm: {SIZE}"}),
        (LABEL, {"order": "nobody"}, {"fault": "one.zpl: there is no order nobody"}),
        (LABEL, {"colour": "red"}, {"file": "one.json"}),
        (LABEL, {"dpi": "203"}, {"fault": "one.json: 'dpi' is a whole number, not '203'"}),
        (LABEL, {"label": "../one.zpl"}, {"fault": "one.json: '../one.zpl' is no file beside it"}),
        (LABEL, {"label": "two.zpl"}, {"fault": "two.zpl: No such file or directory"}),
    ],
)  # fmt: skip
def test_what_may_not_be_printed_is_a_case_that_says_why_and_no_job(
    station: Assembly, lay: Lay, data: bytes, said: dict[str, object], facts: dict[str, str]
) -> None:
    routed(station)
    closed(station)
    lay(data, **said)

    (found,) = CarrierInbox(station).look()

    assert found.outcome == "refused"
    (case,) = [each for each in all_of(station, Case) if each.kind is CaseKind.PRINT_FAULT]
    told = codec.parse(case.facts)
    assert {key: told.get(key) for key in facts} == facts
    assert all_of(station, PrintJob) == ()
    assert not (station.home.folder / "carrier" / "one.json").exists()


def routed(assembly: Assembly) -> None:
    """Assign labels to a printer of 203 dpi."""
    from core.printers.model import PrinterRow, Speech
    from desktop import printers_office as office

    row = PrinterRow(
        assembly.identity.site, "P-07", "tcp:127.0.0.1:9", "zpl", "", 203, 1016, 1524, "", "", 30, None, None,
        Speech.UNTRIED, 0,
    )  # fmt: skip
    office.save(assembly, row)
    office.assign(assembly, "label", "P-07", "", office.Conditions())


def test_a_number_is_on_one_parcel_only_and_several_parcels_want_to_be_told_apart(station: Assembly, lay: Lay) -> None:
    first, second = closed(station), closed(station, 2)
    lay()
    assert "has 2 parcels" in CarrierInbox(station).look()[0].reason
    lay(parcel=2)
    assert CarrierInbox(station).look()[0].outcome == "accepted"
    lay(parcel=1)
    assert CarrierInbox(station).look()[0].outcome == "refused"
    assert {each.id: each.tracking for each in all_of(station, Parcel)} == {first: "", second: TRACKING}


def test_a_label_of_which_a_code_does_not_read_is_printed_once_somebody_who_looked_at_it_says_so(
    station: Assembly, lay: Lay
) -> None:
    routed(station)
    closed(station)
    lay(beside(cut_bars()), label="one.pdf", dpi=None)
    inbox = CarrierInbox(station)
    (refused,) = inbox.look()
    assert refused.reason.startswith("page 1 has bars")
    with station.database.reading() as reader:
        (seen,) = AskCases(station.identity.site).run(reader).cases
    assert offered(seen)[0] is Decision.LOOKED
    with speaking("de"):
        screen = present(ShowCase(seen))
    assert "one.pdf" in screen.proof.steps[0]
    facts = " ".join(each.value for each in screen.proof.facts)
    assert ("ohne lesbaren Code" in facts, "that no code reads from" in facts) == (True, False), "once, and in German"
    with Image.open(io.BytesIO(Pictures(station.home.blobs)(screen.proof.picture))) as page:
        assert page.size == (812, 1218), "the page is shown as it would be printed"
    assert inbox.look() == [], "nobody said anything yet"

    close = CloseCase(**stamp(station), case=seen.case, decision=Decision.LOOKED)
    assert isinstance(station.submit(Work(command=close)).result(), Done)
    (taken,) = inbox.look()

    assert (taken.outcome, taken.file) == ("accepted", "one.pdf")
    said = json.loads((station.home.folder / "carrier" / "taken" / "one.json").read_text(encoding="utf-8"))
    assert said["unread"] == 1
    (case,) = [each for each in all_of(station, Case) if each.kind is CaseKind.PRINT_FAULT]
    assert (case.decision, case.decided_by) == ("looked", SYSTEM)
    (job,) = all_of(station, PrintJob)
    assert codec.parse(job.content)["unread"] == 1
    assert inbox.look() == []


def test_a_refused_label_that_is_laid_there_once_more_is_printed_once(station: Assembly, lay: Lay) -> None:
    routed(station)
    closed(station)
    lay(beside(cut_bars()), label="one.pdf", dpi=None)
    inbox = CarrierInbox(station)
    assert [each.outcome for each in inbox.look()] == ["refused"]
    refused = station.home.folder / "carrier" / "refused" / "one.json"
    assert refused.exists()

    lay(beside(cut_bars()), label="one.pdf", dpi=None, unread=1)

    assert [each.outcome for each in inbox.look()] == ["accepted"]
    assert inbox.look() == []
    assert len(all_of(station, PrintJob)) == 1
    (case,) = [each for each in all_of(station, Case) if each.kind is CaseKind.PRINT_FAULT]
    assert (case.decision, refused.exists()) == ("looked", False), "nobody is asked about it any more"


def test_a_label_of_another_parcels_number_is_a_case(station: Assembly, lay: Lay) -> None:
    routed(station)
    closed(station)
    lay(pdf(), label="one.pdf", dpi=None, tracking="1Z999AA10123456785")

    (refused,) = CarrierInbox(station).look()

    assert refused.reason == "no code on it says 1Z999AA10123456785, the number of its parcel: look at it"
    with speaking("de"):
        assert fault_words(refused.reason).startswith("kein Code darauf sagt 1Z999AA10123456785")


@pytest.mark.parametrize("way", ["key", "once more"])
def test_a_number_that_does_not_read_holds_the_job_where_only_its_printer_shows_it_until_somebody_looked(
    station: Assembly, lay: Lay, way: str
) -> None:
    closed(station)
    lay(pdf(), label="one.pdf", dpi=None, tracking="1Z999AA10123456785")
    (taken,) = CarrierInbox(station).look()
    assert taken.outcome == "accepted", "nobody knows yet what prints it"

    (job,) = carry(station, jobs_of(station, [sha256(pdf()).hexdigest()]))
    assert job.state is JobState.HELD
    assert "no code on it says" in job.fault
    with station.database.reading() as reader:
        (seen,) = AskCases(station.identity.site).run(reader).cases
        assert seen.picture in files_needed(reader, station.identity.site), "it is looked at before it goes"
    assert offered(seen)[0] is Decision.LOOKED
    with speaking("de"):
        assert present(ShowCase(seen)).proof.steps[0] == "Seine Seite ansehen, wie sie gedruckt würde."
    with Image.open(io.BytesIO(Pictures(station.home.blobs)(seen.picture))) as page:
        assert page.size == (812, 1218)

    if way == "key":
        close = CloseCase(**stamp(station), case=seen.case, decision=Decision.LOOKED)
        assert isinstance(station.submit(Work(command=close)).result(), Done)
    else:
        lay(pdf(), label="one.pdf", dpi=None, tracking="1z999aa1 0123456785", unread=1)
        assert [each.outcome for each in CarrierInbox(station).look()] == ["accepted"]
    (job,) = carry(station, jobs_of(station, [sha256(pdf()).hexdigest()]))

    assert job.state is JobState.PRINTED, "once, and by the same job"
    (case,) = [each for each in all_of(station, Case) if each.kind is CaseKind.PRINT_FAULT]
    assert case.decision == "looked"
    with station.database.reading() as reader:
        assert seen.picture not in files_needed(reader, station.identity.site)


def test_what_nobody_may_pass_is_not_offered_to_be_looked_at(station: Assembly, lay: Lay) -> None:
    routed(station)
    closed(station)
    lay(pdf((210, 297)), label="one.pdf", dpi=None)
    CarrierInbox(station).look()
    with station.database.reading() as reader:
        (seen,) = AskCases(station.identity.site).run(reader).cases

    assert (seen.unread, Decision.LOOKED in offered(seen)) == (False, False)
