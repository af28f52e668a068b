"""Whether the central service can be run with its settings: all mistakes at once, by their keys."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Final
from urllib.parse import urlsplit

from kiosk.layered import ConfigurationError, Mistake, Resolved
from kiosk.service.central.clients.configuration import (
    mistakes_in_clients,
    mistakes_in_issuers,
    mistakes_in_rates,
)
from kiosk.service.central.settings import Limits, Settings
from kiosk.service.central.source_settings import mistakes_in_sources
from kiosk.service.central.storage.address import mistake_in
from kiosk.service.central.terminals import mistakes_in_terminals

_LONGEST_SECONDS: Final = 30
_LONGEST_WAIT_SECONDS: Final = 5
"""A desk waits for six."""
_HIGHEST_PORT: Final = 65535


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
    yield from mistakes_in_terminals(settings.terminals)
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
    for name, port in (("listen", listen.port), ("metrics", settings.metrics.port)):
        if not 0 <= port <= _HIGHEST_PORT:
            free = "nowhere" if name == "metrics" else "a free one"
            yield f"{name}.port", f"lies between 0 ({free}) and {_HIGHEST_PORT}"


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
