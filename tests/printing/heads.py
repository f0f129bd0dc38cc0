"""Printers of EPL2, TSPL and ESC/POS as far as our back ends use them: bytes in, the labels they would print out.

Written from the languages' manuals and sharing nothing with what it checks. A command it does not know is an error, so
that nothing a printer would trip over goes unseen.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from PIL import Image, ImageDraw

BLACK, WHITE = 0, 255


@dataclass(slots=True)
class Head:
    """A printer at work: its picture so far, and what it has printed."""

    size: tuple[int, int] = (0, 0)
    image: Image.Image | None = None
    printed: list[Image.Image] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)

    def clear(self) -> None:
        """Empty the picture."""
        self.image = Image.new("L", self.size, WHITE)

    def paper(self) -> Image.Image:
        """Return the picture; one must have been begun."""
        assert self.image is not None, "drawn before the picture was cleared"
        return self.image

    def fill(self, x: int, y: int, width: int, height: int) -> None:
        """Draw a black rectangle, which must lie on the label."""
        assert min(x, y) >= 0, "before the edge"
        assert min(width, height) > 0, "a bar of nothing"
        assert x + width <= self.size[0] and y + height <= self.size[1], "beyond the label"
        ImageDraw.Draw(self.paper()).rectangle((x, y, x + width - 1, y + height - 1), fill=BLACK)

    def paste(self, x: int, y: int, row_bytes: int, data: bytes, *, black: int) -> None:
        """Write dots over what is there; `black` is the bit that is burnt."""
        assert len(data) % row_bytes == 0, "a picture that is cut short"
        dots = Image.frombytes("1", (row_bytes * 8, len(data) // row_bytes), data).convert("L")
        self.paper().paste(dots.point([BLACK if (level > 0) == bool(black) else WHITE for level in range(256)]), (x, y))

    def print(self, copies: int = 1) -> None:
        """Put the picture on paper."""
        self.printed.extend([self.paper().copy()] * copies)


def epl2(data: bytes) -> Head:
    """Return what an EPL2 printer makes of a job."""
    head, rest = Head(), data
    while rest:
        line, _, rest = rest.partition(b"\n")
        if not line:
            continue
        name, said = _split(line, rb"(;|[A-Za-z]{1,2}?(?=[\d;]|$))(.*)")
        match name:
            case b"q":
                head.size = (int(said), head.size[1])
            case b"Q":
                head.size = (head.size[0], int(said.split(b",")[0]))
                head.settings["gap"] = said.split(b",")[1].decode()
            case b"S" | b"D" | b";":
                head.settings[name.decode()] = said.decode()
            case b"N":
                head.clear()
            case b"LO":
                head.fill(*_numbers(said))
            case b"GW":
                x, y, row_bytes, height = _numbers(said)
                size = row_bytes * height
                head.paste(x, y, row_bytes, rest[:size], black=0)
                assert rest[size : size + 1] == b"\n"
                rest = rest[size + 1 :]
            case b"P":
                head.print(int(said))
            case _:
                raise AssertionError(f"EPL2 knows no {line[:40]!r}")
    return head


def tspl(data: bytes, dpi: int) -> Head:
    """Return what a TSPL printer makes of a job."""
    head, rest = Head(), data
    while rest:
        if rest.startswith(b"BITMAP "):
            x, y, row_bytes, height, mode = _numbers(b",".join(rest[7:60].split(b",")[:5]))
            start = 7 + sum(len(part) + 1 for part in rest[7:60].split(b",")[:5])
            assert mode in (0, 1)
            head.paste(x, y, row_bytes, rest[start : start + row_bytes * height], black=0)
            rest = rest[start + row_bytes * height :]
            assert rest.startswith(b"\r\n")
            continue
        line, _, rest = rest.partition(b"\r\n")
        name, said = _split(line, rb"([A-Z]*) ?(.*)")
        match name:
            case b"":
                pass
            case b"SIZE":
                sides = [float(side.removesuffix(b" mm")) for side in said.split(b",")]
                head.size = (round(sides[0] * dpi / 25.4), round(sides[1] * dpi / 25.4))
            case b"GAP" | b"SPEED" | b"DENSITY" | b"REM" | b"DIRECTION" | b"REFERENCE":
                head.settings[name.decode()] = said.decode()
            case b"CLS":
                head.clear()
            case b"BAR":
                head.fill(*_numbers(said))
            case b"PRINT":
                sets, copies = _numbers(said)
                head.print(sets * copies)
            case _:
                raise AssertionError(f"TSPL knows no {line[:40]!r}")
    return head


def escpos(data: bytes) -> Head:
    """Return what a receipt printer makes of a job: a picture for each piece of paper it cut off."""
    head, bands, rest = Head(), [], data
    while rest:
        if rest.startswith(b"\x1b@"):
            rest = rest[2:]
        elif rest.startswith(b"\x1d(K\x02\x001"):
            head.settings["darkness"] = str(int.from_bytes(rest[6:7], "big", signed=True))
            rest = rest[7:]
        elif rest.startswith(b"\x1dv0\x00"):
            row_bytes, height = int.from_bytes(rest[4:6], "little"), int.from_bytes(rest[6:8], "little")
            bands.append((row_bytes, rest[8 : 8 + row_bytes * height]))
            rest = rest[8 + row_bytes * height :]
        elif rest.startswith(b"\x1dVB"):
            head.size = (bands[0][0] * 8, sum(len(dots) // row_bytes for row_bytes, dots in bands))
            head.clear()
            y = 0
            for row_bytes, dots in bands:
                head.paste(0, y, row_bytes, dots, black=1)
                y += len(dots) // row_bytes
            head.print()
            bands, rest = [], rest[4:]
        else:
            raise AssertionError(f"ESC/POS knows no {rest[:8]!r}")
    assert not bands, "paper that was never cut off"
    return head


def _split(line: bytes, form: bytes) -> tuple[bytes, bytes]:
    found = re.fullmatch(form, line)
    assert found is not None, f"no command: {line[:40]!r}"
    return found[1], found[2]


def _numbers(said: bytes) -> Iterator[int]:
    return (int(each) for each in said.split(b","))
