"""A terminal's key in a token: a smart card, an HSM, a TPM. It signs there and never leaves.

Each use opens a session, logs in, finds the key, and closes: a token that was pulled in between is
told as such, and one that was put back works. All of it has a time limit, on a thread that is left
behind when it passes. The module is foreign code in this process, loaded with the first use.

Source: PKCS#11 2.40, sections 5.5 to 5.7.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, final

import pkcs11
from pkcs11 import Attribute, ObjectClass, PKCS11Error, TokenFlag

from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.service.refused_pin import RefusedPin
from kiosk.service.token_objects import KeyInUse, KeyPair, found, make_pair, public_half
from kiosk.token_uri import TokenUri

T = TypeVar("T")

USE_SECONDS: Final = 3.0
MAKING_SECONDS: Final = 60.0
"""A smart card takes its time for a new key."""

_LONGEST_PIN: Final = 255
_LAST_TRIES: Final = TokenFlag.USER_PIN_FINAL_TRY | TokenFlag.USER_PIN_LOCKED

_REFUSES_PIN: Final = (
    *(pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange),
    *(pkcs11.PinExpired, pkcs11.PinLocked, pkcs11.UserPinNotInitialized),
)
_KEY_DOES_NOT: Final = (
    *(pkcs11.KeyHandleInvalid, pkcs11.KeyTypeInconsistent, pkcs11.KeySizeRange),
    *(pkcs11.MechanismInvalid, pkcs11.MechanismParamInvalid, pkcs11.FunctionNotSupported),
    *(pkcs11.FunctionRejected, pkcs11.UserNotLoggedIn, pkcs11.AttributeTypeInvalid),
    *(pkcs11.AttributeValueInvalid, pkcs11.TemplateInconsistent, pkcs11.TokenWriteProtected),
    *(pkcs11.SessionReadOnly, pkcs11.DomainParamsInvalid),
)


def problem_of(error: PKCS11Error) -> ProblemCode:
    """Return the problem behind an error of the module; ``TOKEN_AWAY`` for what says nothing."""
    if isinstance(error, _REFUSES_PIN):
        return ProblemCode.PIN_REFUSED
    return ProblemCode.KEY_UNUSABLE if isinstance(error, _KEY_DOES_NOT) else ProblemCode.TOKEN_AWAY


@final
class TokenKey:
    """The key that a URI names. ``memory`` is a folder of this user's for what was refused.

    ``by_hand``: somebody is looking, so a PIN that was refused before is tried once more. Nobody
    takes the last attempt that a token tells of.
    """

    def __init__(self, uri: TokenUri, memory: Path, *, by_hand: bool = False) -> None:
        self._uri = uri
        self._refused = RefusedPin(memory, uri)
        self._by_hand = by_hand
        self._using = threading.Lock()

    def use(self, work: Callable[[KeyInUse], T]) -> T:
        """Do something with the key; raise ``KioskError``."""

        def in_session() -> T:
            with self._session() as session:
                return work(KeyInUse(self._only_private_key(session)))

        return self._within(USE_SECONDS, in_session)

    def pair(self) -> KeyPair:
        """Return the key pair, made in the token if there is none, once it has signed something.

        Raises ``KioskError``; ``KEY_UNUSABLE`` also for a private key that could leave the token,
        ``KEY_AMBIGUOUS`` also where a key of another name has the id already.
        """
        return self._within(MAKING_SECONDS, self._pair)

    def discard(self, pair: KeyPair) -> None:
        """Remove a pair that was made and that nobody came to know; raise ``KioskError``."""

        def remove() -> None:
            with self._session(writing=True) as session:
                for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY):
                    for one in found(session, {Attribute.CLASS: kind, Attribute.ID: pair.id}):
                        one.destroy()

        self._within(MAKING_SECONDS, remove)

    def _pair(self) -> KeyPair:
        with self._session(writing=True) as session:
            keys = self._private_keys(session)
            is_new = not keys
            if is_new:
                self._require_free_id(session)
                make_pair(session, self._uri)
            key = self._only_private_key(session)
            if not key[Attribute.SENSITIVE] or key[Attribute.EXTRACTABLE]:
                raise KioskError(ProblemCode.KEY_UNUSABLE)
            KeyInUse(key).sign(b"This key can sign.")
            pair_id: bytes = key[Attribute.ID]
            return KeyPair(pair_id, public_half(session, pair_id), is_new)

    def _require_free_id(self, session: pkcs11.Session) -> None:
        """Refuse a pair that could not be told from another's: its removal would take both."""
        if self._uri.id is None:
            return
        for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY):
            if found(session, {Attribute.CLASS: kind, Attribute.ID: self._uri.id}):
                raise KioskError(ProblemCode.KEY_AMBIGUOUS)

    def _only_private_key(self, session: pkcs11.Session) -> pkcs11.PrivateKey:
        keys = self._private_keys(session)
        if len(keys) > 1:
            raise KioskError(ProblemCode.KEY_AMBIGUOUS)
        if keys and isinstance(keys[0], pkcs11.PrivateKey):
            return keys[0]
        raise KioskError(ProblemCode.KEY_UNUSABLE)

    def _private_keys(self, session: pkcs11.Session) -> list[pkcs11.Object]:
        wanted: dict[Attribute, Any] = {Attribute.CLASS: ObjectClass.PRIVATE_KEY}
        if self._uri.label is not None:
            wanted[Attribute.LABEL] = self._uri.label
        if self._uri.id is not None:
            wanted[Attribute.ID] = self._uri.id
        return found(session, wanted)

    @contextlib.contextmanager
    def _session(self, *, writing: bool = False) -> Iterator[pkcs11.Session]:
        session = self._opened(self._token(), writing=writing)
        try:
            yield session
        finally:
            with contextlib.suppress(PKCS11Error):
                session.close()

    def _token(self) -> pkcs11.Token:
        """Load the module, once a process, and look for the token anew."""
        try:
            module = pkcs11.lib(str(self._uri.module))
        except RuntimeError:  # PKCS11Error is one
            raise KioskError(ProblemCode.TOKEN_MODULE_UNUSABLE) from None
        tokens = []
        for slot in module.get_slots(token_present=True):
            with contextlib.suppress(PKCS11Error):  # of another token, or none any more
                tokens.append(slot.get_token())
        named = [token for token in tokens if _is_named(token, self._uri.token)]
        if not named:
            raise KioskError(ProblemCode.TOKEN_AWAY)
        if len(named) > 1:
            raise KioskError(ProblemCode.KEY_AMBIGUOUS)
        return named[0]

    def _opened(self, token: pkcs11.Token, *, writing: bool) -> pkcs11.Session:
        pin = self._pin()
        if pin is None:
            return token.open(rw=writing)
        if not self._may_try(token):
            raise KioskError(ProblemCode.PIN_REFUSED)
        try:
            session = token.open(rw=writing, user_pin=pin)
        except _REFUSES_PIN:
            self._refused.keep()
            raise KioskError(ProblemCode.PIN_REFUSED) from None
        self._refused.forget()
        return session

    def _may_try(self, token: pkcs11.Token) -> bool:
        """Whether the PIN may go to the token: it locks after some that are wrong."""
        if token.flags & _LAST_TRIES:
            return False
        if self._by_hand:
            return True
        failed_before = TokenFlag.USER_PIN_COUNT_LOW in token.flags
        return not self._refused.is_kept and (self._refused.can_be_kept or not failed_before)

    def _pin(self) -> str | None:
        if self._uri.pin_file is None:
            return self._uri.pin
        try:
            with self._uri.pin_file.open("rb") as file:
                pin = file.read(_LONGEST_PIN).decode("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            pin = ""
        if not pin:
            raise KioskError(ProblemCode.PIN_REFUSED)
        return pin

    def _within(self, seconds: float, work: Callable[[], T]) -> T:
        """Do the work on a thread of its own, and leave it there when time is up."""
        done: list[T] = []
        failed: list[BaseException] = []
        if not self._using.acquire(timeout=seconds):
            raise KioskError(ProblemCode.TOKEN_AWAY)

        def run() -> None:
            try:
                done.append(work())
            except PKCS11Error as error:
                failed.append(KioskError(problem_of(error)))
            except BaseException as error:  # noqa: BLE001 - raised again below, in the caller
                failed.append(error)
            finally:
                self._using.release()

        thread = threading.Thread(target=run, name="token", daemon=True)
        thread.start()
        thread.join(seconds)
        if done:
            return done[0]
        if failed:
            raise failed[0]
        raise KioskError(ProblemCode.TOKEN_AWAY)


def _is_named(token: pkcs11.Token, wanted: Mapping[str, str]) -> bool:
    is_so = {
        "token": token.label,
        "manufacturer": token.manufacturer_id,
        "serial": token.serial.decode("utf-8", "replace"),
        "model": token.model,
    }
    return all(is_so[name] == value for name, value in wanted.items())
