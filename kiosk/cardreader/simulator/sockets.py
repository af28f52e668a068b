"""A reader over a local socket: the card in one process, its reader in another.

The card side (:class:`CardServer`) listens on loopback and speaks vpcd frames; the
reader side (:class:`SocketSlot`) connects to it. The end of the connection is
the removal of the card, so it crosses processes as in life.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Self

from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.slot import check_atr, response
from kiosk.cardreader.simulator.vpcd import Control, receive_frame, send_frame, serve_card
from kiosk.domain.problem import ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import Card, CardError, Response

_LOOPBACK: Final = "127.0.0.1"
_ANSWER_SECONDS: Final = 2.0
"""How long one command may take (architecture.md: time)."""


class CardServer:
    """A reader on loopback that another process opens; empty at first.

    Conversations come one after another, as a transaction makes them. Also a
    context manager, which closes it.
    """

    def __init__(self, port: int = 0) -> None:
        self._listener = socket.create_server((_LOOPBACK, port))
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._card: SimulatedCard | None = None
        self._connections: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, name="card server", daemon=True)
        self._thread.start()

    @property
    def name(self) -> SlotName:
        """What a :class:`SocketSlot` of another process is made with: ``host:port``."""
        return SlotName(f"{_LOOPBACK}:{self._listener.getsockname()[1]}")

    def insert(self, card: SimulatedCard) -> None:
        """Put a card in; one that is there comes out first."""
        self.remove()
        card.insert()
        with self._lock:
            self._card = card

    def remove(self) -> None:
        """Pull the card out: every conversation with it ends."""
        with self._lock:
            self._card = None
            for connection in self._connections:
                with contextlib.suppress(OSError):  # the other side was faster
                    connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Pull the card out and let nobody in any more."""
        with contextlib.suppress(OSError):  # Windows does not know it for listeners
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.remove()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed
                return
            with self._lock:
                if self._card is None:
                    connection.close()
                    continue
                self._connections.add(connection)
                talk = threading.Thread(
                    target=self._talk, args=(connection, self._card), daemon=True
                )
            talk.start()

    def _talk(self, connection: socket.socket, card: SimulatedCard) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, self._turn:
            pulled = serve_card(card, connection, no_atr=b"")
            with self._lock:
                self._connections.discard(connection)
        if pulled:
            self.remove()


class SocketSlot:
    """The reader side of a :class:`CardServer`, by its ``host:port``."""

    def __init__(self, name: SlotName, answer_seconds: float = _ANSWER_SECONDS) -> None:
        self._name = name
        self._answer_seconds = answer_seconds

    @property
    def name(self) -> SlotName:
        """The slot's name: ``host:port``."""
        return self._name

    @contextmanager
    def open(self) -> Iterator[Card]:
        """Power the card up and talk to it.

        Raises ``READER_LOST`` when nobody listens, ``CARD_REMOVED_EARLY`` without
        a card, ``CARD_MUTE``.
        """
        host, _, port = self._name.rpartition(":")
        try:
            connection = socket.create_connection((host, int(port)), self._answer_seconds)
        except OSError:
            raise CardError(ProblemCode.READER_LOST) from None
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield SocketCard(connection)


class SocketCard:
    """A card at the other end of a socket, powered up."""

    def __init__(self, connection: socket.socket) -> None:
        """Power it up; raise ``CardError`` as :meth:`transmit` does, and ``CARD_MUTE``."""
        self._connection = connection
        self._send(Control.POWER_ON.value)
        self._atr = check_atr(self._ask(Control.GET_ATR.value))

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._atr

    def transmit(self, command: bytes) -> Response:
        """Exchange one APDU.

        Raises ``CARD_REMOVED_EARLY`` when the connection ends, ``CARD_SILENT`` when
        no answer comes in time; raises ``LineFailed`` for an answer without status.
        """
        return response(self._ask(command))

    def wait_removed(self, seconds: float) -> bool:
        """Wait until the card is pulled out; whether it was."""
        readable, _, _ = select.select([self._connection], [], [], seconds)
        if not readable:
            return False
        try:
            return not self._connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def _ask(self, payload: bytes) -> bytes:
        self._send(payload)
        try:
            return receive_frame(self._connection)
        except TimeoutError:
            raise CardError(ProblemCode.CARD_SILENT) from None
        except (EOFError, OSError):
            raise CardError(ProblemCode.CARD_REMOVED_EARLY) from None

    def _send(self, payload: bytes) -> None:
        try:
            send_frame(self._connection, payload)
        except OSError:
            raise CardError(ProblemCode.CARD_REMOVED_EARLY) from None
