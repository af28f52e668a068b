"""No forgery is accepted: every byte of what is read changed, and every way known to deceive.

What "accepted" means stands in :mod:`tests.support.forged_cards`. A million more: ``make soak``.
"""

from __future__ import annotations

import pytest
from cryptography import x509

from kiosk.cardreader.simulator.encoding import der_length
from kiosk.cardreader.simulator.layout import File
from kiosk.domain.problem import ProblemCode
from tests.support.forged_cards import KINDS, Court, changed

pytestmark = [pytest.mark.xdist_group("forgeries"), pytest.mark.usefixtures("no_pauses")]


def flipped(content: bytes, place: int, bit: int) -> bytes:
    return content[:place] + bytes((content[place] ^ 1 << bit,)) + content[place + 1 :]


OWN_FILES = [
    *((kind, file, range(1)) for kind in KINDS for file in ("4031", "4032") if kind != "1.7"),
    *(("1.7", file, range(8)) for file in ("4031", "4032")),
    ("1.8", "4040", range(2)),
]


@pytest.mark.no_cover
@pytest.mark.parametrize(("kind", "number", "bits"), OWN_FILES)
def test_every_byte_that_is_read_of_each_card_counts(
    court: Court, kind: str, number: str, bits: range
) -> None:
    """With certificates seen before: every bit where that is cheap, else one bit of a byte."""
    card, file, reader = court.genuine(kind), File.by_number(number), court.warm()
    content = card.image.file(file)
    padded = file is File.IDENTITY_SIGNATURE and kind == "1.7 re-keyed"
    for place in range(der_length(content) if padded else len(content)):
        for bit in bits:
            forged = changed(card, {file: flipped(content, place, (bit + place) % 8)})
            code = court.judged(forged, reader)
            assert code is not None, (place, bit)


CERTIFICATES = [(kind, number) for kind in ("1.1", "1.7", "1.8") for number in ("503C", "503B")]


@pytest.mark.no_cover
@pytest.mark.parametrize(("kind", "number"), CERTIFICATES)
def test_every_byte_of_a_certificate_counts_at_a_first_read(
    court: Court, kind: str, number: str
) -> None:
    """All but an unused bit of the outer BIT STRING, which says nothing; see below."""
    card, file = court.genuine(kind), File.by_number(number)
    content = card.image.file(file)
    for place in range(len(content.rstrip(b"\0"))):
        bit = place % 8 if place != unused_bits_at(content) else 7
        forged = changed(card, {file: flipped(content, place, bit)})
        assert court.judged(forged, court.first()) is not None, place


@pytest.mark.parametrize(("kind", "number"), CERTIFICATES)
def test_a_flipped_unused_bit_of_an_outer_encoding_is_no_forgery(
    court: Court, kind: str, number: str
) -> None:
    """The octet that counts the unused bits of the signature, outside of all that is signed.

    Where the signature ends with zeros, that many may be called unused: the same person, under
    the same keys, by the same signed bytes. Refused or not, ``judged`` makes sure of that.
    """
    card, file = court.genuine(kind), File.by_number(number)
    content = card.image.file(file)
    at, last = unused_bits_at(content), der_length(content) - 1
    zeros = (content[last] & -content[last]).bit_length() - 1 if content[last] else 8
    for unused in range(1, 256):
        forged = content[:at] + bytes((unused,)) + content[at + 1 :]
        code = court.judged(changed(card, {file: forged}), court.first())
        assert (code is None) is (unused <= min(zeros, 7)), unused


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_read_changes_nothing(court: Court, kind: str) -> None:
    """Certificates that were seen before, and what is behind one or behind a signature."""
    card, zeros = court.genuine(kind), bytes(2500)
    unread = {File.RRN_CERTIFICATE: zeros, File.ROOT_CERTIFICATE: zeros}
    assert court.judged(changed(card, unread), court.warm()) is None
    rrn = card.image.file(File.RRN_CERTIFICATE)
    padded = rrn[: der_length(rrn)] + bytes(range(1, 256))
    assert court.judged(changed(card, {File.RRN_CERTIFICATE: padded}), court.first()) is None


@pytest.mark.parametrize("kind", ["1.7 re-keyed", "1.8"])
def test_what_is_behind_an_elliptic_signature_is_not_read(court: Court, kind: str) -> None:
    card = court.genuine(kind)
    content = card.image.file(File.IDENTITY_SIGNATURE)
    bare = content[: der_length(content)]
    longer = bare + bytes(105 - len(bare)) + bytes(range(1, 152))
    assert court.judged(changed(card, {File.IDENTITY_SIGNATURE: longer}), court.warm()) is None
    noisy = bare + b"\1" * (105 - len(bare))
    forged = changed(card, {File.IDENTITY_SIGNATURE: noisy})
    assert court.judged(forged, court.warm()) is ProblemCode.SIGNATURE_WRONG


def unused_bits_at(certificate: bytes) -> int:
    """Where the outer BIT STRING says how many of its last bits are unused."""
    loaded = x509.load_der_x509_certificate(certificate[: der_length(certificate)])
    return der_length(certificate) - len(loaded.signature) - 1
