"""One visit: read, prove, ask, and ask again. The same for an agent and ``kiosk check``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

from kiosk.agent.watchdog import Watchdog, WatchedSlot
from kiosk.domain.identity import Subject
from kiosk.domain.national_number import InvalidNationalNumber, NationalNumber
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.verdict import UseCase, Verdict
from kiosk.domain.visit import SlotName
from kiosk.ports import CardSlot, EligibilityClient, IdentityReader, Reading

_WARM_UP_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitTools:
    """What a visit works with; put together in ``kiosk.bootstrap``."""

    reader: IdentityReader
    client: EligibilityClient
    slot: Callable[[SlotName], CardSlot]


@final
class VisitRun:
    """The card, the number and the network of one visit."""

    def __init__(self, tools: VisitTools, watchdog: Watchdog) -> None:
        self._tools = tools
        self._watchdog = watchdog
        self._subject: Subject | None = None
        self._nobody = ProblemCode.INTERNAL
        self._warming: threading.Thread | None = None

    def read(self, slot: SlotName, opened: Callable[[], None]) -> Reading:
        """Read and prove the card; meanwhile the connection to the service opens.

        ``opened`` is called once the card is ours. Raises ``KioskError``.
        """
        self._warming = threading.Thread(target=self._tools.client.warm_up, daemon=True)
        self._warming.start()
        watched = WatchedSlot(self._tools.slot(slot), self._watchdog, opened)
        reading = self._tools.reader.read(watched)
        self._subject = Subject.of(reading.identity)
        return reading

    def take_typed(self, digits: str) -> None:
        """Take a number that an officer typed; raise ``NUMBER_INVALID``."""
        try:
            self._subject = Subject.typed(NationalNumber(digits))
        except InvalidNationalNumber:
            self._nobody = ProblemCode.NUMBER_INVALID  # and stays so, however often one asks
            raise KioskError(self._nobody) from None

    def ask(self, use_case: UseCase) -> Verdict:
        """Ask for what the person of this visit came; raise ``KioskError``."""
        if self._subject is None:
            raise KioskError(self._nobody)
        if self._warming is not None:
            # The question takes the connection that is being opened, not a second one beside it.
            self._warming.join(_WARM_UP_SECONDS)
        return self._tools.client.check(self._subject, use_case)

    def end(self) -> None:
        """Overwrite the number and close the connection; the process ends next."""
        if self._subject is not None:
            self._subject.national_number.wipe()
        self._tools.client.close()
