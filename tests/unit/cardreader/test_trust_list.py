"""The list of roots: what may take the place of the one that is built in, and what may not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.cardreader.trust import TrustStore
from kiosk.cardreader.trust_list import Trusted, built_in, in_force
from kiosk.data import data_path

KEY = Ed25519PrivateKey.generate()
OTHER_KEY = Ed25519PrivateKey.generate()
PIN = "ab" * 32


def text(version: int, *pins: str) -> str:
    rows = "".join(
        f'[[root]]\nname = "New"\nkey = "EC P-384"\nnot_after = ["2050-01-01"]\n'
        f'spki_sha256 = "{pin}"\n'
        for pin in pins or (PIN,)
    )
    return f"version = {version}\n{rows}"


class Desk:
    """One machine: the file that is offered, the signer's key, and what is kept."""

    def __init__(self, folder: Path) -> None:
        self.offered = folder / "roots.toml"
        self.signature = folder / "roots.toml.sig"
        self.key = folder / "trust.pem"
        self.folder = folder / "kept"
        self.trust(KEY)

    def trust(self, key: Ed25519PrivateKey | Ed448PrivateKey) -> None:
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self.key.write_bytes(public)

    def offer(self, content: str | bytes, key: Ed25519PrivateKey = KEY) -> Trusted:
        data = content.encode() if isinstance(content, str) else content
        self.offered.write_bytes(data)
        self.signature.write_bytes(key.sign(data))
        return self.look()

    def look(self) -> Trusted:
        return in_force(self.offered, self.key, self.folder)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_newer_list_takes_the_place_of_the_built_in_one(desk: Desk) -> None:
    trusted = desk.offer(text(2))
    assert trusted.refused == ""
    assert trusted.list.version == 2
    assert list(trusted.list.pins) == [PIN]


def test_it_is_what_a_store_believes(desk: Desk) -> None:
    newer = desk.offer(text(2)).list
    assert TrustStore.production(newer).pins == {PIN}
    assert TrustStore.for_tests(["CD" * 32], newer).pins == {PIN, "cd" * 32}
    assert TrustStore.production().pins == set(built_in().pins)


def test_none_is_offered(desk: Desk) -> None:
    trusted = desk.look()
    assert trusted.list == built_in()
    assert "roots.toml.sig: No such file" in trusted.refused


def test_a_list_of_another_signer_is_refused(desk: Desk) -> None:
    trusted = desk.offer(text(2), OTHER_KEY)
    assert (trusted.list, trusted.refused) == (
        built_in(),
        f"{desk.offered}: its signature is wrong",
    )


@pytest.mark.parametrize("kept", [0, 1, 20, -1])
def test_a_list_that_was_cut_is_refused(desk: Desk, kept: int) -> None:
    desk.offer(text(2))
    desk.offered.write_bytes(desk.offered.read_bytes()[:kept])
    assert "signature is wrong" in desk.look().refused


@pytest.mark.parametrize("kept", [0, 63])
def test_a_signature_that_was_cut_is_refused(desk: Desk, kept: int) -> None:
    desk.offer(text(2))
    desk.signature.write_bytes(desk.signature.read_bytes()[:kept])
    assert "signature is wrong" in desk.look().refused


def test_an_older_list_brings_nothing_back(desk: Desk) -> None:
    desk.offer(text(3))
    trusted = desk.offer(text(2, "cd" * 32))
    assert trusted.refused.endswith("it is number 2, and number 3 was in force")
    assert list(trusted.list.pins) == [PIN]


def test_a_list_that_is_older_than_the_product_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = built_in().__class__(5, built_in().pins)
    monkeypatch.setattr("kiosk.cardreader.trust_list.built_in", lambda: newer)
    trusted = desk.offer(text(4))
    assert trusted.list == newer
    assert "number 5 was in force" in trusted.refused


