"""What a label printer hears on one connection: formats, questions in between, or a PDF up to the end.

Sans-IO. Like a real interpreter it looks for commands in the bytes and not in fields: data that was not escaped ends
a label or begins a second one here, too.
"""

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    rb'\^XA|\^XZ|~HS|~HI|~HQ[A-Z]{2}|~JC|! U1 getvar "([^"\r\n]*)"\r?\n|! U1 setvar "([^"\r\n]*)" "([^"\r\n]*)"\r?\n'
)
_PDF = b"%PDF-"
_PDF_END = b"%%EOF"
_PDF_TAIL = 1024


@dataclass(frozen=True, slots=True)
class Label:
    """A complete format, `^XA` to `^XZ`."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Document:
    """A complete PDF."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Question:
    """Something to be answered or done at once: `~HS`, `~HI`, `~HQES`, `~JC`, or the name of a variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable that is set."""

    name: str
    value: str


Heard = Label | Question | Setting


class Stream:
    """One connection, from its first byte to its last."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self._heard = b""
        self._label: bytes | None = None

    @property
    def within_label(self) -> bool:
        """Say whether a format has begun and not ended."""
        return self._label is not None

    def feed(self, data: bytes) -> list[Heard]:
        """Return what became complete with these bytes."""
        self._heard += data
        if self._label is None and _PDF.startswith(self._heard[: len(_PDF)]):
            return []
        found: list[Heard] = []
        while match := _TOKEN.search(self._heard):
            before, token = self._heard[: match.start()], match[0]
            self._heard = self._heard[match.end() :]
            if token == b"^XA" and self._label is None:
                self._label = token
            elif token == b"^XZ" and self._label is not None:
                found.append(Label(self._label + before + token))
                self._label = None
            elif token.startswith(b"^"):
                self._label = None if self._label is None else self._label + before + token
            else:
                found.append(
                    Setting(match[2].decode("utf-8", "replace"), match[3].decode("utf-8", "replace"))
                    if match[2] is not None
                    else Question((match[1] or token).decode("ascii", "replace"))
                )
                self._label = None if self._label is None else self._label + before
        return found

    def end(self) -> Document | None:
        """Return the PDF that the end of the connection completes, if there is one."""
        if self._heard.startswith(_PDF) and _PDF_END in self._heard[-_PDF_TAIL:]:
            return Document(self._heard)
        return None
