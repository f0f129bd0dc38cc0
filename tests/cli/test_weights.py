"""`dockside weights`: what the weighings say, and the approval."""

import sqlalchemy as sa

from core.catalog.model import Item
from core.kernel.ids import NO_ID, ParcelId
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.packing.model import LabelState, Parcel, ParcelContent, ParcelState
from desktop.assembly import assembled
from tests.cli.commands import Shell


def weighed(shell: Shell, grams: int, cartons: int) -> Item:
    """Leave closed cartons of two units of the sample's first item, without a carton's own weight."""
    with assembled(shell.home) as assembly:
        now = assembly.clock.now_ms()
        none = NO_ID

        def write(connection: sa.Connection) -> None:
            with connection.begin():
                uow = UnitOfWork(connection)
                for n in range(cartons):
                    parcel = ParcelId(f"parcel-{n:09}".encode())
                    uow.insert(
                        Parcel(  # type: ignore[arg-type]
                            site=item.site, id=parcel, order=none, fulfilment=none, number=n, box_type=none, carrier="",
                            service="", contact=none, sscc="", units=2, expected_grams=0, weight_grams=2 * grams,
                            station=none, place=none, packer=none, opened_at=now, closed_at=now, job=none, copies=0,
                            state=ParcelState.CLOSED, label=LabelState.NONE, manifest=none, loaded_at=0, version=1,
                        ),
                        ParcelContent(  # type: ignore[arg-type]
                            site=item.site, id=parcel, parcel=parcel, order=none, fulfilment=none, line=parcel,
                            owner=item.owner, item=item.id, lot=none, serial="", fill=none, first=1, quantity=2,
                        ),
                    )  # fmt: skip
                uow.flush()

        with assembly.database.reading() as reader:
            items = sql_of(Item)
            (item,) = rows_of(Item, reader.execute(sa.select(items).order_by(items.c.sku).limit(1)))
        assembly.writer.maintain(write).result()
    return item


def test_what_weighings_say_is_shown_and_taken_when_approved(shell: Shell) -> None:
    item = weighed(shell, 444, 12)

    said = shell("weights", "--json")
    assert (said.code, said.data["approved"]) == (0, 0)
    assert said.data["weights"] == [
        {
            "sku": item.sku, "stored_grams": item.weight_grams, "stored_samples": 0, "weight_grams": 444, "sigma_mg": 0,
            "samples": 12, "left_out": 0, "sees_one_unit": 1,
        }
    ]  # fmt: skip
    line = f"{item.sku}: 444 g ± 0 mg by 12 weighings (0 left out), stored {item.weight_grams} g by the master"
    taken = shell("weights", item.sku, "--approve")
    assert (taken.code, taken.err) == (0, "")
    assert taken.out.splitlines() == [
        f"{line}; one missing unit would be seen",
        "Taken: 1.",
    ]
    assert shell("weights").out == "The weighings say nothing new.\n"


def test_of_too_few_weighings_nothing_is_taken(shell: Shell) -> None:
    weighed(shell, 444, 3)

    assert shell("weights", "--approve").out == "The weighings say nothing new.\n"


def test_of_an_item_that_nobody_knows_nothing_is_said(shell: Shell) -> None:
    said = shell("weights", "NO-SUCH", "--approve")

    assert (said.code, said.err) == (2, "dockside: there is no item NO-SUCH\n")
