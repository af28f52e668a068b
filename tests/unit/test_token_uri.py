"""Names of keys in tokens (RFC 7512), good ones and every kind of bad one."""

from __future__ import annotations

import contextlib
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.token_uri import TokenUriError, is_token_uri, parsed

MODULE = "module-path=/usr/lib/softhsm/libsofthsm2.so"
GOOD = f"pkcs11:token=desk;object=key?{MODULE}"
PIN = "93517042"
PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=32)


def test_everything_that_is_used() -> None:
    uri = parsed(
        "pkcs11:model=SoftHSM%20v2;manufacturer=SoftHSM%20project;serial=4209aac8319d44a5;"
        "token=Balie%204;id=%69%95%3E%5c;object=s%C3%A9jour,%20nord;type=private"
        f"?pin-source=file:/etc/tariefwijzer/pin&{MODULE}&module-name=softhsm2"
    )
    assert uri.token == {
        "model": "SoftHSM v2",
        "manufacturer": "SoftHSM project",
        "serial": "4209aac8319d44a5",
        "token": "Balie 4",
    }
    assert (uri.label, uri.id) == ("séjour, nord", b"i\x95>\\")
    assert uri.module == Path("/usr/lib/softhsm/libsofthsm2.so")
    assert (uri.pin_file, uri.pin) == (Path("/etc/tariefwijzer/pin"), None)


def test_what_is_not_named_is_nothing() -> None:
    uri = parsed(f"PKCS11:serial=1;id=%00?{MODULE}")
    assert (uri.token, uri.label, uri.id) == ({"serial": "1"}, None, b"\0")
    assert (uri.pin_file, uri.pin) == (None, None)


@pytest.mark.parametrize(
    "source",
    ["file:/run/pin", "file:///run/pin", "file://localhost/run/pin", "FILE:/run/pin", "/run/pin"],
)
def test_a_file_with_the_pin(source: str) -> None:
    assert parsed(f"{GOOD}&pin-source={source}").pin_file == Path("/run/pin")


def test_the_characters_that_need_no_percent() -> None:
    assert parsed(f"pkcs11:token=:[]@!$'()*+,=&;object=-._~?{MODULE}").label == "-._~"
    assert parsed(f"{GOOD}&pin-value=:[]@!$'()*+,=/?|").pin == ":[]@!$'()*+,=/?|"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("file:/etc/key", "does not begin"),
        ("pkcs11:", "RFC 7512"),
        (f"pkcs11:?{MODULE}", "RFC 7512"),
        (f"pkcs11:token=a b;object=c?{MODULE}", "%20"),
        (f"pkcs11:token=a;object=b;?{MODULE}", "RFC 7512"),
        (f"pkcs11:token=a;object=a/b?{MODULE}", "RFC 7512"),
        (f"pkcs11:token=a;object=%4?{MODULE}", "RFC 7512"),
        (f"pkcs11:token=a;object=%zz?{MODULE}", "RFC 7512"),
        (f"pkcs11:token=a;object=é?{MODULE}", "RFC 7512"),
        (f"pkcs11:token=a;object=b\n?{MODULE}", "RFC 7512"),
        (f"{GOOD}&", "RFC 7512"),
        (f"{GOOD}#part", "RFC 7512"),
        (f"pkcs11:token=a;token=b;object=c?{MODULE}", "token twice"),
        (f"{GOOD}&{MODULE}", "module-path twice"),
        (f"pkcs11:token=a;object=%FF?{MODULE}", "object that is not UTF-8"),
        (f"pkcs11:token=a;object=%00?{MODULE}", "object with a character"),
        (f"pkcs11:token=;object=b?{MODULE}", "nothing in token"),
        (f"pkcs11:token=a;id=?{MODULE}", "nothing in id"),
        (f"pkcs11:object=b?{MODULE}", "token or serial"),
        (f"pkcs11:model=a;object=b?{MODULE}", "token or serial"),
        (f"pkcs11:token=a?{MODULE}", "object or id"),
        (f"pkcs11:token=a;object=b;type=public?{MODULE}", "other than private"),
        (f"pkcs11:token=a;object=b;slot-id=1?{MODULE}", "slot-id where"),
        (f"pkcs11:token=a;object=b;vendor=1?{MODULE}", "an unknown attribute where"),
        ("pkcs11:token=a;object=b", "full path of a file in module-path"),
        ("pkcs11:token=a;object=b?module-path=softhsm2.so", "full path of a file in module-path"),
        (f"{GOOD}&pin-source=pin", "full path of a file in pin-source"),
        (f"{GOOD}&pin-source=file://elsewhere/pin", "full path of a file in pin-source"),
        (f"{GOOD}&pin-source=|/bin/pin", "command in pin-source"),
        (f"{GOOD}&pin-source=%7C/bin/pin", "command in pin-source"),
        (f"{GOOD}&pin-source=", "nothing in pin-source"),
        (f"{GOOD}&pin-source=/run/pin&pin-value=1", "both"),
    ],
)
def test_a_mistake_is_told_by_its_attribute(text: str, told: str) -> None:
    with pytest.raises(TokenUriError, match=told):
        parsed(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{GOOD}&pin-value={PIN}&pin-value={PIN}",
        f"{GOOD}&pin-value={PIN}&pin-source=/run/{PIN}",
        f"{GOOD}&pin-value={PIN}%",
        f"{GOOD}&pin-value={PIN}%FF",
        f"{GOOD}&pin-value={PIN} ",
        f"pkcs11:token=a;object=b;pin-value={PIN}?{MODULE}",
        f"pkcs11:token=a;object=b;{PIN}=1?{MODULE}",
        f"pkcs11:token=a;{PIN}?{MODULE}",
        f"{GOOD}&{PIN}=1&{PIN}=2",
        f"{GOOD}&{PIN}=",
    ],
)
def test_no_mistake_tells_the_pin(text: str) -> None:
    with pytest.raises(TokenUriError) as caught:
        parsed(text)
    assert PIN not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_a_pin_in_the_name_is_not_shown() -> None:
    uri = parsed(f"{GOOD}&pin-value={PIN}&more=1")
    assert uri.pin == PIN
    assert PIN not in repr(uri)
    assert uri.digest == parsed(GOOD).digest
    assert uri.digest != parsed(GOOD.replace("object=key", "object=other")).digest


@given(token=PRINTABLE, label=PRINTABLE, number=st.binary(min_size=1), pin=PRINTABLE)
def test_what_is_written_is_read(token: str, label: str, number: bytes, pin: str) -> None:
    uri = parsed(
        f"pkcs11:token={quote(token, safe='')};object={quote(label, safe='')};"
        f"id={quote(number, safe='')}?{MODULE}&pin-value={quote(pin, safe='')}"
    )
    assert (uri.token, uri.label, uri.id, uri.pin) == ({"token": token}, label, number, pin)


@given(st.text())
def test_any_text_is_a_name_or_a_mistake(text: str) -> None:
    for one in (text, f"pkcs11:{text}", f"{GOOD}&pin-value={text}"):
        with contextlib.suppress(TokenUriError):
            assert parsed(one).module.is_absolute()


@pytest.mark.parametrize(
    ("text", "is_one"), [("pkcs11:", True), ("Pkcs11:a", True), ("file:/a", False), ("", False)]
)
def test_which_keys_are_in_a_token(text: str, is_one: bool) -> None:
    assert is_token_uri(text) is is_one
