"""What is counted of the service's work, if anybody counts: never who, and never about whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from litestar.types import Scope

from kiosk.service.central.decide import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """What a terminal says of itself; counts are since the one before."""

    mode: str
    standing: str
    has_reader: bool
    problem: str
    visits: int
    colours: Mapping[str, int]


class Watch:
    """Counts nothing; what counts is :class:`kiosk.service.central.metrics.Metrics`."""

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        """Note that a request was answered."""

    def decided(self, use_case: str, decision: Decision) -> None:
        """Note a verdict, and how the groups fared that were asked for it."""

    def recorded(self, seconds: float) -> None:
        """Note how long a record took to its disk."""

    def heard(self, heartbeat: Heartbeat) -> None:
        """Note that a terminal said how it is."""

    def open(self) -> None:
        """Let the counts be read; raise ``OSError`` when the address cannot be had."""

    def close(self) -> None:
        """Let them be read no longer."""


UNWATCHED: Final = Watch()
