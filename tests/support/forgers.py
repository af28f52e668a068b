"""What forgers know to do to a card: one row each, of what is on it and of what its chip says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils
from cryptography.x509.oid import NameOID

from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.certificates import Certificate, citizen_name, name, public_bytes
from kiosk.cardreader.simulator.encoding import der, split_tlvs, tlvs
from kiosk.cardreader.simulator.identity import BASIC_KEY_HASH, NUMBER
from kiosk.cardreader.simulator.issue import sign_challenge
from kiosk.cardreader.simulator.keystore import PrivateKey, new_ec_key
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.persona import person
from kiosk.cardreader.simulator.pki import Forgery, Scheme, TestPki
from kiosk.cardreader.simulator.plan import Forward, Wrap
from tests.support.forged_cards import OTHER_PERSON, Court, changed, with_key

ORDER: Final = int(
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    16,
)
"""How many points P-384 has (SEC 2, 2.5.1)."""
SOMEBODY: Final = b"90610100155"
OWN_KEY: Final = new_ec_key()
"""A key that the forger made."""
BELGIAN_ROOT: Final = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "BE"),
        x509.NameAttribute(NameOID.LOCALITY_NAME, "Brussels"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Kingdom of Belgium - Federal Government"),
        x509.NameAttribute(
            NameOID.ORGANIZATIONAL_UNIT_NAME, "FPS Home Affairs - BIK-GCI (NTRBE-0362475538)"
        ),
        x509.NameAttribute(
            NameOID.ORGANIZATIONAL_UNIT_NAME,
            "FPS Policy and Support - BOSA (NTRBE-0671516647)",
        ),
        x509.NameAttribute(NameOID.COMMON_NAME, "Belgium Root CA6"),
    ]
)
"""A root with this name exists that is not for production: no name is ever trusted."""

Forger = Callable[[Court], SimulatedCard]
SCHEME: Final = Scheme.EC_SHA384


def genuine(court: Court) -> SimulatedCard:
    return court.genuine("1.8")


def content(court: Court, file: File) -> bytes:
    return genuine(court).image.file(file)


# What was signed, changed; or signed by somebody else.


def identity_with(court: Court, values: Mapping[int, bytes | None]) -> bytes:
    """Return the identity with other values; ``None`` leaves an element out."""
    elements = split_tlvs(content(court, File.IDENTITY))
    replaced = ((tag, values.get(tag, value)) for tag, value in elements)
    return tlvs((tag, value) for tag, value in replaced if value is not None)


def rewritten(values: Mapping[int, bytes | None], **files: bytes | None) -> Forger:
    """Put other values under the old signature; ``_4040=…`` is a file besides."""
    besides = {File.by_number(number[1:]): data for number, data in files.items()}
    return lambda court: changed(
        genuine(court), {File.IDENTITY: identity_with(court, values), **besides}
    )


def appended(more: bytes) -> Forger:
    return lambda court: changed(
        genuine(court), {File.IDENTITY: content(court, File.IDENTITY) + more}
    )


def signed_by(key: PrivateKey, data: bytes) -> bytes:
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key.sign(data, ec.ECDSA(hashes.SHA384()))


def somebody(court: Court) -> bytes:
    """Return an identity of somebody else, for a chip that the forger made."""
    own = hashlib.sha384(public_bytes(OWN_KEY)).digest()
    return identity_with(court, {NUMBER: SOMEBODY, BASIC_KEY_HASH: own})


def forged_with(key: PrivateKey, files: Mapping[File, bytes]) -> Forger:
    """A new identity and chip, all in order but for whose key signed it."""

    def forge(court: Court) -> SimulatedCard:
        identity = somebody(court)
        own = {File.IDENTITY: identity, File.IDENTITY_SIGNATURE: signed_by(key, identity)}
        chip = {File.BASIC_KEY: public_bytes(OWN_KEY)}
        return with_key(changed(genuine(court), {**own, **chip, **files}), OWN_KEY)

    return forge


def chained(make: Callable[[TestPki], Mapping[File, bytes]]) -> Forger:
    """Certificates for the forger's own key."""
    return lambda court: forged_with(OWN_KEY, make(court.cards.pki))(court)


def issued(
    subject: x509.Name, by: x509.Name, key: PrivateKey, *, is_authority: bool = False
) -> bytes:
    """Return a certificate of the forger's key."""
    return Certificate(subject=subject, key=OWN_KEY, is_authority=is_authority).issue(by, key)


def root_of(pki: TestPki) -> Certificate:
    return pki._root(SCHEME)


def register(pki: TestPki) -> x509.Name:
    return pki._register(SCHEME, Forgery.NONE).subject


def looking_like_the_root(pki: TestPki) -> Mapping[File, bytes]:
    return own_root(root_of(pki).subject, register(pki))


def own_root(subject: x509.Name, signer: x509.Name) -> Mapping[File, bytes]:
    """Return a root that the forger made under this name, and what it issued."""
    root = issued(subject, subject, OWN_KEY, is_authority=True)
    return {File.ROOT_CERTIFICATE: root, File.RRN_CERTIFICATE: issued(signer, subject, OWN_KEY)}


