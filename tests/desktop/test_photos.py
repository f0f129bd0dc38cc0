"""Pictures become photos: upright, small, without a word of where and by whom they were taken, or a reason why not."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from PIL.Image import Exif
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from core.cases.photos import LARGEST, is_photo
from core.cases.shelf import Shelf
from core.kernel.blobs import BlobStore
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.station.photo_desk import Prepared
from desktop.photo_desk import PhotoRoom, _small
from desktop.photos import LONG_SIDE, MEGAPIXELS, NoPhoto, photo_of

_ORIENTATION, _MAKE, _GPS = 0x0112, 0x010F, 0x8825


def drawn(size: tuple[int, int] = (400, 300), mode: str = "RGB") -> Image.Image:
    """A picture whose upper left corner is red, and everything else blue."""
    made = Image.new("RGB", size, "blue")
    ImageDraw.Draw(made).rectangle((0, 0, size[0] // 3, size[1] // 3), "red")
    return made.convert(mode)


def as_file(image: Image.Image, kind: str, **said: object) -> bytes:
    held = BytesIO()
    image.save(held, kind, **said)
    return held.getvalue()


def opened(data: bytes) -> Image.Image:
    assert is_photo(sha256(data).hexdigest(), data)
    made = Image.open(BytesIO(data))
    made.load()
    assert made.format == "JPEG"
    return made


def is_red(image: Image.Image, x: int, y: int) -> bool:
    red, _, blue = image.crop((x, y, x + 1, y + 1)).tobytes()
    return red > 200 > 100 > blue


def reason_of(data: bytes) -> Reason:
    with pytest.raises(NoPhoto) as found:
        photo_of(data)
    return found.value.reason


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "1"),
        ("WEBP", "RGB"),
        ("BMP", "RGB"),
        ("GIF", "P"),
    ],
)
def test_a_picture_of_any_kind_is_a_photo(kind: str, mode: str) -> None:
    seen = opened(photo_of(as_file(drawn(mode=mode), kind)))
    assert seen.size == (400, 300)
    assert seen.mode == "RGB"


def test_what_is_seen_through_is_white() -> None:
    seen = opened(photo_of(as_file(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG")))
    assert seen.convert("L").getextrema() == (255, 255)


@pytest.mark.parametrize(
    ("turned", "size", "corner"),
    [(1, (400, 300), (20, 20)), (6, (300, 400), (280, 20)), (3, (400, 300), (380, 280)), (8, (300, 400), (20, 380))],
)
def test_a_photo_is_upright(turned: int, size: tuple[int, int], corner: tuple[int, int]) -> None:
    exif = Exif()
    exif[_ORIENTATION] = turned
    seen = opened(photo_of(as_file(drawn(), "JPEG", exif=exif)))
    assert seen.size == size
    assert is_red(seen, *corner)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_what_is_seen_is_kept(kind: str) -> None:
    exif = Exif()
    exif[_MAKE] = "Anna's telephone"
    exif.get_ifd(_GPS)[1] = "N"
    said = {"comment": b"Anna's kitchen"} if kind == "JPEG" else {}
    given_ = as_file(drawn(), kind, exif=exif, icc_profile=b"Anna's screen", **said)
    assert b"Anna" in given_
    made = photo_of(given_)
    assert b"Anna" not in made
    assert not opened(made).getexif()
    assert set(opened(made).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_large_picture_is_made_small_enough_whatever_it_shows() -> None:
    noise = Image.effect_noise((4000, 3000), 200).convert("RGB")
    made = photo_of(as_file(noise, "JPEG", quality=95))
    assert len(made) <= LARGEST
    assert opened(made).size == (LONG_SIDE, 1200)
    assert opened(photo_of(as_file(drawn((300, 3000)), "PNG"))).size == (160, LONG_SIDE)


def test_what_is_too_large_is_seen_before_it_is_unfolded() -> None:
    side = int((MEGAPIXELS * 1_000_000) ** 0.5) + 10
    assert reason_of(as_file(Image.new("1", (side, side)), "PNG")) is Reason.PICTURE_HUGE
    bomb = bytearray(as_file(Image.new("1", (8, 8)), "BMP"))
    bomb[18:26] = (30_000).to_bytes(4, "little") * 2
    assert reason_of(bytes(bomb)) is Reason.PICTURE_HUGE


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x00" * 2_000, b"\xff\xd8\xff"]
)
def test_what_is_no_picture_is_said_to_be_none(data: bytes) -> None:
    assert reason_of(data) is Reason.NO_PICTURE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_that_is_cut_off_is_no_photo(kind: str) -> None:
    whole = as_file(Image.effect_noise((300, 300), 90), kind)
    assert reason_of(whole[: len(whole) // 2]) is Reason.PICTURE_CUT


_WHOLE = {kind: as_file(drawn((40, 30)), kind) for kind in ("JPEG", "PNG", "GIF", "BMP", "WEBP")}


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(_WHOLE)), st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), max_size=8),
    st.integers(0, 2_000), st.binary(max_size=40),
)  # fmt: skip
def test_any_bytes_are_a_photo_or_a_reason(kind: str, bent: list[tuple[int, int]], cut: int, behind: bytes) -> None:
    data = bytearray(_WHOLE[kind])
    for at, value in bent:
        data[at % len(data)] = value
    try:
        made = photo_of(bytes(data[: len(data) - cut % 50]) + behind)
    except NoPhoto as e:
        assert e.reason in (Reason.NO_PICTURE, Reason.PICTURE_CUT, Reason.PICTURE_HUGE)
    else:
        opened(made)


# The desk


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PhotoRoom]:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    desk = SimpleNamespace(
        files=lambda: tuple(sorted(each.name for each in inbox.iterdir())),
        find=lambda name: str(inbox / name) if (inbox / name).is_file() else None,
    )
    made = PhotoRoom(desk, Shelf(BlobStore(tmp_path / "blobs")), {})
    yield made
    made.close()


def waited(room: PhotoRoom, begin: Callable[..., None], *given: str) -> Prepared | Refusal | None:
    """What becomes of something that is begun."""
    over = Event()
    room.told = over.set
    begin(*given)
    assert over.wait(20)
    return room.ready()


def test_pictures_of_the_inbox_are_offered_and_no_other_files(room: PhotoRoom, tmp_path: Path) -> None:
    for name in ("orders.csv", "a.JPG", "b.png", "c.svg"):
        (tmp_path / "inbox" / name).write_bytes(b"")
    assert room.names() == ("a.JPG", "b.png")


def test_only_what_somebody_said_yes_to_is_kept(room: PhotoRoom, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / "inbox" / name).write_bytes(as_file(drawn((ord(name[0]), 50)), "PNG"))
    first, second = (waited(room, room.take, name) for name in ("a.png", "b.png"))
    assert isinstance(first, Prepared)
    assert isinstance(second, Prepared)
    assert list((tmp_path / "blobs").glob("*/*")) == []

    assert waited(room, room.keep, first.digest) == Refusal(Reason.NOT_FOUND, {"got": first.digest})
    # Also where whoever said yes went back, and says it once more.
    for _ in range(2):
        assert waited(room, room.keep, second.digest) == second
    assert list(BlobStore(tmp_path / "blobs").names()) == [second.digest]
    assert room.look(second.digest)


def test_a_disk_that_is_full_keeps_nothing_and_says_so(room: PhotoRoom, tmp_path: Path) -> None:
    (tmp_path / "inbox" / "a.png").write_bytes(as_file(drawn(), "PNG"))
    photo = waited(room, room.take, "a.png")
    assert isinstance(photo, Prepared)
    (tmp_path / "blobs").write_bytes(b"")
    refused = waited(room, room.keep, photo.digest)
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.NOT_SAVED
    (tmp_path / "blobs").unlink()
    assert waited(room, room.keep, photo.digest) == photo


def test_what_was_handed_over_is_taken_once(room: PhotoRoom, tmp_path: Path) -> None:
    (tmp_path / "inbox" / "a.png").write_bytes(as_file(drawn(), "PNG"))
    assert not room.handed()
    room.hand("a.png")
    assert room.handed()
    assert isinstance(waited(room, room.take, ""), Prepared)
    assert not room.handed()
    room.hand(QImage(), "Clipboard")
    assert waited(room, room.take, "") == Refusal(Reason.NO_PICTURE, {"got": "Clipboard", "most": MEGAPIXELS})
    assert waited(room, room.take, "missing.png") == Refusal(Reason.NOT_FOUND, {"got": "missing.png"})


def test_a_drive_that_does_not_answer_holds_up_neither_the_window_nor_the_next_picture(
    room: PhotoRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inbox" / "a.png").write_bytes(as_file(drawn(), "PNG"))
    answers, read = Event(), Path.read_bytes

    def hangs(path: Path) -> bytes:
        if path.name == "far.png":
            answers.wait(20)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", hangs)
    (tmp_path / "inbox" / "far.png").write_bytes(b"")
    room.take("far.png")
    assert room.ready() is None
    assert isinstance(waited(room, room.take, "a.png"), Prepared)
    answers.set()


@pytest.mark.parametrize(("kind", "most"), [("PNG", 20), ("WEBP", 12), ("BMP", 20), ("GIF", 20), ("JPEG", MEGAPIXELS)])
def test_what_is_unfolded_whole_may_be_less_large(
    kind: str, most: int, room: PhotoRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = as_file(drawn((40, 30)), kind)
    side = int((most * 1_000_000) ** 0.5) + 10

    def says(given: BytesIO, **how: object) -> Image.Image:
        made = plain(given, **how)
        made._size = (side, side)
        return made

    plain = Image.open
    monkeypatch.setattr(Image, "open", says)
    with pytest.raises(NoPhoto) as found:
        photo_of(data)
    assert (found.value.reason, found.value.most) == (Reason.PICTURE_HUGE, most)


def test_a_large_picture_of_the_clipboard_is_made_small_before_it_is_written_down(room: PhotoRoom) -> None:
    image = QImage(4000, 3000, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    with Image.open(BytesIO(_small(image))) as made:
        assert made.size == (LONG_SIDE, 1200)
    room.hand(image, "Clipboard")
    assert isinstance(waited(room, room.take, ""), Prepared)
    with pytest.raises(NoPhoto):
        _small(QImage(8_000, 8_000, QImage.Format.Format_Mono))
