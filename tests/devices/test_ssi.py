"""Zebra's packets: each acknowledged, none counted twice, none read wrong."""

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.framing.heard import Answer, Damaged, Read
from devices.framing.ssi import ACK, NAK, SEGMENT_TAKEN, Ssi, packet
from tests.devices.streams import AT, cuts_of, heard, pieces, reads, replies, split_everywhere

VECTOR = bytes.fromhex("15 F3 00 00 0F") + b"0109506000134352" + bytes.fromhex("FB C2")


def decode(data: bytes, *, kind: int = 0x0F, status: int = 0) -> bytes:
    return packet(0xF3, bytes((kind,)) + data, status=status, source=0)


def segments(data: bytes, *, kind: int = 0x1C) -> list[bytes]:
    """Return a long symbol as a scanner sends it: 241 bytes in the first segment, up to 250 in the others."""
    first = packet(0x73, bytes((0, 0xF3, 0, 0, 0, 0, kind, 0)) + len(data).to_bytes(2, "big") + data[:241], source=2)
    rest = [data[at : at + 250] for at in range(241, len(data), 250)]
    return [first, *(packet(0x73, bytes((n,)) + part, source=0) for n, part in enumerate(rest, 1))]


def test_a_scan_is_acknowledged_and_its_symbology_known() -> None:
    assert decode(b"0109506000134352") == VECTOR
    assert split_everywhere(Ssi, VECTOR) == [Answer(ACK), Read(b"0109506000134352", "]C1")]


def test_the_symbology_id_that_was_sent_stands() -> None:
    assert reads(heard(Ssi(), [decode(b"]d2010950600013435210A\r", kind=0x1B)])) == [
        Read(b"010950600013435210A", "]d2")
    ]
    assert reads(heard(Ssi(), [decode(b"HELLO", kind=0x1B)])) == [Read(b"HELLO")]


def test_a_upc_a_has_the_thirteen_digits_that_its_symbology_id_promises() -> None:
    packets = [
        decode(b"416000336108", kind=0x08),
        decode(b"0416000336108", kind=0x08),
        decode(b"416000336108", kind=0x0B),
    ]
    assert reads(heard(Ssi(), packets)) == [
        Read(b"0416000336108", "]E0"), Read(b"0416000336108", "]E0"), Read(b"416000336108", "]E0"),
    ]  # fmt: skip


def test_a_packet_sent_again_is_acknowledged_again_and_counts_once() -> None:
    again = decode(b"A-01-04", status=1)

    assert split_everywhere(Ssi, decode(b"A-01-04") + again + again) == [
        Answer(ACK), Read(b"A-01-04", "]C1"), Answer(ACK), Answer(ACK),
    ]  # fmt: skip


def test_a_packet_whose_acknowledgement_went_with_the_cable_counts_once() -> None:
    ssi = Ssi()
    assert reads(ssi.feed(decode(b"A-01-04"), AT))
    ssi.reset()

    assert ssi.feed(decode(b"A-01-04", status=1), AT + 5_000) == [Answer(ACK)]
    assert reads(ssi.feed(decode(b"A-01-04"), AT + 9_000))


def test_the_same_code_scanned_twice_counts_twice() -> None:
    assert len(reads(heard(Ssi(), [decode(b"A-01-04"), decode(b"A-01-04")]))) == 2


def test_a_damaged_packet_is_asked_for_again_and_then_counts() -> None:
    ssi = Ssi()
    ssi.feed(decode(b"A-01-04"), AT)
    broken = bytearray(decode(b"A-01-04"))
    broken[6] ^= 0x40

    assert ssi.feed(bytes(broken), AT) == []
    assert ssi.tick(AT + 500) == [Damaged(bytes(broken), "no packet"), Answer(NAK)]
    assert ssi.feed(decode(b"A-01-04", status=1), AT + 600) == [Answer(ACK), Read(b"A-01-04", "]C1")]


def test_a_packet_whose_length_was_damaged_does_not_swallow_the_next() -> None:
    found = split_everywhere(Ssi, b"\xf0" + VECTOR[1:] + VECTOR)

    assert reads(found) == [Read(b"0109506000134352", "]C1")]


def test_a_few_stray_bytes_are_not_answered() -> None:
    assert split_everywhere(Ssi, b"\x00\x07\x80" + VECTOR) == [
        Damaged(b"\x00\x07\x80", "no packet"), Answer(ACK), Read(b"0109506000134352", "]C1"),
    ]  # fmt: skip


def test_a_symbol_in_several_packets_is_one_scan() -> None:
    stream = decode(b"A" * 200, kind=0x1C, status=2) + decode(b"B" * 50 + b"\r", kind=0x1C)

    assert split_everywhere(Ssi, stream) == [Answer(ACK), Answer(ACK), Read(b"A" * 200 + b"B" * 50)]


def test_a_symbol_in_segments_is_one_scan() -> None:
    data = bytes(32 + n % 90 for n in range(1000))
    first, *rest = segments(data)

    found = heard(Ssi(), [first, *rest, decode(b"A-01")])
    assert reads(found) == [Read(data), Read(b"A-01", "]C1")]
    assert found[0] == Answer(SEGMENT_TAKEN)
    assert Answer(ACK) in found
    # The second segment's acknowledgement was lost: it comes again.
    assert reads(heard(Ssi(), [first, rest[0], rest[0], *rest[1:], rest[-1]])) == [Read(data)]


def test_a_segment_without_its_first_is_no_scan() -> None:
    assert reads(heard(Ssi(), segments(b"A" * 600)[1:])) == []


def test_answers_to_queries_are_no_scans() -> None:
    revision = packet(0xA4, b"PAABLS00-001-R00", source=0)

    found = split_everywhere(Ssi, revision + packet(0xD0, source=0) + packet(0xF6, b"\x01", source=0))
    assert reads(found) == []
    assert len(replies(found)) == 3


@settings(max_examples=50)
@given(
    data=st.data(),
    codes=st.lists(st.binary(min_size=1, max_size=60).filter(lambda code: code.strip(b"\r\n")), max_size=4),
    noise=st.lists(st.binary(max_size=8), min_size=5, max_size=5),
)
def test_noise_and_pieces_give_no_wrong_scan(data, codes: list[bytes], noise: list[bytes]) -> None:
    stream = noise[0] + b"".join(decode(b"]C0" + code) + noise[n + 1] for n, code in enumerate(codes))
    whole = heard(Ssi(), [stream])

    assert heard(Ssi(), pieces(stream, data.draw(cuts_of(stream)))) == whole
    sent = iter(code.rstrip(b"\r\n") for code in codes)
    assert all(any(each.data == code for code in sent) for each in reads(whole))
