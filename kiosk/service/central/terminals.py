"""What the settings say of those who look after it: ``[terminals]`` and ``[metrics]``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final, Literal, TypeAlias

VERSION: Final = r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"
Standing: TypeAlias = Literal["unsupported", "old", "latest"]


@dataclass(frozen=True, slots=True)
class MetricsListen:
    """Where Prometheus reads; port 0 is nowhere."""

    host: str = "127.0.0.1"
    port: int = 0


@dataclass(frozen=True, slots=True)
class Terminals:
    """What is older than ``oldest`` is unsupported, what is older than ``latest`` is old.

    Empty is no limit.
    """

    oldest: str = ""
    latest: str = ""

    def standing(self, version: str) -> Standing:
        """Say how a version stands."""
        if self.oldest and _parts(version) < _parts(self.oldest):
            return "unsupported"
        return "old" if self.latest and _parts(version) < _parts(self.latest) else "latest"


def mistakes_in_terminals(terminals: Terminals) -> Iterator[tuple[str, str]]:
    """Key and reason of each version that is none."""
    for item in fields(Terminals):
        if not re.fullmatch(f"({VERSION})?", getattr(terminals, item.name)):
            yield f"terminals.{item.name}", "is a version such as 1.4.0, or empty"


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
