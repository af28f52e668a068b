"""A terminal's key in a token: what it signs, and every way in which it does not."""

from __future__ import annotations

import inspect
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jwt
import pkcs11
import pytest
from pkcs11 import Attribute, ObjectClass

from kiosk.bootstrap.policy import now
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.service.credentials import ClientTokenKey
from kiosk.service.token_key import TokenKey, problem_of
from kiosk.token_uri import parsed
from tests.support import tokens
from tests.support.tokens import LABEL, PIN, TokenBox, token_box

URL = "https://tariff.example/v1/token"
WRONG_PIN = "00000000"
TWO_SIGNATURES = """
import sys
from pathlib import Path
from kiosk.domain.problem import KioskError
from kiosk.service import token_key
from kiosk.token_uri import parsed

token_key.USE_SECONDS = 0.2
key = token_key.TokenKey(parsed(sys.argv[1]), Path(sys.argv[2]))
for _ in range(2):
    try:
        key.use(lambda key: key.sign(b""))
    except KioskError as error:
        print(error)
"""


@pytest.fixture
def box(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TokenBox]:
    yield from token_box(tmp_path_factory, monkeypatch)


def key_of(box: TokenBox, uri: str = "", *, by_hand: bool = False) -> TokenKey:
    return TokenKey(parsed(uri or box.uri()), box.folder / "state", by_hand=by_hand)


def signed(key: TokenKey) -> str:
    return ClientTokenKey("dsk-1", key).assertion(URL, now())


def code(key: TokenKey) -> ProblemCode:
    with pytest.raises(KioskError) as caught:
        signed(key)
    assert str(caught.value) == caught.value.problem.code.code
    return caught.value.problem.code


def verified(text: str, public: Any) -> str:
    """Check an assertion; return its algorithm."""
    algorithm: str = jwt.get_unverified_header(text)["alg"]
    claims = jwt.decode(text, public, algorithms=[algorithm], audience=URL)
    assert claims["iss"] == claims["sub"] == "dsk-1"
    assert claims["exp"] - claims["iat"] == timedelta(minutes=5).total_seconds()
    return algorithm


# What it signs


def test_an_elliptic_curve(box: TokenBox) -> None:
    box.make_ec()
    key = key_of(box)
    texts = [signed(key) for _ in range(3)]
    assert {verified(text, key.pair().public) for text in texts} == {"ES256"}
    assert len(set(texts)) == 3


def test_rsa_as_a_key_in_a_file(box: TokenBox) -> None:
    box.make_rsa()
    key = key_of(box)
    assert verified(signed(key), key.pair().public) == "RS256"


def test_rsa_where_the_token_has_no_older_way(box: TokenBox) -> None:
    box.make_rsa()
    box.fail("C_GetMechanismList:1:no-pkcs1")
    key = key_of(box)
    assert verified(signed(key), key.pair().public) == "PS256"


@pytest.mark.parametrize("name", ["id=%01", "id=%01;object=desk", "object=desk;type=private"])
def test_the_ways_to_name_a_key(box: TokenBox, name: str) -> None:
    box.make_ec()
    box.make_ec("other", b"\2")
    box.add("Balie 5")
    box.make_ec(token="Balie 5")
    key = key_of(box, box.uri(name))
    assert verified(signed(key), key.pair().public) == "ES256"


def test_a_key_that_needs_no_pin(box: TokenBox) -> None:
    box.make_ec(private={**tokens.NOT_EXTRACTABLE, Attribute.PRIVATE: False})
    before = box.logins
    assert signed(key_of(box, box.uri(pin="x=1")))
    assert box.logins == before


def test_a_pin_in_the_name(box: TokenBox) -> None:
    box.make_ec()
    assert signed(key_of(box, box.uri(pin=f"pin-value={PIN}")))


# Making one


