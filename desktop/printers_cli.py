"""`dockside printers …`: add a printer, assign paper to it, look at it, and what the print ledger reports."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from desktop.options import HomeOption, JsonOption, home_of, say

printers_app = typer.Typer(help="Printers: which there are, what goes to which, how they are.")


@printers_app.command("list")
def list_printers(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Name the site's printers and what goes to which."""
    from desktop import printers_office as office
    from desktop.assembly import assembled

    with assembled(home_of(home)) as assembly:
        data = office.listed(assembly)
    lines = [
        f"{each['name']}: {each['address']}, {each['language']}, {each['dpi']} dpi, "
        f"{each['width_mm']:g} x {each['height_mm']:g} mm {each['media']}".rstrip()
        + (f", from {each['station']} only" if each["station"] else "")
        + (
            f"; {each['model']} {each['firmware']}, {each['labels_printed'] or 0} labels, seen {each['seen_at']}"
            if each["seen_at"]
            else ""
        )
        for each in data["printers"]
    ] or ["There are no printers yet: `dockside printers add` makes one."]
    for each in data["routes"]:
        conditions = ", ".join(
            f"{name} {each[name]}" for name in ("station", "carrier", "size", "media", "dpi", "language") if each[name]
        )
        what = each["document"] or "everything"
        other = f", else {each['fallback']}" if each["fallback"] else ""
        lines.append(f"{what}{f' ({conditions})' if conditions else ''} goes to {each['printer']}{other}")
    say(data, "\n".join(lines), as_json=as_json)


@printers_app.command()
def add(
    name: Annotated[str, typer.Argument(help="what stands on it, such as P-07")],
    address: Annotated[
        str,
        typer.Argument(
            help="10.0.0.7 or tcp:HOST:9100, usb:/dev/usb/lp0, serial:/dev/ttyUSB0?baud=9600&flow=dtr, "
            "ipp://HOST:631/ipp/print or windows:QUEUE"
        ),
    ],
    language: Annotated[str, typer.Option(help="what it is sent: zpl (so without), epl2, tspl, escpos, pdf")] = "",
    dpi: Annotated[int, typer.Option(help="dots an inch of its head: 203 (so without), 300 or 600")] = 0,
    width: Annotated[float, typer.Option(min=10, max=1000, help="of what is loaded, in mm")] = 101.6,
    height: Annotated[float, typer.Option(min=5, max=2000, help="of what is loaded, in mm")] = 152.4,
    media: Annotated[str, typer.Option(help="the house's word for what is loaded")] = "",
    place: Annotated[str, typer.Option(help="where it stands, as in '4 m left'")] = "",
    gap: Annotated[
        float, typer.Option(min=0, max=100, help="between two labels in mm; 0 on a roll without gaps")
    ] = 3.0,
    marks: Annotated[
        bool, typer.Option("--marks", help="its labels have black marks on their back in place of gaps")
    ] = False,
    darkness: Annotated[
        int | None, typer.Option(help="in its own numbers; as it is set, without (`printers darkness` finds it out)")
    ] = None,
    speed: Annotated[int | None, typer.Option(min=1, max=14, help="inches a second; as it is set, without")] = None,
    here: Annotated[
        bool, typer.Option("--here", help="this station alone prints on it; without, every one that is assigned to it")
    ] = False,
    asked: Annotated[
        str, typer.Option(help="how it is asked how it is, where its language does not say: dpl, sbpl, none")
    ] = "",
    ask: Annotated[
        bool, typer.Option("--ask", help="ask it what it speaks and how fine it prints, as the window does")
    ] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="write a printer of this name anew that is there already")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a printer, or with --anew write it anew. Nothing is printed, and nothing goes to it before `assign` says so."""
    from core.printers.model import PrinterRow
    from desktop import printers_office as office
    from desktop.assembly import assembled
    from printing.drivers.addresses import whole_address
    from printing.drivers.dialects import DIALECTS

    if asked and asked != "none" and asked not in DIALECTS:
        raise typer.BadParameter(f"--asked is one of {', '.join(DIALECTS)}, none")
    with assembled(home_of(home)) as assembly:
        said = office.asked_at(assembly, address, language, dpi) if ask else office.Told(language or "zpl", dpi or 203)
        row = PrinterRow(
            assembly.identity.site, name.strip(), whole_address(address), said.language, asked, said.dpi, round(width * 10),
            round(height * 10), media, place, round(gap * 10), darkness, speed, said.speech, 0,
            assembly.identity.station.hex() if here else "", int(marks),
        )  # fmt: skip
        saved = office.add(assembly, row, anew=anew)
    words = f"Printer {saved.name} is added. `dockside printers test {saved.name}` looks at it."
    say({"name": saved.name, "address": saved.address}, words, as_json=as_json)


@printers_app.command()
def remove(
    name: Annotated[str, typer.Argument(help="the printer's name")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a printer off, and what goes to it. Paper that waits for it waits until something else is assigned."""
    from desktop import printers_office as office
    from desktop.assembly import assembled

    with assembled(home_of(home)) as assembly:
        data = office.remove(assembly, name)
    gone = ", ".join(each["document"] or "everything" for each in data["routes"] if each["printer"] == name)
    words = f"Printer {name} is taken off" + (f"; nothing goes there any more of: {gone}." if gone else ".")
    say(data, words, as_json=as_json)


