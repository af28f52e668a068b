from __future__ import annotations

import contextlib
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from kiosk.cardreader import tlv
from kiosk.cardreader.tlv import TlvError


def encode(fields: dict[int, bytes]) -> bytes:
    out = bytearray()
    for tag, value in fields.items():
        length = len(value)
        out.append(tag)
        out += b"\xff" * (length // 255) + bytes([length % 255])
        out += value
    return bytes(out)


fields = st.dictionaries(st.integers(1, 255), st.binary(max_size=600), max_size=6)


@given(fields, st.integers(0, 20))
def test_what_is_written_is_read_back(written: dict[int, bytes], padding: int) -> None:
    assert tlv.parse(encode(written) + bytes(padding if written else 0)) == written


@given(st.binary(max_size=400))
def test_any_bytes_parse_or_are_refused(data: bytes) -> None:
    try:
        parsed = tlv.parse(data)
    except TlvError:
        return
    assert sum(len(value) for value in parsed.values()) <= len(data)
    assert tlv.is_complete(data) == bool(parsed.keys() - {0})


@given(fields.filter(bool), st.data())
def test_what_is_cut_within_a_value_is_not_complete(
    written: dict[int, bytes], data: st.DataObject
) -> None:
    whole = encode(written)
    assert tlv.is_complete(whole)
    last = len(list(written.values())[-1])
    if last:
        assert not tlv.is_complete(whole[: -data.draw(st.integers(1, last))])


def test_two_values_of_one_tag_are_whole_and_wrong() -> None:
    doubled = b"\x06\x01A\x06\x01B"
    assert tlv.is_complete(doubled)
    with pytest.raises(TlvError, match="twice"):
        tlv.parse(doubled)


@pytest.mark.parametrize("data", [b"", b"\0", bytes(2), bytes(200), b"\0\2\0\1", b"\0\2\0\1\0\0"])
def test_zeros_and_a_version_alone_are_no_content(data: bytes) -> None:
    assert not tlv.is_complete(data)


@given(fields.filter(bool), st.data())
def test_a_cut_file_is_never_taken_for_a_whole_one(
    written: dict[int, bytes], data: st.DataObject
) -> None:
    whole = encode(written)
    cut = whole[: data.draw(st.integers(1, len(whole)))]
    with contextlib.suppress(TlvError):
        assert tlv.parse(cut).items() <= written.items()


@pytest.mark.parametrize("length", [0, 1, 254, 255, 256, 509, 510, 511, 765])
def test_lengths_add_up_over_their_bytes(length: int) -> None:
    assert tlv.parse(encode({7: b"x" * length})) == {7: b"x" * length}


def test_the_structure_version_may_only_come_first() -> None:
    assert tlv.parse(b"\x00\x02\x00\x01\x06\x01A") == {0: b"\x00\x01", 6: b"A"}
    assert tlv.parse(b"\x06\x01A\x00\x00\x00") == {6: b"A"}
    with pytest.raises(TlvError, match="padding"):
        tlv.parse(b"\x06\x01A\x00\x02\x00\x01")


@pytest.mark.parametrize(
    "data",
    [b"\x06", b"\x06\x02A", b"\x06\xff", b"\x06" + b"\xff" * 300, b"\x06\x01A\x06\x01B"],
    ids=["no length", "cut value", "cut length", "endless length", "doubled tag"],
)
def test_malformed_files_are_refused(data: bytes) -> None:
    with pytest.raises(TlvError):
        tlv.parse(data)


@pytest.mark.parametrize(
    ("data", "length"),
    [
        (b"\x30\x05", 7),
        (b"\x30\x7f", 129),
        (b"\x30\x81\x80", 131),
        (b"\x30\x82\x04\xca", 1230),
        (b"\x30\x80", None),
        (b"\x30\x83\x01\x00\x00", None),
        (b"\x30\x82\x04", None),
        (b"\x30", None),
        (b"", None),
        (b"\x31\x05", None),
        (b"\x00\x00\x00", None),
    ],
)
def test_the_length_of_a_der_sequence(data: bytes, length: int | None) -> None:
    assert tlv.der_length(data) == length


numbers = st.integers(1, 2**384)


@given(r=numbers, s=numbers, more=st.binary(max_size=200))
def test_an_ecdsa_signature_says_where_it_ends(r: int, s: int, more: bytes) -> None:
    signature = encode_dss_signature(r, s)
    assert tlv.ecdsa_length(signature + more) == len(signature)
    for cut in range(len(signature)):
        assert tlv.ecdsa_length(signature[:cut]) is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "30", "3000", "300102", "30020200", "3003020100", "3006020101020200"),
        *("3007020101020101ff", "30060301010201 01", "3006020101030101", "3006020101020201"),
        *("308106020101020101", "310602010102 0101", "3004020102 00"),
    ],
)
def test_what_is_not_a_sequence_of_two_numbers_says_nothing(text: str) -> None:
    assert tlv.ecdsa_length(bytes.fromhex(text)) is None


def test_what_an_rsa_signature_says_is_not_taken_for_its_end() -> None:
    dice = random.Random(61)
    for _ in range(200_000):
        assert tlv.ecdsa_length(b"\x30" + dice.randbytes(103)) is None
