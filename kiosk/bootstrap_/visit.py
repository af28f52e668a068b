"""The composition root: the only module that names concrete adapters."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import platformdirs

from kiosk.agent.run import VisitTools
from kiosk.cardreader.certificate_cache import CertificateCache
from kiosk.cardreader.identity_reader import EidReader
from kiosk.cardreader.monitor import PcscMonitor
from kiosk.cardreader.pcsc import PcscSlot
from kiosk.cardreader.slots import ReaderFilter
from kiosk.cardreader.trust import TrustStore
from kiosk.data import data_path
from kiosk.domain.policy import Mode, ModePolicy
from kiosk.domain.verdict import UseCase
from kiosk.domain.visit import SlotName
from kiosk.ports import CardSlot, IdentityReader, SlotMonitor
from kiosk.service.client import HttpEligibilityClient, ServiceAddress
from kiosk.service.contract import Channel
from kiosk.service.credentials import ClientKey
from kiosk.settings import CardSettings, ServiceSettings, Settings

_SIMULATOR = "kiosk.cardreader.simulator.sockets"
_UNREGISTERED = "unregistered"


def now() -> datetime:
    """The time of day on this machine, with its zone."""
    return datetime.now().astimezone()


def visit_tools(settings: Settings, mode: Mode, use_case: UseCase | None = None) -> VisitTools:
    """Put together what one visit works with; raise ``KioskError``."""
    return VisitTools(
        reader=identity_reader(settings),
        client=eligibility_client(settings.service, mode),
        slot=_slots(settings.card),
        use_case=use_case or UseCase(settings.service.use_cases[0]),
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


def slot_monitor(card: CardSettings) -> SlotMonitor:
    """What tells which reader has a card."""
    return PcscMonitor(reader_filter(card))


def reader_filter(card: CardSettings) -> ReaderFilter:
    """Which reader names count."""
    return ReaderFilter(only=card.readers, ignore=card.ignore_readers)


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


def mode_policy(mode: Mode) -> ModePolicy:
    """How this mode behaves, from ``resources/policy``."""
    tree = tomllib.loads(data_path("policy", f"{mode.value}.toml").read_text(encoding="utf-8"))
    seconds = {name: timedelta(seconds=value) for name, value in tree["seconds"].items()}
    fields = {"verdict_after_removal": None, **seconds, **tree["behaviour"]}
    return msgspec.convert({"mode": mode, **fields}, ModePolicy)


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
