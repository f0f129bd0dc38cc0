"""What the system and the libraries say of a file or a line, in words: they speak English, whatever the window speaks.

Of what is not known here their own words stay: somebody in IT may know them.
"""

import re
from collections.abc import Mapping

SYSTEM_WORDS: Mapping[str, str] = {
    "not_there": "it is not there",
    "no_right": "this program has no right to it",
    "folder": "it is a folder",
    "no_folder": "a part of its path is no folder",
    "full": "the disk is full",
    "read_only": "the disk can only be read",
    "name_long": "its name is too long",
    "disk": "the disk does not give it",
    "busy": "another program has it",
    "nobody": "nobody answers there",
    "broke_off": "the line broke off",
    "too_long": "it does not answer in time",
    "no_way": "no way leads there",
    "no_name_of_it": "no computer of that name is known",
    "no_utf8": "byte {byte} is no UTF-8",
    "no_picture": "it is no picture",
    "cut_off": "it is cut off",
    "no_archive": "it is not packed as such files are",
    "deep": "it is nested too deeply",
    "carriage": "a line ends in a carriage return alone",
    "value": "a value is none; a text stands in quotes",
    "statement": "a line is neither a key with its value nor a table",
    "equals": "behind a key its = is missing",
    "rest": "more stands behind a value",
    "again": "a key stands there twice",
    "bracket": "a bracket of a table is missing",
    "list": "a list is not closed",
    "table": "a table is not closed",
    "text": "a text is not closed",
    "backslash": "a backslash in a text means nothing",
    "character": "the character {value} may not stand there",
    "date": "a date is none",
    "key": "a key begins with a character that none begins with",
    "no_value": "a value is missing",
    "no_name": "a name in double quotes is missing",
    "no_comma": "a comma is missing",
    "no_colon": "a colon is missing",
    "line": "{what}, line {line}, character {column}",
    "column": "{what}, character {column}",
}
_WRAPPED = re.compile(r"\[Errno -?\d+\] (?P<what>[^:]+)(?:: .*)?", re.DOTALL)
AT_AN_ADDRESS = re.compile(r"(?P<address>(?:tcp|usb|serial|ipps?|windows):\S+): (?P<why>.+)", re.DOTALL)
"""How a printer's driver says where a line failed."""
_AT_THE_END = " (at end of document)"
_PLACES = {
    "line": re.compile(r"(?P<what>.+?):? \(?(?:at )?line (?P<line>\d+),? column (?P<column>\d+)\)?(?: \(char \d+\))?"),
    "column": re.compile(r"(?P<what>.+), character (?P<column>\d+)"),
}
"""Where in the file it is wrong, as the readers of TOML and JSON say it."""
_SAID: Mapping[str, str] = {
    "not_there": r"No such file or directory|The system cannot find the (?:file|path) specified",
    "no_right": r"Permission denied|Operation not permitted|Access is denied",
    "folder": r"Is a directory",
    "no_folder": r"Not a directory",
    "full": r"No space left on device|There is not enough space on the disk|Disk quota exceeded",
    "read_only": r"Read-only file system",
    "name_long": r"File name too long",
    "disk": r"Input/output error",
    "busy": r"Device or resource busy|Text file busy|The process cannot access the file.*",
    "nobody": r"Connection refused",
    "broke_off": r"Connection reset by peer|Broken pipe|Transport endpoint is not connected|Connection aborted",
    "too_long": r"timed out|Connection timed out|The read operation timed out",
    "no_way": r"No route to host|Network is unreachable|Host is down",
    "no_name_of_it": r"Name or service not known|Temporary failure in name resolution|No address associated with hostname",
    "no_utf8": r"'?utf-?8' codec can't decode bytes? (?:0x\w+ )?in position (?P<byte>\d+)(?:-\d+)?: .*",
    "no_picture": r"it is no picture|cannot identify image file.*",
    "cut_off": r"image file is truncated.*|Truncated File Read|broken PNG file.*|unexpected end of (?:data|file)",
    "no_archive": r"File is not a zip file|Bad magic number for .*",
    "deep": r"it is nested too deeply",
    "carriage": r"a line ends in a carriage return alone",
    "value": r"Invalid value",
    "statement": r"Invalid statement",
    "equals": r"Expected '=' after a key in a key/value pair",
    "rest": r"Expected newline or end of document after a statement|Extra data",
    "again": r"Cannot (?:overwrite a value|declare .* twice|mutate immutable namespace .*|redefine namespace .*)|Duplicate inline table key .*",
    "bracket": r"Expected '\]\]?' at the end of an? (?:table|array) declaration",
    "list": r"Unclosed array",
    "table": r"Unclosed inline table",
    "text": r"Unterminated string(?: starting at)?",
    "backslash": r"Unescaped '\\+' in a string|Invalid hex value|Escaped character is not .*|Invalid \\(?:uXXXX )?escape",
    "character": r"(?:Illegal|Found invalid) character (?P<value>.+)|Invalid control character at",
    "date": r"Invalid date or datetime",
    "key": r"Invalid initial character for a key part",
    "no_value": r"Expecting value",
    "no_name": r"Expecting property name enclosed in double quotes",
    "no_comma": r"Expecting ',' delimiter",
    "no_colon": r"Expecting ':' delimiter",
}
_PATTERNS = {name: re.compile(pattern, re.DOTALL) for name, pattern in _SAID.items()}


def said_of(why: str) -> tuple[str, Mapping[str, str]] | None:
    """Return the name of the sentence that a system's words are, and the values in it; None for what is not known.

    What is said of a place has the words themselves as its `what`.
    """
    wrapped = _WRAPPED.fullmatch(why)
    plain = wrapped["what"] if wrapped is not None else why.removesuffix(_AT_THE_END)
    for name, pattern in (*_PLACES.items(), *_PATTERNS.items()):
        found = pattern.fullmatch(plain)
        if found is not None:
            return name, {each: value or "" for each, value in found.groupdict().items()}
    return None
