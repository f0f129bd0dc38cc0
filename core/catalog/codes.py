"""What a scanned code can mean, without any database: text in, all its possible readings out.

`read_code` goes by the AIM symbology id where the scanner sends one (ISO/IEC 15424) and by the text where it does not;
then the plain text always stays among the readings, because a lot may well be called `10D9T`. The thing a newcomer
would get wrong: nothing here chooses. Which reading stands is for the look-up in the context of the step to find, and
more than one match is a question to the operator.
"""

import re
import unicodedata
from collections.abc import Sequence

from core.catalog.command_codes import command_code, is_reserved, read_command
from core.catalog.digital_link import read_digital_link
from core.catalog.fill_codes import is_fill_code, read_fill_code
from core.catalog.gs1 import (
    SEPARATOR,
    after_key,
    fits_without_separators,
    forbidden,
    gs1_reading,
    identifier_at,
    lost_separator_alternatives,
    split_message,
)
from core.catalog.gs1_checks import is_digits, mod10_check
from core.catalog.in_store import InStoreRule, with_rules
from core.catalog.parcel_codes import PARCEL_PREFIX, read_parcel_code
from core.catalog.readings import (
    Ambiguous,
    CommandReading,
    Day,
    DigitalLinkReading,
    Elements,
    FillCode,
    Flaw,
    Gs1Reading,
    GtinReading,
    Level,
    PlainReading,
    Reading,
    Rejected,
    SsccReading,
    TrackingReading,
)
from core.catalog.tracking import read_tracking
from core.kernel.flow import Verb

__all__ = [
    "SEPARATOR",
    "Ambiguous",
    "CommandReading",
    "Day",
    "DigitalLinkReading",
    "Elements",
    "FillCode",
    "Flaw",
    "Gs1Reading",
    "GtinReading",
    "Level",
    "PlainReading",
    "Reading",
    "Rejected",
    "SsccReading",
    "TrackingReading",
    "Verb",
    "aim_id",
    "check_digit",
    "command_code",
    "is_opaque",
    "is_reserved",
    "normalise_gtin",
    "read_code",
]

_AIM_ID = re.compile(r"\][A-Za-z][0-9A-Fa-f]")
_GS1_IDS = frozenset({"]C1", "]e0", "]d2", "]Q3", "]J1"})
_EAN_LENGTHS = {"]E0": (13,), "]E3": (15, 18), "]E4": (8,)}
"""A UPC-A comes with a leading 0, a UPC-E as the UPC-A that it stands for; ]E3 has an add-on of two or five digits behind it."""
_EAN_LENGTH = 13
_ITF_SYMBOLS = "]I"
_ITF_LENGTH = 14
_LINK_SYMBOLS = ("]d", "]Q", "]J")
_COMPOSITE = "|]e0"
_ENVELOPE = "[)>"
"""In front of fields as ISO/IEC 15434 has them: they are separated as GS1's are, and are none of them."""
_LENGTHS = (8, 12, 13, 14)
_SSCC_LENGTH = 18
_UPCE_LENGTH = 8
_HRI = re.compile(r"\((\d{2,4})\)", re.ASCII)
_NOISE = " \t\r\n\0"
"""What a device may leave around a code. Not `str.strip()`: that would take separators for blanks."""


def check_digit(digits: str) -> str:
    """Return the GS1 check digit that belongs after a body of digits.

    Raises:
        ValueError: The body is not made of digits.
    """
    if not is_digits(digits):
        raise ValueError(f"not digits: {digits!r}")
    return mod10_check(digits)


def normalise_gtin(digits: str) -> str | None:
    """Return a GTIN-8, -12, -13 or -14 with a right check digit as 14 digits, the key for look-ups; else None."""
    if len(digits) not in _LENGTHS or not is_digits(digits) or not digits.strip("0"):
        return None
    return digits.zfill(14) if mod10_check(digits[:-1]) == digits[-1] else None


def read_code(
    raw: str,
    *,
    symbology: str | None = None,
    separators_trusted: bool = False,
    typed: bool = False,
    today: Day,
    in_store: Sequence[InStoreRule] = (),
) -> tuple[Reading, ...]:
    """Return everything a code can mean; never nothing, and never an exception, whatever the text.

    Args:
        raw: The text as the device gave it, with or without its AIM id in front, separators as 0x1D.
        symbology: The AIM id (`]C1`) where the device gives it apart from the text.
        separators_trusted: This device has proved that it passes separators on.
        typed: Typed by a person: the printed form `(01)…(10)…` is understood too.
        today: The day at the site; two-digit years and the hunt for lost separators go by it.
        in_store: What the company's own numbers say (prefixes 20 to 29); without a rule they are numbers as any other's.
    """
    found = _read(raw, symbology, today, trusted=separators_trusted, typed=typed)
    return with_rules(found, in_store)


