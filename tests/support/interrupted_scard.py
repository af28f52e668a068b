"""The real ``smartcard.scard``, but that chosen calls of one function are interrupted.

For what a virtual reader cannot do: results that only other readers have, and another program
that resets the card in the middle of a transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, Final

from smartcard import scard

from kiosk.cardreader import pcsc

Interruption = Callable[..., Any]
"""Takes the function and its arguments, and returns what the caller is to get."""

_OPENS: Final = {
    "SCardEstablishContext": "contexts",
    "SCardConnect": "cards",
    "SCardBeginTransaction": "transactions",
}
_CLOSES: Final = {
    "SCardReleaseContext": "contexts",
    "SCardDisconnect": "cards",
    "SCardEndTransaction": "transactions",
}


class InterruptedScard:
    """Stands in for the module, and counts what is still open and how often it interrupted."""

    def __init__(self) -> None:
        self.open: Counter[str] = Counter()
        self.let_be()

    def install(self) -> InterruptedScard:
        """Take the module's place in the adapter, for as long as this process lives."""
        vars(pcsc)["scard"] = self
        return self

    def let_be(self) -> None:
        """Interrupt nothing from now on."""
        self.interrupt("", (), _call)

    def interrupt(self, function: str, calls: Collection[int], how: Interruption) -> None:
        """Interrupt the calls of one function by their number, counted from now and from 1."""
        self._function = function
        self._calls = calls
        self._how = how
        self._count = self.happened = 0

    def __getattr__(self, name: str) -> Any:
        value = getattr(scard, name)
        return partial(self._call, name, value) if callable(value) else value

    def _call(self, name: str, function: Any, *arguments: Any) -> Any:
        how = _call
        if name == self._function:
            self._count += 1
            if self._count in self._calls:
                self.happened += 1
                how = self._how
        outcome = how(function, *arguments)
        result = outcome[0] if isinstance(outcome, list | tuple) else outcome
        if name in _OPENS and result == scard.SCARD_S_SUCCESS:
            self.open[_OPENS[name]] += 1
        elif name in _CLOSES:
            self.open[_CLOSES[name]] -= 1
        return outcome


def _call(function: Any, *arguments: Any) -> Any:
    return function(*arguments)


def answering(result: int) -> Interruption:
    """Let a transmission have this result and no answer; the card hears nothing."""
    return lambda *_: (result, [])


def reset_elsewhere(reader: str, told: Callable[[str], None] = lambda _: None) -> Interruption:
    """Let a second connection reset the card just before the call.

    pcscd lets nobody reset a card that is in a transaction. Windows breaks a transaction that
    rests for five seconds; here it is broken at this moment.
    """

    def how(function: Any, card: Any, *rest: Any) -> Any:
        if function is not scard.SCardBeginTransaction:
            scard.SCardEndTransaction(card, scard.SCARD_LEAVE_CARD)
        told(_reset(reader))
        return function(card, *rest)

    return how


def _reset(reader: str) -> str:
    """Reset the card over a connection of its own; return the result."""
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    mode = (scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0)
    _, card, _ = scard.SCardConnect(context, reader, *mode)
    result, _ = scard.SCardReconnect(card, *mode, scard.SCARD_RESET_CARD)
    scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
    scard.SCardReleaseContext(context)
    return hex(result & 0xFFFFFFFF)