def with_the_right_root(pki: TestPki) -> Mapping[File, bytes]:
    return {File.RRN_CERTIFICATE: issued(register(pki), root_of(pki).subject, OWN_KEY)}


def of_a_citizen_by_the_root(pki: TestPki) -> Mapping[File, bytes]:
    """Nobody gets this; were there one, it would sign no identity."""
    subject = citizen_name("An", "Forger", SOMEBODY.decode(), "Signature")
    root = root_of(pki)
    return {File.RRN_CERTIFICATE: issued(subject, root.subject, root.key)}


def under_the_citizen_authority(pki: TestPki) -> Mapping[File, bytes]:
    """The authority stands where the root should be."""
    authority = pki._authority(SCHEME)
    citizen = pki.citizen(person(OTHER_PERSON), SCHEME)
    signer = issued(register(pki), authority.subject, authority.key)
    return {File.RRN_CERTIFICATE: signer, File.ROOT_CERTIFICATE: citizen.authority}


def by_the_register_itself(pki: TestPki) -> Mapping[File, bytes]:
    """The register's certificate is no authority; nothing below it is believed."""
    chain = pki.chain(SCHEME)
    signer = issued(register(pki), register(pki), chain.key)
    return {File.RRN_CERTIFICATE: signer, File.ROOT_CERTIFICATE: chain.rrn}


def with_its_key_exchanged(pki: TestPki) -> Mapping[File, bytes]:
    chain = pki.chain(SCHEME)
    exchanged = chain.rrn.replace(public_bytes(chain.key), public_bytes(OWN_KEY))
    return {File.RRN_CERTIFICATE: exchanged}


def under_another_name_of_the_root(pki: TestPki) -> Mapping[File, bytes]:
    """The root's own key signs itself under another name, which the signer does not bear."""
    root = root_of(pki)
    other = name("Another Root CA")
    again = Certificate(subject=other, key=root.key, is_authority=True).issue(other, root.key)
    return {File.ROOT_CERTIFICATE: again, **with_the_right_root(pki)}


def of_the_other_generation(court: Court) -> SimulatedCard:
    old = court.genuine("1.7").image
    chain = (File.RRN_CERTIFICATE, File.ROOT_CERTIFICATE)
    return changed(genuine(court), {file: old.file(file) for file in chain})


def of_another_person(*files: File) -> Forger:
    """Files of a genuine card of somebody else, beside the rest of this one."""

    def forge(court: Court) -> SimulatedCard:
        other = court.genuine("1.8", person(OTHER_PERSON)).image
        return changed(genuine(court), {file: other.file(file) for file in files})

    return forge


def second_pki(court: Court) -> SimulatedCard:
    """All of a card, in order in itself, of a PKI with the same names."""
    return court.cards.card(Applet.V1_8, "forged-root")


# Signatures in other encodings, and with numbers at the edge.


def dss(r: bytes, s: bytes) -> bytes:
    return der(0x30, der(0x02, r), der(0x02, s))


