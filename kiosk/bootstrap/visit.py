"""What one visit is put together from."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from kiosk.agent.run import VisitTools
from kiosk.bootstrap.policy import now
from kiosk.cardreader.card_files import CardOpening
from kiosk.cardreader.certificate_cache import CertificateCache
from kiosk.cardreader.eid import OverCommands
from kiosk.cardreader.identity_reader import EidReader
from kiosk.cardreader.line import BlockSizes
from kiosk.cardreader.pcsc import PcscSlot
from kiosk.cardreader.trust import TrustStore
from kiosk.cardreader.trust_list import Trusted, built_in, in_force
from kiosk.domain.policy import Mode
from kiosk.domain.visit import SlotName
from kiosk.ports import CardSlot, IdentityReader
from kiosk.service.client import HttpEligibilityClient, ServiceAddress
from kiosk.service.contract import Channel
from kiosk.service.credentials import ClientKey, ClientTokenKey, Credential
from kiosk.settings import CardSettings, ClientSettings, ServiceSettings, Settings
from kiosk.token_uri import TokenUri, is_token_uri, parsed

if TYPE_CHECKING:
    from kiosk.cardreader.pkcs11 import Middleware
    from kiosk.service.token_key import TokenKey

_SIMULATOR = "kiosk.cardreader.simulator.sockets"
_UNREGISTERED = "unregistered"

_log = logging.getLogger("kiosk.trust")


def visit_tools(settings: Settings, mode: Mode) -> VisitTools:
    """Put together what one visit works with; raise ``KioskError``."""
    return VisitTools(
        reader=identity_reader(settings),
        client=eligibility_client(settings.service, mode),
        slot=card_slots(settings),
    )


def identity_reader(settings: Settings) -> IdentityReader:
    """What reads and proves a card, with the certificates seen before."""
    trust = trust_store(settings)
    cache = CertificateCache(trust, cache_folder(settings.card))
    return EidReader(trust, cache, settings.card.policy, now, _opening(settings))


def trust_store(settings: Settings) -> TrustStore:
    """The Belgian roots, and in a test environment the configured ones besides."""
    trusted = trust_list_in_force(settings)
    if trusted.refused:
        _log.warning("the trust list is refused: %s", trusted.refused)
    if settings.is_test:
        return TrustStore.for_tests(settings.card.test_roots, trusted.list)
    return TrustStore.production(trusted.list)


def trust_list_in_force(settings: Settings) -> Trusted:
    """The roots that are believed: built in, or of the signed list that the settings name."""
    card = settings.card
    if not card.trust_list:
        return Trusted(built_in())
    return in_force(Path(card.trust_list), Path(card.trust_key), cache_folder(card))


def eligibility_client(service: ServiceSettings, mode: Mode) -> HttpEligibilityClient:
    """The connection to the central service; raise ``KEY_UNUSABLE`` without a key."""
    own = service.client
    channel = Channel(kind=mode.value, device_id=own.id or _UNREGISTERED, site_id=service.site)
    address = ServiceAddress(
        url=service.url,
        purpose=service.purpose,
        channel=channel,
        deadline=timedelta(seconds=service.deadline_seconds),
        ca_file=service.ca_file,
        token_url=own.token_url,
    )
    return HttpEligibilityClient(address, credential(own), now)


def credential(own: ClientSettings) -> Credential | None:
    """What this terminal proves itself with; raise ``KEY_UNUSABLE`` for a file without a key.

    A token is looked for when something is to be signed.
    """
    if own.auth == "none":
        return None
    if is_token_uri(own.key):
        return ClientTokenKey(own.id, token_key(parsed(own.key)))
    return ClientKey(own.id, own.key)


def token_key(uri: TokenUri, *, by_hand: bool = False) -> TokenKey:
    """The key in a token that a URI names; ``by_hand`` as for ``TokenKey``."""
    from kiosk.service.token_key import TokenKey  # noqa: PLC0415 - only where a token has the key

    memory = platformdirs.user_state_path("tariefwijzer", appauthor=False) / "tokens"
    return TokenKey(uri, memory, by_hand=by_hand)


def cache_folder(card: CardSettings) -> Path:
    """Where certificates seen before are kept; safe to delete."""
    if card.cache_folder:
        return Path(card.cache_folder)
    return platformdirs.user_cache_path("tariefwijzer", appauthor=False) / "certificates"


def card_slots(settings: Settings) -> Callable[[SlotName], CardSlot]:
    """What makes the slots that :func:`identity_reader` reads, by the names PC/SC gives them."""
    match settings.card.backend:
        case "simulator":  # looked up by name: not part of a production bundle
            slot: Callable[[SlotName], CardSlot] = importlib.import_module(_SIMULATOR).SocketSlot
            return slot
        case "pkcs11":
            return _middleware(settings).slot
        case "pcsc":
            return PcscSlot


def _opening(settings: Settings) -> CardOpening:
    if settings.card.backend == "pkcs11":
        return _middleware(settings).files
    return OverCommands(BlockSizes(cache_folder(settings.card)))


def _middleware(settings: Settings) -> Middleware:
    """The module is the process's, so that two of these are as good as one."""
    from kiosk.cardreader.pkcs11 import Middleware  # noqa: PLC0415 - only where it is the way

    return Middleware(settings.card.pkcs11_module, software_tokens=settings.is_test)
