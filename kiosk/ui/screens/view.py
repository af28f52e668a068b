"""What a screen is made from, besides the state of the visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Protocol

from kiosk.agent.messages import Progress
from kiosk.domain.verdict import SourceState, UseCase


class Wording(Protocol):
    """How one language says things."""

    def translate(self, context: str, dutch: str) -> str:
        """Return a text of the catalogue in this language."""
        ...

    def date(self, day: date) -> str:
        """Return a day in words, as in "30 april 2027"; it is never broken over two lines."""
        ...

    def percent(self, share: int) -> str:
        """Return a share, as in "20 %"; it is never broken over two lines."""
        ...


class Language(Enum):
    """The languages of the window, by their code."""

    DUTCH = "nl"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where this terminal stands, from its settings."""

    counter: str = ""
    """The name of the counter, as in "Balie 4"."""
    desk: Mapping[Language, str] = field(default_factory=dict)
    """Where a citizen is helped, as in "balie 1 tot 4"; a language without: just "the desk"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the window knows besides the state. ``given_name`` is there while checking only."""

    language: Language
    languages: tuple[Language, ...]
    use_case: UseCase
    use_cases: tuple[UseCase, ...]
    place: Place = Place()
    step: Progress | None = None
    given_name: str = ""
    sources: tuple[SourceState, ...] = ()
    """The lamps: every group of sources and how it is; empty when nobody knows."""
    service_answers: bool | None = None
    """Whether the central service answered last; ``None`` when nobody asked yet."""
    can_extend: bool = False
    """Whether more time may still be asked for."""
