"""Slots and cards of the PC/SC service. Its errors end here.

With :mod:`kiosk.cardreader.monitor` the only module that imports ``smartcard``.
Connections are shared and speak T=0, since every Belgian eID speaks nothing
else; a read is one transaction; the card is left powered as it was, for the
programs beside us.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, final

from smartcard import scard

from kiosk.cardreader.line import LineFailed
from kiosk.cardreader.pcsc_results import PASSING, PROBLEMS, RESET_CARD, UNPOWERED_CARD
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import Card, CardError, CardReset, Response

_HELD_FOR_SECONDS: Final = 4.0
_SHORTEST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 0.4
"""Seconds, while another program has the card to itself."""
_MOST_RESETS: Final = 3
_SAYS_NOTHING: Final = frozenset({ProblemCode.CARD_UNREADABLE, ProblemCode.NOT_AN_EID})
"""What a line that fails while the card is reset looks like: noise, or another protocol."""
_ATR_BEGINNINGS: Final = (0x3B, 0x3F)
"""Direct and inverse convention (ISO/IEC 7816-3, 8.1)."""
_NOTICED_AFTER: Final = 600
"""Milliseconds. Serial readers are polled every 400 ms; USB ones tell at once."""
_PRESENT: Final = scard.SCARD_STATE_PRESENT
_NO_READER_THERE: Final = scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE


def unsigned(result: int) -> int:
    """Return a PC/SC result as Windows and pcsc-lite both print it."""
    return result & 0xFFFFFFFF


_RESET: Final = frozenset({RESET_CARD})
_RESET_OR_UNPOWERED: Final = frozenset({RESET_CARD, UNPOWERED_CARD})
"""Of a card that was connected; one that cannot be powered to begin with is mute."""


def problem_of(result: int) -> ProblemCode:
    """Return the problem behind a PC/SC result; ``CARD_UNREADABLE`` for the rest."""
    return PROBLEMS.get(unsigned(result), ProblemCode.CARD_UNREADABLE)


def state_change(handle: Any, milliseconds: int, asked: list[Any]) -> tuple[int, list[Any]]:
    """``SCardGetStatusChange``; the service counts as gone where pyscard breaks.

    pyscard may raise ``SystemError`` ("returned NULL without setting an
    exception") while the service is being killed.
    """
    try:
        result, states = scard.SCardGetStatusChange(handle, milliseconds, asked)
    except SystemError:
        return scard.SCARD_E_NO_SERVICE, []
    return result, states


@contextlib.contextmanager
def context() -> Iterator[Any]:
    """A PC/SC context, released at the end; raises ``KioskError`` without a service."""
    result, handle = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if result != scard.SCARD_S_SUCCESS:
        code = problem_of(result)
        refused = code is ProblemCode.PCSC_REFUSED
        raise KioskError(code if refused else ProblemCode.PCSC_DOWN)
    try:
        yield handle
    finally:
        scard.SCardReleaseContext(handle)


def reader_names() -> tuple[str, ...]:
    """Return the names of all readers; raise ``KioskError`` without a service."""
    with context() as handle:
        result, names = scard.SCardListReaders(handle, [])
        if unsigned(result) == unsigned(scard.SCARD_E_NO_READERS_AVAILABLE):
            return ()
        if result != scard.SCARD_S_SUCCESS:
            raise KioskError(problem_of(result))
        return tuple(names)


def holds_card(name: SlotName) -> bool:
    """Whether a card is in this slot now; raise ``KioskError`` without a service."""
    with context() as handle:
        asked = [(name, scard.SCARD_STATE_UNAWARE)]
        result, states = state_change(handle, 0, asked)
        if result == scard.SCARD_S_SUCCESS:
            return bool(states[0][1] & _PRESENT)
        code = problem_of(result)
        if code in (ProblemCode.PCSC_DOWN, ProblemCode.PCSC_REFUSED):
            raise KioskError(code)
        return False


@final
class PcscSlot:
    """A slot of a reader, by the name PC/SC gives it."""

    def __init__(self, name: SlotName) -> None:
        self._name = name

    @property
    def name(self) -> SlotName:
        """The name PC/SC gives the slot."""
        return self._name

    @contextlib.contextmanager
    def open(self) -> Iterator[Card]:
        """Connect and hold the card; other programs wait until this ends."""
        with context() as handle:
            card = self._connect(handle)
            try:
                self._begin(card)
                try:
                    yield PcscCard(handle, card, self._name)
                finally:
                    scard.SCardEndTransaction(card, scard.SCARD_LEAVE_CARD)
            finally:
                scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)

    def _connect(self, handle: Any) -> Any:
        result, card, _ = _patiently(
            lambda: scard.SCardConnect(
                handle, self._name, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0
            )
        )
        if result == scard.SCARD_S_SUCCESS:
            return card
        if unsigned(result) == unsigned(scard.SCARD_E_PROTO_MISMATCH):
            raise CardError(self._kind_of_stranger(handle))
        raise _error(result, _RESET)

    def _kind_of_stranger(self, handle: Any) -> ProblemCode:
        """Tell a card of another protocol from noise: by how its answer to reset begins."""
        _, states = state_change(handle, 0, [(self._name, scard.SCARD_STATE_UNAWARE)])
        atr = bytes(states[0][2]) if states else b""
        is_card = len(atr) > 1 and atr[0] in _ATR_BEGINNINGS
        return ProblemCode.NOT_AN_EID if is_card else ProblemCode.CARD_MUTE

    @staticmethod
    def _begin(card: Any) -> None:
        (result,) = _patiently(lambda: (scard.SCardBeginTransaction(card),))
        if result != scard.SCARD_S_SUCCESS:
            raise _error_while_connected(result)


@final
class PcscCard:
    """A connected card within its transaction."""

    def __init__(self, handle: Any, card: Any, name: SlotName) -> None:
        self._handle = handle
        self._card = card
        self._name = name

    @property
    def atr(self) -> bytes:
        """The answer to reset, empty when the card is gone."""
        result, _, _, _, atr = scard.SCardStatus(self._card)
        return bytes(atr) if result == scard.SCARD_S_SUCCESS else b""

    def transmit(self, command: bytes) -> Response:
        """Exchange one APDU as it is."""
        result, answer = scard.SCardTransmit(self._card, scard.SCARD_PCI_T0, list(command))
        if result != scard.SCARD_S_SUCCESS:
            raise self._failure(result)
        if len(answer) < 2:
            raise self._silence()
        return Response(bytes(answer[:-2]), answer[-2] << 8 | answer[-1])

    def _failure(self, result: int) -> CardError | CardReset:
        error = _error_while_connected(result)
        if isinstance(error, CardError) and error.problem.code is ProblemCode.CARD_UNREADABLE:
            return self._silence()
        return error

    def _silence(self) -> CardError | CardReset:
        """Tell why no answer came; a card that is still in is reset, to start over with."""
        code = self._code_of_silence()
        return CardError(code) if code is not ProblemCode.CARD_UNREADABLE else self._reset()

    def _reset(self) -> CardError | CardReset:
        """Connect anew and reset the card, within the time limit of the command that failed."""
        how = (scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0, scard.SCARD_RESET_CARD)
        for _ in range(_MOST_RESETS):
            result, _protocol = scard.SCardReconnect(self._card, *how)
            if result == scard.SCARD_S_SUCCESS:
                return LineFailed()
            error = _error_while_connected(result)
            if isinstance(error, CardReset):
                return LineFailed()  # by us or by the line itself: no other program did it
            if error.problem.code not in _SAYS_NOTHING:
                return error
        return CardError(ProblemCode.CARD_SILENT)  # it said nothing: nothing is said of the card

    def _code_of_silence(self) -> ProblemCode:
        """Tell a card that was pulled from one that failed.

        Right after a removal PC/SC says "not transacted", or success with
        nothing, and may not have noticed itself yet; what the slot holds a
        moment later decides.
        """
        result, state = self._look(scard.SCARD_STATE_UNAWARE, 0)
        if result == scard.SCARD_S_SUCCESS and state & _PRESENT:
            later, changed = self._look(state & ~scard.SCARD_STATE_CHANGED, _NOTICED_AFTER)
            if unsigned(later) != unsigned(scard.SCARD_E_TIMEOUT):
                result, state = later, changed
        if result != scard.SCARD_S_SUCCESS:
            code = _without_refusal(problem_of(result))
            return ProblemCode.CARD_REMOVED_EARLY if code is ProblemCode.CARD_UNREADABLE else code
        if state & _NO_READER_THERE:
            return ProblemCode.READER_LOST
        return ProblemCode.CARD_UNREADABLE if state & _PRESENT else ProblemCode.CARD_REMOVED_EARLY

    def _look(self, known: int, milliseconds: int) -> tuple[int, int]:
        asked = [(self._name, known)]
        result, states = state_change(self._handle, milliseconds, asked)
        return result, states[0][1] if states else 0


def _patiently(attempt: Callable[[], tuple[Any, ...]]) -> tuple[Any, ...]:
    """Try until the result, which comes first, is none that passes, or for a while."""
    give_up = time.monotonic() + _HELD_FOR_SECONDS
    pause = _SHORTEST_PAUSE
    while True:
        outcome = attempt()
        if unsigned(outcome[0]) not in PASSING or time.monotonic() > give_up:
            return outcome
        time.sleep(pause)  # PC/SC has no event for the end of a hold
        pause = min(2 * pause, _LONGEST_PAUSE)


def _error_while_connected(result: int) -> CardError | CardReset:
    error = _error(result, _RESET_OR_UNPOWERED)
    if isinstance(error, CardError):
        return CardError(_without_refusal(error.problem.code))
    return error


def _without_refusal(code: ProblemCode) -> ProblemCode:
    """Who was let in is not refused later: a service that is dying says so (pcsc-lite)."""
    return ProblemCode.PCSC_DOWN if code is ProblemCode.PCSC_REFUSED else code


def _error(result: int, starts_over: frozenset[int]) -> CardError | CardReset:
    if unsigned(result) in starts_over:
        return CardReset()
    return CardError(problem_of(result))
