"""What can be set for the adviser: ``[sources.advice]``, and how the one that is named is found."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from kiosk.service.central.connectors.advice.source import AdviceSource
from kiosk.service.central.connectors.guard import Guard, Pace, mistakes_in_pace
from kiosk.service.central.facts import AdviceCategory

ADVISERS: Final = "tariefwijzer.advisers"
"""The group of entry points; each is a function without arguments that makes an adviser."""

_CATEGORIES: Final = {category.value: category for category in AdviceCategory}


@dataclass(frozen=True, slots=True)
class AdviceSettings:
    """``adviser``: the name of an installed one; ``categories``: ``ITS NAME=ours``.

    ``pace``: how many questions it gets.
    """

    adviser: str = ""
    categories: tuple[str, ...] = ()
    pace: Pace = Pace()  # noqa: RUF009  # frozen: it may be shared

    @property
    def is_on(self) -> bool:
        """Whether an adviser is asked."""
        return bool(self.adviser)


class AdviserUnusable(Exception):
    """The adviser cannot be made; the message names the kind of failure only."""


def mistakes_in_advice(settings: AdviceSettings) -> Iterator[tuple[str, str]]:
    """Key, below ``sources.advice``, and reason of each value that does not do."""
    if not settings.is_on:
        return
    if _installed(settings.adviser) is None:
        yield "adviser", f"no installed package brings one of that name ({ADVISERS})"
    pairs = [entry.rpartition("=") for entry in settings.categories]
    names = [name.strip() for name, _, _ in pairs]
    if not all(names) or len(set(names)) < len(names):
        yield "categories", "entries are NAME=category, one a name"
    elif any(category.strip() not in _CATEGORIES for _, _, category in pairs):
        yield "categories", f"a category is one of {', '.join(_CATEGORIES)}"
    yield from mistakes_in_pace(settings.pace)


def connect(settings: AdviceSettings, seconds: float) -> AdviceSource:
    """Make the connector for settings without mistakes; raise ``AdviserUnusable``.

    ``seconds``: how long a question may take.
    """
    found = _installed(settings.adviser)
    pairs = (entry.rpartition("=") for entry in settings.categories)
    categories = {name.strip(): _CATEGORIES[category.strip()] for name, _, category in pairs}
    try:
        adviser = found.load()() if found is not None else None
    except Exception as error:  # noqa: BLE001  # a program of somebody else's
        raise AdviserUnusable(f"cannot be made ({type(error).__name__})") from None
    if adviser is None:
        raise AdviserUnusable("is not installed")
    return AdviceSource(adviser, categories, seconds, Guard(settings.pace, time.monotonic))


def _installed(name: str) -> EntryPoint | None:
    return next(iter(entry_points(group=ADVISERS, name=name)), None)
