"""Prepress: kept before the first byte, kept as it is sent, and held with a case where it cannot be printed."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from core.cases.commands import CloseCase
from core.cases.decisions import Decision
from core.cases.model import Case, CaseKind
from core.kernel import codec
from core.kernel.executor import Done, Work
from core.kernel.ids import JobId
from core.kernel.spool import JobState, PrintJob, SentLast
from core.packing.contents import CarrierLabel
from printing.drivers.protocols import PrinterState, Progress, Sent, Trouble
from printing.firewall import as_sent
from printing.ledger import recover, stamp
from printing.media import Language
from printing.spooler import Spooler
from tests.printing.spooler_desk import LABELS, Desk
from tests.printing.test_pictured import pdf


def test_bytes_that_leave_are_kept_by_one_commit_and_their_file_is_mended_after_the_plug_was_pulled(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr("core.kernel.blobs.os.fsync", synced.append)
    kept: list[bytes] = []
    before: list[tuple[int, bool]] = []
    send = desk.printer.send

    def sent(job: bytes, progress: Progress) -> Sent:
        before.append((len(synced), desk.blobs.has(sha256(job).hexdigest())))
        kept.extend(each.data for each in desk.it.all(SentLast))
        return send(job, progress)

    monkeypatch.setattr(desk.printer, "send", sent)
    desk.spooler.run_once()
    assert before == [(0, True)], "only the commit is waited for before the first byte, and who looks can show it"
    assert kept == desk.printer.paper
    assert len(synced) == 2, "the file and its folder, before the job is sent"

    rendering = desk.job().rendering
    next(desk.blobs._folder.glob(f"??/{rendering[2:]}")).write_bytes(b"")
    assert recover(desk.around) == 0
    assert desk.blobs.get(rendering) == desk.printer.paper[0]

    # The next label takes its place: a file of its own is durable by then.
    desk.put(job=JobId(b"job-000000000002"))
    synced.clear()
    desk.spooler.run_once()
    assert (kept, len(synced)) == (desk.printer.paper, 2)
    assert [each.data for each in desk.it.all(SentLast)] == desk.printer.paper[1:]


def test_a_label_whose_file_the_disk_refused_takes_no_other_with_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_digest: str) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(desk.blobs, "settle", refused, raising=True)
    desk.put(job=JobId(b"job-000000000002"))
    for _ in range(3):
        assert not desk.spooler.run_once()

    assert len(desk.printer.paper) == 1, "the next one would take the place of bytes that are kept nowhere else"
    assert [each.state for each in desk.it.all(PrintJob)] == [JobState.SENDING, JobState.QUEUED]
    monkeypatch.undo()
    assert recover(desk.around) == 1
    assert desk.spooler.run_once()
    assert [each.state for each in desk.it.all(PrintJob)] == [JobState.PRINTED] * 2, "the first by its counter"
    assert len(desk.printer.paper) == 2


def test_content_that_cannot_be_rendered_is_held_with_a_case_and_the_next_job_prints(desk: Desk) -> None:
    broken = JobId(b"job-000000000000")
    desk.put('{"is":"HouseLabel"}', broken)

    assert desk.spooler.run_once()
    assert desk.spooler.run_once()

    assert desk.job(broken).state is JobState.HELD
    assert [case.kind for case in desk.it.all(Case)] == [CaseKind.PRINT_FAULT]
    assert desk.job().state is JobState.PRINTED
    assert not desk.spooler.run_once()


def test_a_job_keeps_which_templates_made_it_and_a_broken_one_holds_it(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "house_label.toml").write_text('version = 7\nsender = ["Acme"]\n', "utf-8")
    spooler = Spooler(desk.outlet, replace(desk.around, templates=folder))
    spooler.run_once()
    assert desk.job().template == "house_label 1, house_label.toml 7"
    assert b"^FDFrom Acme^FS" in desk.blobs.get(desk.job().rendering)

    (folder / "house_label.toml").write_text("version = 8\nbanner = 1\n", "utf-8")
    other = JobId(b"job-000000000002")
    desk.put(job=other)
    spooler.run_once()
    held = desk.job(other)
    assert (held.state, held.rendering) == (JobState.HELD, "")
    assert "house_label.toml, line 2: banner: no such key" in held.fault
    assert not spooler.run_once()

    # Broken otherwise is told anew, as before it is not; mended, the job goes on by itself.
    (folder / "house_label.toml").write_text("version = 9\nbanner = 2\n", "utf-8")
    spooler.run_once()
    assert [case.kind for case in desk.it.all(Case)] == [CaseKind.PRINT_FAULT]
    (folder / "house_label.toml").write_text("version = 10\n", "utf-8")
    assert spooler.run_once()
    assert (desk.job(other).state, desk.job(other).fault) == (JobState.PRINTED, "")
    assert desk.job(other).template == "house_label 1, house_label.toml 10"


def test_a_job_that_waited_and_goes_to_another_printer_is_made_for_its_head(desk: Desk) -> None:
    desk.printer.state, desk.printer.troubles = PrinterState.HELD, (Trouble.PAPER_OUT,)
    assert not desk.spooler.run_once()
    for_the_first = desk.job().rendering
    desk.printer.state, desk.printer.troubles = PrinterState.READY, ()

    other = replace(desk.outlet, name="P-08", media=replace(LABELS, dpi=300))
    assert Spooler(other, desk.around).run_once()

    [printed] = desk.printer.paper
    assert b"dpi=203" in desk.blobs.get(for_the_first)
    assert b"dpi=300" in printed
    assert desk.blobs.get(desk.job().rendering) == printed


def carriers(desk: Desk, data: bytes, dpi: int = 203, tracking: str = "1Z9") -> JobId:
    """Put a carrier's label into the spool, under the digest of the bytes as they came."""
    digest = desk.blobs.put(data)
    content = CarrierLabel(carrier="KESTREL", tracking=tracking, language="zpl", dpi=dpi, sha256=digest)
    job = JobId(b"job-000000000000")
    desk.put(codec.to_text(content), job, CarrierLabel.KIND)
    return job


