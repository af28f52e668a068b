"""Whom we believe, certificate by certificate."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtensionOID, NameOID

from kiosk.cardreader import trust
from kiosk.cardreader.simulator.encoding import der
from kiosk.cardreader.trust import Root, TrustStore, spki_pin
from kiosk.data import data_path
from kiosk.domain.problem import KioskError, ProblemCode

START, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Extension = tuple[x509.ExtensionType, bool]

ROOT_KEY = ec.generate_private_key(ec.SECP384R1())
OTHER_KEY = ec.generate_private_key(ec.SECP384R1())
RRN_KEY = ec.generate_private_key(ec.SECP384R1())
ROOT_NAME = "Made-up Root CA"


def name(*common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text) for text in common])


def certificate(
    subject: x509.Name,
    key: Key,
    issuer: x509.Name,
    signer: Key,
    extensions: tuple[Extension, ...] = (),
) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(START)
        .not_valid_after(END)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    digest = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA384()
    return builder.sign(signer, digest).public_bytes(serialization.Encoding.DER)


def root_der(key: Key = ROOT_KEY, signer: Key = ROOT_KEY) -> bytes:
    return certificate(name(ROOT_NAME), key, name(ROOT_NAME), signer)


def rrn_der(
    *common: str,
    issuer: str = ROOT_NAME,
    signer: Key = ROOT_KEY,
    key: Key = RRN_KEY,
    extensions: tuple[Extension, ...] = (),
) -> bytes:
    return certificate(name(*(common or ("RRN",))), key, name(issuer), signer, extensions)


def pin(key: Key) -> str:
    public = key.public_key()
    assert not isinstance(public, ed25519.Ed25519PublicKey)
    return spki_pin(public)


TRUST = TrustStore.for_tests([pin(ROOT_KEY).upper()])
ROOT = TRUST.root(root_der())


def refusal(der: bytes, root: Root = ROOT) -> ProblemCode:
    with pytest.raises(KioskError) as caught:
        TRUST.signer(der, [root])
    return caught.value.problem.code


def test_a_root_is_accepted_by_its_key_whatever_its_name() -> None:
    assert ROOT.is_test
    assert ROOT.not_after == END
    assert not ROOT.has_expired(datetime(2049, 1, 1, tzinfo=UTC))
    assert ROOT.has_expired(datetime(2051, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("der", "code"),
    [
        (root_der(OTHER_KEY, OTHER_KEY), ProblemCode.ROOT_UNKNOWN),
        (root_der(ROOT_KEY, OTHER_KEY), ProblemCode.CERTIFICATE_WRONG),
        (
            root_der(ROOT_KEY, ed25519.Ed25519PrivateKey.generate()),
            ProblemCode.CERTIFICATE_WRONG,
        ),
        (
            root_der(*[ec.generate_private_key(ec.SECP256R1())] * 2),
            ProblemCode.CERTIFICATE_WRONG,
        ),
        (root_der(*[ed25519.Ed25519PrivateKey.generate()] * 2), ProblemCode.CERTIFICATE_WRONG),
        (root_der()[:-1], ProblemCode.CERTIFICATE_WRONG),
        (b"", ProblemCode.CERTIFICATE_WRONG),
        (bytes(500), ProblemCode.CERTIFICATE_WRONG),
    ],
    ids=range(8),
)
def test_any_other_root_is_refused(der: bytes, code: ProblemCode) -> None:
    with pytest.raises(KioskError) as caught:
        TRUST.root(der)
    assert caught.value.problem.code is code


@pytest.mark.parametrize("common", ["RRN", "eID TEST RRN"])
def test_the_register_is_accepted_under_a_test_root(common: str) -> None:
    signer = TRUST.signer(rrn_der(common), [ROOT])
    assert signer is not None
    assert (signer.valid_from, signer.valid_to) == (START, END)
    assert not signer.uses_sha1


def test_under_a_belgian_root_only_its_exact_name_is() -> None:
    belgian = Root(ROOT.der, ROOT.certificate, ROOT.key, is_test=False, not_after=END)
    assert TRUST.signer(rrn_der("RRN"), [belgian]) is not None
    assert refusal(rrn_der("eID TEST RRN"), belgian) is ProblemCode.CERTIFICATE_WRONG


AUTHORITY = (x509.BasicConstraints(ca=True, path_length=None), True)
USAGE = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)
MAY_SIGN = (x509.KeyUsage(key_cert_sign=True, **USAGE), True)
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.999.1"), b"\x05\x00")
BROKEN = x509.UnrecognizedExtension(ExtensionOID.BASIC_CONSTRAINTS, b"\x04\x00")


@pytest.mark.parametrize(
    "der",
    [
        rrn_der("Somebody"),
        rrn_der("RRNX"),
        rrn_der("XRRN"),
        rrn_der("RRN", "RRN"),
        rrn_der("RRN", extensions=(AUTHORITY,)),
        rrn_der("RRN", extensions=(MAY_SIGN,)),
        rrn_der("RRN", extensions=((BROKEN, False),)),
        rrn_der("RRN", extensions=((UNKNOWN, True),)),
        rrn_der("RRN", key=ROOT_KEY),
        rrn_der("RRN", key=ec.generate_private_key(ec.SECP256R1())),
        rrn_der("RRN", key=ed25519.Ed25519PrivateKey.generate()),
        rrn_der("RRN")[:-10],
        certificate(x509.Name([]), RRN_KEY, name(ROOT_NAME), ROOT_KEY),
    ],
    ids=range(13),
)
def test_any_other_use_of_a_certificate_is_refused(der: bytes) -> None:
    assert refusal(der) is ProblemCode.CERTIFICATE_WRONG


@pytest.mark.parametrize(
    "der",
    [
        rrn_der(signer=OTHER_KEY),
        rrn_der(issuer="Another Root CA"),
        rrn_der(signer=ed25519.Ed25519PrivateKey.generate()),
        rrn_der(signer=rsa.generate_private_key(65537, 2048)),
    ],
    ids=range(4),
)
def test_what_no_known_root_issued_has_no_signer(der: bytes) -> None:
    assert TRUST.signer(der, [ROOT]) is None
    assert TRUST.signer(der, []) is None


def test_an_unknown_extension_that_need_not_be_understood_is_passed_over() -> None:
    assert TRUST.signer(rrn_der(extensions=((UNKNOWN, False),)), [ROOT]) is not None


def test_a_country_with_its_name_in_full_is_passed_over_in_silence() -> None:
    """What is not as it should be in a name is no warning either, which would go to a log."""
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Kingdom of Nowhere"), *name("RRN")]
    )
    plain = x509.load_der_x509_certificate(certificate(subject, RRN_KEY, name(ROOT_NAME), ROOT_KEY))
    organisation, country = bytes.fromhex("060355040A"), bytes.fromhex("0603550406")
    content = plain.tbs_certificate_bytes.replace(organisation, country)
    algorithm = der(0x30, bytes.fromhex("06082A8648CE3D040303"))
    signature = ROOT_KEY.sign(content, ec.ECDSA(hashes.SHA384()))
    odd = der(0x30, content, algorithm, der(0x03, b"\0", signature))
    assert TRUST.signer(odd, [ROOT]) is not None


def test_a_flipped_bit_never_gives_another_signer() -> None:
    """The last octets of the outer encoding are nobody's: what is signed never changes."""
    der = rrn_der()
    wanted = x509.load_der_x509_certificate(der)
    accepted = 0
    for place in range(len(der)):
        for bit in range(8):
            flipped = der[:place] + bytes([der[place] ^ 1 << bit]) + der[place + 1 :]
            try:
                signer = TRUST.signer(flipped, [ROOT])
            except KioskError:
                continue
            if signer is not None:
                accepted += 1
                found = x509.load_der_x509_certificate(flipped)
                assert found.tbs_certificate_bytes == wanted.tbs_certificate_bytes
    assert accepted <= 8


