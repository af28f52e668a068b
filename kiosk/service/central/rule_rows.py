"""The parts of a decision table: conditions on single facts, and rows of them with an outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.domain.verdict import Colour
from kiosk.service.central.facts import Choice

_UNLIMITED = float("inf")


@dataclass(frozen=True, slots=True)
class OneOf:
    """The fact is one of these choices."""

    choices: frozenset[Choice]

    def holds(self, value: object) -> bool:
        """Whether a known value satisfies the condition."""
        return value in self.choices

    def __str__(self) -> str:
        return " / ".join(sorted(str(choice.value) for choice in self.choices))


@dataclass(frozen=True, slots=True)
class Between:
    """The number exists and lies between two limits, both included; ``None`` is no limit.

    With ``or_none`` a number that does not exist satisfies it too: what has no end lasts.
    """

    least: int | None
    most: int | None
    or_none: bool = False

    def holds(self, value: object) -> bool:
        """Whether a known value satisfies the condition."""
        if not isinstance(value, int):
            return self.or_none
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )

    def bounds(self) -> tuple[int, ...]:
        """The numbers at which the condition begins to hold or not to hold."""
        least, most = self.limits()
        if least > most:  # no number at all: it is about there being none
            return ()
        ends = (self.least, None if self.most is None else self.most + 1)
        return tuple(end for end in ends if end is not None)

    def limits(self) -> tuple[float, float]:
        """Both limits, infinite where there is none."""
        least = -_UNLIMITED if self.least is None else self.least
        return least, _UNLIMITED if self.most is None else self.most

    def __str__(self) -> str:
        parts = [f">= {self.least}"] if self.least is not None else []
        parts += [f"<= {self.most}"] if self.most is not None else []
        if self.least is not None and self.most is not None and self.least >= self.most:
            parts = [f"= {self.least}"] if self.least == self.most else []
        numbers = [" and ".join(parts)] if parts else []
        return " or ".join([*numbers, "none"] if self.or_none else numbers)


Condition = OneOf | Between


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a row leads to: a colour, a guidance code, and whether an officer may still decide.

    A green one names its ``tariff``.
    """

    name: str
    colour: Colour
    code: str
    manual: bool
    tariff: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: all conditions hold → outcome."""

    id: str
    conditions: Mapping[str, Condition]
    outcome: Outcome


def contains(outer: Mapping[str, Condition], inner: Mapping[str, Condition]) -> bool:
    """Whether every person who satisfies the inner conditions satisfies the outer ones."""
    return all(name in inner and _within(inner[name], outer[name]) for name in outer)


def meet(one: Mapping[str, Condition], two: Mapping[str, Condition]) -> bool:
    """Whether somebody can satisfy both."""
    return all(_overlap(one[name], two[name]) for name in one.keys() & two.keys())


def possible(condition: Condition) -> bool:
    """Whether any value satisfies it; days and years are never negative."""
    if isinstance(condition, OneOf):
        return bool(condition.choices)
    least, most = condition.limits()
    return condition.or_none or (least <= most and most >= 0)


def _within(inner: Condition, outer: Condition) -> bool:
    if isinstance(inner, OneOf) and isinstance(outer, OneOf):
        return inner.choices <= outer.choices
    if isinstance(inner, Between) and isinstance(outer, Between):
        (least, most), (lowest, highest) = inner.limits(), outer.limits()
        return lowest <= least and most <= highest and inner.or_none <= outer.or_none
    return False


def _overlap(one: Condition, two: Condition) -> bool:
    if isinstance(one, OneOf) and isinstance(two, OneOf):
        return bool(one.choices & two.choices)
    if isinstance(one, Between) and isinstance(two, Between):
        (a, b), (c, d) = one.limits(), two.limits()
        return max(a, c) <= min(b, d) or (one.or_none and two.or_none)
    return False
