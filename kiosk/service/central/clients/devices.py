"""The machines that may ask: enrolled with a code, once, and revoked by an administrator."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from kiosk.service.central.clients.configuration import DEVICE_PREFIX
from kiosk.service.central.clients.registry import Client
from kiosk.service.central.clients.signed import KeyRefused, PublicKey, public_key
from kiosk.service.central.clients.worker import Clock
from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.identifiers import new_check_id
from kiosk.service.central.keys import Keys
from kiosk.service.central.storage import client_rows as rows
from kiosk.service.central.storage.database import Database
from kiosk.service.contract import EnrolmentReply

CODE_LENGTH: Final = 12
"""Sixty bits: with sixty guesses an hour nobody finds one of a million codes in a lifetime."""

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no letter looks like a digit
_CODE: Final = re.compile(rf"[{_ALPHABET}]{{{CODE_LENGTH}}}")
_LOOKALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_GROUP: Final = 4


class DeviceReply(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One device, as an administrator sees it; the thumbprint is that of RFC 7638."""

    device_id: str
    client_id: str
    site_id: str
    thumbprint: str
    enrolled_at: datetime
    revoked_at: datetime | None


class DevicesReply(msgspec.Struct, frozen=True):
    """The body of ``GET /v1/devices``."""

    devices: tuple[DeviceReply, ...]


class Devices:
    """The registry. Its methods wait for the database, and raise ``StorageUnavailable``."""

    def __init__(
        self,
        database: Database,
        clients: Mapping[str, Client],
        token_url: str,
        keys: Keys,
        clock: Clock,
    ) -> None:
        self._database = database
        self._token_url = token_url
        self._clients = clients
        self._keys = keys
        self._clock = clock

    def new_code(self, client: str, site: str, seconds: int) -> str:
        """Make a code that enrols one device of a client; only its digest is kept."""
        code = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))
        expires_at = self._clock() + seconds * 1000
        row = rows.CodeRow(client=client, site=site, expires_at=expires_at)
        with self._database.writing() as connection:
            rows.add_code(connection, self._digest(code), row)
        return "-".join(code[at : at + _GROUP] for at in range(0, CODE_LENGTH, _GROUP))

    def enrol(self, code: str, jwk: Mapping[str, Any]) -> EnrolmentReply:
        """Use a code and keep the device's key; raise ``Refused``.

        Unknown, used and expired codes are one refusal. A key that is known stays what it is, and
        the code stays good.
        """
        plain, now = code.upper().translate(_LOOKALIKES), self._clock()
        try:
            key = public_key(jwk)
        except KeyRefused:
            raise Refused(Refusal.INVALID_REQUEST) from None
        if not _CODE.fullmatch(plain):
            raise Refused(Refusal.ENROLMENT_REFUSED)
        with self._database.writing() as connection:
            used = rows.use_code(connection, self._digest(plain), now)
            client = None if used is None else self._clients.get(used.client)
            if used is None or client is None or client.proves_with != "devices":
                raise Refused(Refusal.ENROLMENT_REFUSED)
            device = _device(client, used.site, key, now)
            if not rows.add_device(connection, device):
                raise Refused(Refusal.ENROLMENT_REFUSED)
        return EnrolmentReply(
            device_id=device.id,
            token_url=self._token_url,
            site_id=device.site,
            purposes=tuple(sorted(client.purposes)),
            use_cases=client.use_cases,
        )

    def all(self) -> DevicesReply:
        """Every device, revoked ones too."""
        with self._database.reading() as connection:
            found = rows.all_devices(connection)
        return DevicesReply(tuple(map(_reply, found)))

    def revoke(self, device: str) -> bool:
        """Take everything from a device; return whether there is such a device."""
        with self._database.writing() as connection:
            return rows.revoke_device(connection, device, self._clock())

    def _digest(self, code: str) -> str:
        return self._keys.enrolment(code)


def _device(client: Client, site: str, key: PublicKey, now: int) -> rows.DeviceRow:
    return rows.DeviceRow(
        id=f"{DEVICE_PREFIX}{new_check_id()}",
        client=client.id,
        site=site,
        jwk=key.jwk,
        thumbprint=key.thumbprint,
        enrolled_at=now,
    )


def _reply(row: rows.DeviceRow) -> DeviceReply:
    return DeviceReply(
        device_id=row.id,
        client_id=row.client,
        site_id=row.site,
        thumbprint=row.thumbprint,
        enrolled_at=_moment(row.enrolled_at),
        revoked_at=None if row.revoked_at is None else _moment(row.revoked_at),
    )


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds // 1000, UTC)
