"""What is on the card, and that its signatures hold (card manual 3 to 5)."""

import hashlib
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from kiosk.cardreader.simulator.card import SimulatedCard, make_card
from kiosk.cardreader.simulator.encoding import der, der_length, split_tlvs, tlv
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.persona import Persona, UnknownPerson, people, person
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.domain.national_number import NationalNumber, NumberKind

KINDS = [
    (Applet.V1_0, ()),
    (Applet.V1_1, ()),
    (Applet.V1_7, ()),
    (Applet.V1_7, ("rekeyed",)),
    (Applet.V1_8, ()),
]


@pytest.fixture(params=KINDS, ids=["1.0", "1.1", "1.7", "1.7-rekeyed", "1.8"])
def card(request: pytest.FixtureRequest, an: Persona, pki: TestPki) -> SimulatedCard:
    applet, faults = request.param
    return make_card(an, pki, applet, faults)


def public_key_of(card: SimulatedCard) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
    content = card.image.file(File.RRN_CERTIFICATE)
    certificate = x509.load_der_x509_certificate(content[: der_length(content)])
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
    return key


def verify(card: SimulatedCard, signature: bytes, data: bytes) -> None:
    """Raise unless the register's key of the card made the signature."""
    key = public_key_of(card)
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature[: der_length(signature)], data, ec.ECDSA(hashes.SHA384()))
    else:
        algorithm = hashes.SHA1() if key.key_size == 1024 else hashes.SHA256()
        key.verify(signature, data, padding.PKCS1v15(), algorithm)


def test_identity_and_address_are_signed(card: SimulatedCard) -> None:
    signature = card.image.file(File.IDENTITY_SIGNATURE)
    verify(card, signature, card.image.file(File.IDENTITY))
    address = card.image.file(File.ADDRESS)
    assert len(address) == 121
    verify(card, card.image.file(File.ADDRESS_SIGNATURE), address.rstrip(b"\0") + signature)


def test_signature_sizes(card: SimulatedCard) -> None:
    size = len(card.image.file(File.IDENTITY_SIGNATURE))
    if card.image.applet is Applet.V1_8:
        assert 100 <= size <= 104
    else:
        assert size == (128 if card.image.applet in (Applet.V1_0, Applet.V1_1) else 256)


def test_the_identity_says_who_it_is(card: SimulatedCard, an: Persona) -> None:
    content = card.image.file(File.IDENTITY)
    elements = dict(split_tlvs(content))
    assert list(elements) == sorted(elements)
    assert elements[0x02] == an.chip_number == card.image.card_data[:16]
    assert elements[0x04] == b"28.02.2051"
    assert elements[0x06] == an.number.encode()
    assert (elements[0x07], elements[0x08]) == (b"Peeters", b"An")
    assert elements[0x0C] == b"30 JAN 1985"
    photo = card.image.file(File.PHOTO)
    digest = {20: hashlib.sha1, 32: hashlib.sha256, 48: hashlib.sha384}[len(elements[0x11])]
    assert elements[0x11] == digest(photo).digest()
    assert photo.startswith(b"\xff\xd8")
    assert photo.endswith(b"\xff\xd9")
    assert len(photo) == 3028


def test_a_new_card_names_its_key(an: Persona, pki: TestPki) -> None:
    image = make_card(an, pki, Applet.V1_8).image
    elements = dict(split_tlvs(image.file(File.IDENTITY)))
    key = image.file(File.BASIC_KEY)
    assert len(key) == 120
    assert elements[0x1A] == hashlib.sha384(key).digest()
    assert all(elements[tag] == b"" for tag in range(0x15, 0x1A))
    serialization.load_der_public_key(key)


@pytest.mark.parametrize("one", people().values(), ids=lambda one: one.id)
@pytest.mark.parametrize("applet", [Applet.V1_7, Applet.V1_8])
def test_the_default_people(one: Persona, applet: Applet, pki: TestPki) -> None:
    assert NationalNumber(one.number).kind is NumberKind.TEST
    size = len(make_card(one, pki, applet).image.file(File.IDENTITY))
    assert 155 <= size <= (255 if applet is Applet.V1_8 else 204)


def test_who_gets_which_document() -> None:
    kinds = {one.kind_of_card for one in people().values()}
    assert kinds == {"1", "6", "33"}
    assert person("an-peeters").kind_of_card == "1"
    assert replace(person("an-peeters"), document_type="16").kind_of_card == "16"


def test_card_numbers() -> None:
    an = person("an-peeters")
    number = an.printed_card_number
    assert len(number) == 12
    assert int(number[10:]) == (int(number[:10]) % 97 or 97)
    assert replace(an, nationality="SY").printed_card_number[0] == "B"
    assert replace(an, card_number="123").printed_card_number == "123"


def test_children_have_no_certificates(an: Persona, pki: TestPki) -> None:
    child = replace(an, document_type="6")
    for applet, size in ((Applet.V1_7, 1300), (Applet.V1_8, 2500)):
        image = make_card(child, pki, applet).image
        assert image.file(File.AUTHENTICATION_CERTIFICATE) == bytes(size)


def test_own_elements_and_own_bytes(an: Persona, pki: TestPki) -> None:
    special = replace(an, extra=((0x13, b"2"), (0x07, b"Jansens")))
    elements = dict(split_tlvs(make_card(special, pki).image.file(File.IDENTITY)))
    assert (elements[0x13], elements[0x07]) == (b"2", b"Jansens")
    raw = make_card(replace(an, identity=b"raw"), pki)
    assert raw.image.file(File.IDENTITY) == b"raw"
    verify(raw, raw.image.file(File.IDENTITY_SIGNATURE), b"raw")


def test_nobody() -> None:
    with pytest.raises(UnknownPerson):
        person("nobody")


@pytest.mark.parametrize("length", [0, 1, 254, 255, 256, 509, 510, 600])
def test_long_elements(length: int) -> None:
    value = bytes(length)
    assert split_tlvs(tlv(0x07, value) + tlv(0x08, b"x")) == [(0x07, value), (0x08, b"x")]
    assert len(tlv(0x07, value)) == 2 + length + length // 255


@pytest.mark.parametrize("broken", [b"\x07", b"\x07\x02x", b"\x07\xff"])
def test_broken_elements(broken: bytes) -> None:
    with pytest.raises(ValueError, match="cut"):
        split_tlvs(broken)


@pytest.mark.parametrize("length", [0, 127, 128, 255, 256, 70000])
def test_der_lengths(length: int) -> None:
    encoded = der(0x30, bytes(length))
    assert der_length(encoded + b"more") == len(encoded)


@pytest.mark.parametrize("broken", [b"", b"\x30", b"\x30\x82\x01"])
def test_no_der(broken: bytes) -> None:
    with pytest.raises(ValueError, match="DER"):
        der_length(broken)
