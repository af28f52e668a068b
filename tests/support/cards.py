"""Simulated cards and a reader for them, with a test PKI made once a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.cardreader.certificate_cache import CertificateCache
from kiosk.cardreader.identity_reader import EidReader
from kiosk.cardreader.simulator.card import SimulatedCard, make_card
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.persona import Persona, person
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.cardreader.simulator.slot import SimulatedSlot
from kiosk.cardreader.trust import TrustStore
from kiosk.domain.policy import CardPolicy
from kiosk.ports import Reading

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
PERSON = "an-peeters"


@dataclass(frozen=True, slots=True)
class Cards:
    """Makes cards of one PKI, and readers that believe its roots."""

    pki: TestPki

    def card(
        self, applet: Applet = Applet.V1_8, *faults: str, persona: Persona | None = None
    ) -> SimulatedCard:
        return make_card(persona or person(PERSON), self.pki, applet, faults)

    def trust(self) -> TrustStore:
        return TrustStore.for_tests(self.pki.pins())

    def reader(
        self,
        policy: CardPolicy | None = None,
        *,
        trust: TrustStore | None = None,
        folder: Path | None = None,
        clock: Callable[[], datetime] = lambda: NOW,
    ) -> EidReader:
        believed = trust or self.trust()
        cache = CertificateCache(believed, folder)
        return EidReader(believed, cache, policy or CardPolicy(), clock)

    def read(self, applet: Applet, faults: Sequence[str] = ()) -> Reading:
        """One read, by a reader that has seen nothing before."""
        return self.reader().read(SimulatedSlot(self.card(applet, *faults)))
