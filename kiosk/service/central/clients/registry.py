"""Those who may ask, as the settings name them, and what each may ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.service.central.clients.configuration import CHECK, ClientSettings, Rates, read_keys
from kiosk.service.central.clients.signed import PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A program with its own key, a kind of enrolled devices, or somebody else's client."""

    id: str
    proves_with: str
    keys: tuple[PublicKey, ...]
    scopes: frozenset[str]
    purposes: frozenset[str]
    channels: frozenset[str]
    operator: str
    rates: Rates

    @property
    def use_cases(self) -> tuple[str, ...]:
        """What it may check."""
        checks = (scope for scope in sorted(self.scopes) if scope.startswith(CHECK))
        return tuple(scope.removeprefix(CHECK) for scope in checks)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request. ``device`` and ``site`` are empty for a client with a key of its own."""

    client: Client
    device: str
    site: str
    scopes: frozenset[str]

    @property
    def name(self) -> str:
        """The name under which it is counted."""
        return self.device or self.client.id


def registered(clients: Iterable[ClientSettings], usual: Rates) -> dict[str, Client]:
    """Return the clients by id; the settings were looked through before."""
    return {
        client.id: Client(
            id=client.id,
            proves_with=client.proves_with,
            keys=read_keys(client),
            scopes=frozenset(client.scopes),
            purposes=frozenset(client.purposes),
            channels=frozenset(client.channels),
            operator=client.operator,
            rates=usual.with_own(client.rates),
        )
        for client in clients
    }