def test_the_belgian_roots_are_pinned() -> None:
    rows = tomllib.loads(data_path("trust", "roots.toml").read_text("utf-8"))["root"]
    assert [row["name"].removeprefix("Belgium Root ") for row in rows] == [
        "CA",
        "CA2",
        "CA3",
        "CA4",
        "CA6",
    ]
    assert all(len(bytes.fromhex(row["spki_sha256"])) == 32 for row in rows)


def test_a_test_pin_does_not_change_a_belgian_one() -> None:
    rows = tomllib.loads(data_path("trust", "roots.toml").read_text("utf-8"))["root"]
    store = TrustStore.for_tests([rows[0]["spki_sha256"]])
    assert not store._pins[rows[0]["spki_sha256"]].is_test


def test_a_pin_may_know_a_later_end_than_the_certificate() -> None:
    """Two certificates of one key: a card may carry the older one."""
    store = TrustStore.production()
    four = next(pin for pin in store._pins.values() if pin.not_after and pin.not_after.year == 2032)
    assert four.not_after is not None
    assert (four.not_after.month, four.not_after.day) == (10, 22)


@pytest.mark.parametrize("bits", [1024, 2048])
def test_rsa_keys_of_a_usual_size_are_believed(bits: int) -> None:
    key = rsa.generate_private_key(65537, bits)
    der = certificate(name(ROOT_NAME), key, name(ROOT_NAME), key)
    assert TrustStore.for_tests([pin(key)]).root(der).key.key_size == bits


def test_an_enormous_key_is_not_even_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "_LARGEST_RSA", 1536)
    key = rsa.generate_private_key(65537, 2048)
    with pytest.raises(KioskError) as caught:
        TRUST.root(certificate(name(ROOT_NAME), key, name(ROOT_NAME), key))
    assert caught.value.problem.code is ProblemCode.CERTIFICATE_WRONG
