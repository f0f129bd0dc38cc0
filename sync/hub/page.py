"""The hub's page for IT: how it is, in plain words, whole in itself, without anything from elsewhere."""

from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape

from sync.hub.status import SILENT_MS, HubStatus, SiteStatus, StationStatus

_REFRESH_S = 5
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; padding: .4rem .8rem; border-bottom: 1px solid #8884; vertical-align: top; }
td.n, th.n { text-align: end; font-variant-numeric: tabular-nums; }
.state { font-weight: 600; white-space: nowrap; }
p.note { border-inline-start: .3rem solid #c60; padding-inline-start: .8rem; }
"""


def status_page(status: HubStatus) -> str:
    """Return the page as HTML."""
    body = "\n".join(_body(status))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="{_REFRESH_S}">'
        '<meta name="viewport" content="width=device-width"><title>Dockside hub</title>'
        f"<style>{_STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _body(status: HubStatus) -> Iterator[str]:
    yield (
        "<h1>✓ The hub answers</h1>" if status.well else "<h1>! The hub answers, and something has to be looked at</h1>"
    )
    yield f"<p>{_time(status.at)}; this page looks again every {_REFRESH_S} seconds.</p>"
    for each in (*status.notes, *status.remarks):
        yield f'<p class="note">! {escape(each)}</p>'
    for site in status.sites:
        yield from _site(site, status.at)


def _site(site: SiteStatus, now: int) -> Iterator[str]:
    yield f"<h2>{escape(site.name) or 'Site'} <small>(site {site.site})</small></h2>"
    if site.fault:
        yield f'<p class="note">! {escape(site.fault)}</p>'
        return
    yield f"<p>{escape(summary(site))}</p>"
    if not site.stations:
        yield (
            "<p>No station yet: <code>dockside hub station add NAME --kind cart|bench|dock|desk "
            f"--site {site.site}</code>.</p>"
        )
        return
    yield (
        '<table><thead><tr><th>Station</th><th>Line</th><th>Last heard</th><th class="n">Done there</th>'
        '<th class="n">On the way</th><th class="n">Parked</th></tr></thead><tbody>'
    )
    for each in site.stations:
        yield (
            f"<tr><td>{escape(each.name)}<br><small>{escape(kind_of(each))}</small></td>"
            f'<td class="state">{escape(line_of(each, now))}</td><td>{escape(ago(each.heard_at, now))}</td>'
            f'<td class="n">{each.log}</td><td class="n">{each.waiting}</td><td class="n">{each.parked}</td></tr>'
        )
    yield "</tbody></table>"
    if site.floor:
        yield from _floor(site)


def _floor(site: SiteStatus) -> Iterator[str]:
    """Yield what somebody has to look for in the hall."""
    yield f"<h3>To be looked for on the floor: {site.floor_lines}</h3>"
    yield (
        f"<p>Look for each, and say <code>{answer_words(site)}</code>. A list to take along: "
        f"<code>dockside hub floor list --out FILE --site {site.site}</code>.</p>"
        "<table><thead><tr><th>Order</th><th>Was with</th><th>For</th><th>Line</th></tr></thead><tbody>"
    )
    for each in site.floor:
        yield (
            f"<tr><td>{escape(each.order) or 'the van'}</td><td>{escape(each.station) or 'whoever it was'}</td>"
            f"<td>{escape(each.stage)}</td><td><code>{escape(each.line)}</code></td></tr>"
        )
    yield "</tbody></table>"
    if site.floor_lines > len(site.floor):
        yield f"<p>and {site.floor_lines - len(site.floor)} more.</p>"


def _words(name: str) -> str:
    return name.replace("_", " ")


def answer_words(site: SiteStatus) -> str:
    """Return how a line of the floor list is answered."""
    return f"dockside hub floor answer LINE here|gone|not-found --site {site.site}"


def summary(site: SiteStatus) -> str:
    """Return a site in one sentence."""
    parked = sum(each.parked for each in site.stations)
    words = f"{site.head} rows in the feed, epoch {site.epoch}; {site.cases} open cases"
    if site.photos:
        words += f"; {site.photos} photos of {site.photo_bytes / 1e6:.1f} MB"
    if site.red:
        words += f", of them to be settled at once: {', '.join(f'{n} {_words(kind)}' for kind, n in site.red)}"
    if site.recovering:
        words += "; it was set back and gives out no work until it has heard " + (
            ", ".join(site.missing) or "everybody"
        )
        words += "; who never comes speaks with another hub, perhaps with the database that this one was copied from"
    if site.unheard:
        words += f"; it was away, and gives no carrier to another dock until it has heard {', '.join(site.unheard)}"
        words += "; where its machine was only switched off, and not put back, say so: dockside hub vouch"
    held = [each.name for each in site.stations if each.on_hold]
    if held:
        words += f"; on hold until the floor list is answered: {', '.join(held)}"
    if site.floor_lines:
        words += f"; {site.floor_lines} to be looked for on the floor"
    if parked:
        words += f"; {parked} operations wait for a newer hub: bring this one up to date"
    if site.failed:
        words += f"; {site.failed} operations could not be applied"
    for each in site.stations:
        if each.clock_off:
            words += f"; the clock of {each.name} is {_span(abs(each.ahead_ms))} {'ahead' if each.ahead_ms > 0 else 'behind'}: set it"
    stopped = [each.name for each in site.stations if each.status == "frozen"]
    if stopped:
        words += f"; two files speak as {', '.join(stopped)}: it is stopped until one of them is started anew"
    return words + "."


def kind_of(station: StationStatus) -> str:
    """Return what a station is there for, and where."""
    return f"{station.kind}, zones {', '.join(station.zones)}" if station.zones else station.kind


def line_of(station: StationStatus, now: int) -> str:
    """Return how a station's line is, in a word with its sign."""
    if station.status != "active":
        return f"■ {station.status}" + (", on hold" if station.on_hold else "")
    if station.on_hold:
        return "■ on hold"
    if not station.heard_at:
        return "○ never heard"
    return "✓ connected" if now - station.heard_at < SILENT_MS else "! works by itself"


def ago(at: int, now: int) -> str:
    """Return how long ago something was."""
    if not at:
        return "never"
    return f"{_span(max(0, now - at))} ago"


def _span(ms: int) -> str:
    seconds = ms // 1000
    for size, word in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {word}"
    return f"{seconds} seconds"


def _time(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
