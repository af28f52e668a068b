import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.keys import KeyUnusable
from kiosk.service.central.sealed_numbers import is_encrypted, load_opener, load_sealer
from tests.support.dpo import DpoKey
from tests.unit.central.worlds import NOBODY


def test_only_the_private_key_opens(tmp_path: Path) -> None:
    key, other = DpoKey(tmp_path / "dpo"), DpoKey(tmp_path / "other")
    sealed = load_sealer(key.public).seal(NationalNumber(NOBODY), "c1")
    assert load_opener(key.private, None).open(sealed, "c1") == NOBODY
    assert load_opener(other.private, None).open(sealed, "c1") is None


def test_a_number_and_an_operator_are_no_good_in_each_others_place(tmp_path: Path) -> None:
    key = DpoKey(tmp_path / "dpo")
    sealer, opener = load_sealer(key.public), load_opener(key.private, None)
    sealed = sealer.seal_operator("https://login.example officer-17", "c1")
    assert opener.open_operator(sealed, "c1") == "https://login.example officer-17"
    assert opener.open(sealed, "c1") is None
    assert opener.open_operator(sealer.seal(NationalNumber(NOBODY), "c1"), "c1") is None
    assert sealer.seal_operator("", "c1") == ""


def test_no_two_seals_are_alike(tmp_path: Path) -> None:
    sealer = load_sealer(DpoKey(tmp_path / "dpo").public)
    assert len({sealer.seal(NationalNumber(NOBODY), "c1") for _ in range(5)}) == 5


def test_a_seal_belongs_to_its_check_and_is_whole(tmp_path: Path) -> None:
    key = DpoKey(tmp_path / "dpo")
    sealed = load_sealer(key.public).seal(NationalNumber(NOBODY), "c1")
    opener = load_opener(key.private, None)
    assert opener.open(sealed, "c2") is None
    assert opener.open("", "c1") is None
    key_id, _, content = sealed.partition(".")
    assert opener.open(f"{key_id}.{content[:20]}", "c1") is None
    assert opener.open(f"{key_id}.*", "c1") is None
    changed = bytearray(base64.urlsafe_b64decode(content))
    for place in range(len(changed)):
        changed[place] ^= 1
        again = base64.urlsafe_b64encode(changed).decode()
        assert opener.open(f"{key_id}.{again}", "c1") is None
        changed[place] ^= 1


def test_a_key_with_a_passphrase(tmp_path: Path) -> None:
    key = DpoKey(tmp_path / "dpo", passphrase="long and secret")
    sealed = load_sealer(key.public).seal(NationalNumber(NOBODY), "c1")
    assert is_encrypted(key.private)
    assert load_opener(key.private, "long and secret").open(sealed, "c1") == NOBODY
    for wrong in (None, "other"):
        with pytest.raises(KeyUnusable, match="passphrase"):
            load_opener(key.private, wrong)


def test_what_is_no_key(tmp_path: Path) -> None:
    key = DpoKey(tmp_path / "dpo")
    nonsense, curve = tmp_path / "nonsense", tmp_path / "curve"
    nonsense.write_text("-----BEGIN")
    other_kind = ec.generate_private_key(ec.SECP256R1())
    curve.write_bytes(
        other_kind.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    with pytest.raises(KeyUnusable, match="not an X25519"):
        load_sealer(curve)
    for load in (load_sealer, lambda path: load_opener(path, None)):
        with pytest.raises(KeyUnusable, match="not a"):
            load(nonsense)
        with pytest.raises(KeyUnusable, match="No such file"):
            load(tmp_path / "nothing")
    curve.write_bytes(DpoKey.pem(other_kind))
    with pytest.raises(KeyUnusable, match="not an X25519"):
        load_opener(curve, None)
    with pytest.raises(KeyUnusable, match="not a public"):
        load_sealer(key.private)
