"""Runs beside a PC/SC service: prints the moment at which it notices a card that came or went.

    python -m tests.bench.watcher ours|bare READER

``ours`` is the kiosk's monitor, ``bare`` nothing but ``SCardGetStatusChange``. Lines: ``ready``
when it has seen the card that is in, then ``out`` or ``in`` with nanoseconds of the monotonic
clock, which all processes share.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from typing import Final

from smartcard import scard

from kiosk.cardreader.monitor import PcscMonitor
from kiosk.cardreader.slots import ReaderFilter
from kiosk.ports import SlotEmptied, SlotFilled

_LONG: Final = timedelta(hours=1)
_UNTIL_SOMETHING_HAPPENS: Final = 0xFFFFFFFF


def _tell(what: str, moment: int) -> None:
    print(what, moment, flush=True)


def _ours() -> None:
    monitor = PcscMonitor(ReaderFilter())
    while not any(isinstance(event, SlotFilled) for event in monitor.wait(_LONG)):
        pass
    _tell("ready", 0)
    while True:
        events = monitor.wait(_LONG)
        moment = time.monotonic_ns()
        for event in events:
            if isinstance(event, SlotFilled | SlotEmptied):
                _tell("in" if isinstance(event, SlotFilled) else "out", moment)


def _bare(reader: str) -> None:
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    state = scard.SCARD_STATE_UNAWARE
    present = None
    while True:
        result, states = scard.SCardGetStatusChange(
            context, _UNTIL_SOMETHING_HAPPENS, [(reader, state)]
        )
        moment = time.monotonic_ns()
        if result != scard.SCARD_S_SUCCESS:
            sys.exit(f"PC/SC said {result & 0xFFFFFFFF:08X}")
        state = states[0][1] & ~scard.SCARD_STATE_CHANGED
        now = bool(state & scard.SCARD_STATE_PRESENT)
        if present is None:
            _tell("ready", 0)
        elif now is not present:
            _tell("in" if now else "out", moment)
        present = now


if __name__ == "__main__":
    if sys.argv[1] == "ours":
        _ours()
    _bare(sys.argv[2])
