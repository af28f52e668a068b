"""The answer: a colour, a tariff, until when, what next. Never the facts behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Final, TypeAlias

Texts: TypeAlias = dict[str, str]
"""One sentence by language code (nl, fr, de, en)."""

WHOLE_PRICE: Final = 100
"""Percent."""


class UseCase(Enum):
    """What the person asks a tariff for."""

    UITPAS = "uitpas"
    SCHOOL = "school"
    GARBAGE = "garbage"
    LEZ = "lez"


class Colour(Enum):
    """GREEN: proven entitled. RED: proven not. ORANGE: not determined, or a person decides."""

    GREEN = "green"
    ORANGE = "orange"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """A tariff class and the share of the price that is paid, in percent."""

    code: str
    pay_percent: int | None = None
    label: Texts

    def __post_init__(self) -> None:
        """Refuse a share that is none: it is between nothing and all of the price."""
        if self.pay_percent is not None and not 0 <= self.pay_percent <= WHOLE_PRICE:
            raise ValueError("a share of the price is 0 to 100 percent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """What to do next; a known code has local texts, an unknown one brings its own."""

    code: str
    level: str = "info"
    title: Texts
    steps: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """Why a group of sources could not settle an orange."""

    group: str
    state: str
    reason: str | None = None
    retryable: bool = False
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualDecision:
    """Whether an officer may decide by hand, and on which kinds of evidence."""

    allowed: bool = False
    roles: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One decision of the central service, fit to show to anyone present.

    ``determined`` is false exactly when an orange is orange because something
    is unknown. A field that a colour does not have is ``None`` or empty.
    ``display_until`` has a time zone.
    """

    check_id: str
    use_case: str
    colour: Colour
    determined: bool
    tariff: Tariff | None = None
    valid_until: date | None = None
    guidance: tuple[Guidance, ...] = ()
    blocked_by: tuple[str, ...] = ()
    sources: tuple[SourceState, ...] = ()
    manual_decision: ManualDecision = ManualDecision()
    display_until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a green or red that was not determined, and a moment without a time zone."""
        if not self.determined and self.colour is not Colour.ORANGE:
            raise ValueError("only an orange may be undetermined")
        if self.display_until is not None and self.display_until.utcoffset() is None:
            raise ValueError("a moment without a time zone is none")
