"""A station's printers from the command line: which there are, what goes to which, how they are, what the ledger reports."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Event
from typing import Any

from core.exchange.report import printable
from core.kernel.commands import Command
from core.kernel.executor import Failed, Work
from core.kernel.refusal import Fault
from core.kernel.spool import JobState, PrintJob
from core.printers.adding import ROLES, adding, assigning, removing
from core.printers.commands import SavePrinter, TryDarkness
from core.printers.model import PrinterRow, PrinterSeen, PrintRoute, Speech
from core.printers.queries import forgotten_doubts, jobs_in, open_jobs, printed_again, seen_of, slow_outlets
from desktop.assembly import Assembly
from desktop.messages import job_words, refusal_words, trouble_words
from desktop.options import AnswerIsNo
from desktop.planning import stamp
from desktop.print_room import Routes, driver_of, media_of
from printing.asking import asked
from printing.darkness import read_step
from printing.discovery import PrinterDiscovery
from printing.drivers.addresses import printer_at, whole_address
from printing.drivers.one_writer import writer_of
from printing.drivers.protocols import PrinterState, PrinterStatus, Trouble
from printing.drivers.wire import WirePrinter
from printing.kinds import KINDS
from printing.media import DARKNESS, DPIS, Language, Scale
from printing.media import check as check_media

SLOW_MS = 4_000
"""What a label may take from its first byte to the printer's word: a CUPS queue that waits for SNMP takes this long."""
_LOOKS = 8
"""Looks after which a printer that never answers is known not to: not each of them asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a job must be to take a route; empty is met by everything."""

    here: bool = False
    carrier: str = ""
    size: str = ""
    media: str = ""
    dpi: int = 0
    language: str = ""


def listed(assembly: Assembly) -> dict[str, Any]:
    """Return the printers and routes of the site."""
    with assembly.database.reading() as reader:
        routes, seen = Routes.read(assembly, reader), seen_of(reader, assembly.identity.site)
    here = assembly.identity.station.hex()
    return {
        "printers": [_told(each, here) | _profile(seen.get(each.name)) for each in routes.printers.values()],
        "routes": [_told_route(each, assembly) for each in routes.rows],
    }


def add(assembly: Assembly, wanted: PrinterRow, *, anew: bool) -> PrinterRow:
    """Write a printer that is not there yet, or one that is there anew.

    Raises:
        Fault: it has no name, cannot be what it says, or is there already and not to be written anew.
        AnswerIsNo: the edit was refused.
    """
    if not wanted.name or not wanted.name.isprintable():
        raise Fault("a printer needs a name: what stands on it, such as P-07")
    if wanted.dpi not in DPIS:
        raise Fault(f"{wanted.dpi} dpi: heads have {', '.join(map(str, DPIS))}")
    if wanted.address.partition(":")[0] in ("ipp", "ipps") and wanted.language != Language.PDF.value:
        raise Fault(f"{wanted.address} takes documents (--language pdf), not {wanted.language}")
    with assembly.database.reading() as reader:
        there = Routes.read(assembly, reader).printers.get(wanted.name)
    if there is not None and not anew:
        raise Fault(f"{wanted.name} is there already ({there.address}, {there.language}): --anew writes it anew")
    return save(assembly, wanted)


def save(assembly: Assembly, wanted: PrinterRow) -> PrinterRow:
    """Write a printer as it is to be; whether it answers is found out anew where its address or language is another.

    Raises:
        Fault: its address names no printer, or its language is none we write.
        AnswerIsNo: the edit was refused.
    """
    driver_of(wanted)
    check_media(media_of(wanted))
    with assembly.database.reading() as reader:
        before = Routes.read(assembly, reader).printers.get(wanted.name)
    command = adding(stamp(assembly), wanted, before)
    _run(assembly, command)
    return command.printer


def remove(assembly: Assembly, name: str) -> dict[str, Any]:
    """Take a printer off, with what goes to it.

    Raises:
        Fault: there is no such printer.
        AnswerIsNo: the edit was refused.
    """
    row = _printer(assembly, name)
    with assembly.database.reading() as reader:
        command = removing(stamp(assembly), row, Routes.read(assembly, reader).rows)
    _run(assembly, command)
    return {"name": name, "routes": [_told_route(each, assembly) for each in command.routes]}


