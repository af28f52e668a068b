"""Putting the service together from its settings, and running it until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import uvicorn

from kiosk.layered import ConfigurationError, Mistake
from kiosk.service.central import admitting, storing
from kiosk.service.central.app import create_app
from kiosk.service.central.checks import Parts, nothing_to_close
from kiosk.service.central.connectors import Connector, synthetic
from kiosk.service.central.connectors.advice import settings as advice
from kiosk.service.central.connectors.advice.source import AdviceSource
from kiosk.service.central.connectors.combined import combine
from kiosk.service.central.connectors.magda.failures import Unusable
from kiosk.service.central.connectors.ocmw import source as ocmw
from kiosk.service.central.decide import Decider
from kiosk.service.central.rule_files import RuleBook, RulesWrong, load
from kiosk.service.central.settings import Listen, Settings
from kiosk.service.central.watch import UNWATCHED, Watch

_BACKLOG = 128
_STOP_SECONDS = 5
_SWITCH_SECONDS = 0.0005
"""The thread that commits records waits this long for its turn, several times a commit."""
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SHARE_OF_LIMIT = 0.95
"""A group of several sources ends a little before its limit, to tell what some of them told.

And each source before its group: one that hangs and is called off would never be seen to fail.
"""


@dataclass(frozen=True, slots=True)
class Connected:
    """Every source on its own, and how to let go of them."""

    connectors: tuple[Connector, ...]
    close: Callable[[], Awaitable[None]]


def compose(settings: Settings) -> Parts:
    """Open everything that checks need; raise ``ConfigurationError`` for what cannot be opened."""
    rules = _rules(settings)
    kept = storing.open_audit(settings)  # before the sources: it makes the key that a list needs
    sources = connect_sources(settings)
    seconds = {name: _SHARE_OF_LIMIT * time for name, time in settings.limits.groups.items()}
    decider = Decider(combine(sources.connectors, seconds), settings.limits)
    return Parts(
        decider=decider,
        rules=rules,
        audit=kept.audit,
        keys=kept.keys,
        sealer=kept.sealer,
        anchors=kept.anchors,
        test_numbers=settings.is_test,
        purposes=settings.purposes,
        close_sources=sources.close,
        access=admitting.open_access(settings, kept.database, kept.keys),
        least_seconds=settings.time_limits.least_seconds,
        watch=_watch(settings, decider, sources.connectors),
        terminals=settings.terminals,
    )


def connect_sources(settings: Settings) -> Connected:
    """Make the connectors; raise ``ConfigurationError`` for a file that cannot be used.

    A made-up register stands in only for a group that no real source tells.
    """
    magda, close_magda = _magda(settings)
    city, advisers = _ocmw(settings), _advice(settings)
    real = (*magda, *city, *advisers)

    async def close() -> None:
        for source in city:
            source.close()
        for adviser in advisers:
            await adviser.close()
        await close_magda()

    told = {connector.group for connector in real}
    made_up = tuple(one for one in _made_up(settings) if one.group not in told)
    return Connected((*real, *made_up), close)


def serve(parts: Parts, listen: Listen, announce: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; ``announce`` gets the address once it answers.

    Raises ``ConfigurationError`` when the address cannot be had.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    with _bound(listen) as listener, _watched(parts.watch):
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        server = _Server(_configuration(parts), lambda: announce(f"http://{shown}:{port}"))
        asyncio.run(server.serve(sockets=[listener]))


def _watch(settings: Settings, decider: Decider, connectors: Iterable[Connector]) -> Watch:
    if not settings.metrics.port:
        return UNWATCHED
    from kiosk.service.central.metrics import Metrics  # noqa: PLC0415 - if it is asked

    host, port = settings.metrics.host, settings.metrics.port
    return Metrics(host, port, decider.states, connectors)


class _Server(uvicorn.Server):
    """uvicorn, telling when it answers, and ending a stop by signal with status 0."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signal again after its clean stop: a supervisor would see a crash.
        before = {number: signal.signal(number, self.handle_exit) for number in _STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _configuration(parts: Parts) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(parts),
        # By name: what else happens to be installed has no limit to the length of headers.
        http="h11",
        access_log=False,  # a log of addresses and times beside an audit of pseudonyms links them
        log_config=None,
        server_header=False,
        proxy_headers=False,
        ws="none",
        backlog=_BACKLOG,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )


@contextmanager
def _watched(watch: Watch) -> Iterator[None]:
    try:
        watch.open()
    except OSError as error:
        raise _wrong("metrics", error.strerror or "cannot be listened on") from error
    try:
        yield
    finally:
        watch.close()


def _bound(listen: Listen) -> socket.socket:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    # TCP by name: only then does asyncio turn Nagle's delay off, 40 ms on every answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let another program take the address over
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((listen.host, listen.port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _wrong("listen", error.strerror or "cannot be listened on") from error
    return listener


def _rules(settings: Settings) -> RuleBook:
    try:
        return load(settings.rules_folder)
    except RulesWrong as wrong:
        mistakes = [Mistake("rules.folder", c.place, c.message) for c in wrong.complaints]
        raise ConfigurationError(mistakes) from wrong


def _magda(settings: Settings) -> tuple[tuple[Connector, ...], Callable[[], Awaitable[None]]]:
    if not settings.sources.magda.is_on:
        return (), nothing_to_close
    # Its libraries take as long to load as the rest of the service.
    from kiosk.service.central.connectors.magda.compose import (  # noqa: PLC0415 - if it is asked
        connect,
    )

    try:
        connection = connect(settings.sources.magda)
    except Unusable as error:
        raise _wrong("sources.magda.tls", str(error)) from error
    return connection.sources, connection.transport.close


def _ocmw(settings: Settings) -> tuple[ocmw.OcmwSource, ...]:
    chosen = settings.sources.ocmw
    if not chosen.is_on:
        return ()
    seconds = min(chosen.timeout_seconds, _longest(settings, ocmw.OcmwSource.group))
    in_time = replace(chosen, timeout_seconds=seconds)
    return (ocmw.connect(in_time, storing.open_keys(settings)),)


def _advice(settings: Settings) -> tuple[AdviceSource, ...]:
    chosen = settings.sources.advice
    seconds = _longest(settings, AdviceSource.group)
    try:
        return (advice.connect(chosen, seconds),) if chosen.is_on else ()
    except advice.AdviserUnusable as error:
        raise _wrong("sources.advice.adviser", str(error)) from error


def _longest(settings: Settings, group: str) -> float:
    """How long a source of a group may take, in seconds."""
    return settings.limits.groups[group] * _SHARE_OF_LIMIT**2


def _made_up(settings: Settings) -> tuple[Connector, ...]:
    path = settings.people_file
    try:
        return synthetic.connectors(path) if path is not None else ()
    except ValueError as error:
        raise _wrong("synthetic.people", str(error)) from error


def _wrong(key: str, message: str) -> ConfigurationError:
    return ConfigurationError([Mistake(key, "start of the service", message)])
