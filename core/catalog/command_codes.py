"""Command codes: what the operator scans instead of pressing a key, `WMS-<VERB>[-<ARGUMENT>]-<C>`.

The check character is ISO 7064 MOD 37,36 over the letters and digits before it, hyphens left out: it sees every
single wrong character and all but a few neighbouring ones swapped. The thing a newcomer would get wrong: the prefix
is reserved, so master data must be asked with `is_reserved` before it takes a barcode, or an item could confirm a step.
"""

from core.catalog.readings import CommandReading, Flaw, Rejected
from core.kernel.flow import Verb

PREFIX = "WMS-"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_MODULUS = len(_ALPHABET)
_LONGEST_ARGUMENT = 40
_LONGEST_QUANTITY = 6
_GRADES = ("A", "B", "C", "D")
_WITH_CODE = frozenset({Verb.BOX, Verb.DISP})


def check_character(payload: str) -> str:
    """Return the ISO 7064 MOD 37,36 check character of letters and digits; hyphens do not count.

    Raises:
        ValueError: Something in the payload is neither A-Z, 0-9 nor a hyphen.
    """
    product = _MODULUS
    for character in payload:
        if character == "-":
            continue
        if character not in _VALUES:
            raise ValueError(f"no command code character: {character!r}")
        total = (product + _VALUES[character]) % _MODULUS or _MODULUS
        product = total * 2 % (_MODULUS + 1)
    return _ALPHABET[(_MODULUS + 1 - product) % _MODULUS]


def check_letter(code: str) -> str:
    """Return the letter beside a code on its label, which proves it when it is typed; nothing for other characters."""
    try:
        return check_character(code.upper())
    except ValueError:
        return ""


def proven(typed: str) -> str:
    """Return what was typed without the letter that proves it, `A-12-03` of `A-12-03-C`; nothing where none does."""
    code, letter = typed[:-1].rstrip("-"), typed[-1:].upper()
    return code if code and letter and check_letter(code) == letter else ""


def command_code(verb: Verb | str, argument: str = "") -> str:
    """Return the code to print or to show for a verb and its argument.

    Raises:
        ValueError: The verb is unknown or does not take this argument.
    """
    known = Verb(verb)
    if not _argument_fits(known, argument):
        raise ValueError(f"{known} does not take the argument {argument!r}")
    payload = f"{PREFIX}{known}-{argument}" if argument else f"{PREFIX}{known}"
    return f"{payload}-{check_character(payload)}"


def is_reserved(code: str) -> bool:
    """Return whether a code belongs to commands, so that no item, location, tote, box or badge may have it."""
    return code.strip()[: len(PREFIX)].upper() == PREFIX


def read_command(text: str) -> CommandReading | Rejected | None:
    """Return the command in a text, why it is a bad one, or None if it does not claim to be one.

    Lower case is taken too: a keyboard wedge with caps lock on sends it, and the check character vouches for it.
    """
    if not is_reserved(text):
        return None
    code = text.upper()
    payload, _, check = code.rpartition("-")
    if not text.isascii() or any(character != "-" and character not in _VALUES for character in code):
        return Rejected(Flaw.BAD_CHARACTER)
    if len(check) != 1 or check_character(payload) != check:
        return Rejected(Flaw.BAD_CHECK_DIGIT)
    name, _, argument = payload.removeprefix(PREFIX).partition("-")
    if name not in Verb.__members__:
        return Rejected(Flaw.UNKNOWN_COMMAND, name)
    verb = Verb(name)
    if not _argument_fits(verb, argument) or payload.endswith("-"):
        return Rejected(Flaw.BAD_VALUE, name)
    return CommandReading(verb, argument)


def _argument_fits(verb: Verb, argument: str) -> bool:
    if verb is Verb.QTY:
        whole = argument.isascii() and argument.isdecimal() and len(argument) <= _LONGEST_QUANTITY
        return whole and (argument == "0" or argument[0] != "0")
    if verb is Verb.GRADE:
        return argument in _GRADES
    if verb in _WITH_CODE:
        inside = all(character == "-" or character in _VALUES for character in argument)
        return inside and 0 < len(argument) <= _LONGEST_ARGUMENT and argument == argument.strip("-")
    return argument == ""
