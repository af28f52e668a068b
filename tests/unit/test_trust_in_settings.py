"""The list of roots that the settings name is what cards are proven by."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.bootstrap.visit import trust_list_in_force, trust_store
from kiosk.data import data_path
from kiosk.settings import CardSettings, Settings

PIN, TEST_PIN = "ab" * 32, "cd" * 32
NEWER = f'[[root]]\nname = "n"\nkey = "k"\nnot_after = ["2050-01-01"]\nspki_sha256 = "{PIN}"\n'


@pytest.fixture
def card(tmp_path: Path) -> CardSettings:
    key = Ed25519PrivateKey.generate()
    content = f"version = 2\n{NEWER}".encode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "roots.toml").write_bytes(content)
    (tmp_path / "roots.toml.sig").write_bytes(key.sign(content))
    (tmp_path / "trust.pem").write_bytes(public)
    return CardSettings(
        trust_list=str(tmp_path / "roots.toml"),
        trust_key=str(tmp_path / "trust.pem"),
        cache_folder=str(tmp_path / "cache"),
        test_roots=(TEST_PIN,),
    )


def test_a_newer_list_replaces_the_built_in_one(card: CardSettings) -> None:
    assert trust_store(Settings(card=card)).pins == {PIN}
    assert trust_store(Settings(card=card, environment="test")).pins == {PIN, TEST_PIN}


def test_without_one_the_built_in_list_counts() -> None:
    pins = trust_store(Settings()).pins
    built_in = data_path("trust", "roots.toml").read_text("utf-8")
    assert len(pins) == built_in.count("[[root]]")
    assert all(pin in built_in for pin in pins)


@pytest.mark.expects_log("kiosk.trust", "the trust list is refused")
def test_a_refused_one_is_told_and_changes_nothing(card: CardSettings) -> None:
    Path(f"{card.trust_list}.sig").write_bytes(bytes(64))
    settings = Settings(card=card)
    assert "signature is wrong" in trust_list_in_force(settings).refused
    assert trust_store(settings).pins == trust_store(Settings()).pins