@dataclass(frozen=True, slots=True)
class Told:
    """What a printer is, as somebody or it itself says."""

    language: str
    dpi: int
    speech: Speech = Speech.UNTRIED


def asked_at(assembly: Assembly, address: str, language: str, dpi: int) -> Told:
    """Ask the printer at an address what it is, and hold what somebody said against that; nothing is printed.

    Raises:
        Fault: it cannot be asked, is another one than was said, or leaves open what nobody said.
    """
    address = whole_address(address)
    with writer_of(printer_at(address, asked="").address, assembly.clock.boot_ns) as lease:
        if lease is None:
            raise Fault(f"another program prints on {address} now: close it, or wait")
        answer = asked(address, (language,) if language else ())
    if answer.trouble is Trouble.OTHER_HEAD:
        raise Fault(f"{address} has a head of {answer.dpi} dpi: labels are made for {', '.join(map(str, DPIS))}")
    if answer.trouble is not None:
        raise Fault(f"{address}: {trouble_words(answer.trouble)}; is the address right?")
    spoken = "" if answer.language is None else answer.language.value
    for said, known, option in ((language, spoken, "--language"), (dpi, answer.dpi, "--dpi")):
        if said and known and said != known:
            raise Fault(f"{address} says that it is {known}: leave {option} {said} out")
        if not said and not known:
            raise Fault(f"{address} does not say what it is: name it with {option}")
    return Told(spoken or language, answer.dpi or dpi, Speech.ANSWERS if answer.answers else Speech.ONE_WAY)


def try_darkness(assembly: Assembly, name: str) -> dict[str, Any]:
    """Have a printer print its darkness ladder.

    Raises:
        Fault: there is no such printer, or its language cannot say how dark.
    """
    row = _printer(assembly, name)
    scale = _scale(row)
    _run(assembly, TryDarkness(**stamp(assembly), printer=row.name))
    return {"name": row.name, "steps": list(scale.ladder)}


def set_darkness(assembly: Assembly, name: str, scanned: str) -> dict[str, Any]:
    """Have a printer print as dark as a scanned step of its ladder, or a number, says.

    Raises:
        Fault: there is no such printer, or it has no such darkness.
    """
    row = _printer(assembly, name)
    scale, step = _scale(row), read_step(scanned)
    if step is not None and step[0].value != row.language:
        raise Fault(f"{scanned} is a step of {step[0].value}, {name} speaks {row.language}")
    try:
        value = int(scanned) if step is None else step[1]
    except ValueError as e:
        raise Fault(f"{scanned!r} is neither the code of a step nor a number") from e
    if not scale.least <= value <= scale.most:
        raise Fault(f"darkness {value}: {row.language} has {scale.least} to {scale.most}")
    save(assembly, replace(row, darkness=value))
    return {"name": row.name, "darkness": value}


def _printer(assembly: Assembly, name: str) -> PrinterRow:
    with assembly.database.reading() as reader:
        row = Routes.read(assembly, reader).printers.get(name)
    if row is None:
        raise Fault(f"there is no printer {name}")
    return row


def _scale(row: PrinterRow) -> Scale:
    scale = DARKNESS.get(media_of(row).language)
    if scale is None:
        raise Fault(f"{row.name} speaks {row.language}, which cannot say how dark to print")
    return scale


def assign(assembly: Assembly, document: str, printer: str, fallback: str, conditions: Conditions) -> dict[str, Any]:
    """Say what goes to a printer; an empty printer takes the route out.

    Raises:
        Fault: there is no such kind of paper.
        AnswerIsNo: there is no such printer or route.
    """
    kinds = ("", *ROLES, *KINDS)
    if printer and document not in kinds:
        raise Fault(f"{document!r} is no kind of paper: {', '.join((*ROLES, *sorted(KINDS)))}, or '' for everything")
    station = assembly.identity.station.hex() if conditions.here else ""
    route = PrintRoute(
        assembly.identity.site, station, document, conditions.carrier, conditions.size, conditions.media,
        conditions.dpi, conditions.language, printer, fallback, 0,
    )  # fmt: skip
    with assembly.database.reading() as reader:
        routes = Routes.read(assembly, reader)
    for name in filter(None, (printer, fallback)):
        if name not in routes.printers:
            raise AnswerIsNo(f"there is no printer {name}: `dockside printers add` makes one")
    if printer and printer == fallback:
        raise AnswerIsNo(f"{printer} cannot be its own fallback")
    key = route.TABLE.key_of(route)
    before = next((each for each in routes.rows if each.TABLE.key_of(each) == key), None)
    if before is None and not printer:
        raise AnswerIsNo("there is no such route")
    _run(assembly, assigning(stamp(assembly), route, routes.rows))
    return _told_route(route, assembly)


