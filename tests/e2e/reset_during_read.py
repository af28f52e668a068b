"""Runs inside a private stack: ``kiosk check`` while another connection resets the card.

pcscd lets nobody reset a card that is in a transaction. Windows breaks a transaction that rests
for five seconds; here it is broken just before the chosen calls, and a second connection resets
the card. What follows is what the real service says about it.
"""

import sys
from typing import Any

from smartcard import scard

from kiosk.__main__ import main
from kiosk.cardreader import pcsc

READER, FUNCTION, CALLS = sys.argv[1], sys.argv[2], {int(call) for call in sys.argv[3].split(",")}


class Interrupted:
    """The module, but that one of its functions is disturbed."""

    def __init__(self) -> None:
        self._count = 0

    def __getattr__(self, name: str) -> Any:
        function = getattr(scard, name)
        return self._disturbed(function) if name == FUNCTION else function

    def _disturbed(self, function: Any) -> Any:
        def call(card: Any, *rest: Any) -> Any:
            self._count += 1
            if self._count in CALLS:
                if FUNCTION != "SCardBeginTransaction":
                    scard.SCardEndTransaction(card, scard.SCARD_LEAVE_CARD)
                reset()
            return function(card, *rest)

        return call


def reset() -> None:
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    mode = (scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0)
    _, card, _ = scard.SCardConnect(context, READER, *mode)
    result, _ = scard.SCardReconnect(card, *mode, scard.SCARD_RESET_CARD)
    print("reset", hex(result & 0xFFFFFFFF), file=sys.stderr, flush=True)
    scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
    scard.SCardReleaseContext(context)


vars(pcsc)["scard"] = Interrupted()
sys.exit(main(["check", "--json", "--timeout", "5"]))
