"""What the central service can be told: ``eligibility.toml`` and ``ELIGIBILITY_…`` variables.

Later wins: built-in defaults, the machine's file, environment variables, ``--config``, the command
line. The machine's file locks what makes the service safe.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from kiosk.data import data_path
from kiosk.layered import (
    Layer,
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
)
from kiosk.service.central.decide import TimeLimits
from kiosk.service.central.source_settings import Sources
from kiosk.service.central.terminals import MetricsListen, Terminals

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
    metrics: MetricsListen = field(default_factory=MetricsListen)
    terminals: Terminals = field(default_factory=Terminals)
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