def look(row: PrinterRow) -> dict[str, Any]:
    """Ask a printer how it is, as often as it takes to know whether it answers at all, and say how long that took."""
    learnt: list[bool] = []
    driver = driver_of(row, learnt.append)
    begun = time.monotonic()
    status = driver.status()
    answer_ms = round((time.monotonic() - begun) * 1000)
    for _ in range(_LOOKS if isinstance(driver, WirePrinter) else 0):
        if status.state is not PrinterState.UNKNOWN or learnt:
            break
        status = driver.status()
    counted = driver.labels_printed()
    identity = driver.identity() if isinstance(driver, WirePrinter) else None
    speech = row.speech if not learnt else Speech.ANSWERS if learnt[0] else Speech.ONE_WAY
    return {
        "name": row.name, "address": row.address, **_status(status), "answer_ms": answer_ms, "labels_printed": counted,
        "speech": str(speech), "model": identity[0] if identity else "", "firmware": identity[1] if identity else "",
        "dpi": identity[2] if identity else 0, "dpi_fits": identity is None or identity[2] == row.dpi,
    }  # fmt: skip


def tested(assembly: Assembly, name: str) -> dict[str, Any]:
    """Look at a printer and keep whether it answers; nothing is printed.

    Raises:
        Fault: there is no such printer, or another program prints on it.
    """
    row = _printer(assembly, name)
    fresh = replace(row, speech=Speech.UNTRIED)
    with writer_of(driver_of(row).address, assembly.clock.boot_ns) as lease:
        if lease is None:
            raise Fault(f"another program prints on {name} now")
        found = look(fresh)
    site, now = assembly.identity.site, assembly.clock.now_ms()
    if found["state"] != PrinterState.UNKNOWN:
        seen = (site, row.name, found["model"], found["firmware"], found["labels_printed"] or 0, now)
        assembly.submit(Work(private={PrinterSeen: [seen]})).result()
    if found["speech"] != row.speech and found["speech"] != Speech.UNTRIED:
        saved = replace(row, speech=Speech(found["speech"]), version=row.version + 1)
        _run(assembly, SavePrinter(**stamp(assembly), printer=saved, base_version=row.version))
    return found


def standing(assembly: Assembly) -> dict[str, Any]:
    """Return how every printer of this station is, and what waits for it."""
    site = assembly.identity.site
    with assembly.database.reading() as reader:
        routes = Routes.read(assembly, reader)
        waiting, doubtful = open_jobs(reader, site), jobs_in(reader, site, JobState.UNKNOWN)
        slow = {each.outlet: each.median_ms for each in slow_outlets(reader, site, SLOW_MS)}
    said = []
    for row in routes.used_here():
        found = look(row)
        mine = [job for job in waiting if routes.printer_of(job) == row.name]
        doubts = [job for job in doubtful if job.outlet == row.name]
        said.append(found | {"waiting": len(mine), "in_doubt": len(doubts), "slow_ms": slow.get(row.name, 0)})
    nowhere = [job for job in waiting if not routes.printer_of(job)]
    return {"printers": said, "without_printer": len(nowhere), "in_doubt": len(doubtful)}


def reported(assembly: Assembly, since_ms: int) -> dict[str, Any]:
    """Return what was printed more than once, what is in doubt for long, and every open job."""
    site, now = assembly.identity.site, assembly.clock.now_ms()
    with assembly.database.reading() as reader:
        again = printed_again(reader, site, since_ms)
        doubts = forgotten_doubts(reader, site, now)
        waiting = (*open_jobs(reader, site), *jobs_in(reader, site, JobState.UNKNOWN))
    return {
        "printed_again": [
            {"document": each.document, "code": each.code, "jobs": [_told_job(job) for job in each.jobs]}
            for each in again
        ],
        "in_doubt_too_long": [_told_job(job) for job in doubts],
        "open": [_told_job(job) for job in waiting],
    }