def integer(value: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def resigned(change: Callable[[int, int], bytes]) -> Forger:
    """The genuine identity, with the numbers of its signature written otherwise."""

    def forge(court: Court) -> SimulatedCard:
        r, s = utils.decode_dss_signature(content(court, File.IDENTITY_SIGNATURE))
        return changed(genuine(court), {File.IDENTITY_SIGNATURE: change(r, s)})

    return forge


def long_form(r: int, s: int) -> bytes:
    body = dss(integer(r), integer(s))[2:]
    return bytes((0x30, 0x81, len(body))) + body


SIGNATURES: Final[Mapping[str, Callable[[int, int], bytes]]] = {
    "r and s zero": lambda _r, _s: dss(b"\0", b"\0"),
    "r zero": lambda _r, s: dss(b"\0", integer(s)),
    "s zero": lambda r, _s: dss(integer(r), b"\0"),
    "r is the order": lambda _r, s: dss(integer(ORDER), integer(s)),
    "s is the order": lambda r, _s: dss(integer(r), integer(ORDER)),
    "r and the order": lambda r, s: dss(integer(r + ORDER), integer(s)),
    "s and the order": lambda r, s: dss(integer(r), integer(s + ORDER)),
    "r and s exchanged": lambda r, s: dss(integer(s), integer(r)),
    "r and s one": lambda _r, _s: dss(b"\1", b"\1"),
    "s negative": lambda r, s: dss(integer(r), (-s).to_bytes(49, "big", signed=True)),
    "zeros before r": lambda r, s: dss(b"\0" + integer(r), integer(s)),
    "length in the long form": long_form,
    "a third number": lambda r, s: der(
        0x30, der(0x02, integer(r)), der(0x02, integer(s)), der(0x02, b"\1")
    ),
    "a byte behind it": lambda r, s: dss(integer(r), integer(s)) + b"\1",
    "as a SET": lambda r, s: b"\x31" + dss(integer(r), integer(s))[1:],
    "without end": lambda r, s: b"\x30\x80" + dss(integer(r), integer(s))[2:] + bytes(2),
    "raw": lambda r, s: r.to_bytes(48, "big") + s.to_bytes(48, "big"),
}


# What a chip says when it is asked for a proof.


def answering(change: Callable[[bytes], bytes]) -> Forger:
    """The genuine chip, and something between it and the reader that changes its answer."""

    def wrap(_number: int, forward: Forward, command: bytes) -> bytes:
        answer = forward(command)
        return change(answer[:-2]) + answer[-2:] if command[1] == 0xC0 else answer

    return lambda court: changed(genuine(court), {}, wrap)


def asked(change: Callable[[bytes], bytes]) -> Wrap:
    """The genuine chip, asked something else."""

    def wrap(_number: int, forward: Forward, command: bytes) -> bytes:
        is_question = command[1] == 0x88
        return forward(command[:7] + change(command[7:]) if is_question else command)

    return wrap


def numbers(r: int | None = None, s: int | None = None) -> Callable[[bytes], bytes]:
    def change(raw: bytes) -> bytes:
        old_r, old_s = raw[:48], raw[48:]
        new_r = old_r if r is None else r.to_bytes(48, "big")
        return new_r + (old_s if s is None else s.to_bytes(48, "big"))

    return change


def mirrored(raw: bytes) -> bytes:
    """Whoever has one signature can make this other one of the same question."""
    return raw[:48] + (ORDER - int.from_bytes(raw[48:], "big")).to_bytes(48, "big")


def as_der(raw: bytes) -> bytes:
    r, s = (int.from_bytes(part, "big") for part in (raw[:48], raw[48:]))
    return dss(integer(r), integer(s))[:96]


ANSWERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "r zero": numbers(r=0),
    "s zero": numbers(s=0),
    "both zero": numbers(0, 0),
    "both one": numbers(1, 1),
    "r is the order": numbers(r=ORDER),
    "s is the order": numbers(s=ORDER),
    "both as large as can be": numbers(2**384 - 1, 2**384 - 1),
    "r and s exchanged": lambda raw: raw[48:] + raw[:48],
    "r twice": lambda raw: raw[:48] * 2,
    "in DER": as_der,
    "a byte short": lambda raw: raw[:-1],
    "a byte too long": lambda raw: raw + b"\0",
    "nothing": lambda _: b"",
    "of the forger's key": lambda raw: sign_challenge(OWN_KEY, hashlib.sha384(raw).digest()),
}


def another_genuine_chip(court: Court) -> SimulatedCard:
    other = court.genuine("1.8", person(OTHER_PERSON))
    assert other.image.basic_key is not None
    return with_key(genuine(court), other.image.basic_key)


def with_basic_key(data: bytes) -> Forger:
    return lambda court: changed(genuine(court), {File.BASIC_KEY: data})


def of_another_curve(curve: ec.EllipticCurve) -> bytes:
    return public_bytes(ec.generate_private_key(curve)).ljust(120, b"\0")[:120]


def without_chip(court: Court) -> SimulatedCard:
    """A copy that plays an old card: no hash, no key, another version, no challenge."""
    files = {File.IDENTITY: identity_with(court, {BASIC_KEY_HASH: None}), File.BASIC_KEY: None}

    def wrap(_number: int, forward: Forward, command: bytes) -> bytes:
        answer = forward(command)
        if command[1] == 0x88:
            return bytes.fromhex("6D00")
        return answer[:21] + b"\x11" + answer[22:] if command[1] == 0xE4 else answer

    return changed(genuine(court), files, wrap)


# RSA, where the hash is all that counts and the rest has to be right.


def padded(digest: bytes, size: int, filler: int, behind: bytes = b"") -> int:
    """Return what RSA signs, as PKCS#1 v1.5 has it, or nearly so."""
    info = bytes.fromhex("3031300D060960864801650304020105000420") + digest
    front = b"\0\1" + b"\xff" * filler + b"\0" + info + behind
    return int.from_bytes(front.ljust(size, b"\0"), "big")


def cube_root(value: int) -> int:
    """Return the smallest number whose cube is at least this one."""
    low, high = 0, 1 << (value.bit_length() // 3 + 1)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if middle**3 < value else (low, middle)
    return low


def without_the_private_key(data: bytes, size: int) -> bytes:
    """Forge a signature for exponent 3, for those who do not look at the end (Bleichenbacher)."""
    forged = cube_root(padded(hashlib.sha256(data).digest(), size, 8))
    return forged.to_bytes(size, "big")


def rsa_edges(key: rsa.RSAPublicKey, signature: bytes) -> Mapping[str, bytes]:
    """Return signatures with numbers at the edge."""
    modulus, size = key.public_numbers().n, key.key_size // 8
    value = int.from_bytes(signature, "big")
    edges = {
        "zero": 0,
        "one": 1,
        "the modulus": modulus,
        "one less": modulus - 1,
        "its negative": modulus - value,
    }
    found = {edge: number.to_bytes(size, "big") for edge, number in edges.items()}
    if value + modulus < 1 << 8 * size:
        found["more than the modulus"] = (value + modulus).to_bytes(size, "big")
    return found
