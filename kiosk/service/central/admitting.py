"""Putting the door of the service together from its settings: who may ask, and how it is known."""

from __future__ import annotations

from kiosk.layered import ConfigurationError, Mistake
from kiosk.service.central.clients.access import Access, Doors
from kiosk.service.central.clients.devices import Devices
from kiosk.service.central.clients.external import ExternalIssuer
from kiosk.service.central.clients.limits import Limiter
from kiosk.service.central.clients.operators import Operators
from kiosk.service.central.clients.registry import registered
from kiosk.service.central.clients.signed import KeyRefused
from kiosk.service.central.clients.tokens import Tokens
from kiosk.service.central.clients.worker import milliseconds
from kiosk.service.central.keys import Keys
from kiosk.service.central.settings import Settings
from kiosk.service.central.storage.database import Database, StorageUnavailable
from kiosk.service.central.storing import open_keys, open_tables
from kiosk.service.contract import TOKEN_PATH


def open_access(settings: Settings, database: Database, keys: Keys) -> Access | None:
    """Return the door, ``None`` where everybody may ask; raise ``ConfigurationError``."""
    if settings.auth == "none":
        return None
    try:
        clients = registered(settings.clients, settings.rates)
        token_url = f"{settings.address}{TOKEN_PATH}"
        tokens = Tokens(database, clients, token_url, milliseconds)
        tokens.tidy()
        return Access(
            Doors(
                tokens=tokens,
                devices=Devices(database, clients, token_url, keys, milliseconds),
                limiter=Limiter(database, milliseconds),
                rates=settings.rates,
                keys=keys,
                operators=Operators(settings.operators, keys) if settings.operators.keys else None,
                external=ExternalIssuer(settings.issuer, clients) if settings.issuer.keys else None,
            )
        )
    except KeyRefused as error:
        raise _wrong("clients, operators.keys, issuer.keys", str(error)) from error
    except StorageUnavailable as error:
        raise _wrong("database.url", f"tokens cannot be kept there ({error})") from error


def open_devices(settings: Settings) -> Devices:
    """Return the registry of devices for the administrator's commands, which enrol nobody.

    Raises ``ConfigurationError`` and ``StorageUnavailable``.
    """
    return Devices(open_tables(settings), {}, "", open_keys(settings), milliseconds)


def _wrong(key: str, message: str) -> ConfigurationError:
    return ConfigurationError([Mistake(key, "start of the service", message)])
