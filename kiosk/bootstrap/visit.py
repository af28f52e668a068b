"""What one visit is put together from."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import platformdirs

from kiosk.agent.run import VisitTools
from kiosk.bootstrap.policy import now
from kiosk.cardreader.certificate_cache import CertificateCache
from kiosk.cardreader.identity_reader import EidReader
from kiosk.cardreader.pcsc import PcscSlot
from kiosk.cardreader.trust import TrustStore
from kiosk.domain.policy import Mode
from kiosk.domain.visit import SlotName
from kiosk.ports import CardSlot, IdentityReader
from kiosk.service.client import HttpEligibilityClient, ServiceAddress
from kiosk.service.contract import Channel
from kiosk.service.credentials import ClientKey
from kiosk.settings import CardSettings, ServiceSettings, Settings

_SIMULATOR = "kiosk.cardreader.simulator.sockets"
_UNREGISTERED = "unregistered"


def visit_tools(settings: Settings, mode: Mode) -> VisitTools:
    """Put together what one visit works with; raise ``KioskError``."""
    return VisitTools(
        reader=identity_reader(settings),
        client=eligibility_client(settings.service, mode),
        slot=_slots(settings.card),
    )


def identity_reader(settings: Settings) -> IdentityReader:
    """What reads and proves a card, with the certificates seen before."""
    trust = trust_store(settings)
    cache = CertificateCache(trust, cache_folder(settings.card))
    return EidReader(trust, cache, settings.card.policy, now)


def trust_store(settings: Settings) -> TrustStore:
    """The Belgian roots, and in a test environment the configured ones besides."""
    if settings.is_test:
        return TrustStore.for_tests(settings.card.test_roots)
    return TrustStore.production()


def eligibility_client(service: ServiceSettings, mode: Mode) -> HttpEligibilityClient:
    """The connection to the central service; raise ``KEY_UNUSABLE`` without a key."""
    own = service.client
    key = None if own.auth == "none" else ClientKey(own.id, own.key)
    channel = Channel(kind=mode.value, device_id=own.id or _UNREGISTERED, site_id=service.site)
    address = ServiceAddress(
        url=service.url,
        purpose=service.purpose,
        channel=channel,
        deadline=timedelta(seconds=service.deadline_seconds),
        ca_file=service.ca_file,
        token_url=own.token_url,
    )
    return HttpEligibilityClient(address, key, now)


def cache_folder(card: CardSettings) -> Path:
    """Where certificates seen before are kept; safe to delete."""
    if card.cache_folder:
        return Path(card.cache_folder)
    return platformdirs.user_cache_path("tariefwijzer", appauthor=False) / "certificates"


def _slots(card: CardSettings) -> Callable[[SlotName], CardSlot]:
    if card.backend == "simulator":  # looked up by name: not part of a production bundle
        slot: Callable[[SlotName], CardSlot] = importlib.import_module(_SIMULATOR).SocketSlot
        return slot
    return PcscSlot
