"""Getting this machine a key of its own, and registering it with the central service."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from kiosk.bootstrap.policy import now
from kiosk.bootstrap.visit import token_key
from kiosk.domain.policy import Mode
from kiosk.domain.problem import KioskError
from kiosk.service.client import HttpEligibilityClient, ServiceAddress
from kiosk.service.contract import Channel, EnrolmentReply
from kiosk.service.credentials import new_key, public_jwk
from kiosk.token_uri import TokenUri

_DEADLINE: Final = timedelta(seconds=15)


def enrol(url: str, code: str, key_file: Path, ca_file: str) -> EnrolmentReply:
    """Make a key, register its public half, and leave the private one in a file of our own.

    The file is written first, under another name: a code is not used up for a key that cannot be
    kept. Raises ``KioskError``, and ``OSError`` when the file is there already or cannot be made.
    """
    if key_file.exists():
        raise FileExistsError(errno.EEXIST, "there is a key already")
    key, unfinished = new_key(), key_file.with_name(f"{key_file.name}.new")
    key_file.parent.mkdir(parents=True, exist_ok=True)
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key.pem)
            file.flush()
            os.fsync(file.fileno())
        reply = _register(url, code, key.jwk, ca_file)
        unfinished.rename(key_file)
    finally:
        unfinished.unlink(missing_ok=True)
    return reply


def enrol_token(url: str, code: str, uri: TokenUri, ca_file: str) -> EnrolmentReply:
    """Register the public half of a key pair in a token; it is made there if there is none.

    A pair that was made is removed again when nothing came of it: a service that did take it, and
    whose answer was lost, takes it no second time. Raises ``KioskError``.
    """
    key = token_key(uri, by_hand=True)
    pair = key.pair()
    try:
        return _register(url, code, public_jwk(pair.public), ca_file)
    except KioskError:
        if pair.is_new:
            with contextlib.suppress(KioskError):
                key.discard(pair)
        raise


def _register(url: str, code: str, jwk: Mapping[str, str], ca_file: str) -> EnrolmentReply:
    nobody_yet = Channel(kind=Mode.DESK.value, device_id="")
    address = ServiceAddress(
        url=url, purpose="", channel=nobody_yet, deadline=_DEADLINE, ca_file=ca_file
    )
    client = HttpEligibilityClient(address, None, now)
    try:
        return client.enrol(code, jwk)
    finally:
        client.close()