def discovered(seconds: float) -> list[dict[str, Any]]:
    """Listen for printers for a while, and return what they say of themselves: a suggestion, nothing is written."""
    found: dict[tuple[str, str], dict[str, Any]] = {}

    def heard(printers: tuple[Any, ...]) -> None:
        for each in printers:
            found[each.name, each.address] = {
                "name": printable(each.name), "address": printable(each.address), "model": printable(each.model),
                "languages": list(each.languages), "place": printable(each.place),
            }  # fmt: skip

    with PrinterDiscovery(heard):
        Event().wait(seconds)
    return [found[key] for key in sorted(found)]


def job_line(job: dict[str, Any]) -> str:
    """Return a job as people read it."""
    why = f", {job['reason']}" if job["reason"] else ""
    fault = f" ({trouble_words(job['fault'])})" if job["fault"] else ""
    return f"{job['document']} {job['code']} copy {job['copy']}{why}: {job_words(job['state'])}{fault}".strip()


def status_line(found: dict[str, Any]) -> str:
    """Return how a printer is, as people read it."""
    words = trouble_words(",".join(found["troubles"])) if found["troubles"] else found["state"]
    parts = [f"{found['name']} ({found['address']}): {words}"]
    if not found["dpi_fits"]:
        parts.append(f"its head has {found['dpi']} dpi")
    if found.get("waiting"):
        parts.append(f"{found['waiting']} wait")
    if found.get("in_doubt"):
        parts.append(f"{found['in_doubt']} in doubt")
    if found.get("slow_ms"):
        parts.append(f"a label takes {found['slow_ms'] / 1000:.1f} s")
    return ", ".join(parts)


def _run(assembly: Assembly, command: Command) -> None:
    outcome = assembly.submit(Work(command=command)).result()
    if isinstance(outcome, Failed):
        raise AnswerIsNo(refusal_words(outcome.refusal))


def _status(status: PrinterStatus) -> dict[str, Any]:
    return {
        "state": str(status.state), "troubles": [str(each) for each in status.troubles],
        "advice": [str(each) for each in status.advice], "may_be_sent_to": status.may_be_sent_to,
    }  # fmt: skip


def _profile(seen: PrinterSeen | None) -> dict[str, Any]:
    """Return what a printer said of itself here."""
    if seen is None:
        return {"model": "", "firmware": "", "labels_printed": None, "seen_at": None}
    at = datetime.fromtimestamp(seen.seen_at / 1000, UTC).isoformat(timespec="seconds")
    return {
        "model": seen.model, "firmware": seen.firmware, "labels_printed": seen.labels or None, "seen_at": at,
    }  # fmt: skip


def _told(row: PrinterRow, here: str) -> dict[str, Any]:
    return {
        "station": "here" if row.station == here else row.station,
        "name": row.name, "address": row.address, "language": row.language, "asked": row.asked, "dpi": row.dpi,
        "width_mm": row.width_tenths / 10, "height_mm": row.height_tenths / 10, "media": row.media, "place": row.place,
        "gap_mm": row.gap_tenths / 10, "darkness": row.darkness, "speed": row.speed, "speech": str(row.speech),
    }  # fmt: skip


def _told_route(route: PrintRoute, assembly: Assembly) -> dict[str, Any]:
    here = assembly.identity.station.hex()
    return {
        "document": route.document, "station": "here" if route.station == here else route.station,
        "carrier": route.carrier, "size": route.size, "media": route.media, "dpi": route.dpi,
        "language": route.language, "printer": route.printer, "fallback": route.fallback,
    }  # fmt: skip


def _told_job(job: PrintJob) -> dict[str, Any]:
    return {
        "job": job.id.hex(), "document": job.document, "code": job.code, "state": str(job.state), "fault": job.fault,
        "copy": job.copy_number, "reason": job.reason, "printer": job.outlet, "operator": job.operator.hex(),
        "confirmed_by": str(job.confirmed_by), "sent_at": job.sent_at, "moved_at": job.moved_at,
    }  # fmt: skip
