"""The rows of those who ask: tokens, assertions that were used, devices, codes to enrol them."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from kiosk.service.central.storage.database import Connection
from kiosk.service.central.storage.schema import (
    access_tokens,
    devices,
    enrolment_codes,
    used_assertions,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """What a token gives, and to whom; ``device`` is ``None`` for a client with its own key."""

    client: str
    device: str | None
    scopes: str
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """A device and its public key; ``revoked_at`` is ``None`` while it may ask."""

    id: str
    client: str
    site: str
    jwk: str
    thumbprint: str
    enrolled_at: int
    revoked_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """What a code enrols a device into, and until when."""

    client: str
    site: str
    expires_at: int


def use_assertion(connection: Connection, digest: str, expires_at: int) -> bool:
    """Remember an assertion; return whether it is the first time."""
    known = sa.select(used_assertions.c.digest).where(used_assertions.c.digest == digest)
    if connection.scalar(known) is not None:
        return False
    values = {"digest": digest, "expires_at": expires_at}
    connection.execute(sa.insert(used_assertions).values(values))
    return True


def add_token(connection: Connection, digest: str, row: TokenRow) -> None:
    """Keep a token by its digest."""
    connection.execute(
        sa.insert(access_tokens).values(
            digest=digest,
            client=row.client,
            device=row.device,
            scopes=row.scopes,
            expires_at=row.expires_at,
        )
    )


def token(connection: Connection, digest: str) -> tuple[TokenRow, str] | None:
    """Find a token and the site of its device, unless the device was revoked."""
    found = connection.execute(
        sa.select(access_tokens, devices.c.site)
        .join(devices, devices.c.id == access_tokens.c.device, isouter=True)
        .where(access_tokens.c.digest == digest, devices.c.revoked_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    row = TokenRow(
        client=found.client,
        device=found.device,
        scopes=found.scopes,
        expires_at=found.expires_at,
    )
    return row, found.site or ""


def add_code(connection: Connection, digest: str, row: CodeRow) -> None:
    """Keep a code by its digest."""
    connection.execute(
        sa.insert(enrolment_codes).values(
            digest=digest, client=row.client, site=row.site, expires_at=row.expires_at
        )
    )


def use_code(connection: Connection, digest: str, now: int) -> CodeRow | None:
    """Take a code away and return what it was for; ``None`` when there is none, or no more."""
    gone = (
        sa.delete(enrolment_codes)
        .where(enrolment_codes.c.digest == digest, enrolment_codes.c.expires_at > now)
        .returning(enrolment_codes.c.client, enrolment_codes.c.site, enrolment_codes.c.expires_at)
    )
    found = connection.execute(gone).one_or_none()
    if found is None:
        return None
    return CodeRow(client=found.client, site=found.site, expires_at=found.expires_at)


def add_device(connection: Connection, row: DeviceRow) -> bool:
    """Keep a device; return whether its key is new. A key that was revoked stays so."""
    known = sa.select(devices.c.id).where(devices.c.thumbprint == row.thumbprint)
    if connection.scalar(known) is not None:
        return False
    connection.execute(
        sa.insert(devices).values(
            id=row.id,
            client=row.client,
            site=row.site,
            jwk=row.jwk,
            thumbprint=row.thumbprint,
            enrolled_at=row.enrolled_at,
        )
    )
    return True


def device(connection: Connection, device_id: str) -> DeviceRow | None:
    """Find a device."""
    found = connection.execute(sa.select(devices).where(devices.c.id == device_id)).one_or_none()
    return None if found is None else DeviceRow(**found._asdict())


def all_devices(connection: Connection) -> list[DeviceRow]:
    """Every device, the oldest first."""
    ordered = sa.select(devices).order_by(devices.c.enrolled_at, devices.c.id)
    return [DeviceRow(**found._asdict()) for found in connection.execute(ordered)]


def revoke_device(connection: Connection, device_id: str, now: int) -> bool:
    """Revoke a device and its tokens; return whether there is such a device."""
    first_time = sa.func.coalesce(devices.c.revoked_at, now)
    changed = connection.execute(
        sa.update(devices).where(devices.c.id == device_id).values(revoked_at=first_time)
    )
    connection.execute(sa.delete(access_tokens).where(access_tokens.c.device == device_id))
    return changed.rowcount == 1


def forget_old(connection: Connection, now: int) -> None:
    """Remove what is over: tokens, codes, and assertions that nobody could use again."""
    for table in (access_tokens, used_assertions, enrolment_codes):
        connection.execute(sa.delete(table).where(table.c.expires_at <= now))
