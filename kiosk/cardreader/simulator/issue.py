"""Issuing a simulated card: an order says what is on it, an image is what is on it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from kiosk.cardreader.simulator.certificates import public_bytes
from kiosk.cardreader.simulator.encoding import tlvs
from kiosk.cardreader.simulator.identity import address_file, identity_elements
from kiosk.cardreader.simulator.keystore import PrivateKey
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.persona import Persona
from kiosk.cardreader.simulator.photo import grey_photo
from kiosk.cardreader.simulator.pkcs15 import directory
from kiosk.cardreader.simulator.pki import Chain, Forgery, Scheme, TestPki

BytesEdit = Callable[[bytes], bytes]

_RSA_FILE: Final = 256
_OLD_CERTIFICATE_FILE: Final = 1900
_MISSING_CERTIFICATE_FILE: Final = 1300
_NEW_CERTIFICATE_FILE: Final = 2500
_KIDS: Final = "6"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to issue. ``edits`` change the identity file before it is signed."""

    persona: Persona
    applet: Applet = Applet.V1_8
    rekeyed: bool = False
    """A 1.7 card signed anew with a P-384 key; its signatures are zero padded."""
    other_hash: bool = False
    """An RSA card signed with the hash of the other generation, as some were signed anew."""
    forgery: Forgery = Forgery.NONE
    edits: tuple[BytesEdit, ...] = ()

    @property
    def scheme(self) -> Scheme:
        """How the files are signed."""
        return Scheme.EC_SHA384 if self.rekeyed else Scheme.of(self.applet)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardImage:
    """Everything that a chip holds. ``files`` are by path; absent ones are not found."""

    applet: Applet
    card_data: bytes
    files: Mapping[bytes, bytes]
    basic_key: PrivateKey | None

    def file(self, file: File) -> bytes:
        """Return a file's content; raise ``KeyError`` when the card has none."""
        return self.files[file.path]


def issue(order: Order, pki: TestPki) -> CardImage:
    """Make the card of an order."""
    chain = pki.chain(order.scheme, order.forgery)
    chain = chain.with_other_hash() if order.other_hash else chain
    basic_key = pki.basic_key(order.persona) if order.applet.has_basic_key else None
    contents = dict(directory(order.applet, order.persona.chip_number))
    contents |= _certificates(order, chain, pki)
    contents |= _person(order, chain, basic_key)
    return CardImage(
        applet=order.applet,
        card_data=order.persona.chip_number + order.applet.software,
        files={file.path: content for file, content in contents.items()},
        basic_key=basic_key,
    )


def _person(order: Order, chain: Chain, basic_key: PrivateKey | None) -> dict[File, bytes]:
    photo = grey_photo()
    public = b"" if basic_key is None else public_bytes(basic_key)
    identity = _identity(order, photo, public)
    signature = _signature_file(order, chain.sign(identity))
    address = address_file(order.persona)
    files = {
        File.IDENTITY: identity,
        File.IDENTITY_SIGNATURE: signature,
        File.ADDRESS: address,
        # The address is signed without its padding, the signature before it with (manual 5.1).
        File.ADDRESS_SIGNATURE: _signature_file(
            order, chain.sign(address.rstrip(b"\0") + signature)
        ),
        File.PHOTO: photo,
        File.CA_ROLE: hashlib.sha256(chain.root).digest()[:20],
    }
    if basic_key is None:
        return files | {File.PREFERENCES: bytes(100)}
    return files | {File.BASIC_KEY: public}


def _identity(order: Order, photo: bytes, basic_key: bytes) -> bytes:
    hasher = hashes.Hash(order.scheme.digest())
    hasher.update(photo)
    elements = identity_elements(
        order.persona, order.applet, hasher.finalize(), hashlib.sha384(basic_key).digest()
    )
    identity = order.persona.identity
    content = tlvs(elements) if identity is None else identity
    for edit in order.edits:
        content = edit(content)
    return content


def _signature_file(order: Order, signature: bytes) -> bytes:
    return signature.ljust(_RSA_FILE, b"\0") if order.rekeyed else signature


def _certificates(order: Order, chain: Chain, pki: TestPki) -> dict[File, bytes]:
    citizen = pki.citizen(order.persona, order.scheme)
    new = order.applet.has_basic_key
    size = _NEW_CERTIFICATE_FILE if new else _OLD_CERTIFICATE_FILE
    own = {
        File.AUTHENTICATION_CERTIFICATE: citizen.authentication.ljust(size, b"\0"),
        File.SIGNATURE_CERTIFICATE: citizen.signature.ljust(size, b"\0"),
    }
    if order.persona.kind_of_card == _KIDS:  # no certificates below twelve (manual 3)
        own = dict.fromkeys(own, bytes(size if new else _MISSING_CERTIFICATE_FILE))
    return own | {
        File.CITIZEN_CA_CERTIFICATE: citizen.authority,
        File.ROOT_CERTIFICATE: chain.root,
        File.RRN_CERTIFICATE: chain.rrn.ljust(size, b"\0") if new else chain.rrn,
    }


def sign_challenge(key: PrivateKey, digest: bytes) -> bytes:
    """Sign 48 bytes as they are, as a chip's basic key does: r and s, 48 bytes each."""
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("a basic key is on P-384")
    prehashed = utils.Prehashed(hashes.SHA384())
    r, s = utils.decode_dss_signature(key.sign(digest, ec.ECDSA(prehashed)))
    return r.to_bytes(48, "big") + s.to_bytes(48, "big")
