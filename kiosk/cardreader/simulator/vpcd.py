"""The card side of vsmartcard's protocol: frames, control codes, and a way into pcscd.

A frame is its length in two bytes, big endian, and that many bytes. One byte
is a control code, more is a command; only commands and the question for the
answer to reset get a reply. The card is the TCP client, its presence is the
open connection (card manual 8).
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from enum import Enum
from typing import Final

from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.plan import Pulled, ResetElsewhere, Silent
from kiosk.cardreader.simulator.slot import LONGEST_ATR

PORT: Final = 35963
"""Where pcscd's virtual reader listens for a card in its first slot."""

_RETRY_SECONDS: Final = 0.02
_CONNECT_SECONDS: Final = 2.0
_LEAVE_SECONDS: Final = 1.0
"""How long to wait for a slow card to notice that it is out; its reader knows at once."""
# vpcd takes an ATR that does not fit for a card that is there and cannot be powered: a mute
# one. An empty ATR it takes for a card that went away.
_NO_ATR_FOR_VPCD: Final = bytes(LONGEST_ATR + 1)


class Control(Enum):
    """What a frame of one byte means."""

    POWER_OFF = b"\x00"
    POWER_ON = b"\x01"
    RESET = b"\x02"
    GET_ATR = b"\x04"


def send_frame(connection: socket.socket, payload: bytes) -> None:
    """Send a frame in one piece; raise ``OSError``."""
    connection.sendall(len(payload).to_bytes(2, "big") + payload)


def receive_frame(connection: socket.socket) -> bytes:
    """Wait for a frame; raise ``EOFError`` at the end, ``OSError``."""
    length = int.from_bytes(_receive(connection, 2), "big")
    return _receive(connection, length)


def _receive(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        # vpcd writes length and payload apart; without this the kernel's delayed
        # acknowledgement costs 40 ms a command. It lasts for one receive only.
        with contextlib.suppress(AttributeError, OSError):  # Linux has it, Windows has not
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        part = connection.recv(count - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def serve_card(
    card: SimulatedCard, connection: socket.socket, no_atr: bytes = _NO_ATR_FOR_VPCD
) -> bool:
    """Play a card over a connection until one side ends it.

    Return whether the card was pulled by a fault. A silent card stays in, and
    answers nothing any more.
    """
    try:
        while True:
            reply = _reply(card, receive_frame(connection), no_atr)
            if reply is not None:
                send_frame(connection, reply)
    except Pulled:
        return True
    except (EOFError, OSError):
        return False


def _reply(card: SimulatedCard, frame: bytes, no_atr: bytes) -> bytes | None:
    if len(frame) > 1:
        return _answer(card, frame)
    if frame == Control.GET_ATR.value:
        return card.atr or no_atr
    card.reset()
    return None


def _answer(card: SimulatedCard, command: bytes) -> bytes | None:
    try:
        return card.exchange(command)
    except Silent:
        return None
    except ResetElsewhere:
        # A reader cannot be told; what remains visible is that nothing is selected.
        card.reset()
        return card.exchange(command)


class VpcdClient:
    """Holds a card in the virtual reader of a running or coming PC/SC service.

    Works on a thread of its own: connects as soon as the port is there, and
    again when the service was restarted. ``on_change`` is called on that thread
    with the card when it is in the reader, with ``None`` when it is out.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = PORT,
        on_change: Callable[[SimulatedCard | None], None] = lambda _: None,
    ) -> None:
        self._address = (host, port)
        self._on_change = on_change
        self._card: SimulatedCard | None = None
        self._connection: socket.socket | None = None
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="vpcd", daemon=True)
        self._thread.start()

    def insert(self, card: SimulatedCard) -> None:
        """Put a card in; one that is there comes out first."""
        self.remove()
        card.insert()
        with self._changed:
            self._card = card
            self._changed.notify_all()

    def remove(self) -> None:
        """Pull the card out, and return when it is out. Without a card, nothing happens."""
        with self._changed:
            self._card = None
            self._hang_up()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._connection is None, _LEAVE_SECONDS)

    def wait_in_reader(self, seconds: float) -> bool:
        """Wait until the card is in the reader; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._connection is not None, seconds)

    def close(self) -> None:
        """Pull the card out and end the thread."""
        with self._changed:
            self._closed = True
        self.remove()
        self._thread.join(_LEAVE_SECONDS)

    def _hang_up(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):  # the other side was faster
                self._connection.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._card is not None or self._closed)
                if self._closed:
                    return
                card = self._card
            if card is not None:
                self._play(card)

    def _play(self, card: SimulatedCard) -> None:
        """Have a card in the reader until it is pulled or the service goes away."""
        try:
            connection = socket.create_connection(self._address, _CONNECT_SECONDS)
        except OSError:
            with self._changed:  # the port gives no sign when it appears
                self._changed.wait_for(lambda: self._card is not card, _RETRY_SECONDS)
            return
        with connection:
            connection.settimeout(None)
            if not self._is_wanted(card, connection):
                return
            self._on_change(card)
            pulled = serve_card(card, connection)
        with self._changed:
            if pulled and self._card is card:
                self._card = None
            self._connection = None
            self._changed.notify_all()
        self._on_change(None)

    def _is_wanted(self, card: SimulatedCard, connection: socket.socket) -> bool:
        """Take the connection, unless the card was pulled while it was being made."""
        with self._changed:
            if self._card is not card:
                return False
            card.reset()
            self._connection = connection
            self._changed.notify_all()
            return True
