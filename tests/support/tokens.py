"""A token with a terminal's key: SoftHSM2 behind the module that notes and fails."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, ObjectClass

from tests.support.middleware import SOFTHSM, shim

PIN: Final = "93517042"
LABEL: Final = "Balie 4"
P256: Final = bytes.fromhex("06082A8648CE3D030107")
P384: Final = bytes.fromhex("06052B81040022")
RSA_BITS: Final = 2048
NOT_EXTRACTABLE: Final = {Attribute.EXTRACTABLE: False}

CKR_GENERAL_ERROR: Final = 0x5
CKR_DEVICE_REMOVED: Final = 0x32
CKR_MECHANISM_INVALID: Final = 0x70
CKR_PIN_LOCKED: Final = 0xA4
CKR_SESSION_HANDLE_INVALID: Final = 0xB3
CKR_TOKEN_NOT_PRESENT: Final = 0xE0


class TokenBox:
    """Tokens in a folder, and a file with the PIN. This process loads the module with them."""

    def __init__(self, folder: Path, module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.module = module
        self.folder = folder
        self.pin_file = folder / "pin"
        self._monkeypatch = monkeypatch
        self._conf = folder / "softhsm2.conf"
        (folder / "tokens").mkdir()
        (folder / "calls").touch()
        self._conf.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
        self.write_pin(PIN)
        monkeypatch.setenv("SOFTHSM2_CONF", str(self._conf))
        monkeypatch.setenv("MIDDLEWARE_BEHIND", str(SOFTHSM))
        monkeypatch.setenv("MIDDLEWARE_LOG", str(folder / "calls"))
        monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
        self.add()

    def add(self, label: str = LABEL) -> None:
        """Put one more token in."""
        util = ["softhsm2-util", "--init-token", "--free", "--label", label]
        pins = ["--pin", PIN, "--so-pin", PIN]
        subprocess.run([*util, *pins], check=True, capture_output=True, env=dict(os.environ))
        self.restart()

    def restart(self) -> None:
        """It looks for its tokens when it starts."""
        pkcs11.unload(str(self.module))

    def write_pin(self, pin: str) -> None:
        """Write the file with the PIN anew."""
        self.pin_file.unlink(missing_ok=True)
        self.pin_file.touch(0o600)
        self.pin_file.write_text(f"{pin}\n")

    def fail(self, *faults: str) -> None:
        """Let calls fail from now on, as the module has it; without any it works again."""
        self.restart()
        self._monkeypatch.setenv("MIDDLEWARE_FAULT", " ".join(faults))

    @property
    def calls(self) -> list[str]:
        """What was called, in order."""
        return (self.folder / "calls").read_text().splitlines()

    @property
    def logins(self) -> int:
        """How often a PIN was given to a token."""
        return self.calls.count("C_Login")

    def uri(self, key: str = "object=desk", token: str = LABEL, pin: str = "") -> str:
        """The name of a key in here."""
        query = pin or f"pin-source=file:{self.pin_file}"
        return f"pkcs11:token={quote(token)};{key}?module-path={self.module}&{query}"

    @contextmanager
    def session(self, label: str = LABEL) -> Iterator[pkcs11.Session]:
        """One of our own, past what is tested."""
        (token,) = (
            token
            for slot in pkcs11.lib(str(self.module)).get_slots()
            if (token := slot.get_token()).label == label
        )
        with token.open(rw=True, user_pin=PIN) as session:
            yield session
        self.restart()

    def make_ec(
        self,
        label: str = "desk",
        number: bytes = b"\1",
        *,
        curve: bytes = P256,
        token: str = LABEL,
        private: Mapping[Attribute, Any] = NOT_EXTRACTABLE,
    ) -> None:
        """Make an EC key pair, its private half with these attributes."""
        with self.session(token) as session:
            parameters = {Attribute.EC_PARAMS: curve}
            named = session.create_domain_parameters(KeyType.EC, parameters, local=True)
            named.generate_keypair(
                id=number, label=label, store=True, private_template=dict(private)
            )

    def make_rsa(self, label: str = "desk", number: bytes = b"\1") -> None:
        """Make an RSA key pair."""
        with self.session() as session:
            session.generate_keypair(
                KeyType.RSA,
                RSA_BITS,
                id=number,
                label=label,
                store=True,
                private_template=dict(NOT_EXTRACTABLE),
            )

    def remove(self, kind: ObjectClass) -> None:
        """Remove every object of a kind."""
        with self.session() as session:
            for one in list(session.get_objects({Attribute.CLASS: kind})):
                one.destroy()

    def told(self, kind: ObjectClass, *names: Attribute) -> list[tuple[Any, ...]]:
        """What the token tells of its objects of one kind."""
        with self.session() as session:
            found = list(session.get_objects({Attribute.CLASS: kind}))
            return [tuple(one[name] for name in names) for one in found]


def token_box(
    factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TokenBox]:
    """What a fixture yields: a box with one empty token, gone from this process afterwards."""
    built_in = factory.getbasetemp() / "token-module"
    built_in.mkdir(exist_ok=True)
    box = TokenBox(factory.mktemp("tokens"), shim(built_in), monkeypatch)
    yield box
    box.restart()
