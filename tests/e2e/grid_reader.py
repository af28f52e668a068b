"""Runs inside a private stack: reads the card in a reader, visit after visit, as agents do.

    python -m tests.e2e.grid_reader PIN [PIN ...]

Orders come as lines of JSON on its standard input; each visit is answered with one line. As an
agent, it ends when the time of a visit is over; nothing of it is used again then.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from smartcard import scard

from kiosk.agent.watchdog import Watchdog, WatchedSlot
from kiosk.cardreader.certificate_cache import CertificateCache
from kiosk.cardreader.identity_reader import EidReader
from kiosk.cardreader.pcsc import PcscSlot
from kiosk.cardreader.trust import TrustStore
from kiosk.domain.national_number import Purpose
from kiosk.domain.policy import CardPolicy
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.visit import SlotName
from tests.support.cards import NOW
from tests.support.interrupted_scard import InterruptedScard, answering, reset_elsewhere

_CARD_SECONDS = 10.0
"""How long to wait for a card that is being put in, or a service that is being started."""
RESULTS = {
    "reader gone": scard.SCARD_E_READER_UNAVAILABLE,
    "reader unknown": scard.SCARD_E_UNKNOWN_READER,
    "data lost": scard.SCARD_E_COMM_DATA_LOST,
}
"""What a virtual reader never says."""


class Visits:
    """One process: its module is interrupted, its watchdog ends it."""

    def __init__(self, pins: list[str]) -> None:
        self._trust = TrustStore.for_tests(pins)
        self._module = InterruptedScard().install()
        self._began = 0.0
        self._watchdog = Watchdog(self._expired)

    def visit(self, order: dict[str, Any]) -> dict[str, Any]:
        """Wait for the card, read it, and tell how that ended."""
        reader = order["reader"]
        alone = _alone(reader)
        cache = CertificateCache(self._trust, Path(order["cache"]) if order["cache"] else None)
        eid = EidReader(self._trust, cache, CardPolicy(), lambda: NOW)
        self._interrupt(reader, order["fault"], order["at"])
        self._began = time.monotonic()
        slot = WatchedSlot(PcscSlot(SlotName(reader)), self._watchdog, lambda: None)
        try:
            identity = eid.read(slot).identity
            number = identity.national_number.disclose(Purpose.ELIGIBILITY_QUESTION)
            ended: dict[str, Any] = {"person": [identity.given_name, number]}
        except KioskError as error:
            ended = {"problem": error.problem.code.code}
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            ended = {"problem": repr(error)}
        return ended | self._report(alone)

    def _interrupt(self, reader: str, fault: str, at: int) -> None:
        self._module.let_be()
        if fault in RESULTS:
            self._module.interrupt("SCardTransmit", {at}, answering(RESULTS[fault]))
        elif fault == "reset by another program":
            self._module.interrupt("SCardTransmit", {at}, reset_elsewhere(reader))

    def _report(self, alone: str) -> dict[str, Any]:
        took = time.monotonic() - self._began
        left = {what: count for what, count in self._module.open.items() if count}
        happened = self._module.happened
        return {"seconds": took, "left open": left, "alone": alone, "interrupted": happened}

    def _expired(self, code: ProblemCode) -> None:
        tell({"problem": code.code} | self._report("0x0") | {"left open": {}})
        os._exit(1)


def _alone(reader: str) -> str:
    """Wait for a card, and have it for oneself: nobody holds it still. Return the result."""
    give_up = time.monotonic() + _CARD_SECONDS
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    state = scard.SCARD_STATE_UNAWARE
    while not state & scard.SCARD_STATE_PRESENT and time.monotonic() < give_up:
        asked = [(reader, state & ~scard.SCARD_STATE_CHANGED)]
        result, states = scard.SCardGetStatusChange(context, 1000, asked)
        state = states[0][1] if states else state
    how = (scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T0)
    result, card, _ = scard.SCardConnect(context, reader, *how)
    if result == scard.SCARD_S_SUCCESS:
        scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
    scard.SCardReleaseContext(context)
    return hex(result & 0xFFFFFFFF)


def tell(what: dict[str, Any]) -> None:
    """Print a line at once: who ordered waits for it."""
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    visits = Visits(sys.argv[1:])
    for line in sys.stdin:
        tell(visits.visit(json.loads(line)))