def test_two_lists_of_one_number_are_not_both_right(desk: Desk) -> None:
    desk.offer(text(2))
    trusted = desk.offer(text(2, "cd" * 32))
    assert "another number 2" in trusted.refused
    assert list(trusted.list.pins) == [PIN]


def test_the_number_of_the_built_in_one_is_taken(desk: Desk) -> None:
    assert "another number 1" in desk.offer(text(1)).refused


def test_what_was_accepted_stays_when_the_file_is_damaged(desk: Desk) -> None:
    desk.offer(text(2))
    desk.offered.write_bytes(b"")
    trusted = desk.look()
    assert list(trusted.list.pins) == [PIN]
    assert trusted.refused


def test_what_is_kept_may_be_deleted(desk: Desk) -> None:
    desk.offer(text(2))
    for path in desk.folder.iterdir():
        path.unlink()
    assert desk.look().refused == ""


def test_what_is_kept_is_not_believed_for_lying_there(desk: Desk) -> None:
    desk.offer(text(9))
    (kept,) = desk.folder.iterdir()
    changed = kept.read_bytes().replace(PIN.encode(), b"cd" * 32)
    kept.write_bytes(changed)
    desk.offered.unlink()
    assert desk.look().list == built_in()


def test_what_another_key_signed_counts_no_more(desk: Desk) -> None:
    desk.offer(text(9))
    desk.trust(OTHER_KEY)
    assert desk.look().list == built_in()


def test_a_folder_that_cannot_be_written_to_costs_only_the_memory(desk: Desk) -> None:
    desk.folder.write_text("a file is in the way")
    assert list(desk.offer(text(2)).list.pins) == [PIN]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "version = 2\n",
        "version = 2\nroot = []\n",
        text(0),
        text(2, "ab" * 31),
        text(2, "AB" * 32),
        text(2).replace("2050-01-01", "1st of May"),
        text(2).replace('["2050-01-01"]', "[]"),
        text(2) + 'reason = "unknown key"\n',
        b"version = 2\n\xff",
        "version = 2\n" * 9_000,
        "root = " + "[" * 5_000,
        text(2**31),
        text(2).replace("version = 2", "version = 0x" + "f" * 5_000),
    ],
)
def test_what_was_signed_must_be_a_list(desk: Desk, content: str | bytes) -> None:
    trusted = desk.offer(content)
    assert trusted.list == built_in()
    assert trusted.refused


def test_a_key_must_be_one(desk: Desk) -> None:
    desk.offer(text(2))
    desk.trust(Ed448PrivateKey.generate())
    assert "not a key for Ed25519" in desk.look().refused
    desk.key.write_text("no key")
    assert "no public key that can be read" in desk.look().refused
    desk.key.unlink()
    assert "no public key that can be read" in desk.look().refused


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None
)
@given(at=st.integers(0), to=st.integers(0, 255))
def test_no_changed_byte_is_believed(desk: Desk, at: int, to: int) -> None:
    desk.offer(text(2))
    signed = bytearray(desk.signature.read_bytes() + desk.offered.read_bytes())
    at %= len(signed)
    was, signed[at] = signed[at], to
    desk.signature.write_bytes(signed[:64])
    desk.offered.write_bytes(signed[64:])
    for path in desk.folder.iterdir():
        path.unlink()
    assert (desk.look().list == built_in()) == (was != to)


def test_nothing_else_is_left_in_the_folder(desk: Desk) -> None:
    for version in range(2, 6):
        desk.offer(text(version))
    assert os.listdir(desk.folder) == ["trust-list"]  # noqa: PTH208 - names are what counts


def test_the_built_in_list_may_be_offered_as_well(desk: Desk) -> None:
    """A terminal that was upgraded meanwhile, or is new."""
    assert desk.offer(data_path("trust", "roots.toml").read_bytes()).refused == ""


def test_what_could_not_be_kept_is_not_left_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(Path, "replace", full)
    assert desk.offer(text(2)).refused == ""
    assert list(desk.folder.iterdir()) == []
