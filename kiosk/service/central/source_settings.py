"""What can be set for the sources: ``[sources]``, a table for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.service.central.connectors.advice.settings import (
    AdviceSettings,
    mistakes_in_advice,
)
from kiosk.service.central.connectors.magda.settings import Magda, mistakes_in_magda
from kiosk.service.central.connectors.ocmw.settings import Ocmw, mistakes_in_ocmw


@dataclass(frozen=True, slots=True)
class Sources:
    """Every real source; one that is not set up is not asked."""

    magda: Magda = Magda()  # noqa: RUF009  # frozen: it may be shared
    ocmw: Ocmw = Ocmw()  # noqa: RUF009  # frozen as well
    advice: AdviceSettings = AdviceSettings()  # noqa: RUF009  # frozen as well

    @property
    def any_is_on(self) -> bool:
        """Whether there is a real source at all."""
        return self.magda.is_on or self.ocmw.is_on or self.advice.is_on


def mistakes_in_sources(sources: Sources, shortest: float) -> Iterator[tuple[str, str]]:
    """Key and reason of each value that does not do.

    ``shortest``: seconds of the group that has the least time.
    """
    for key, message in mistakes_in_magda(sources.magda, shortest):
        yield f"sources.magda.{key}", message
    for key, message in mistakes_in_ocmw(sources.ocmw):
        yield f"sources.ocmw.{key}", message
    for key, message in mistakes_in_advice(sources.advice):
        yield f"sources.advice.{key}", message
