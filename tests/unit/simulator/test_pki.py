"""The test PKI: kept between runs, and wrong in one way at a time when asked to be."""

import hashlib
import multiprocessing
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from kiosk.cardreader.simulator.keystore import KeyStore, default_folder
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.persona import Persona
from kiosk.cardreader.simulator.pki import Chain, Forgery, Scheme, TestPki
from kiosk.cardreader.trust import TrustStore
from kiosk.domain.problem import KioskError, ProblemCode

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(params=list(Scheme), ids=lambda scheme: scheme.value)
def scheme(request: pytest.FixtureRequest) -> Scheme:
    chosen: Scheme = request.param
    return chosen


def certificates(chain: Chain) -> tuple[x509.Certificate, x509.Certificate]:
    return x509.load_der_x509_certificate(chain.rrn), x509.load_der_x509_certificate(chain.root)


def is_signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    key, algorithm = issuer.public_key(), certificate.signature_hash_algorithm
    assert algorithm
    data = certificate.tbs_certificate_bytes
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(certificate.signature, data, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(certificate.signature, data, ec.ECDSA(algorithm))
    except Exception:  # noqa: BLE001 – any refusal
        return False
    return True


def pin_of(certificate: x509.Certificate) -> str:
    spki = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(spki).hexdigest()


def test_the_root_issues_the_register_directly(pki: TestPki, scheme: Scheme) -> None:
    rrn, root = certificates(pki.chain(scheme))
    assert rrn.issuer == root.subject
    assert is_signed_by(rrn, root)
    assert is_signed_by(root, root)
    assert rrn.subject.rfc4514_string().startswith("CN=Tariefwijzer TEST RRN")
    assert not rrn.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert pin_of(root) in pki.pins()
    sha1 = isinstance(rrn.signature_hash_algorithm, hashes.SHA1)
    assert sha1 == (scheme is Scheme.RSA_SHA1)


def test_the_chain_is_what_our_own_trust_accepts(pki: TestPki, scheme: Scheme) -> None:
    chain = pki.chain(scheme)
    trust = TrustStore.for_tests(pki.pins())
    assert trust.signer(chain.rrn, [trust.root(chain.root)])


def test_production_refuses_the_test_root(pki: TestPki, scheme: Scheme) -> None:
    with pytest.raises(KioskError) as caught:
        TrustStore.production().root(pki.chain(scheme).root)
    assert caught.value.problem.code is ProblemCode.ROOT_UNKNOWN


def test_a_second_start_finds_the_same(folder: Path) -> None:
    first, second = TestPki(folder, root_bits=2048), TestPki(folder, root_bits=2048)
    assert first.pins() == second.pins()
    for scheme in Scheme:
        assert first.chain(scheme).rrn == second.chain(scheme).rrn
        assert first.chain(scheme).root == second.chain(scheme).root


def test_only_the_owner_reads_the_keys(folder: Path) -> None:
    TestPki(folder).pin(Applet.V1_8)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def _pin(folder: Path) -> str:
    return TestPki(folder).pin(Applet.V1_8)


def test_two_starts_at_once_agree(folder: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert len(set(pool.map(_pin, [folder] * 3))) == 1
    assert not list(folder.glob("tmp*"))


def test_a_key_of_another_kind(folder: Path) -> None:
    store = KeyStore(folder)
    store.ec("a")
    (folder / "b-rsa2048.key").write_bytes((folder / "a-p384.key").read_bytes())
    with pytest.raises(TypeError):
        store.rsa("b", 2048)
    store.rsa("c", 1024)
    (folder / "d-p384.key").write_bytes((folder / "c-rsa1024.key").read_bytes())
    with pytest.raises(TypeError):
        store.ec("d")


def test_the_default_folder_is_the_persons_own() -> None:
    assert default_folder().is_relative_to(Path(os.environ["XDG_DATA_HOME"]).parent)


@pytest.mark.parametrize("forgery", list(Forgery), ids=lambda forgery: forgery.value)
def test_the_signature_fits_the_certificate_shown(pki: TestPki, forgery: Forgery) -> None:
    """A forger signs well; what is wrong is who."""
    chain = pki.chain(Scheme.EC_SHA384, forgery)
    key = certificates(chain)[0].public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(chain.sign(b"data"), b"data", ec.ECDSA(hashes.SHA384()))


def test_each_forgery_is_what_it_says(pki: TestPki, scheme: Scheme) -> None:
    good_rrn, good_root = certificates(pki.chain(scheme))

    def forged(forgery: Forgery) -> tuple[x509.Certificate, x509.Certificate]:
        return certificates(pki.chain(scheme, forgery))

    rrn, root = forged(Forgery.CITIZEN)
    assert root == good_root
    assert not is_signed_by(rrn, root)
    rrn, root = forged(Forgery.UNKNOWN_ROOT)
    assert root.subject != good_root.subject
    assert is_signed_by(rrn, root)
    rrn, root = forged(Forgery.FORGED_ROOT)
    assert root.subject == good_root.subject
    assert pin_of(root) not in pki.pins()
    assert is_signed_by(rrn, root)
    rrn, root = forged(Forgery.FORGED_RRN)
    assert root == good_root
    assert rrn.issuer == root.subject
    assert not is_signed_by(rrn, root)
    rrn, root = forged(Forgery.ROOT_EXPIRED)
    assert root.not_valid_after_utc < NOW
    assert pin_of(root) in pki.pins()
    assert is_signed_by(rrn, root)
    assert forged(Forgery.RRN_EXPIRED)[0].not_valid_after_utc < NOW
    assert forged(Forgery.RRN_NOT_YET)[0].not_valid_before_utc > NOW
    authority = forged(Forgery.RRN_AUTHORITY)[0]
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert forged(Forgery.RRN_NAME)[0].subject != good_rrn.subject
    assert "Citizen CA" in forged(Forgery.RRN_INTERMEDIATE)[0].issuer.rfc4514_string()


def test_a_citizens_certificates(pki: TestPki, an: Persona, scheme: Scheme) -> None:
    citizen = pki.citizen(an, scheme)
    authority = x509.load_der_x509_certificate(citizen.authority)
    for der, binds in ((citizen.authentication, False), (citizen.signature, True)):
        own = x509.load_der_x509_certificate(der)
        assert is_signed_by(own, authority)
        usage = own.extensions.get_extension_for_class(x509.KeyUsage).value
        assert usage.content_commitment is binds
    assert is_signed_by(authority, certificates(pki.chain(scheme))[1])
