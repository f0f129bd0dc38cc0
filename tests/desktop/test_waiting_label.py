"""What the bench shows while its printer waits: steps, the part of the printer they are about, and the other printer."""

from core.kernel.ids import NO_ID, FulfilmentId, JobId, OrderId, ParcelId
from core.packing.states import StickLabel
from core.packing.views import ClosedParcel
from core.printers.queries import WayOut
from desktop.languages import isolated
from desktop.present import present
from desktop.proofs import Paper, Part, Remedy
from printing.drivers.protocols import Trouble


def test_a_label_that_waits_says_what_to_do_step_by_step_with_the_part_of_the_printer_that_it_is_about() -> None:
    parcel = ClosedParcel(
        ParcelId(NO_ID), "006141410000000012", OrderId(NO_ID), "100461", FulfilmentId(NO_ID), "HOUSE", 3, 0, 0, 0
    )
    proofs = {}
    for trouble in Trouble:
        proof = present(StickLabel(parcel, "held", f"{trouble},too_hot")).proof
        assert isinstance(proof, Remedy)
        proofs[trouble] = proof
    assert proofs[Trouble.PAPER_OUT].part is Part.ROLL
    assert proofs[Trouble.HEAD_OPEN] == Remedy(Part.HEAD, ("Press the head down until it clicks", "Close the cover"))
    for other in (Trouble.OTHER_MEDIA, Trouble.OTHER_WIDTH, Trouble.OTHER_MARKS):
        assert (proofs[other].part, len(proofs[other].steps)) == (Part.ROLL, 4)
    sized = WayOut(JobId(NO_ID), "P-07", width_mm=102, height_mm=152)
    wrong = present(StickLabel(parcel, "held", "other_width", way=sized))
    assert isinstance(wrong.proof, Remedy)
    assert wrong.proof.steps[1] == "Put in the new one: 102 x 152 mm"
    assert proofs[Trouble.PAUSED].part is Part.KEY
    assert proofs[Trouble.SILENT].part is proofs[Trouble.UNREACHABLE].part is Part.CABLE
    broken = present(StickLabel(parcel, "held", "house_label.toml, line 12: no such fact"))
    assert (broken.detail, broken.proof) == (
        isolated("house_label.toml, line 12: no such fact"),
        Remedy(Part.PAPER, ("Call the lead or IT", "Put the box aside with Later")),
    )
    way = WayOut(JobId(NO_ID), "P-07", "P-08", "4 m left")
    assert [each.key for each in present(StickLabel(parcel, "held", "paper_out", way=way)).answers] == ["QTY-1", "SKIP"]
    assert isinstance(present(StickLabel(parcel, "sent", way=way)).proof, Paper)
