"""What the central service can be told: ``eligibility.toml`` and ``ELIGIBILITY_…`` variables.

Later wins: built-in defaults, the machine's file, environment variables, ``--config``, the command
line. The machine's file locks what makes the service safe.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from kiosk.data import data_path
from kiosk.layered import (
    ConfigurationError,
    Layer,
    Mistake,
    Resolved,
    from_environment,
    read_toml,
    resolve,
    secret,
)
from kiosk.service.central.clients.configuration import (
    ClientSettings,
    IssuerSettings,
    OperatorSettings,
    Rates,
    mistakes_in_clients,
    mistakes_in_issuers,
    mistakes_in_rates,
)
from kiosk.service.central.decide import TimeLimits
from kiosk.service.central.source_settings import Sources, mistakes_in_sources
from kiosk.service.central.storage.address import mistake_in

MACHINE_FILE: Final = Path("/etc/tariefwijzer/eligibility.toml")
PREFIX: Final = "ELIGIBILITY_"
PROTECTED: Final = (
    *("environment", "auth", "audit.*", "database.*", "pseudonym.*"),
    *("rules.*", "synthetic.*", "sources.*"),
    *("address", "listen.*", "clients", "rates.*", "operators.*", "issuer.*"),
    "time_limits.least_seconds",
)
"""What a machine's file locks by being there, unless it releases it."""

_STATE: Final = "/var/lib/tariefwijzer"
_LONGEST_SECONDS: Final = 30
_LONGEST_WAIT_SECONDS: Final = 5
"""A desk waits for six."""
_HIGHEST_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class Listen:
    """The address of the service; port 0 takes a free one.

    ``behind_tls``: a proxy on another machine ends TLS, and nobody else reaches this address.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    behind_tls: bool = False


@dataclass(frozen=True, slots=True)
class Database:
    """Where the audit records are kept, as an SQLAlchemy address."""

    url: str = secret(f"sqlite:///{_STATE}/audit.sqlite3")


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """The file with the key of the audit's pseudonyms and seals."""

    key_file: str = f"{_STATE}/pseudonym.key"


@dataclass(frozen=True, slots=True)
class Audit:
    """The DPO's public key, how long records stay, and where the end of the chain is noted."""

    dpo_key: str = ""
    retention_years: int = 10
    anchor_file: str = ""
    anchor_minutes: int = 60


@dataclass(frozen=True, slots=True)
class RulesFolder:
    """A folder of rule sets; empty means the ones that come with the program."""

    folder: str = ""


@dataclass(frozen=True, slots=True)
class Synthetic:
    """The made-up registers; ``auto`` is on in a test environment that has no real source."""

    registers: Literal["auto", "on", "off"] = "auto"
    people: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: for a whole check, and for each group of sources on its own.

    ``least_seconds``: no verdict is told sooner, whoever was asked for it.
    """

    least_seconds: float = 0.0
    total_seconds: float = 4.0
    population_seconds: float = 2.5
    social_seconds: float = 2.5
    ocmw_seconds: float = 2.5
    income_seconds: float = 2.5
    vehicle_seconds: float = 2.5
    advice_seconds: float = 2.5


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. ``purposes`` is the closed list of purposes; empty means any.

    ``address`` is the service's own as its clients write it, without a path.
    """

    environment: Literal["production", "test"] = "production"
    auth: Literal["tokens", "none"] = "tokens"
    purposes: tuple[str, ...] = ()
    listen: Listen = Listen()
    database: Database = Database()
    pseudonym: Pseudonym = Pseudonym()
    audit: Audit = Audit()
    rules: RulesFolder = RulesFolder()
    synthetic: Synthetic = Synthetic()
    time_limits: Limits = Limits()
    sources: Sources = Sources()  # noqa: RUF009  # frozen: it may be shared
    address: str = ""
    clients: tuple[ClientSettings, ...] = ()
    rates: Rates = field(default_factory=Rates)
    operators: OperatorSettings = field(default_factory=OperatorSettings)
    issuer: IssuerSettings = field(default_factory=IssuerSettings)

    @property
    def is_test(self) -> bool:
        """Whether test numbers are accepted; never so in production."""
        return self.environment == "test"

    @property
    def rules_folder(self) -> Path:
        """The folder of the rule sets."""
        return Path(self.rules.folder) if self.rules.folder else data_path("rules")

    @property
    def people_file(self) -> Path | None:
        """The file of the made-up people, or ``None`` when there are no made-up registers."""
        chosen = self.synthetic.registers
        wanted = self.is_test and not self.sources.any_is_on
        if chosen == "off" or (chosen == "auto" and not wanted):
            return None
        shipped = data_path("central", "people.toml")
        return Path(self.synthetic.people) if self.synthetic.people else shipped

    @property
    def limits(self) -> TimeLimits:
        """The time limits by group."""
        times = self.time_limits
        groups = {
            "population": times.population_seconds,
            "social": times.social_seconds,
            "ocmw": times.ocmw_seconds,
            "income": times.income_seconds,
            "vehicle": times.vehicle_seconds,
            "advice": times.advice_seconds,
        }
        return TimeLimits(times.total_seconds, groups)


