"""What the settings say of those who may ask: ``[[clients]]``, ``[rates]``, and two issuers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from msgspec.structs import asdict

from kiosk.domain.verdict import UseCase
from kiosk.service.central.clients.signed import KeyRefused, PublicKey, public_key, public_keys
from kiosk.service.central.facts import ChannelKind
from kiosk.service.central.identifiers import is_harmless_name

DEVICES_ADMIN: Final = "devices:admin"
SOURCE_STATUS: Final = "source-status:read"
RULES_READ: Final = "rules:read"
AUDIT_QUERY: Final = "audit:query"
OVERRIDE: Final = "override"
CHECK: Final = "check:"
SCOPES: Final = frozenset(
    {
        *(f"{CHECK}{case.value}" for case in UseCase),
        *(f"batch:{case.value}" for case in UseCase),
        *(OVERRIDE, RULES_READ, AUDIT_QUERY, SOURCE_STATUS, DEVICES_ADMIN),
    }
)
DEVICE_PREFIX: Final = "dev-"
"""The ids of enrolled devices; no client has such a name."""

_FILE: Final = "file:"
_DESK: Final = ChannelKind.DESK.value
_SELF_SERVICE: Final = ChannelKind.SELF_SERVICE.value
_CHANNELS: Final = frozenset(kind.value for kind in ChannelKind)
_MOST_AN_HOUR: Final = 1_000_000


class ClientRates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits that differ for one client; ``None`` is the usual one."""

    card_per_hour: int | None = None
    typed_per_hour: int | None = None
    typed_per_day: int | None = None
    tokens_per_hour: int | None = None


class ClientSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ``[[clients]]``: a program with its own key, many enrolled devices, or one of an issuer.

    ``keys`` are JWKs, texts in PEM, or ``file:PATH`` of either.
    """

    id: str
    proves_with: Literal["keys", "devices", "issuer"] = "keys"
    keys: tuple[str | dict[str, Any], ...] = ()
    scopes: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    operator: Literal["required", "optional", "none"] = "none"
    environment: Literal["production", "test"] = "production"
    rates: ClientRates = ClientRates()


@dataclass(frozen=True, slots=True)
class Rates:
    """How often: by device (or client with its own key), and by operator where there is one.

    ``enrolments_per_hour`` is for everybody together: that many codes can be tried.
    """

    card_per_hour: int = 60
    typed_per_hour: int = 10
    typed_per_day: int = 40
    tokens_per_hour: int = 300
    enrolments_per_hour: int = 60

    def with_own(self, own: ClientRates) -> Rates:
        """Return these limits with those of one client in their place."""
        chosen = {name: rate for name, rate in asdict(own).items() if rate is not None}
        return replace(self, **chosen)


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    """``[operators]``: the city's login, whose word is taken for who sits at a desk.

    ``number_claim`` is the claim with the operator's own national number, empty for none;
    ``number_required`` refuses an assertion without it, of which nobody can tell whose file is
    their own. ``roles`` is the closed list of roles that may ask, empty for any.
    """

    issuer: str = ""
    audience: str = ""
    keys: str = ""
    number_claim: str = "rrn"
    number_required: bool = True
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """``[issuer]``: somebody else who gives access tokens; ``keys`` is a file with its JWKS."""

    issuer: str = ""
    audience: str = ""
    keys: str = ""


def read_keys(client: ClientSettings) -> tuple[PublicKey, ...]:
    """Read the keys of a client; raise ``KeyRefused``."""
    return tuple(key for given in client.keys for key in _read_given(given))


def read_key_file(path: str, *, may_be_empty: bool = False) -> tuple[PublicKey, ...]:
    """Read a file of keys; raise ``KeyRefused``."""
    try:
        return public_keys(Path(path).read_text("utf-8"), may_be_empty=may_be_empty)
    except OSError as error:
        raise KeyRefused(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise KeyRefused("is not a text") from None


def mistakes_in_clients(
    clients: Sequence[ClientSettings], environment: str
) -> Iterator[tuple[str, str]]:
    """Key and reason of everything that is wrong with the clients."""
    seen: set[str] = set()
    prints: set[str] = set()
    for place, client in enumerate(clients):
        key = f"clients[{place}]"
        if client.id.lower() in seen:
            yield f"{key}.id", "stands twice, capitals or not"
        seen.add(client.id.lower())
        yield from ((f"{key}.{name}", text) for name, text in _mistakes(client, environment))
        try:
            own = {one.thumbprint for one in read_keys(client)}
        except KeyRefused as error:
            yield f"{key}.keys", str(error)
            continue
        if own & prints:
            yield f"{key}.keys", "a key of another client: nobody could tell them apart"
        prints |= own


def unprotected_desks(clients: Iterable[ClientSettings]) -> list[str]:
    """Return the ids of clients whose desks ask without saying who sits there."""
    return [
        client.id for client in clients if client.operator == "none" and _DESK in client.channels
    ]


def mistakes_in_rates(rates: Rates) -> Iterator[tuple[str, str]]:
    """Key and reason of each limit that is none."""
    for item in fields(Rates):
        if not 0 < getattr(rates, item.name) <= _MOST_AN_HOUR:
            yield f"rates.{item.name}", f"lies between 1 and {_MOST_AN_HOUR}"


def mistakes_in_issuers(
    operators: OperatorSettings, issuer: IssuerSettings
) -> Iterator[tuple[str, str]]:
    """Key and reason of everything that is wrong with the two issuers."""
    for section, chosen in (("operators", operators), ("issuer", issuer)):
        given = (chosen.issuer, chosen.audience, chosen.keys)
        if any(given) and not all(given):
            yield f"{section}.issuer", "issuer, audience and keys go together"
        elif chosen.keys:
            try:
                read_key_file(chosen.keys, may_be_empty=True)
            except KeyRefused as error:
                yield f"{section}.keys", str(error)
    same = (operators.issuer, operators.audience) == (issuer.issuer, issuer.audience)
    if issuer.issuer and same:
        yield "issuer.audience", "differs from operators.audience: neither is good for the other"


def _mistakes(client: ClientSettings, environment: str) -> Iterator[tuple[str, str]]:
    if not is_harmless_name(client.id) or client.id.startswith(DEVICE_PREFIX):
        yield "id", f"letters, digits and ._:- only, and not {DEVICE_PREFIX}…, which devices have"
    if (client.proves_with == "keys") != bool(client.keys):
        yield "keys", "are what a client with proves_with = 'keys' has, and no other"
    if client.environment != environment:
        yield "environment", f"is {client.environment}, and the service is {environment}"
    for name, given, known in (
        ("scopes", client.scopes, SCOPES),
        ("channels", client.channels, _CHANNELS),
    ):
        unknown = sorted(set(given) - known)
        if unknown:
            yield name, f"{', '.join(unknown)} is none of {', '.join(sorted(known))}"
    asks = any(scope.startswith(CHECK) for scope in client.scopes)
    if asks and not (client.purposes and client.channels):
        yield "purposes", "who checks has purposes and channels"
    mixed = _SELF_SERVICE in client.channels and set(client.channels) != {_SELF_SERVICE}
    if client.operator == "required" and mixed:
        yield "channels", "self-service asks without an operator: make it a client of its own"
    for name in ClientRates.__struct_fields__:
        chosen = getattr(client.rates, name)
        if chosen is not None and not 0 < chosen <= _MOST_AN_HOUR:
            yield f"rates.{name}", f"lies between 1 and {_MOST_AN_HOUR}"


def _read_given(given: str | dict[str, Any]) -> tuple[PublicKey, ...]:
    if isinstance(given, dict):
        return (public_key(given),)
    if given.startswith(_FILE):
        return read_key_file(given.removeprefix(_FILE))
    return public_keys(given)