@pytest.mark.parametrize(
    ("data", "how"),
    [
        (b"^XA^FO1,1^FDfrom somewhere else^FS^XZ", "page set anew"),
        (b"^XA^MNY^PR4^FO1,1^FDfrom somewhere else^FS^MNY^XZ", "page set anew, without ^MN ^PR"),
    ],
)
def test_of_a_carriers_label_is_kept_what_was_sent_and_what_was_left_out_is_said(
    desk: Desk, data: bytes, how: str
) -> None:
    job = carriers(desk, data)

    assert desk.spooler.run_once()

    [sent] = desk.printer.paper
    assert (sent, b"^MN" in sent, b"^PR" in sent) == (as_sent(data), False, False)
    row = desk.job(job)
    assert (row.state, row.pages, row.template) == (JobState.PRINTED, 1, f"carrier_label, {how}")
    assert desk.blobs.get(row.rendering) == sent
    assert desk.blobs.get(sha256(data).hexdigest()) == data, "a reprint is made of it"


def test_a_carriers_document_is_sent_as_it_came(desk: Desk) -> None:
    data = pdf()
    job = carriers(desk, data, dpi=0)
    outlet = replace(desk.outlet, media=replace(LABELS, language=Language.PDF))

    Spooler(outlet, desk.around).run_once()

    row = desk.job(job)
    assert (desk.printer.paper, desk.blobs.get(row.rendering)) == ([data], data)
    assert row.template == "carrier_label, as it came"


@pytest.mark.parametrize(
    ("data", "dpi", "facts"),
    [
        (b"^XA^FDA^FS~JR^XZ", 203, {"byte": "10", "command": "~JR", "reason": "restarts the printer"}),
        (b"^XA^FDA^FS^XZ", 300, {"byte": "-1", "reason": "made for 300 dpi, the printer has 203: fetch the label for 203 dpi, or as PDF or PNG"}),
    ],
)  # fmt: skip
def test_a_carriers_label_that_may_not_go_there_is_held_with_a_case_and_gets_no_byte(
    desk: Desk, data: bytes, dpi: int, facts: dict[str, str]
) -> None:
    job = carriers(desk, data, dpi)

    desk.spooler.run_once()

    assert (desk.job(job).state, desk.printer.paper) == (JobState.HELD, [])
    (case,) = desk.it.all(Case)
    told = codec.parse(case.facts)
    assert {key: told[key] for key in facts} == facts
    assert (told["document"], told["sha256"]) == ("carrier_label", sha256(data).hexdigest())
    assert desk.spooler.run_once()  # the house label behind it
    assert not desk.spooler.run_once()
    assert len(desk.it.all(Case)) == 1


def test_a_carriers_label_that_does_not_read_waits_until_somebody_looked_at_it_for_that_parcel(desk: Desk) -> None:
    job = carriers(desk, pdf(), 0, "1Z8")
    others = replace(desk.job(job), id=JobId(b"job-000000000009"), subject=b"parcel-000000002")
    desk.it.seed(others)

    while desk.spooler.run_once():
        pass

    assert [len(desk.printer.paper), desk.job(job).state] == [1, JobState.HELD], "the house label alone"
    cases = {each.subject: each for each in desk.it.all(Case)}
    told = codec.parse(cases[desk.job(job).subject].facts)
    assert (told["unread"], told["reason"]) == ("1", "no code on it says 1Z8, the number of its parcel: look at it")
    assert desk.blobs.get(told["picture"]).startswith(b"\x89PNG")

    close = CloseCase(**stamp(desk.around), case=cases[desk.job(job).subject].id, decision=Decision.LOOKED.value)
    assert isinstance(desk.submit(Work(command=close)).result(), Done)
    while desk.spooler.run_once():
        pass

    assert [desk.job(each).state for each in (job, others.id)] == [JobState.PRINTED, JobState.HELD]
    assert len(desk.it.all(Case)) == 2, "each is told once"