def test_a_pair_is_made_once_and_stays_inside(box: TokenBox) -> None:
    key = key_of(box, box.uri("object=desk;id=%07"))
    pair = key.pair()
    assert (pair.is_new, pair.id) == (True, b"\7")
    again = key.pair()
    assert (again.is_new, again.public) == (False, pair.public)
    names = (
        *(Attribute.LABEL, Attribute.ID, Attribute.TOKEN, Attribute.PRIVATE, Attribute.SIGN),
        *(Attribute.SENSITIVE, Attribute.EXTRACTABLE, Attribute.NEVER_EXTRACTABLE),
        *(Attribute.ALWAYS_SENSITIVE, Attribute.DERIVE, Attribute.UNWRAP),
    )
    assert box.told(ObjectClass.PRIVATE_KEY, *names) == [
        ("desk", b"\7", True, True, True, True, False, True, True, False, False)
    ]
    with pytest.raises(pkcs11.AttributeSensitive):
        box.told(ObjectClass.PRIVATE_KEY, Attribute.VALUE)
    box.restart()
    assert verified(signed(key), pair.public) == "ES256"


def test_two_pairs_never_have_the_same_id(box: TokenBox) -> None:
    pairs = [key_of(box, box.uri(f"object={name}")).pair() for name in ("one", "two")]
    assert len({pair.id for pair in pairs}) == len({len(pair.id) for pair in pairs}) + 1 == 2


def test_a_pair_that_came_to_nothing_is_removed(box: TokenBox) -> None:
    box.make_ec("other", b"\2")
    key = key_of(box)
    key.discard(key.pair())
    for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY):
        assert box.told(kind, Attribute.LABEL) == [("other",)]


@pytest.mark.parametrize("kind", [ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY])
def test_no_pair_is_made_beside_another_with_its_id(box: TokenBox, kind: ObjectClass) -> None:
    """If nothing came of it both would be removed: the other one's key can sign no more."""
    box.make_ec("other", b"\7")
    box.remove(kind)
    assert pair_code(key_of(box, box.uri("object=desk;id=%07"))) is ProblemCode.KEY_AMBIGUOUS
    left = {ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY} - {kind}
    assert [box.told(each, Attribute.LABEL) for each in left] == [[("other",)]]
    assert box.told(kind, Attribute.LABEL) == []


def pair_code(key: TokenKey) -> ProblemCode:
    with pytest.raises(KioskError) as caught:
        key.pair()
    return caught.value.problem.code


@pytest.mark.parametrize(
    "private",
    [{Attribute.EXTRACTABLE: True}, {Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: False}],
)
def test_a_key_that_could_leave_is_not_registered(
    box: TokenBox, private: dict[Attribute, Any]
) -> None:
    box.make_ec(private=private)
    assert pair_code(key_of(box)) is ProblemCode.KEY_UNUSABLE


def test_a_pair_without_its_public_half(box: TokenBox) -> None:
    box.make_ec()
    box.remove(ObjectClass.PUBLIC_KEY)
    assert pair_code(key_of(box)) is ProblemCode.KEY_UNUSABLE


def test_a_token_that_makes_no_keys(box: TokenBox) -> None:
    box.fail(f"C_GenerateKeyPair:1:{tokens.CKR_MECHANISM_INVALID}")
    assert pair_code(key_of(box)) is ProblemCode.KEY_UNUSABLE
    assert box.told(ObjectClass.PRIVATE_KEY, Attribute.LABEL) == []


# Which key is not there


def test_a_key_that_is_not_there(box: TokenBox) -> None:
    assert code(key_of(box)) is ProblemCode.KEY_UNUSABLE
    box.make_ec("other", b"\2")
    assert code(key_of(box)) is ProblemCode.KEY_UNUSABLE
    assert code(key_of(box, box.uri("object=other;id=%01"))) is ProblemCode.KEY_UNUSABLE
    assert code(key_of(box, box.uri("object=other", pin="x=1"))) is ProblemCode.KEY_UNUSABLE


def test_a_key_of_another_kind(box: TokenBox) -> None:
    box.make_ec(curve=tokens.P384)
    assert code(key_of(box)) is ProblemCode.KEY_UNUSABLE


def test_a_key_that_may_not_sign(box: TokenBox) -> None:
    box.make_ec(private={**tokens.NOT_EXTRACTABLE, Attribute.SIGN: False})
    assert code(key_of(box)) is ProblemCode.KEY_UNUSABLE