def _read(raw: str, symbology: str | None, today: Day, *, trusted: bool, typed: bool) -> tuple[Reading, ...]:
    text = raw.strip(_NOISE)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    aim, text = _split_aim(text, symbology)
    if text in ("", SEPARATOR):
        return (Rejected(Flaw.EMPTY),)
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        return (Rejected(Flaw.UNREADABLE),)
    if aim in _GS1_IDS:
        return _read_gs1(text, today, trusted=trusted)
    if aim in _EAN_LENGTHS:
        return _read_ean(aim, text, today)
    if aim is not None and aim.startswith(_ITF_SYMBOLS) and len(text) != _ITF_LENGTH:
        # A reader that caught only a part of the bars gives fewer digits, which may be another item's.
        return (PlainReading(text), *read_tracking(text))
    if aim is not None:
        return _read_text(text, today, links=aim.startswith(_LINK_SYMBOLS))
    if typed and text.startswith("("):
        return (PlainReading(text), *_read_hri(text, today))
    return (*_read_text(text, today, links=True), *_guess_gs1(text, today, trusted=trusted))


def aim_id(raw: str) -> str | None:
    """Return the AIM symbology id (ISO/IEC 15424) in front of a code, None where there is none."""
    return _split_aim(raw.strip(_NOISE), None)[0]


def is_opaque(aim: str | None) -> bool:
    """Return whether a symbol of this AIM id carries text of whatever kind, and is of no help in telling what."""
    return aim is not None and aim not in _GS1_IDS and aim not in _EAN_LENGTHS and not aim.startswith(_ITF_SYMBOLS)


def is_label_number(text: str) -> bool:
    """Return whether a code is a parcel's number (SSCC) and nothing else: bare, or behind its identifier 00."""
    digits = text.removeprefix("(00)")
    digits = digits[2:] if len(digits) == _SSCC_LENGTH + 2 and digits.startswith("00") else digits
    return len(digits) == _SSCC_LENGTH and is_digits(digits) and mod10_check(digits[:-1]) == digits[-1]


def without_aim(raw: str) -> str:
    """Return a code without its AIM symbology id: what people and rows call it."""
    return _split_aim(raw.strip(_NOISE), None)[1]


def _split_aim(text: str, symbology: str | None) -> tuple[str | None, str]:
    """Return the AIM id, where there is one, and the text after it."""
    if symbology is not None and _AIM_ID.fullmatch(symbology):
        return symbology, text.removeprefix(symbology)
    match = _AIM_ID.match(text)
    return (match[0], text[3:]) if match else (None, text)


def _read_text(text: str, today: Day, *, links: bool) -> tuple[Reading, ...]:
    """Return the readings of a symbol that carries text: the text, and what it may be besides."""
    readings: list[Reading] = [PlainReading(text)]
    if is_fill_code(text):
        return (*readings, read_fill_code(text))
    if text[: len(PARCEL_PREFIX)].upper() == PARCEL_PREFIX:
        parcel = read_parcel_code(text)
        return (*readings, parcel if isinstance(parcel, Rejected) else SsccReading(parcel.sscc))
    command = read_command(text)
    if command is not None:
        readings.append(command)
    readings += _numbers(text)
    link = read_digital_link(text, today) if links else None
    if link is not None:
        readings.append(link)
    return (*readings, *read_tracking(text.replace(SEPARATOR, "")))


def _numbers(text: str) -> list[Reading]:
    """Return the trade item and handling unit numbers that a bare run of digits may be."""
    if not is_digits(text):
        return []
    if len(text) == _SSCC_LENGTH:
        return [SsccReading(text)] if mod10_check(text[:-1]) == text[-1] else []
    found = [normalise_gtin(text)]
    # Number system 1 is not GS1's, and no scanner reads it unless it was told to: an EAN-8 that is right goes before it.
    if len(text) == _UPCE_LENGTH and (text[0] == "0" or found == [None]):
        found.append(normalise_gtin(_expand_upce(text)))
    return [_gtin_reading(gtin) for gtin in found if gtin is not None]


def _gtin_reading(gtin14: str) -> GtinReading:
    level = {"0": Level.UNIT, "9": Level.VARIABLE}.get(gtin14[0], Level.PACKAGE)
    return GtinReading(gtin14, level)


def _expand_upce(digits: str) -> str:
    """Return the GTIN-12 that eight digits of UPC-E stand for (GenSpecs 5.2.2.4.2); nothing if they cannot be UPC-E."""
    system, body, last, check = digits[0], digits[1:6], digits[6], digits[7]
    if system not in "01":
        return ""
    if last in "012":
        full = body[:2] + last + "0000" + body[2:]
    elif last == "3":
        full = body[:3] + "00000" + body[3:]
    elif last == "4":
        full = body[:4] + "00000" + body[4:]
    else:
        full = body + "0000" + last
    return system + full + check


