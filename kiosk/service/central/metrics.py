"""Counts for Prometheus, on an address of their own: no token of the service leads there.

Labels are taken from closed sets: templates of addresses, states, colours. No device, client or
purpose is among them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from wsgiref.simple_server import WSGIServer

from litestar.types import Scope
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kiosk.service.central.connectors import Connector
from kiosk.service.central.decide import Decision
from kiosk.service.central.source_check import name_of
from kiosk.service.central.watch import Heartbeat, Watch

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 4.0, 6.0)
_ELSEWHERE = "other"
_NOBODY_KNOWS = "unknown"
_METHODS = frozenset({"GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH"})


class Metrics(Watch):
    """Counts, and lets them be read."""

    def __init__(
        self,
        host: str,
        port: int,
        states: Callable[[], Mapping[str, str]],
        connectors: Iterable[Connector] = (),
    ) -> None:
        self._address = host, port
        self._serving: tuple[WSGIServer, threading.Thread] | None = None
        self._registry = CollectorRegistry()
        self._registry.register(_Lamps(states))
        self._registry.register(_Sources(tuple(connectors)))
        self._requests = self._seconds(
            "request", "Requests by template of the address", "method", "route", "status"
        )
        self._checks = self._count("checks", "Verdicts", "use_case", "colour")
        self._sources = self._seconds("source", "Groups that were asked", "group", "state")
        self._audit = self._seconds("audit_write", "Records on their way to the disk")
        self._heartbeats = self._count(
            "heartbeats", "Terminals that said how they are", "mode", "version", "reader"
        )
        self._problems = self._count("terminal_problems", "Last problems", "code")
        self._visits = self._count("visits", "Visits", "mode")
        self._colours = self._count("visit_colours", "What visits ended in", "colour")

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        """Note that a request was answered."""
        method = str(scope.get("method"))
        method = method if method in _METHODS else _ELSEWHERE
        route = scope.get("path_template") or _ELSEWHERE
        self._requests.labels(method, route, str(status)).observe(seconds)

    def decided(self, use_case: str, decision: Decision) -> None:
        """Note a verdict, and how the groups fared that were asked for it."""
        self._checks.labels(use_case, decision.finding.colour.value).inc()
        for call in decision.called:
            self._sources.labels(call.group, call.state.value).observe(call.milliseconds / 1000)

    def recorded(self, seconds: float) -> None:
        """Note how long a record took to its disk."""
        self._audit.observe(seconds)

    def heard(self, heartbeat: Heartbeat) -> None:
        """Note that a terminal said how it is."""
        reader = "yes" if heartbeat.has_reader else "no"
        self._heartbeats.labels(heartbeat.mode, heartbeat.standing, reader).inc()
        self._visits.labels(heartbeat.mode).inc(heartbeat.visits)
        if heartbeat.problem:
            self._problems.labels(heartbeat.problem).inc()
        for colour, count in heartbeat.colours.items():
            self._colours.labels(colour).inc(count)

    def open(self) -> None:
        """Let the counts be read; raise ``OSError`` when the address cannot be had."""
        host, port = self._address
        self._serving = start_http_server(port, host, self._registry)

    def close(self) -> None:
        """Let them be read no longer."""
        if self._serving is not None:
            server, thread = self._serving
            server.shutdown()
            server.server_close()
            thread.join()

    def _seconds(self, name: str, text: str, *labels: str) -> Histogram:
        full = f"tariefwijzer_{name}_seconds"
        return Histogram(full, text, labels, buckets=_SECONDS, registry=self._registry)

    def _count(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"tariefwijzer_{name}", text, labels, registry=self._registry)


class _Lamps(Collector):
    """The groups of sources as they fare when somebody reads."""

    def __init__(self, states: Callable[[], Mapping[str, str]]) -> None:
        self._states = states

    def collect(self) -> Iterator[Metric]:
        """Tell the state of every group."""
        lamps = GaugeMetricFamily(
            "tariefwijzer_source_state", "How each group fares", labels=("group", "state")
        )
        for group, state in self._states().items():
            lamps.add_metric((group, state), 1)
        yield lamps


class _Sources(Collector):
    """The sources one by one, as they are of themselves when somebody reads."""

    def __init__(self, connectors: tuple[Connector, ...]) -> None:
        self._connectors = connectors

    def collect(self) -> Iterator[Metric]:
        """Tell the state of every source; one with an open breaker is ``unavailable``."""
        told = GaugeMetricFamily(
            "tariefwijzer_one_source_state",
            "What each source says of itself",
            labels=("group", "source", "state"),
        )
        for connector in self._connectors:
            state = connector.status()
            shown = _NOBODY_KNOWS if state is None else state.value
            told.add_metric((connector.group, name_of(connector), shown), 1)
        yield told