def test_two_keys_of_one_name(box: TokenBox) -> None:
    box.make_ec()
    box.make_ec(number=b"\2")
    assert code(key_of(box)) is ProblemCode.KEY_AMBIGUOUS
    assert pair_code(key_of(box)) is ProblemCode.KEY_AMBIGUOUS
    assert signed(key_of(box, box.uri("object=desk;id=%02")))


def test_two_tokens_of_one_name(box: TokenBox) -> None:
    box.make_ec()
    box.add(LABEL)
    assert code(key_of(box)) is ProblemCode.KEY_AMBIGUOUS


@pytest.mark.parametrize("content", [None, b"", b"\x7fELF and nothing else"])
def test_a_module_that_is_none(box: TokenBox, content: bytes | None) -> None:
    file = box.folder / "none.so"
    if content is not None:
        file.write_bytes(content)
    uri = f"pkcs11:token=a;object=b?module-path={file}"
    assert code(key_of(box, uri)) is ProblemCode.TOKEN_MODULE_UNUSABLE


def test_a_module_that_does_not_start(box: TokenBox) -> None:
    box.fail(f"C_Initialize:1:{tokens.CKR_GENERAL_ERROR}")
    assert code(key_of(box)) is ProblemCode.TOKEN_MODULE_UNUSABLE


# What happens to a token


def test_another_token(box: TokenBox) -> None:
    box.make_ec()
    before = box.logins
    assert code(key_of(box, box.uri(token="Balie 5"))) is ProblemCode.TOKEN_AWAY
    assert box.logins == before


@pytest.mark.parametrize("fault", ["bad-label", str(tokens.CKR_DEVICE_REMOVED)])
def test_a_token_beside_it_that_fails(box: TokenBox, fault: str) -> None:
    """SoftHSM2 always has one more, empty and last."""
    box.make_ec()
    box.fail(f"C_GetTokenInfo:2:{fault}")
    assert signed(key_of(box))
    assert box.calls.count("C_GetTokenInfo") > 1


@pytest.mark.parametrize(
    "fault",
    [
        f"C_GetSlotList:1:{tokens.CKR_GENERAL_ERROR}",
        f"C_GetTokenInfo:1:{tokens.CKR_TOKEN_NOT_PRESENT}",
        f"C_OpenSession:1:{tokens.CKR_TOKEN_NOT_PRESENT}",
        f"C_Login:1:{tokens.CKR_DEVICE_REMOVED}",
        f"C_FindObjectsInit:1:{tokens.CKR_SESSION_HANDLE_INVALID}",
        f"C_SignInit:1:{tokens.CKR_DEVICE_REMOVED}",
        f"C_Sign:1:{tokens.CKR_SESSION_HANDLE_INVALID}",
    ],
)
def test_a_token_that_is_pulled(
    box: TokenBox, capfd: pytest.CaptureFixture[str], fault: str
) -> None:
    box.make_ec()
    box.fail(fault)
    key = key_of(box)
    assert code(key) is ProblemCode.TOKEN_AWAY
    assert capfd.readouterr().err == ""
    box.fail()
    assert signed(key)  # it was put back


def test_a_token_that_is_pulled_between_two_signatures(box: TokenBox) -> None:
    box.make_ec()
    box.fail(f"C_OpenSession:2:{tokens.CKR_TOKEN_NOT_PRESENT}")
    key = key_of(box)
    assert signed(key)
    assert code(key) is ProblemCode.TOKEN_AWAY


def test_a_signature_that_is_cut(box: TokenBox) -> None:
    box.make_ec()
    box.fail("C_Sign:1:cut")
    assert code(key_of(box)) is ProblemCode.KEY_UNUSABLE


@pytest.mark.parametrize("call", ["C_Initialize", "C_OpenSession", "C_Sign"])
def test_a_token_that_hangs(box: TokenBox, call: str) -> None:
    """In a process of its own, which ends all the same: what hangs holds the module for good."""
    box.make_ec()
    box.fail(f"{call}:1:hang")
    command = [sys.executable, "-c", TWO_SIGNATURES, box.uri(), str(box.folder / "state")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout, done.stderr) == ("K504\nK504\n", "")


