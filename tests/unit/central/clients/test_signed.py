"""Keys that are accepted, and texts that are believed."""

import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.service.central.clients.signed import (
    Expected,
    KeyRefused,
    NotValid,
    public_key,
    public_keys,
    text_claim,
    time_claim,
    unverified_subject,
    verified,
)
from tests.support.signing import (
    ec_key,
    private_jwk,
    public_jwk,
    public_pem,
    rsa_key,
    signed,
    unsigned,
)

EXPECTED = Expected(issuer="me", audience="you", needed=("sub",))
CURVE = ec_key()


def claims(**changes: Any) -> dict[str, Any]:
    return {"iss": "me", "aud": "you", "sub": "me", "exp": int(time.time()) + 60, **changes}


class TestKeys:
    @pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()], ids=lambda c: c.name)
    def test_curves(self, curve: ec.EllipticCurve) -> None:
        key = ec_key(curve)
        told = verified(signed(key, claims()), [public_key(public_jwk(key))], EXPECTED)
        assert told["sub"] == "me"

    def test_rsa_signs_in_two_ways(self) -> None:
        assert public_key(public_jwk(rsa_key())).algorithms == ("RS256", "PS256")
        only = public_key(public_jwk(rsa_key(), alg="PS256"))
        assert verified(signed(rsa_key(), claims(), "PS256"), [only], EXPECTED)
        with pytest.raises(NotValid):
            verified(signed(rsa_key(), claims(), "RS256"), [only], EXPECTED)

    def test_the_thumbprint_is_the_standards(self) -> None:
        """The example of RFC 7638, 3.1."""
        modulus = (
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS"
            "oc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65"
            "YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyr"
            "dkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK"
            "nqDKgw"
        )
        jwk = {"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
        assert public_key(jwk).thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"

    def test_pem_jwk_and_sets_are_the_same_key(self) -> None:
        jwk = public_jwk(CURVE, kid="1")
        texts = [public_pem(CURVE), json.dumps(jwk), json.dumps({"keys": [jwk]})]
        found = {public_keys(text)[0].thumbprint for text in texts}
        assert found == {public_key(jwk).thumbprint}
        several = public_keys(json.dumps({"keys": [jwk, public_jwk(rsa_key())]}))
        assert len(several) == 2

    @pytest.mark.parametrize(
        "change",
        [
            {"kty": "oct"},
            {"kty": None},
            {"crv": "P-521"},
            {"crv": "secp256k1"},
            {"x": "AAAA"},
            {"x": None},
            {"y": 5},
            {"alg": "HS256"},
            {"alg": "none"},
            {"alg": "ES384"},
            {"use": "enc"},
            {"key_ops": ["encrypt"]},
            {"kid": 5},
            {"d": "AAAA"},
            {"k": "AAAA"},
        ],
        ids=str,
    )
    def test_what_is_refused(self, change: dict[str, Any]) -> None:
        with pytest.raises(KeyRefused) as caught:
            public_key({**public_jwk(CURVE), **change})
        assert "AAAA" not in str(caught.value)
        assert caught.value.__cause__ is None

    def test_private_keys_are_refused(self) -> None:
        for key in (CURVE, rsa_key()):
            with pytest.raises(KeyRefused, match="holds a private key"):
                public_key(private_jwk(key))

    def test_weak_keys_are_refused(self) -> None:
        exponent_three = rsa.generate_private_key(public_exponent=3, key_size=2048)
        for key in (rsa_key(3, bits=1024), exponent_three):
            with pytest.raises(KeyRefused):
                public_key(public_jwk(key))

    def test_other_files_are_refused(self) -> None:
        other_kind = ed25519.Ed25519PrivateKey.generate().public_key()
        pem = other_kind.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        many = json.dumps({"keys": [public_jwk(CURVE)] * 17})
        texts = ["", "x", "[]", "5", "null", '{"keys": []}', '{"keys": 5}', '{"keys": [5]}', many]
        for text in (*texts, pem, "-----BEGIN PUBLIC KEY-----\n", "-----BEGIN é", "[" * 100_000):
            with pytest.raises(KeyRefused):
                public_keys(text)


class TestTexts:
    def test_a_key_is_found_by_its_name_or_without_one(self) -> None:
        named = public_key(public_jwk(CURVE, kid="a"))
        other = public_key(public_jwk(rsa_key(), kid="b"))
        nameless = public_key(public_jwk(CURVE))
        assert verified(signed(CURVE, claims()), [other, named], EXPECTED)
        assert verified(signed(CURVE, claims(), kid="a"), [other, named], EXPECTED)
        assert verified(signed(CURVE, claims(), kid="z"), [nameless], EXPECTED)
        for kid in ("b", "z"):
            with pytest.raises(NotValid):
                verified(signed(CURVE, claims(), kid=kid), [other, named], EXPECTED)

    def test_without_keys_nothing_is_believed(self) -> None:
        with pytest.raises(NotValid):
            verified(signed(CURVE, claims()), [], EXPECTED)

    @settings(max_examples=150, deadline=None)
    @given(st.text(max_size=80) | st.from_regex(r"[A-Za-z0-9_-]{0,40}(\.[A-Za-z0-9_-]{0,40}){2}"))
    def test_any_text_is_refused_calmly(self, text: str) -> None:
        with pytest.raises(NotValid):
            verified(text, [public_key(public_jwk(CURVE))], EXPECTED)
        with pytest.raises(NotValid):
            unverified_subject(text)

    @settings(max_examples=60, deadline=None)
    @given(st.integers(min_value=0), st.integers(min_value=1, max_value=63))
    def test_every_changed_character_is_noticed(self, place: int, step: int) -> None:
        """But for the last one of the signature, of whose six bits four count."""
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        text = signed(CURVE, claims())
        at = place % (len(text) - 1)
        if text[at] == ".":
            return
        other = alphabet[(alphabet.index(text[at]) + step) % 64]
        with pytest.raises(NotValid):
            verified(text[:at] + other + text[at + 1 :], [public_key(public_jwk(CURVE))], EXPECTED)

    @pytest.mark.parametrize("end", [float("inf"), float("nan"), "soon", [], None, True])
    def test_times_that_are_none(self, end: Any) -> None:
        with pytest.raises(NotValid):
            verified(signed(CURVE, claims(exp=end)), [public_key(public_jwk(CURVE))], EXPECTED)

    def test_deep_claims(self) -> None:
        deep: Any = "x"
        for _ in range(400):
            deep = [deep]
        text = signed(CURVE, claims(deep=deep))
        assert verified(text, [public_key(public_jwk(CURVE))], EXPECTED)

    def test_a_claimed_subject(self) -> None:
        assert unverified_subject(unsigned({"sub": "me"})) == "me"
        for text in (unsigned({}), unsigned({"sub": 5}), "x" * 9000):
            with pytest.raises(NotValid):
                unverified_subject(text)

    def test_claims_by_type(self) -> None:
        assert text_claim({"a": "b"}, "a") == "b"
        assert time_claim({"a": 5.5}, "a") == 5
        for told in ({}, {"a": ""}, {"a": 5}, {"a": "x" * 300}):
            with pytest.raises(NotValid):
                text_claim(told, "a")
        for wrong in ({}, {"a": "5"}, {"a": True}):
            with pytest.raises(NotValid):
                time_claim(wrong, "a")
