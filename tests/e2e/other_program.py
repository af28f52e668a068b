"""Runs inside a private stack: another program that connects to the card and does things to it.

Orders come as lines on its standard input; each is answered with its result when it is done.
"""

import sys

from smartcard import scard

reader = sys.argv[1]
mode = {"shared": scard.SCARD_SHARE_SHARED, "exclusive": scard.SCARD_SHARE_EXCLUSIVE}[sys.argv[2]]
_, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
cards: list[int] = []


def connect() -> int:
    result, card, _ = scard.SCardConnect(context, reader, mode, scard.SCARD_PROTOCOL_T0)
    cards.append(card)
    return int(result)


def obey(order: str) -> int:
    """Do one thing; return its result."""
    if order == "connect":
        return connect()
    disposition = scard.SCARD_RESET_CARD if order.endswith("-reset") else scard.SCARD_LEAVE_CARD
    match order.removesuffix("-reset"):
        case "begin":
            result = scard.SCardBeginTransaction(cards[-1])
        case "end":
            result = scard.SCardEndTransaction(cards[-1], disposition)
        case "disconnect":
            result = scard.SCardDisconnect(cards[-1], disposition)
        case _:
            protocol = scard.SCARD_PROTOCOL_T0
            result, _ = scard.SCardReconnect(cards[-1], mode, protocol, disposition)
    return int(result)


for line in sys.stdin:
    print(hex(obey(line.strip()) & 0xFFFFFFFF), flush=True)