@printers_app.command()
def assign(
    document: Annotated[
        str, typer.Argument(help="a kind of paper such as house_label, or label or document; '' for everything")
    ],
    printer: Annotated[str, typer.Argument(help="where it goes; '' takes the assignment out")],
    fallback: Annotated[str, typer.Option(help="where it may go once somebody at the station says so")] = "",
    here: Annotated[bool, typer.Option("--here", help="from this station only")] = False,
    carrier: Annotated[str, typer.Option(help="for parcels of this carrier")] = "",
    size: Annotated[str, typer.Option(help="for content that asks for this size")] = "",
    media: Annotated[str, typer.Option(help="for content that asks for this media")] = "",
    dpi: Annotated[int, typer.Option(min=0, max=1200, help="for content made for this resolution")] = 0,
    language: Annotated[str, typer.Option(help="for content made in this language")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what goes to a printer; of several assignments that fit, the narrowest decides."""
    from desktop import printers_office as office
    from desktop.assembly import assembled

    conditions = office.Conditions(here=here, carrier=carrier, size=size, media=media, dpi=dpi, language=language)
    with assembled(home_of(home)) as assembly:
        data = office.assign(assembly, document, printer, fallback, conditions)
    words = f"{document or 'Everything'} goes to {printer}." if printer else "The assignment is taken out."
    say(data, words, as_json=as_json)


@printers_app.command()
def darkness(
    name: str,
    scanned: Annotated[str, typer.Argument(help="the code of the sharpest label, or its number")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print five labels, each darker than the one before; with the code of the sharpest, print like that from now on."""
    from desktop import printers_office as office
    from desktop.assembly import assembled

    with assembled(home_of(home)) as assembly:
        if not scanned:
            data = office.try_darkness(assembly, name)
            words = (
                f"{len(data['steps'])} labels go to {name}. Scan the one with the sharpest bars: "
                f"`dockside printers darkness {name} CODE`."
            )
        else:
            data = office.set_darkness(assembly, name, scanned)
            words = (
                f"{name} prints with darkness {data['darkness']}; a station that runs does so when it is started again."
            )
    say(data, words, as_json=as_json)


@printers_app.command("test")
def look_at(name: str, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Ask a printer how it is and who it is, and keep whether it answers at all. Nothing is printed."""
    from desktop import printers_office as office
    from desktop.assembly import assembled

    with assembled(home_of(home)) as assembly:
        data = office.tested(assembly, name)
    known = f", {data['model']} {data['firmware']}" if data["model"] else ""
    say(data, f"{office.status_line(data)}{known}; answered in {data['answer_ms']} ms", as_json=as_json)
    raise typer.Exit(0 if data["may_be_sent_to"] and data["dpi_fits"] else 1)


@printers_app.command()
def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Ask every printer of this station how it is, and say what waits for it."""
    from desktop import printers_office as office
    from desktop.assembly import assembled

    with assembled(home_of(home)) as assembly:
        data = office.standing(assembly)
    lines = [office.status_line(each) for each in data["printers"]] or ["Nothing is assigned to a printer here."]
    if data["without_printer"]:
        lines.append(f"{data['without_printer']} wait, and no printer is assigned to them.")
    say(data, "\n".join(lines), as_json=as_json)
    raise typer.Exit(0 if all(each["may_be_sent_to"] for each in data["printers"]) else 1)


@printers_app.command()
def discover(
    seconds: Annotated[float, typer.Option(min=0.5, max=60, help="how long to listen")] = 3.0,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Listen for printers that announce themselves; with --home, say which are added there already. Nothing is written."""
    from desktop import printers_office as office
    from desktop.assembly import assembled

    known: dict[str, str] = {}
    if home is not None:
        with assembled(home_of(home)) as assembly:
            known = {each["address"]: each["name"] for each in office.listed(assembly)["printers"]}
    found = [each | {"added_as": known.get(each["address"], "")} for each in office.discovered(seconds)]
    lines = [
        f"{each['name']}: {each['address'] or 'an old print queue, which is not spoken to'}"
        + "".join(f", {each[name]}" for name in ("model", "place") if each[name])
        + (f"; it is {each['added_as']} here" if each["added_as"] else "")
        for each in found
    ] or ["No printer announced itself."]
    say({"found": found}, "\n".join(lines), as_json=as_json)


@printers_app.command()
def report(
    since: Annotated[str, typer.Option(help="ISO time; what was printed again from then on")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name what was printed more than once, what is in doubt for more than ten minutes, and what waits."""
    from desktop import printers_office as office
    from desktop.assembly import assembled

    try:
        begun = datetime.fromisoformat(since) if since else None
    except ValueError as e:
        raise typer.BadParameter(f"--since: {e}") from e
    since_ms = 0 if begun is None else int((begun if begun.tzinfo else begun.replace(tzinfo=UTC)).timestamp() * 1000)
    with assembled(home_of(home)) as assembly:
        data = office.reported(assembly, since_ms)
    lines = []
    for each in data["printed_again"]:
        lines.append(f"Printed {len(each['jobs'])} times: {each['document']} {each['code']}".rstrip())
        lines += [f"  {office.job_line(job)}" for job in each["jobs"]]
    for title, name in (("In doubt for more than ten minutes", "in_doubt_too_long"), ("Open", "open")):
        lines += [f"{title}: {office.job_line(job)}" for job in data[name]]
    say(data, "\n".join(lines) or "Nothing was printed twice, nothing waits, nothing is in doubt.", as_json=as_json)
    raise typer.Exit(1 if data["in_doubt_too_long"] else 0)


@printers_app.command()
def alerts(
    port: Annotated[int, typer.Argument(min=0, max=65535, help="where this station listens; 0 for no longer")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let network printers say by themselves that a job is done, at a port of this station."""
    from desktop.assembly import assembled
    from desktop.membership import write_profile
    from desktop.print_room import ALERTS

    with assembled(home_of(home)) as assembly:
        write_profile(assembly, **{ALERTS: str(port) if port else ""})
    words = f"Printers are asked to call port {port} from the next start on." if port else "Printers are asked only."
    say({"port": port}, words, as_json=as_json)