def load_settings(
    config: Path | None = None,
    overrides: Mapping[str, object] | None = None,
    environment: Mapping[str, str] = os.environ,
    machine_file: Path = MACHINE_FILE,
) -> Resolved[Settings]:
    """Lay all layers together; raise ``ConfigurationError`` with everything that is wrong.

    Whether the values suit serving is asked separately, by :func:`mistakes_in_serving`: looking
    at the rules needs no safe address.
    """
    layers: list[Layer] = []
    if machine_file.exists():
        layers.append(read_toml(machine_file, managed=True))
    layers.append(from_environment(PREFIX, environment))
    if config is not None:
        layers.append(read_toml(config))
    layers.append(Layer("command line", overrides or {}))
    return resolve(Settings, layers, PROTECTED)


def require_servable(resolved: Resolved[Settings]) -> None:
    """Raise ``ConfigurationError`` with everything that keeps the service from starting."""
    _require_none(resolved, mistakes_in_serving(resolved.settings))


def require_usable_sources(resolved: Resolved[Settings]) -> None:
    """Raise ``ConfigurationError`` with everything that keeps the sources from being asked."""
    _require_none(resolved, _mistakes_in_sources(resolved.settings))


def mistakes_in_serving(settings: Settings) -> Iterator[tuple[str, str]]:
    """Key and reason of each value that the service cannot be run with."""
    if settings.auth == "tokens":
        yield from _mistakes_in_access(settings)
    elif not settings.is_test:
        yield "auth", "'none' is for environment = 'test' only"
    elif settings.sources.any_is_on:
        yield "auth", "'none' is for made-up registers: who asks a real source has a token"
    yield from _mistakes_in_listening(settings)
    yield from _mistakes_in_limits(settings.time_limits)
    yield from _mistakes_in_storage(settings)
    if not settings.rules_folder.is_dir():
        yield "rules.folder", "is not a folder"
    yield from _mistakes_in_sources(settings)


def _mistakes_in_limits(limits: Limits) -> Iterator[tuple[str, str]]:
    for item in fields(Limits):
        name, seconds = item.name, getattr(limits, item.name)
        if name != "least_seconds" and not 0 < seconds <= _LONGEST_SECONDS:
            yield f"time_limits.{name}", f"more than 0 and at most {_LONGEST_SECONDS}"
    if not 0 <= limits.least_seconds <= _LONGEST_WAIT_SECONDS:
        yield "time_limits.least_seconds", f"at least 0 and at most {_LONGEST_WAIT_SECONDS}"


def _mistakes_in_listening(settings: Settings) -> Iterator[tuple[str, str]]:
    listen = settings.listen
    if not _is_loopback(listen.host):
        if settings.auth == "none":
            yield "listen.host", "without authentication only a loopback address such as 127.0.0.1"
        elif not settings.is_test and not listen.behind_tls:
            yield "listen.host", "a loopback address, or listen.behind_tls: there is no TLS here"
    if not 0 <= listen.port <= _HIGHEST_PORT:
        yield "listen.port", f"lies between 0 (a free one) and {_HIGHEST_PORT}"


def _require_none(resolved: Resolved[Settings], told: Iterable[tuple[str, str]]) -> None:
    mistakes = [
        Mistake(key, resolved.origins[key.partition("[")[0]], message) for key, message in told
    ]
    if mistakes:
        raise ConfigurationError(mistakes)


def _mistakes_in_sources(settings: Settings) -> Iterator[tuple[str, str]]:
    if settings.synthetic.registers == "on" and not settings.is_test:
        yield "synthetic.registers", "made-up registers are for environment = 'test' only"
    if settings.people_file is not None and not settings.people_file.is_file():
        yield "synthetic.people", "is not a file"
    yield from mistakes_in_sources(settings.sources, min(settings.limits.groups.values()))


def _mistakes_in_access(settings: Settings) -> Iterator[tuple[str, str]]:
    if not settings.clients:
        yield "clients", "nobody may ask: name a client, or auth = 'none' in a test environment"
    if not _is_address(settings.address, settings):
        yield "address", "the service's own as clients write it: https://HOST, without a path"
    yield from mistakes_in_clients(settings.clients, settings.environment)
    yield from mistakes_in_rates(settings.rates)
    yield from mistakes_in_issuers(settings.operators, settings.issuer)
    ways = {client.proves_with for client in settings.clients}
    if ("issuer" in ways) != bool(settings.issuer.issuer):
        yield "issuer.issuer", "goes together with clients that have proves_with = 'issuer'"
    wanted = any(client.operator != "none" for client in settings.clients)
    if wanted and not settings.operators.issuer:
        yield "operators.issuer", "is needed: clients bring assertions of operators"


def _is_address(text: str, settings: Settings) -> bool:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        rest = (parts.path, parts.query, parts.fragment, parts.username, parts.password)
        plain = bool(host) and not any(rest) and parts.port != 0
    except ValueError:
        return False
    open_here = parts.scheme == "http" and settings.is_test and _is_loopback(host)
    return plain and (parts.scheme == "https" or open_here)


def _mistakes_in_storage(settings: Settings) -> Iterator[tuple[str, str]]:
    mistake = mistake_in(settings.database.url)
    if mistake is not None:
        yield "database.url", mistake
    if not settings.audit.dpo_key and (settings.sources.any_is_on or not settings.is_test):
        yield "audit.dpo_key", "the public key of the data protection officer is needed"
    for name in ("retention_years", "anchor_minutes"):
        if getattr(settings.audit, name) < 1:
            yield f"audit.{name}", "is at least 1"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