def _read_ean(aim: str, text: str, today: Day) -> tuple[Reading, ...]:
    """Return the trade item of an EAN or UPC symbol, and the composite component above it where there is one."""
    number, boundary, composite = text.partition(_COMPOSITE)
    if not is_digits(number):
        return (Rejected(Flaw.BAD_CHARACTER),)
    if len(number) not in _EAN_LENGTHS[aim]:
        return (Rejected(Flaw.BAD_LENGTH),)
    gtin = normalise_gtin(number[:_EAN_LENGTH])
    if gtin is None:
        return (Rejected(Flaw.BAD_CHECK_DIGIT),)
    if not boundary:
        return (_gtin_reading(gtin),)
    elements = split_message(composite)
    if isinstance(elements, Rejected):
        return (elements,)
    if dict(elements).get("01", gtin) != gtin:
        return (Rejected(Flaw.REPEATED_IDENTIFIER, "01"),)
    return (_judged((("01", gtin), *(one for one in elements if one[0] != "01")), today),)


def _read_gs1(text: str, today: Day, *, trusted: bool) -> tuple[Reading, ...]:
    """Return what a symbol that is GS1 by its AIM id says."""
    tracking = read_tracking(text.replace(SEPARATOR, ""), gs1=True)
    reading = _gs1_or_lost(text, today, trusted=trusted)
    if not isinstance(reading, Gs1Reading):
        return (reading, *tracking)
    if reading.ais[0][0] == "00" and len(reading.ais) == 1:
        return (reading, SsccReading(reading.ais[0][1]))
    command = read_command(reading.ais[0][1]) if reading.ais[0][0] == "99" else None
    return (reading, *tracking) if command is None else (reading, command)


def _gs1_or_lost(text: str, today: Day, *, trusted: bool) -> Gs1Reading | Rejected | Ambiguous:
    elements = split_message(text)
    whole = elements if isinstance(elements, Rejected) else _judged(elements, today)
    if trusted or SEPARATOR in text:
        return whole
    alternatives = lost_separator_alternatives(text, today)
    if alternatives:
        as_read = (whole,) if isinstance(whole, Gs1Reading) else ()
        return Ambiguous(as_read + tuple(gs1_reading(ais, today) for ais in alternatives))
    if isinstance(elements, Rejected) and _lacks_separator(elements.reason, text):
        return Rejected(Flaw.LOST_SEPARATOR, elements.at)
    return whole


def _lacks_separator(flaw: Flaw, text: str) -> bool:
    """Return whether a value goes on for longer than its identifier allows, or is flawed only for want of a separator."""
    return flaw is Flaw.TOO_LONG or (flaw is not Flaw.REPEATED_IDENTIFIER and fits_without_separators(text))


def _judged(elements: Elements, today: Day) -> Gs1Reading | Rejected:
    """Return the reading of a message, or why its identifiers do not go together."""
    wrong = forbidden(elements)
    if wrong is not None:
        return Rejected(Flaw.FORBIDDEN_COMPANION, wrong)
    reading = gs1_reading(elements, today)
    return Rejected(Flaw.MISSING_COMPANION, reading.lacks[0], reading) if reading.lacks else reading


def _guess_gs1(text: str, today: Day, *, trusted: bool) -> tuple[Reading, ...]:
    """Return what a text of unknown symbology says if it is a GS1 message.

    Without an AIM id a separator is a claim to be one, and so is a number with its right check digit in front of another
    identifier, or of what only a lost separator explains; without them a flaw just means that it is none.
    """
    if text.startswith(_ENVELOPE):
        return ()
    reading = _gs1_or_lost(text, today, trusted=trusted)
    if isinstance(reading, Rejected) and reading.reason is Flaw.MISSING_COMPANION and reading.partial is not None:
        reading = reading.partial
    if isinstance(reading, Rejected):
        return (reading,) if SEPARATOR in text or _claims_to_be_gs1(text, reading.reason) else ()
    if isinstance(reading, Gs1Reading) and not _says_something(reading):
        return ()
    return (reading,)


def _claims_to_be_gs1(text: str, flaw: Flaw) -> bool:
    """Return whether a text without separators is too much like a message to be one by chance, for all its flaw."""
    rest = after_key(text)
    if rest is None:
        return False
    if flaw is Flaw.LOST_SEPARATOR:
        return True
    return identifier_at(rest, 0) is not None and not any(each.vouchers for each in read_tracking(text))


def _says_something(reading: Gs1Reading) -> bool:
    """Return whether a message has anything a floor asks for, so that not every number from 90 on is one."""
    return any(
        fact is not None
        for fact in (reading.gtin, reading.content_gtin, reading.sscc, reading.lot, reading.serial, reading.expiry)
    )


def _read_hri(text: str, today: Day) -> tuple[Reading, ...]:
    """Return the message that a person typed as it is printed, identifiers in brackets."""
    pieces = _HRI.split(text)
    if pieces[0] != "" or len(pieces) < 3:
        return ()
    ended = [ai + value + SEPARATOR for ai, value in zip(pieces[1::2], pieces[2::2], strict=True)]
    elements = split_message("".join(ended))
    return (elements if isinstance(elements, Rejected) else _judged(elements, today),)
