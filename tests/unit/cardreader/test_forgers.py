"""Every way known to deceive, with each cache: none is accepted.

Faults of the simulated card that forge something stand in ``test_identity_reader``, for a first
read; here they meet the other caches too.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from kiosk.cardreader import verification
from kiosk.cardreader.simulator.certificates import name
from kiosk.cardreader.simulator.encoding import tlv
from kiosk.cardreader.simulator.identity import BASIC_KEY_HASH, NAMES, NUMBER
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.pki import Forgery, Scheme
from kiosk.cardreader.trust import Signer
from kiosk.domain.policy import CardPolicy, Legacy
from kiosk.domain.problem import ProblemCode
from tests.support import forgers
from tests.support.forged_cards import CACHES, Court, changed
from tests.support.forgers import Forger, chained, forged_with, of_another_person, rewritten

pytestmark = [pytest.mark.xdist_group("forgeries"), pytest.mark.usefixtures("no_pauses")]
every_cache = pytest.mark.parametrize("cache", CACHES)
UNSIGNED = ProblemCode.SIGNATURE_WRONG
UNCHAINED = ProblemCode.CERTIFICATE_WRONG
UNKNOWN = ProblemCode.ROOT_UNKNOWN
COPIED = ProblemCode.CHIP_COPIED
UNREADABLE = ProblemCode.CARD_UNREADABLE


OF_FILES: dict[str, tuple[Forger, ProblemCode]] = {
    "another number": (rewritten({NUMBER: forgers.SOMEBODY}), UNSIGNED),
    "another name": (rewritten({NAMES: b"Somebody"}), UNSIGNED),
    "a later end": (rewritten({0x04: b"28.02.2099"}), UNSIGNED),
    "the chip's key dropped": (rewritten({BASIC_KEY_HASH: None}), UNSIGNED),
    "the chip's key emptied": (rewritten({BASIC_KEY_HASH: b""}), UNSIGNED),
    "the chip's key cut": (rewritten({BASIC_KEY_HASH: bytes(47)}), UNSIGNED),
    "the chip's key dropped, and the file": (
        rewritten({BASIC_KEY_HASH: None}, _4040=None),
        UNSIGNED,
    ),
    "an old card played": (forgers.without_chip, UNSIGNED),
    "a second number behind": (forgers.appended(tlv(NUMBER, forgers.SOMEBODY)), UNSIGNED),
    "an element behind": (forgers.appended(tlv(0x99, b"x")), UNSIGNED),
    "half an element behind": (forgers.appended(b"\x99\x05x"), UNREADABLE),
    "zeros behind": (forgers.appended(bytes(3)), UNSIGNED),
    "bytes behind zeros": (forgers.appended(b"\0\0\1"), UNREADABLE),
    "a forger's key, under the right chain": (forged_with(forgers.OWN_KEY, {}), UNSIGNED),
    "a root of the same name": (chained(forgers.looking_like_the_root), UNKNOWN),
    "a root called Belgium Root CA6": (
        chained(lambda _: forgers.own_root(forgers.BELGIAN_ROOT, name("RRN"))),
        UNKNOWN,
    ),
    "right names, wrong key": (chained(forgers.with_the_right_root), UNCHAINED),
    "a citizen directly under the root": (chained(forgers.of_a_citizen_by_the_root), UNCHAINED),
    "an authority in the root's place": (chained(forgers.under_the_citizen_authority), UNKNOWN),
    "the register in the root's place": (chained(forgers.by_the_register_itself), UNKNOWN),
    "a certificate with its key exchanged": (chained(forgers.with_its_key_exchanged), UNCHAINED),
    "the root under another name": (chained(forgers.under_another_name_of_the_root), UNCHAINED),
    "a second PKI with the same names": (forgers.second_pki, UNKNOWN),
    "another person's identity": (of_another_person(File.IDENTITY), UNSIGNED),
    "another person's signature": (of_another_person(File.IDENTITY_SIGNATURE), UNSIGNED),
    "another person's identity and signature": (
        of_another_person(File.IDENTITY, File.IDENTITY_SIGNATURE),
        COPIED,
    ),
    "another person's card but for the chip": (
        of_another_person(File.IDENTITY, File.IDENTITY_SIGNATURE, File.BASIC_KEY),
        COPIED,
    ),
    "another person's basic key": (of_another_person(File.BASIC_KEY), COPIED),
    "a genuine chip of another person": (forgers.another_genuine_chip, COPIED),
    "a key on P-256": (
        forgers.with_basic_key(forgers.of_another_curve(ec.SECP256R1())),
        COPIED,
    ),
    "a key on Brainpool": (
        forgers.with_basic_key(forgers.of_another_curve(ec.BrainpoolP384R1())),
        COPIED,
    ),
    "a chip that signs a hash of the question": (
        lambda court: changed(
            forgers.genuine(court), {}, forgers.asked(lambda q: hashlib.sha384(q).digest())
        ),
        COPIED,
    ),
    "a chip that is asked for zeros": (
        lambda court: changed(forgers.genuine(court), {}, forgers.asked(lambda q: bytes(len(q)))),
        COPIED,
    ),
    **{
        f"answer: {k}": (forgers.answering(change), COPIED) for k, change in forgers.ANSWERS.items()
    },
}


def from_cache(cache: str, code: ProblemCode) -> set[ProblemCode]:
    """With the signer known, the certificates on the card may not be looked at, or the root."""
    return {code} if cache == "first read" else {code, UNSIGNED, UNCHAINED}


@every_cache
@pytest.mark.parametrize("forger", OF_FILES)
def test_a_forger_is_refused(court: Court, forger: str, cache: str) -> None:
    forge, code = OF_FILES[forger]
    refused = court.judged(forge(court), CACHES[cache](court))
    assert refused is code if code in (COPIED, UNREADABLE) else refused in from_cache(cache, code)


@every_cache
@pytest.mark.parametrize("encoding", forgers.SIGNATURES)
def test_a_signature_in_another_encoding(court: Court, encoding: str, cache: str) -> None:
    forged = forgers.resigned(forgers.SIGNATURES[encoding])(court)
    assert court.judged(forged, CACHES[cache](court)) in (UNSIGNED, UNREADABLE)


OF_CARDS = (
    *("citizen-signed", "unknown-root", "forged-root", "forged-rrn", "other-signature"),
    *("tlv-doubled", "no-key-hash", "chip-copied", "chip-own-key", "chip-refuses"),
    *("chip-refuses:6D00", "chip-repeats", "chip-zeroes", "missing:4040", "zeros:4040"),
)


@pytest.mark.parametrize("cache", ["warm cache", "attacker's cache"])
@pytest.mark.parametrize("claim", ["reported-version:11", "reported-version:18"])
def test_what_is_refused_at_a_first_read_is_refused_later(
    court: Court, claim: str, cache: str
) -> None:
    for fault in OF_CARDS:
        card = court.cards.card(Applet.V1_8, fault, claim)
        assert court.judged(card, CACHES[cache](court)) is not None, fault


# What is accepted, and forges nothing.


def showing(fault: str) -> Forger:
    return lambda court: court.cards.card(Applet.V1_8, fault)


OTHER_CERTIFICATES: dict[str, Forger] = {
    "an authority's": showing("rrn-authority"),
    "of another name": showing("rrn-name"),
    "issued by an authority": showing("rrn-intermediate"),
    "too new": showing("rrn-not-yet-valid"),
    "of another generation": forgers.of_the_other_generation,
}


@pytest.mark.parametrize("shown", OTHER_CERTIFICATES)
def test_what_a_card_shows_of_a_key_that_is_known_does_not_matter(court: Court, shown: str) -> None:
    """The identity is signed with the key of a good certificate, which a reader saw before."""
    card = OTHER_CERTIFICATES[shown](court)
    assert court.judged(card, court.first()) in (UNCHAINED, UNSIGNED)
    assert court.judged(card, court.warm()) is None


@every_cache
def test_a_mirrored_answer_still_proves_the_chip(court: Court, cache: str) -> None:
    """Of (r, s) anybody makes (r, n - s), once the chip has answered: it was there."""
    card = forgers.answering(forgers.mirrored)(court)
    assert court.judged(card, CACHES[cache](court)) is None


@every_cache
def test_a_mirrored_signature_still_signs_the_same_bytes(court: Court, cache: str) -> None:
    def mirrored(r: int, s: int) -> bytes:
        return utils.encode_dss_signature(r, forgers.ORDER - s)

    card = forgers.resigned(mirrored)(court)
    assert court.judged(card, CACHES[cache](court)) is None


# RSA.


def test_rsa_signatures_at_the_edge(court: Court) -> None:
    card = court.genuine("1.7")
    reader = court.warm()
    signature = card.image.file(File.IDENTITY_SIGNATURE)
    key = court.cards.pki.chain(card.scheme).key.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    edges = forgers.rsa_edges(key, signature)
    edges = {**edges, "half": signature[:128], "turned": signature[::-1]}
    for edge, forged in edges.items():
        code = court.judged(changed(card, {File.IDENTITY_SIGNATURE: forged}), reader)
        assert code is UNSIGNED, edge


def signer_with(court: Court, key: rsa.RSAPrivateKey) -> Signer:
    """Return a signer with this key, whom the root certified."""
    pki, trust = court.cards.pki, court.cards.trust()
    root = trust.root(pki.chain(Scheme.RSA_SHA256).root)
    asked = replace(pki._register(Scheme.RSA_SHA256, Forgery.NONE), key=key)
    issuer = pki._root(Scheme.RSA_SHA256)
    signer = trust.signer(asked.issue(issuer.subject, issuer.key), [root])
    assert signer is not None
    return signer


def test_padding_is_checked_to_its_end(court: Court) -> None:
    """Exponent 3 is the easiest to forge for, if anything behind the hash is let pass."""
    key = rsa.generate_private_key(3, 2048)
    signer = signer_with(court, key)
    identity = court.genuine("1.7").image.file(File.IDENTITY)
    genuine = key.sign(identity, padding.PKCS1v15(), hashes.SHA256())
    assert verification.find_signer(identity, genuine, [signer]) is signer
    forged = forgers.without_the_private_key(identity, 256)
    cube = (int.from_bytes(forged, "big") ** 3).to_bytes(256, "big")
    assert hashlib.sha256(identity).digest() in cube, "else it would deceive nobody"
    assert verification.find_signer(identity, forged, [signer]) is None
    for filler in (0, 8, 201, 203):
        number = forgers.padded(hashlib.sha256(identity).digest(), 256, filler)
        raw = pow(number, key.private_numbers().d, key.private_numbers().public_numbers.n)
        assert verification.find_signer(identity, raw.to_bytes(256, "big"), [signer]) is None


def test_a_new_card_signed_with_the_old_hash_is_refused_where_policy_says_so(court: Court) -> None:
    card = court.cards.card(Applet.V1_7, "other-hash")
    strict = CardPolicy(legacy=Legacy.REFUSE)
    for reader in (court.first(strict), court.warm(strict), court.attacked(strict)):
        assert court.judged(card, reader) is ProblemCode.LEGACY_REFUSED
