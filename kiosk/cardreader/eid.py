"""The BELPIC applet, spoken to over any card connection.

Knows commands and status words, believes nothing: what comes back are bytes
for :mod:`kiosk.cardreader.verification`.
"""

from __future__ import annotations

from typing import Final

from kiosk.cardreader import apdu
from kiosk.cardreader.files import CardFile
from kiosk.domain.problem import ProblemCode
from kiosk.ports import Card, CardError, Response

_MOST_COMMANDS: Final = 65
"""A first read takes 25 at the most; a card that wants more is playing."""
_MOST_PARTS: Final = 8
_VERSION_BYTE: Final = 21
_RAW_SIGNATURE_LENGTH: Final = 96


class Applet:
    """A recognised applet; counts what is sent to it."""

    def __init__(self, card: Card) -> None:
        """Select the applet and ask for its card data.

        Raises ``CardError``: ``NOT_AN_EID`` for any other card, whatever its
        answer to reset says; an ATR is shared by cards of several countries.
        """
        self._card = card
        self._block_size = apdu.FULL_BLOCK
        self.commands = 0
        self.bytes = 0
        self._expect_ok(apdu.select_applet(), ProblemCode.NOT_AN_EID)
        card_data = self._expect_ok(apdu.get_card_data(), ProblemCode.NOT_AN_EID)
        if len(card_data) != apdu.CARD_DATA_LENGTH:
            raise CardError(ProblemCode.NOT_AN_EID)
        version = card_data[_VERSION_BYTE]
        self.version = f"{version >> 4}.{version & 0x0F}"

    def read(self, file: CardFile) -> bytes:
        """Return a file's content, read once from its beginning.

        Raises ``CardError``: ``CARD_UNREADABLE``, or ``CARD_NOT_ACTIVATED`` for
        an applet that refuses because it waits for its activation.
        """
        self._select(file)
        data = bytearray()
        while len(data) < self._goal(file, data):
            missing = self._goal(file, data) - len(data)
            block = self._block(file, bytes(data), missing)
            data += block
            if len(block) < min(self._block_size, missing):
                break
        expected = file.expected_length(bytes(data[:4]))
        return bytes(data if expected is None else data[:expected])

    def challenge(self, digest: bytes) -> bytes | None:
        """Let the basic key sign 48 bytes; ``None`` when the card refuses in any way.

        Returns r and s, 48 bytes each, big endian. Raises ``CardError`` only
        when the card is gone or does not answer.
        """
        answer = self._exchange(apdu.internal_authenticate(digest))
        fits = answer.status == apdu.OK and len(answer.data) == _RAW_SIGNATURE_LENGTH
        return answer.data if fits else None

    @staticmethod
    def _goal(file: CardFile, data: bytearray) -> int:
        expected = file.expected_length(bytes(data[:4]))
        limit = file.value.limit
        return limit if expected is None else min(expected, limit)

    def _select(self, file: CardFile) -> None:
        status = self._exchange(apdu.select_path(file.value.path)).status
        if status != apdu.OK:
            raise _Refused(status)

    def _block(self, file: CardFile, so_far: bytes, missing: int) -> bytes:
        """Read one block; a shorter one than wanted ends the file.

        Some readers say "end of file" in the middle of one (Alcor AU9560,
        VASCO DP905): where the content says that more must come, the file is
        selected and the same offset read once more before that is believed.
        """
        block = self._block_that_fits(len(so_far), missing)
        if block is None and not file.seems_complete(so_far):
            self._select(file)
            block = self._block_that_fits(len(so_far), missing)
        return block or b""

    def _block_that_fits(self, offset: int, missing: int) -> bytes | None:
        """Read a block; a reader that fails on a full one gets smaller ones from now on."""
        wanted = min(self._block_size, missing)
        try:
            return self._block_once(offset, wanted)
        except CardError as error:
            if wanted <= apdu.SMALLER_BLOCK or not _is_about_length(error):
                raise
        self._block_size = apdu.SMALLER_BLOCK
        return self._block_once(offset, min(self._block_size, missing))

    def _block_once(self, offset: int, wanted: int) -> bytes | None:
        answer = self._exchange(apdu.read_binary(offset, wanted))
        shorter = apdu.announced(answer.status, 0x6C)
        if shorter is not None and shorter < wanted:
            answer = self._exchange(apdu.read_binary(offset, shorter))
        if answer.status in (apdu.OFFSET_BEYOND_END, apdu.NO_CURRENT_FILE):
            return None
        if answer.status not in (apdu.OK, apdu.END_OF_FILE_WARNING):
            raise _Refused(answer.status)
        if len(answer.data) > wanted:
            raise CardError(ProblemCode.CARD_UNREADABLE)
        return answer.data or None

    def _expect_ok(self, command: bytes, otherwise: ProblemCode) -> bytes:
        answer = self._exchange(command)
        if answer.status != apdu.OK:
            raise CardError(otherwise)
        return answer.data

    def _exchange(self, command: bytes) -> Response:
        """Send a command and collect what the card announces with 61xx."""
        answer = self._send(command)
        data = bytearray(answer.data)
        for _ in range(_MOST_PARTS):
            waiting = apdu.announced(answer.status, 0x61)
            if waiting is None:
                return Response(bytes(data), answer.status)
            answer = self._send(apdu.get_response(waiting))
            data += answer.data
        raise CardError(ProblemCode.CARD_UNREADABLE)

    def _send(self, command: bytes) -> Response:
        if self.commands >= _MOST_COMMANDS:
            raise CardError(ProblemCode.CARD_UNREADABLE)
        self.commands += 1
        answer = self._card.transmit(command)
        self.bytes += len(command) + len(answer.data) + 2
        if len(answer.data) > apdu.FULL_BLOCK:
            raise CardError(ProblemCode.CARD_UNREADABLE)
        return answer


class _Refused(CardError):
    """The card answered with a status word that ends the read."""

    def __init__(self, status: int) -> None:
        waits = status in apdu.NOT_ACTIVATED
        super().__init__(ProblemCode.CARD_NOT_ACTIVATED if waits else ProblemCode.CARD_UNREADABLE)
        self.status = status


def _is_about_length(error: CardError) -> bool:
    """Whether a smaller block may go through: the exchange failed with the card still there."""
    if isinstance(error, _Refused):
        return error.status == apdu.WRONG_LENGTH
    return error.problem.code is ProblemCode.CARD_UNREADABLE
