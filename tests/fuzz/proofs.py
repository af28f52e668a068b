"""Certificates, and the list of roots: bytes that only a signature makes worth reading."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.cardreader import trust_list
from kiosk.cardreader.simulator.encoding import der
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.pki import Forgery, Scheme
from kiosk.cardreader.trust import Root
from kiosk.cardreader.trust_list import in_force
from kiosk.domain.problem import KioskError, ProblemCode
from tests.fuzz.target import Bench, Check, Target, problem
from tests.support.cards import Cards

ECDSA_SHA384 = der(0x30, bytes.fromhex("06082A8648CE3D040303"))
LISTS_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"who signs lists").digest())
SIGNATURE = 64
OF_REGISTER = (Forgery.NONE, Forgery.ROOT_EXPIRED, Forgery.RRN_EXPIRED, Forgery.RRN_NOT_YET)
"""Chains whose signer is one; whether its time has come is looked at later."""


def chains(cards: Cards) -> list[tuple[bytes, bytes]]:
    found = [cards.pki.chain(scheme) for scheme in Scheme]
    return [(chain.rrn, chain.root) for chain in found]


def tbs(certificate: bytes) -> bytes:
    return x509.load_der_x509_certificate(certificate).tbs_certificate_bytes


def refused_signers(cards: Cards) -> Iterable[bytes]:
    for forgery in Forgery:
        yield cards.pki.chain(Scheme.EC_SHA384, forgery).rrn
    image = cards.card(Applet.V1_8).image
    yield image.file(File.CITIZEN_CA_CERTIFICATE)
    yield image.file(File.SIGNATURE_CERTIFICATE).rstrip(b"\0")


# Certificates changed after they were signed.


def prepare_certificates(bench: Bench) -> Check:
    trust = bench.cards.trust()
    pairs = chains(bench.cards)
    roots = [trust.root(root) for _, root in pairs]
    signed_roots = {tbs(root) for _, root in pairs}
    signed_signers = {
        tbs(bench.cards.pki.chain(scheme, kind).rrn) for scheme in Scheme for kind in OF_REGISTER
    }

    def check(data: bytes) -> None:
        try:
            assert tbs(trust.root(data).der) in signed_roots
        except KioskError as error:
            problem(error, (ProblemCode.ROOT_UNKNOWN, ProblemCode.CERTIFICATE_WRONG))
        try:
            signer = trust.signer(data, roots)
        except KioskError as error:
            problem(error, (ProblemCode.CERTIFICATE_WRONG,))
            return
        assert signer is None or tbs(signer.der) in signed_signers

    return check


def certificate_seeds(cards: Cards) -> Iterable[bytes]:
    for pair in chains(cards):
        yield from pair
    yield from refused_signers(cards)


# Certificates that the root did sign, whatever they say.


def prepare_signed(bench: Bench) -> Check:
    chain = bench.cards.pki.chain(Scheme.EC_SHA384)
    trust = bench.cards.trust()
    root = trust.root(chain.root)
    key = bench.cards.pki._root(Scheme.EC_SHA384).key
    assert isinstance(key, ec.EllipticCurvePrivateKey)

    def check(data: bytes) -> None:
        signature = key.sign(data, ec.ECDSA(hashes.SHA384()))
        certificate = der(0x30, data, ECDSA_SHA384, der(0x03, b"\0", signature))
        try:
            signer = trust.signer(certificate, [root])
        except KioskError as error:
            problem(error, (ProblemCode.CERTIFICATE_WRONG,))
            return
        if signer is not None:
            assert tbs(certificate) == data
            assert_register(x509.load_der_x509_certificate(certificate), root)

    return check


def assert_register(certificate: x509.Certificate, root: Root) -> None:
    """Look again, in another way, at what must be so of a signer of identities."""
    assert certificate.issuer.rfc4514_string() == root.certificate.subject.rfc4514_string()
    names = [part.value for part in certificate.subject if part.oid == x509.NameOID.COMMON_NAME]
    assert len(names) == 1
    assert str(names[0]).split(" ")[-1] == "RRN"
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.BasicConstraints):
            assert not extension.value.ca
        if isinstance(extension.value, x509.KeyUsage):
            assert not extension.value.key_cert_sign


def signed_seeds(cards: Cards) -> Iterable[bytes]:
    yield tbs(cards.pki.chain(Scheme.EC_SHA384).rrn)
    yield from (tbs(certificate) for certificate in refused_signers(cards))


# The list of roots.


def prepare_list(bench: Bench) -> Check:
    offered, key, folder = (bench.folder / name for name in ("roots.toml", "key.pem", "kept"))
    public = LISTS_KEY.public_key()
    key.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    folder.mkdir()
    kept = folder / "trust-list"
    before = LISTS_KEY.sign(LIST) + LIST

    def check(data: bytes) -> None:
        """The first byte says how the rest comes: signed well or not, and what was kept."""
        layout, rest = data[0] if data else 0, data[1:]
        genuine = bool(layout & 1)
        signature = LISTS_KEY.sign(rest) if genuine else rest[-SIGNATURE:]
        content = rest if genuine else rest[:-SIGNATURE]
        last = before if layout & 2 else rest if layout & 4 else b""
        kept.write_bytes(last)
        Path(f"{offered}.sig").write_bytes(signature)
        offered.write_bytes(content)
        trusted = in_force(offered, key, folder)
        least = 5 if last == before else trust_list.built_in().version
        assert trusted.list.version >= least
        if trusted.refused:
            assert trusted.list.version == least
        else:
            assert genuine or content == LIST
            assert kept.read_bytes()[SIGNATURE:] == content
            assert trusted.list.pins
        if layout & 8:
            assert in_force(offered, key, folder) == trusted, "asked twice"

    return check


LIST = b"""version = 5
[[root]]
name = "New"
key = "EC P-384"
not_after = ["2050-01-01", 2051-12-31]
spki_sha256 = "abababababababababababababababababababababababababababababababab"
"""


def list_seeds(_: Cards) -> Iterable[bytes]:
    for layout in range(4):
        yield bytes((layout,)) + LIST.replace(b"5", b"7", 1)
        yield bytes((layout,)) + LIST
    yield b"\x00" + LIST + LISTS_KEY.sign(LIST)
    yield b"\x04" + LISTS_KEY.sign(LIST) + LIST


TARGETS = (
    Target("certificates", prepare_certificates, certificate_seeds, 400_000, 2048),
    Target("signed-certificates", prepare_signed, signed_seeds, 150_000, 1024),
    Target("trust-list", prepare_list, list_seeds, 100_000, 1024),
)
