"""`dockside order …`: cancel, change and hold an order at a standalone station."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop.options import NUMBER_MAX, HomeOption, JsonOption, home_of, say

if TYPE_CHECKING:
    from desktop.assembly import Assembly

order_app = typer.Typer(help="The office's word about an order: cancel, change, hold.")

ChannelOption = Annotated[str, typer.Option(help="whose order it is, where several channels use the number")]


@contextmanager
def _opened(home: Path | None, instead: str) -> "Iterator[Assembly]":
    """Open a station's home.

    Args:
        home: its folder, None for the usual one.
        instead: what is to be done where its window is open.

    Raises:
        HomeBusy: another process holds it; the message says what to do instead.
    """
    from core.kernel.home import HomeBusy
    from desktop.assembly import assembled

    try:
        with assembled(home_of(home)) as assembly:
            yield assembly
    except HomeBusy as busy:
        raise HomeBusy(f"{busy}: {instead}") from busy


@order_app.command()
def cancel(
    order: str,
    channel: ChannelOption = "",
    reason: Annotated[str, typer.Option(help="why, as the timeline will say it")] = "customer",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Cancel ORDER as far as it has not left; what is picked or packed is stopped and put back by hand."""
    from desktop import office
    from desktop.messages import paper_words

    with _opened(home, "cancel it at its window, scan the order there") as assembly:
        done = office.cancel(assembly, order, channel, reason)
    words = f"Order {done['order']}: {done['cancelled']} units cancelled, {done['put_back']} to be put back"
    words += f", {done['too_late']} too late." if done["too_late"] else "."
    if done["paper"]:
        words += f" On its cartons, or about to come out: {paper_words(done['paper'].split(','))}."
    say(done, words, as_json=as_json)


@order_app.command()
def change(
    order: str,
    channel: ChannelOption = "",
    quantity: Annotated[list[str] | None, typer.Option(help="units still wanted, LINE=UNITS; may be repeated")] = None,
    priority: Annotated[int | None, typer.Option(min=0, max=NUMBER_MAX, help="higher goes first")] = None,
    carrier: Annotated[str | None, typer.Option(help="who takes it")] = None,
    service: Annotated[str | None, typer.Option(help="the shipping service")] = None,
    cut_off: Annotated[str | None, typer.Option(help="when it should leave by, in the site's time")] = None,
    handling: Annotated[str | None, typer.Option(help="instructions for the bench")] = None,
    paid: Annotated[bool | None, typer.Option("--paid/--unpaid", help="whether the money is there")] = None,
    whole: Annotated[bool | None, typer.Option("--whole/--in-parts", help="whether it goes in one only")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change ORDER at whatever stage it is; what is on the floor stops until it is right."""
    from core.amending.planner import OrderChange
    from core.kernel.refusal import Fault
    from desktop import office

    quantities = office.quantities_of(quantity or [])
    said = (priority, carrier, service, cut_off, handling, paid, whole)
    if not quantities and all(each is None for each in said):
        raise Fault("nothing is to be changed: say what, such as --priority 5 or --quantity 1=2")
    with _opened(home, "close its window first") as assembly:
        wanted = OrderChange(
            priority=priority, carrier=carrier, service=service, handling=handling,
            cut_off_at=None if cut_off is None else office.instant(assembly, cut_off),
            payment=office.payment_of(paid), partial=office.partial_of(whole),
        )  # fmt: skip
        done = office.change(assembly, order, channel, wanted, quantities)
    words = f"Order {done['order']} changed"
    more = [
        f"{done[name]} {text}"
        for name, text in (
            ("cancelled", "units cancelled"), ("raised", "lines raised"), ("stopped", "stopped on the floor"),
            ("too_late", "too late"),
        )
        if done[name]
    ]  # fmt: skip
    say(done, ", ".join([words, *more]) + ".", as_json=as_json)


@order_app.command()
def hold(
    order: str,
    channel: ChannelOption = "",
    reason: Annotated[str, typer.Option(help="why it must wait")] = "office",
    note: Annotated[str, typer.Option(help="more about it; no names or addresses")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let ORDER wait: nothing more of it is promised, released, packed or loaded."""
    from desktop import office

    with _opened(home, "hold it at its window, scan the order there") as assembly:
        done = office.hold(assembly, order, channel, reason, note)
    say(done, f"Order {done['order']} is held.", as_json=as_json)


@order_app.command("let-go")
def let_go(order: str, channel: ChannelOption = "", home: HomeOption = None, as_json: JsonOption = False) -> None:
    """End every hold of ORDER."""
    from desktop import office

    with _opened(home, "let it go on at its window, scan the order there") as assembly:
        done = office.let_go(assembly, order, channel)
    say(done, f"Order {done['order']} goes on.", as_json=as_json)