def test_one_signature_at_a_time(box: TokenBox) -> None:
    """A module is started for one thread; the lamps and a visit may both want a token."""
    box.make_ec()
    key = key_of(box)
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.append(signed(key))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    public = key.pair().public
    assert [verified(text, public) for text in made] == ["ES256"] * 8


# The PIN


def test_a_wrong_pin_is_tried_once(box: TokenBox) -> None:
    box.make_ec()
    box.write_pin(WRONG_PIN)
    before = box.logins
    for _ in range(5):  # as many visits, each with a process of its own
        assert code(key_of(box)) is ProblemCode.PIN_REFUSED
    assert box.logins == before + 1
    box.write_pin(PIN)
    assert signed(key_of(box))
    assert not list((box.folder / "state").iterdir())


def test_somebody_who_looks_may_try_again(box: TokenBox) -> None:
    """The token was given the PIN that the file has: no file changed."""
    box.make_ec()
    box.fail(f"C_Login:1:{tokens.CKR_PIN_LOCKED}")
    assert code(key_of(box)) is ProblemCode.PIN_REFUSED
    box.fail()
    assert code(key_of(box)) is ProblemCode.PIN_REFUSED
    assert signed(key_of(box, by_hand=True))
    assert signed(key_of(box))


@pytest.mark.parametrize("by_hand", [False, True])
def test_nobody_takes_the_last_attempt(box: TokenBox, by_hand: bool) -> None:
    box.make_ec()
    before = box.logins
    box.fail("C_GetTokenInfo:1:final-try")
    assert code(key_of(box, by_hand=by_hand)) is ProblemCode.PIN_REFUSED
    assert box.logins == before


def test_where_nothing_can_be_remembered_the_token_remembers(box: TokenBox) -> None:
    box.make_ec()
    (box.folder / "state").write_text("no folder")
    assert signed(key_of(box))
    box.write_pin(WRONG_PIN)
    before = box.logins
    for _ in range(3):
        assert code(key_of(box)) is ProblemCode.PIN_REFUSED
    assert box.logins == before + 1


def test_a_wrong_pin_in_the_name(box: TokenBox) -> None:
    box.make_ec()
    before = box.logins
    for _ in range(3):
        key = key_of(box, box.uri(pin=f"pin-value={WRONG_PIN}"))
        assert code(key) is ProblemCode.PIN_REFUSED
    assert box.logins == before + 1
    (mark,) = (box.folder / "state").iterdir()
    assert WRONG_PIN not in f"{mark} {mark.read_text()}"


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xff\xff\xff"])
def test_a_file_without_a_pin(box: TokenBox, content: bytes | None) -> None:
    box.make_ec()
    before = box.logins
    box.pin_file.unlink()
    if content is not None:
        box.pin_file.write_bytes(content)
    assert code(key_of(box)) is ProblemCode.PIN_REFUSED
    assert box.logins == before


def test_a_mark_that_cannot_be_read_is_none(box: TokenBox) -> None:
    box.make_ec()
    box.write_pin(WRONG_PIN)
    assert code(key_of(box)) is ProblemCode.PIN_REFUSED
    (mark,) = (box.folder / "state").iterdir()
    mark.write_bytes(b"\xff")
    before = box.logins
    assert code(key_of(box)) is ProblemCode.PIN_REFUSED
    assert box.logins == before + 1


def test_every_error_of_the_library_is_one_of_three() -> None:
    kinds = [kind for _, kind in inspect.getmembers(pkcs11.exceptions, inspect.isclass)]
    assert {problem_of(kind()) for kind in kinds if issubclass(kind, pkcs11.PKCS11Error)} == {
        ProblemCode.PIN_REFUSED,
        ProblemCode.KEY_UNUSABLE,
        ProblemCode.TOKEN_AWAY,
    }


def test_the_module_is_started_only_to_sign(box: TokenBox) -> None:
    key = key_of(box)
    assert box.calls == []
    assert code(key) is ProblemCode.KEY_UNUSABLE
    assert box.calls[0] == "C_Initialize"
