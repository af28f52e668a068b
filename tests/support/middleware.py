"""SoftHSM2 in the place of the eID middleware's module: tokens with the objects that it shows.

Labels and kinds are those of the middleware's SDK. The module that tests load is a small one
before SoftHSM2 (``middleware_shim.c``): it gives slots the names of readers, notes what is asked,
and fails when told to.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from unittest import mock

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11 import Attribute, CertificateType, KeyType, ObjectClass

from kiosk.cardreader.simulator.issue import CardImage
from kiosk.cardreader.simulator.layout import File

SOFTHSM: Final = Path("/usr/lib/softhsm/libsofthsm2.so")
_SHIM: Final = Path(__file__).with_name("middleware_shim.c")
_PIN: Final = "1234"
_P384: Final = bytes.fromhex("06052B81040022")

DATA: Final = {
    File.IDENTITY: "DATA_FILE",
    File.ADDRESS: "ADDRESS_FILE",
    File.PHOTO: "PHOTO_FILE",
    File.RRN_CERTIFICATE: "CERT_RN_FILE",
    File.IDENTITY_SIGNATURE: "SIGN_DATA_FILE",
    File.ADDRESS_SIGNATURE: "SIGN_ADDRESS_FILE",
    File.BASIC_KEY: "BASIC_KEY_FILE",
}
CERTIFICATES: Final = {
    File.AUTHENTICATION_CERTIFICATE: "Authentication",
    File.SIGNATURE_CERTIFICATE: "Signature",
    File.CITIZEN_CA_CERTIFICATE: "CA",
    File.ROOT_CERTIFICATE: "Root",
}
CHIPS_KEY: Final = "Card"
FORBIDDEN: Final = ("ADDRESS_FILE", "PHOTO_FILE", "SIGN_ADDRESS_FILE", "CARD_DATA")


def why_not() -> str:
    """Why there is no such module here; empty when there is."""
    if not SOFTHSM.exists() or shutil.which("softhsm2-util") is None:
        return "SoftHSM2 is missing (package softhsm2)"
    return "" if shutil.which("gcc") else "there is no compiler (package gcc)"


@functools.cache
def shim(folder: Path) -> Path:
    """Build the module before SoftHSM2, once a folder."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    module = folder / "middleware.so"
    command = ["gcc", "-shared", "-fPIC", "-O1", "-o", str(module), str(_SHIM), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    return module


def _configuration(folder: Path, tokens: Path) -> Path:
    tokens.mkdir(parents=True)
    path = folder / "softhsm2.conf"
    path.write_text(f"directories.tokendir = {tokens}\nlog.level = ERROR\n")
    return path


@functools.cache
def _blank_token(folder: Path, label: str) -> Path:
    """Make a token without objects, once; doing so takes most of a second."""
    tokens = folder / label.replace(" ", "-") / "tokens"
    conf = _configuration(tokens.parent, tokens)
    util = ["softhsm2-util", "--init-token", "--free", "--label", label]
    pins = ["--pin", _PIN, "--so-pin", _PIN]
    environment = {**os.environ, "SOFTHSM2_CONF": str(conf)}
    subprocess.run([*util, *pins], check=True, capture_output=True, env=environment)
    return tokens


class CardBox:
    """Readers with cards in them, as a module shows them; each folder is one."""

    def __init__(self, folder: Path, module: Path) -> None:
        self.module = module
        self.log = folder / "calls"
        self._tokens = folder / "tokens"
        self._conf = _configuration(folder, self._tokens)
        self._applet = 0

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process needs that loads the module."""
        return {
            "SOFTHSM2_CONF": str(self._conf),
            "MIDDLEWARE_BEHIND": str(SOFTHSM),
            "MIDDLEWARE_LOG": str(self.log),
            "MIDDLEWARE_APPLET": str(self._applet),
        }

    def insert(self, image: CardImage, reader: str, *, offers_challenge: bool = True) -> None:
        """Put a card into a reader; its name has at most 32 bytes here."""
        self._applet = image.card_data[21]
        card = _Objects.of(image, offers_challenge=offers_challenge)
        shutil.copytree(_token(self.module, reader, card), self._tokens, dirs_exist_ok=True)
        pkcs11.unload(str(self.module))  # it looks for its tokens when it starts
        self.log.unlink(missing_ok=True)

    @property
    def calls(self) -> list[str]:
        """What was called since the last card was put in, in order."""
        return self.log.read_text().splitlines()

    @property
    def searched(self) -> list[str]:
        """The labels that were searched for, in order."""
        found = [line.split(" ", 2) for line in self.calls]
        return [words[2] for words in found if words[0] == "C_FindObjectsInit"]


@dataclass(frozen=True, slots=True)
class _Objects:
    """What a module shows of one card."""

    files: tuple[tuple[bytes, bytes], ...]
    chips_key: int | None

    @classmethod
    def of(cls, image: CardImage, *, offers_challenge: bool) -> _Objects:
        key, number = image.basic_key, None
        if offers_challenge and isinstance(key, ec.EllipticCurvePrivateKey):
            number = key.private_numbers().private_value
        return cls(tuple(sorted(image.files.items())), number)


@functools.cache
def _token(module: Path, reader: str, card: _Objects) -> Path:
    """Make a token with the objects of a card, once; each of them is written to the disk."""
    folder = Path(tempfile.mkdtemp(dir=module.parent))
    tokens = folder / "tokens"
    conf = _configuration(folder, tokens)
    shutil.copytree(_blank_token(module.parent, reader), tokens, dirs_exist_ok=True)
    settings = {"SOFTHSM2_CONF": str(conf), "MIDDLEWARE_BEHIND": str(SOFTHSM)}
    with mock.patch.dict(os.environ, settings):
        pkcs11.unload(str(module))
        library = pkcs11.lib(str(module))
        (slot,) = (slot for slot in library.get_slots() if slot.slot_description == reader)
        session = slot.get_token().open(rw=True)
        _fill(session, card)
        session.close()
        pkcs11.unload(str(module))  # the next one that is loaded would find it at work
    return tokens


def _fill(session: pkcs11.Session, card: _Objects) -> None:
    public = {Attribute.TOKEN: True, Attribute.PRIVATE: False}
    files = dict(card.files)
    for file, label in DATA.items():
        if file.path in files:
            data = {Attribute.CLASS: ObjectClass.DATA, Attribute.LABEL: label}
            session.create_object(public | data | {Attribute.VALUE: files[file.path]})
    for file, label in CERTIFICATES.items():
        if file.path in files:
            certificate = {
                Attribute.CLASS: ObjectClass.CERTIFICATE,
                Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
                Attribute.LABEL: label,
                Attribute.SUBJECT: label.encode(),
                Attribute.VALUE: files[file.path],
            }
            session.create_object(public | certificate)
    if card.chips_key is not None:
        key = {
            Attribute.CLASS: ObjectClass.PRIVATE_KEY,
            Attribute.KEY_TYPE: KeyType.EC,
            Attribute.LABEL: CHIPS_KEY,
            Attribute.EC_PARAMS: _P384,
            Attribute.VALUE: card.chips_key.to_bytes(48, "big"),
            Attribute.SIGN: True,
        }
        session.create_object(public | key)
