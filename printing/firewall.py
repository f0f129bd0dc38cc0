"""The gate for ZPL that somebody else made (a carrier, a shop, a file): what is in it, before a printer is given it.

A printer obeys whatever comes down the wire: a label may also erase its memory, change its address or restart it. So
every command is looked up in a list of what draws a label, and anything else is an objection that names the command and
the byte where it stands. What a drawing command leaves behind (a turned page, another place to begin at) is said anew by
the next label, ours (`zpl.USUAL`) or another's (`as_sent`); what only the printer's own settings could say anew (its
paper, how it feeds, darkness, speed) is refused. The one thing a newcomer would get wrong: `^` and `~` begin a command
wherever they stand, in the middle of an address too; only `_5E` and `_7E` are letters. Sources: ZPL programming guide
(`^XA ^XZ`, control codes in their place; SGD commands); devices.md 2.5.
"""

import hashlib
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

BYTES_MAX = 2_000_000
LABELS_MAX = 50
"""More than one job of somebody else's prints at once."""

# fmt: off
_DRAWS = frozenset({
    "A@", "BY", "CF", "CI", "CV", "DN", "FB", "FC", "FD", "FH", "FM", "FN", "FO", "FP", "FR", "FS", "FT", "FV", "FW",
    "FX", "GB", "GC", "GD", "GE", "GF", "GS", "JZ", "LH", "LL", "LR", "LS", "PM", "PO", "PQ", "PW", "SE", "SF", "SN", "TB",
    "XA", "XZ",
})
# fmt: on
"""What draws a label, and what says how it lies on the paper: the next label says that anew."""
_BARCODES = frozenset("B" + kind for kind in "0123456789ABCDEFIJKLMOPQRSTUXYZ")
_SETTINGS = frozenset({"MM", "MN", "MT", "MF", "MD", "SD", "TA", "PR", "LT", "XB"})
"""What belongs to what is loaded in the printer, and not to a label."""
_HARMLESS_AS: Mapping[str, frozenset[bytes]] = MappingProxyType(
    {
        "MU": frozenset({b"", b"D"}), "JM": frozenset({b"", b"A"}), "MC": frozenset({b"", b"Y"}),
        "MD": frozenset({b"", b"0"}), "LT": frozenset({b"", b"0"}),
    }
)  # fmt: skip
"""What stays in force for all later labels, unless it says what holds anyway."""
_PREFIXES: Mapping[str, tuple[str, bytes]] = MappingProxyType(
    {"CC": ("caret", b"^"), "CT": ("tilde", b"~"), "CD": ("delimiter", b",")}
)
_DOES: Mapping[str, str] = MappingProxyType(
    {
        "JR": "restarts the printer",
        "JU": "changes or keeps the printer's settings",
        "JA": "cancels every label that waits",
        "JX": "cancels labels",
        "JF": "changes what the printer does when its battery is low",
        "JB": "clears the printer's memory",
        "JC": "makes the printer measure its paper",
        "JG": "makes the printer measure its paper",
        "JL": "makes the printer measure its paper",
        "JS": "changes how the printer feeds its paper",
        "MM": "changes how the printer hands its labels out",
        "MN": "changes how the printer finds where a label begins",
        "MT": "changes how the printer heats its paper",
        "MF": "changes how the printer feeds its paper",
        "XB": "changes how the printer feeds its paper",
        "TA": "changes where the printer's paper is torn off",
        "LT": "moves all later labels on their paper",
        "MD": "changes how dark the printer prints",
        "SD": "changes how dark the printer prints",
        "PR": "changes how fast the printer prints",
        "MC": "leaves what this label draws for the next one",
        "JD": "makes the printer print what it receives as a dump",
        "ST": "sets the printer's clock",
        "SL": "sets how the printer tells the time",
        "DY": "stores a file in the printer",
        "DG": "stores a picture in the printer",
        "DU": "stores a font in the printer",
        "DB": "stores a font in the printer",
        "DS": "stores a font in the printer",
        "DT": "stores a font in the printer",
        "DE": "stores a table in the printer",
        "DF": "stores a label in the printer",
        "IS": "stores a picture in the printer",
        "ID": "deletes what the printer has stored",
        "EG": "deletes what the printer has stored",
        "CW": "replaces one of the printer's fonts",
        "FL": "links fonts in the printer",
        "XF": "draws what the printer may have stored, which nobody here has seen",
        "XG": "draws what the printer may have stored, which nobody here has seen",
        "IL": "draws what the printer may have stored, which nobody here has seen",
        "IM": "draws what the printer may have stored, which nobody here has seen",
        "KP": "sets the printer's password",
        "KN": "names the printer",
        "NS": "changes the printer's address",
        "ND": "changes the printer's address",
        "NC": "changes the printer's network",
        "NI": "changes the printer's network",
        "NR": "changes the printer's network",
        "NT": "changes the printer's network",
        "WX": "changes the printer's network",
        "SC": "changes the printer's serial port",
        "SX": "changes whom the printer tells of its troubles",
        "SZ": "changes the printer's language",
        "PP": "pauses the printer",
        "PS": "starts a paused printer",
        "RO": "resets the printer's counters",
        "MU": "changes how all later labels are measured",
        "JM": "changes how all later labels are measured",
        "HS": "asks the printer something",
        "HI": "asks the printer something",
        "HM": "asks the printer something",
        "HQ": "asks the printer something",
        "HV": "asks the printer something",
        "HW": "asks the printer something",
    }
)
_UNKNOWN = "is not a command that draws a label"
_DESIGNERS_BEGINNING = re.compile(rb"\x10?CT~~CD,~CC\^~CT~")
"""What a widely used label designer writes first: it sets the three prefixes to what they are."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PARAMETERS = (string.ascii_letters + string.digits + ",.-").encode()
_BLANK = b" \t\r\n\0"
_IN_BYTES = re.compile(rb"\s*[BC]\s*,", re.IGNORECASE)
"""A picture in bytes, plain or pressed, and not in letters."""
_BINARY = re.compile(rb"([BC]),(\d{1,7}),(\d{1,7}),(\d{1,4}),", re.IGNORECASE)
_IN_LETTERS = (b":B64:", b":Z64:")
"""How a picture in letters begins, whatever is said before it."""
_SPOKEN = re.compile(rb"!\s*U1?\s+(\w+)")
_SETTING = re.compile(rb"!\s*U1?\s+(setvar|getvar|do(?=\s*\"))", re.IGNORECASE)
"""What speaks to the settings wherever it stands, in an address too; `Hello! U1 do it` does not."""
_SETTING_AS_JSON = re.compile(rb"\{\}\s*\{")
"""How the same begins as JSON."""
_IN_PLACE = re.compile(rb"[\x02\x03]")
"""Control codes that a printer takes for `^XA` and `^XZ`."""
_QUANTITY = re.compile(rb"(\d*),?(\d*)")
_SPEAKS = "speaks to the printer's settings, not to a label"
_AS_NEW = b"^CI0^CFA,9,5^BY2,3,10^LH0,0^LRN^LS0^FWN^PON^PMN^CVN^JZY"
"""How a printer is after it was switched on. It is said within the label: nobody knows whether a printer feeds one for an
empty format before it."""
_BEGIN = re.compile(rb"\^XA", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Objection:
    """One thing that speaks against printing."""

    at: int
    """The byte where it stands, from 0."""
    command: str
    """`~JR`, `! U1 setvar`; empty where it is no command."""
    reason: str
    for_good: bool = field(default=False, compare=False)
    """Nobody may pass it: the bytes are no label at all, or more than a printer is given."""
    ends: int = field(default=0, compare=False)
    """Where the command ends that sets what is loaded in the printer: the label is the same without it; else 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found in a file."""

    size: int
    sha256: str
    labels: int
    """Pieces of paper that come out, copies included."""
    objections: tuple[Objection, ...]

    def passes(self, *, administrator: bool = False, without_settings: bool = False) -> bool:
        """Say whether it may be printed.

        Args:
            administrator: of printers, who may send commands, but no broken file.
            without_settings: sent as `as_sent` returns it.
        """
        told = [each for each in self.objections if not (without_settings and each.ends)]
        return not any(each.for_good or not administrator for each in told)


@dataclass(slots=True)
class _Reading:
    """How far a file was read."""

    data: bytes
    caret: int = ord("^")
    tilde: int = ord("~")
    within: int = -1
    """Where the label that is open began; -1 between labels."""
    labels: int = 0
    copies: int = 1
    objections: list[Objection] = field(default_factory=list)

    def object(self, at: int, command: str, reason: str, *, for_good: bool = False, ends: int = 0) -> None:
        """Note what speaks against printing."""
        self.objections.append(Objection(at, command, reason, for_good, ends))


def inspect(data: bytes) -> Verdict:
    """Return what is in a file of ZPL, and everything that speaks against sending it to a printer."""
    reading = _Reading(data)
    if len(data) > BYTES_MAX:
        reading.object(BYTES_MAX, "", f"{len(data)} bytes, at most {BYTES_MAX} are taken", for_good=True)
    else:
        for at, name, said in _commands(reading):
            _judge(reading, at, name, said)
        _judge_end(reading)
    return Verdict(
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        labels=reading.labels,
        objections=tuple(sorted(set(reading.objections))),
    )


def as_sent(data: bytes) -> bytes:
    """Return the bytes to send for a label of somebody else.

    Whatever was printed before, it lies on the paper as meant; and what only sets the printer is left out of it: how its
    paper is found, heated and handed out, how dark and how fast.
    """
    kept, at = [], 0
    for each in inspect(data).objections:
        if each.ends:
            kept.append(data[at : each.at])
            at = each.ends
    return _BEGIN.sub(lambda begin: begin[0] + _AS_NEW, b"".join((*kept, data[at:])), count=1)


def _commands(reading: _Reading) -> Iterator[tuple[int, str, bytes]]:
    """Yield each command with its place, its name (`^FD`) and what follows it; text before the first has no name."""
    data = reading.data
    here = len(_BYTE_ORDER_MARK) if data.startswith(_BYTE_ORDER_MARK) else 0
    begun = _DESIGNERS_BEGINNING.match(data, here)
    here = begun.end() if begun else here
    end = _next(reading, here)
    if here < end:
        yield here, "", data[here:end]
    while end < len(data):
        at, kind = end, "^" if data[end] == reading.caret else "~"
        start = min(at + 3, _next(reading, at + 1))
        name = data[at + 1 : start].decode("latin-1").upper()
        if kind == "^" and name[:1] == "A" and len(name) > 1:
            name = "A@"  # ^A and the letter of a font
        if name in _PREFIXES:
            # What follows is the new prefix, whatever it is.
            end = _next(reading, start + 1)
            said = data[start:end]
            _change(reading, at, kind + name, said)
            end = _next(reading, start + 1)
            continue
        end = _binary_end(reading, at, start) if kind + name == "^GF" else 0
        end = _next(reading, max(start, end))
        yield at, kind + name, data[start:end]


def _next(reading: _Reading, start: int) -> int:
    """Return where the next command begins, or the end."""
    found = [at for prefix in (reading.caret, reading.tilde) if (at := reading.data.find(prefix, start)) >= 0]
    return min(found, default=len(reading.data))


def _binary_end(reading: _Reading, at: int, start: int) -> int:
    """Return where the bytes of a picture in binary end, which may be anything; 0 for one in letters.

    One whose sizes do not agree is not skipped: who knows how much of it a printer would.
    """
    data = reading.data
    if _IN_BYTES.match(data, start) is None:
        return 0
    found = _BINARY.match(data, start)
    if found is not None:
        pressed = found[1] in b"Cc"
        sent, whole, row = (int(each) for each in found.groups()[1:])
        if data.startswith(_IN_LETTERS, found.end()):
            return 0
        if row and whole % row == 0 and (pressed or sent == whole):
            return min(len(data), found.end() + sent)
    reading.object(
        at, "^GF", "does not say how many bytes follow: a printer takes the next label for them", for_good=True
    )
    return 0


def _change(reading: _Reading, at: int, command: str, said: bytes) -> None:
    """Read on with a changed prefix, as the printer would."""
    word, usual = _PREFIXES[command[1:]]
    if said[:1] != usual:
        reading.object(at, command, f"changes the {word}, and with it what all later bytes mean")
    _judge_hidden(reading, at + 3, said)
    if said and word == "caret":
        reading.caret = said[0]
    elif said and word == "tilde":
        reading.tilde = said[0]
    _judge_between(reading, at + 3, said[1:])


def _judge(reading: _Reading, at: int, name: str, said: bytes) -> None:
    letters = name[1:]
    if name != "^GF" or _IN_BYTES.match(said) is None:
        _judge_hidden(reading, at + len(name), said)
    if name == "^XA":
        if reading.within >= 0:
            reading.object(at, name, f"begins a label within the one from byte {reading.within}", for_good=True)
        reading.within, reading.copies = at, 1
    elif name == "^XZ":
        if reading.within < 0:
            reading.object(at, name, "ends a label that was never begun", for_good=True)
        else:
            reading.labels += reading.copies
        reading.within = -1
        _judge_between(reading, at + 3, said)
    elif name == "^PQ":
        found = _QUANTITY.match(said)
        reading.copies = int(found[1][:9]) if found and found[1] else 1
        if found and found[2].strip(b"0"):
            reading.object(at, name, "pauses the printer")
    elif name == "":
        _judge_between(reading, at, said)
    elif letters in _HARMLESS_AS and said.strip().upper() in _HARMLESS_AS[letters]:
        pass
    elif letters in _SETTINGS:
        rest = said.lstrip(_PARAMETERS)
        ends = at + 3 + len(said) - len(rest)
        reading.object(at, name, _DOES[letters], ends=ends)
        _judge_between(reading, ends, rest)
    elif name[0] == "~" or (letters not in _DRAWS and letters not in _BARCODES):
        reading.object(at, name, _DOES.get(letters, _UNKNOWN))
    elif reading.within < 0 and name != "^FX":
        reading.object(at, name, "stands outside of a label")


def _judge_hidden(reading: _Reading, at: int, text: bytes) -> None:
    """Look for what is obeyed wherever it stands, within a field as well."""
    for found in _SETTING.finditer(text):
        reading.object(at + found.start(), f"! U1 {found[1].decode('ascii')}", _SPEAKS)
    for found in _SETTING_AS_JSON.finditer(text):
        reading.object(at + found.start(), "{}{", _SPEAKS)
    for found in _IN_PLACE.finditer(text):
        reading.object(at + found.start(), f"byte {found[0][0]:02X}", "begins or ends a label unseen", for_good=True)


def _judge_between(reading: _Reading, at: int, text: bytes) -> None:
    """Look at text where no label is open: a printer may take it for another of its languages."""
    if reading.within >= 0 or not text.strip(_BLANK):
        return
    begin = at + len(text) - len(text.lstrip(_BLANK))
    spoken = _SPOKEN.search(text)
    if spoken:
        command = f"! U1 {spoken[1].decode('ascii', 'replace')}"
        reading.object(at + spoken.start(), command, _SPEAKS)
    else:
        shown = text.strip(_BLANK)[:20].decode("latin-1")
        reading.object(begin, "", f"{shown!r} stands outside of a label")


def _judge_end(reading: _Reading) -> None:
    if reading.within >= 0:
        reading.object(reading.within, "^XA", "begins a label that never ends", for_good=True)
    elif not reading.labels and not any(each.for_good for each in reading.objections):
        reading.object(0, "", "there is no label in it", for_good=True)
    if reading.labels > LABELS_MAX:
        reading.object(0, "", f"{reading.labels} labels come out of it, at most {LABELS_MAX} may", for_good=True)
