"""Access tokens: given for a signed assertion, good for an hour, taken back within seconds.

A token is random and the database keeps its digest. There is nothing in it to forge or to read, no
key to keep for it, every process knows every token, and to revoke one is to remove a row. The price
is a look into the database, which each process repeats after :data:`TRUSTED_MILLISECONDS`; so long
a revoked token lives on in another process. Sources: RFC 6749 4.4, RFC 7523, RFC 6750.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from kiosk.service.central.clients.configuration import DEVICE_PREFIX
from kiosk.service.central.clients.forms import TokenError, TokenForm, TokenRefused
from kiosk.service.central.clients.limits import for_token
from kiosk.service.central.clients.registry import Caller, Client
from kiosk.service.central.clients.signed import (
    LEEWAY_SECONDS,
    Expected,
    NotValid,
    PublicKey,
    public_key,
    text_claim,
    time_claim,
    unverified_subject,
    verified,
)
from kiosk.service.central.clients.worker import Clock
from kiosk.service.central.storage import client_rows as rows
from kiosk.service.central.storage.database import Database
from kiosk.service.central.storage.limit_rows import take

T = TypeVar("T")

PREFIX: Final = "tw_"
LIFE_SECONDS: Final = 3600
TRUSTED_MILLISECONDS: Final = 10_000
UNKNOWN_MILLISECONDS: Final = 5_000
LONGEST_ASSERTION_SECONDS: Final = 600

_CAPACITY: Final = 10_000
_UNKNOWN_CAPACITY: Final = 1_000
_FORGET_EVERY: Final = 100
_LONGEST_JTI: Final = 128
_RANDOM_BYTES: Final = 32
_FORM: Final = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
"""The prefix, and the random bytes in Base64."""


@dataclass(frozen=True, slots=True)
class Proven:
    """Who proved to hold a key, and the assertion that it may not use again."""

    caller: Caller
    assertion: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class _Kept:
    caller: Caller
    until: int


class Tokens:
    """Gives tokens and knows them again. Its methods wait for the database."""

    def __init__(
        self, database: Database, clients: dict[str, Client], token_url: str, clock: Clock
    ) -> None:
        self._database = database
        self._clients = clients
        self._token_url = token_url
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._unknown: OrderedDict[str, int] = OrderedDict()
        self._given = 0

    def prove(self, form: TokenForm) -> Proven:
        """Return who signed the assertion and asks for what it may have.

        Raises ``TokenRefused``, and ``StorageUnavailable``.
        """
        try:
            name = unverified_subject(form.assertion)
            caller, keys = self._holder(name)
            expected = Expected(issuer=name, audience=self._token_url, needed=("sub", "jti"))
            claims = verified(form.assertion, keys, expected)
            expires_at = self._end_of(claims)
            digest = _digest(f"{name} {text_claim(claims, 'jti', _LONGEST_JTI)}")
        except NotValid:
            raise TokenRefused(TokenError.INVALID_CLIENT) from None
        if form.client_id not in ("", name):
            raise TokenRefused(TokenError.INVALID_CLIENT)
        asked = frozenset(form.scopes) or caller.scopes
        if not asked <= caller.scopes:
            raise TokenRefused(TokenError.INVALID_SCOPE)
        return Proven(Caller(caller.client, caller.device, caller.site, asked), digest, expires_at)

    def give(self, proven: Proven) -> str:
        """Return a new token; raise ``TokenRefused`` for an assertion that was used before.

        Raises ``Empty`` over the limit, and keeps nothing then. Used ones take nothing: whoever
        sends one again would take from its owner.
        """
        token = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
        caller, now = proven.caller, self._clock()
        row = rows.TokenRow(
            client=caller.client.id,
            device=caller.device or None,
            scopes=" ".join(sorted(caller.scopes)),
            expires_at=now + LIFE_SECONDS * 1000,
        )
        self._given += 1
        with self._database.writing() as connection:
            if not rows.use_assertion(connection, proven.assertion, proven.expires_at):
                raise TokenRefused(TokenError.INVALID_CLIENT)
            take(connection, for_token(caller.client.rates, caller.name), now)
            if self._given % _FORGET_EVERY == 0:
                rows.forget_old(connection, now)
            rows.add_token(connection, _digest(token), row)
        return token

    def remembered(self, token: str) -> Caller | None:
        """Return whose token it is, if that was looked up a moment ago; waits for nothing."""
        kept = self._kept.get(_digest(token))
        return kept.caller if kept is not None and kept.until > self._clock() else None

    def may_be_known(self, token: str) -> bool:
        """Whether to look it up: it looks like one of ours, and was not unknown a moment ago."""
        if _FORM.fullmatch(token) is None:
            return False
        return self._unknown.get(_digest(token), 0) <= self._clock()

    def look_up(self, token: str) -> Caller | None:
        """Return whose token it is; ``None`` for one that is unknown, over, or revoked."""
        digest, now = _digest(token), self._clock()
        with self._database.reading() as connection:
            found = rows.token(connection, digest)
        if found is None or found[0].expires_at <= now:
            self._kept.pop(digest, None)
            _remember(self._unknown, digest, now + UNKNOWN_MILLISECONDS, _UNKNOWN_CAPACITY)
            return None
        caller = self._caller(*found)
        if caller is not None:
            kept = _Kept(caller, min(found[0].expires_at, now + TRUSTED_MILLISECONDS))
            _remember(self._kept, digest, kept, _CAPACITY)
        return caller

    def forget(self) -> None:
        """Look every token up again, since one of them was revoked."""
        self._kept.clear()

    def tidy(self) -> None:
        """Remove what is over; raise ``StorageUnavailable`` when the role may not."""
        with self._database.writing() as connection:
            rows.forget_old(connection, self._clock())

    def _caller(self, row: rows.TokenRow, site: str) -> Caller | None:
        client = self._clients.get(row.client)
        way = "devices" if row.device else "keys"
        if client is None or client.proves_with != way:  # the settings have changed since
            return None
        return Caller(client, row.device or "", site, client.scopes & set(row.scopes.split()))

    def _holder(self, name: str) -> tuple[Caller, tuple[PublicKey, ...]]:
        client = self._clients.get(name)
        if client is not None:
            return Caller(client, "", "", client.scopes), client.keys
        if not name.startswith(DEVICE_PREFIX):  # anybody may claim to be anybody: do not look
            raise NotValid
        with self._database.reading() as connection:
            device = rows.device(connection, name)
        if device is None or device.revoked_at is not None:
            raise NotValid
        client = self._clients.get(device.client)
        if client is None or client.proves_with != "devices":
            raise NotValid
        key = public_key(json.loads(device.jwk))
        return Caller(client, device.id, device.site, client.scopes), (key,)

    def _end_of(self, claims: dict[str, Any]) -> int:
        """Return until when an assertion has to be remembered."""
        end = time_claim(claims, "exp") + LEEWAY_SECONDS
        if end - self._clock() // 1000 > LONGEST_ASSERTION_SECONDS + 2 * LEEWAY_SECONDS:
            raise NotValid
        return (end + 1) * 1000


def _remember(kept: OrderedDict[str, T], digest: str, value: T, capacity: int) -> None:
    kept[digest] = value
    kept.move_to_end(digest)
    while len(kept) > capacity:
        kept.popitem(last=False)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
