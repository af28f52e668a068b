"""The BELPIC applet, spoken to over any card connection.

Knows commands and status words, believes nothing: what comes back are bytes
for :mod:`kiosk.cardreader.verification`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Final, final

from kiosk.cardreader import apdu
from kiosk.cardreader.files import ELLIPTIC_AND_MORE, CardFile
from kiosk.cardreader.line import BlockSize, BlockSizes, LineFailed
from kiosk.domain.problem import ProblemCode
from kiosk.ports import Card, CardError, CardSlot, Response

_MOST_COMMANDS: Final = 65
"""A first read takes 25 at the most; a card that wants more is playing."""
_MOST_PARTS: Final = 8
_VERSION_BYTE: Final = 21
_FIRST_QUICK_VERSION: Final = 0x17
_RAW_SIGNATURE_LENGTH: Final = 96
_GIVEN: Final = (apdu.OK, apdu.END_OF_FILE_WARNING)
_MOST_DOUBTS: Final = 2
_MOST_CORRECTIONS: Final = 2
_DOUBT_SECONDS: Final = 0.03
"""What readers and cards say wrongly in haste, they say for a moment only."""
_OLD_CARD_SECONDS: Final = 0.01
"""What a card before applet 1.7 needs before it repeats itself; other readers of it wait too."""


@final
class OverCommands:
    """The way to a card's files by our own commands; knows what each reader carries."""

    def __init__(self, sizes: BlockSizes | None = None) -> None:
        self._sizes = sizes or BlockSizes()

    @contextlib.contextmanager
    def __call__(self, slot: CardSlot) -> Iterator[Applet]:
        """Hold the card in a slot and give its applet, recognised."""
        with slot.open() as card:
            yield Applet(card, self._sizes.of(slot.name))


class Applet:
    """A recognised applet; counts what is sent to it."""

    def __init__(self, card: Card, size: BlockSize | None = None) -> None:
        """Select the applet and ask for its card data.

        Raises ``CardError``: ``NOT_AN_EID`` for any other card, whatever its
        answer to reset says; an ATR is shared by cards of several countries.
        """
        self._card = card
        self._size = size or BlockSize()
        self.commands = 0
        self.bytes = 0
        self._recognise(apdu.select_applet())
        version = self._card_data()[_VERSION_BYTE]
        self._hesitates = version < _FIRST_QUICK_VERSION
        self.version = f"{version >> 4}.{version & 0x0F}"

    def read(self, file: CardFile) -> bytes:
        """Return a file's content, read in one go from its beginning.

        Where the content itself shows that its end is missing, that reading is
        dropped and the file is read once more. Raises ``CardError``:
        ``CARD_UNREADABLE``, or ``CARD_NOT_ACTIVATED`` for an applet that refuses
        because it waits for its activation.
        """
        for _ in range(2):
            data = self._read_once(file)
            if file.is_whole(data):
                return data
        raise CardError(ProblemCode.CARD_UNREADABLE)

    def challenge(self, digest: bytes) -> bytes | None:
        """Let the basic key sign 48 bytes; ``None`` when the card refuses in any way.

        Returns r and s, 48 bytes each, big endian. Raises ``CardError`` only
        when the card is gone or does not answer; a failing line is no answer
        here, since a card takes few challenges in its life.
        """
        try:
            answer = self._exchange(apdu.internal_authenticate(digest))
        except LineFailed:
            raise CardError(ProblemCode.CARD_SILENT) from None
        fits = answer.status == apdu.OK and len(answer.data) == _RAW_SIGNATURE_LENGTH
        return answer.data if fits else None

    def _card_data(self) -> bytes:
        """Ask for the card data, once more if they are cut: that is a reader's doing."""
        for _ in range(2):
            data = self._recognise(apdu.get_card_data())
            if len(data) == apdu.CARD_DATA_LENGTH:
                return data
        raise CardError(ProblemCode.NOT_AN_EID)

    def _recognise(self, command: bytes) -> bytes:
        """Send one of the two commands that only a Belgian eID answers.

        The answer to reset chooses between the reasons for a refusal: a card that
        looks Belgian may be waiting for its activation, or broken.
        """
        answer = self._asked(command)
        if answer.status == apdu.OK:
            return answer.data
        telling = answer.status in apdu.NOT_ACTIVATED | apdu.INTERNAL_FAULT
        if telling and apdu.has_eid_atr(self._card.atr):
            raise _Refused(answer.status)
        raise CardError(ProblemCode.NOT_AN_EID)

    def _read_once(self, file: CardFile) -> bytes:
        self._select(file)
        data = b""
        while len(data) < file.goal(data):
            missing = file.goal(data) - len(data) if data else self._beginning(file)
            block = self._block(file, data, missing)
            data += block
            if len(block) < min(self._size.bytes, missing):
                break
        return data[: file.expected_length(data)]

    def _beginning(self, file: CardFile) -> int:
        """Return how much of a file to ask for first.

        What the card says of its version may only cost or save a command here.
        """
        may_be_elliptic = file is CardFile.IDENTITY_SIGNATURE and not self._hesitates
        return ELLIPTIC_AND_MORE if may_be_elliptic else file.goal(b"")

    def _select(self, file: CardFile) -> None:
        status = self._asked(apdu.select_path(file.value.path)).status
        if status != apdu.OK:
            raise _Refused(status)

    def _block(self, file: CardFile, so_far: bytes, missing: int) -> bytes:
        """Read one block; a shorter one than wanted ends the file.

        Some readers say "end of file" in the middle of one (Alcor AU9560,
        VASCO DP905). So an end that does not come with a short block is believed
        when it repeats after the file was selected again, and sooner where the
        content agrees.
        """
        block = self._block_that_fits(len(so_far), missing)
        doubts = 1 if file.is_whole(so_far) else _MOST_DOUBTS
        while block is None and doubts > 0:
            doubts -= 1
            time.sleep(_DOUBT_SECONDS)
            self._select(file)
            block = self._block_that_fits(len(so_far), missing)
        return block or b""

    def _block_that_fits(self, offset: int, missing: int) -> bytes | None:
        """Read a block; a reader that fails on a full one gets smaller ones from now on."""
        wanted = min(self._size.bytes, missing)
        try:
            return self._block_once(offset, wanted)
        except LineFailed:
            if wanted > apdu.SMALLER_BLOCK:
                self._size.shrink()
            raise
        except _Refused as error:
            if wanted <= apdu.SMALLER_BLOCK or error.status != apdu.WRONG_LENGTH:
                raise
        self._size.shrink()
        return self._block_once(offset, min(self._size.bytes, missing))

    def _block_once(self, offset: int, wanted: int) -> bytes | None:
        """Read a block or what is left; ``None`` where the file is said to have ended."""
        answer = self._asked(apdu.read_binary(offset, wanted))
        left = None
        for _ in range(_MOST_CORRECTIONS):
            fewer = apdu.announced(answer.status, 0x6C)
            if fewer is None or fewer >= wanted:
                break
            left = fewer
            if self._hesitates:
                time.sleep(_OLD_CARD_SECONDS)
            answer = self._asked(apdu.read_binary(offset, left))
        if answer.status in (apdu.OFFSET_BEYOND_END, apdu.NO_CURRENT_FILE):
            return None
        if answer.status not in _GIVEN:
            raise _Refused(answer.status)
        if len(answer.data) > wanted:
            raise CardError(ProblemCode.CARD_UNREADABLE)
        is_less_than_said = left is not None and len(answer.data) < left
        return None if is_less_than_said else answer.data or None

    def _asked(self, command: bytes) -> Response:
        """Send a command, once more if the answer says nothing that concerns it.

        Some cards claim for a moment not to know a command; some readers answer in
        haste what belongs to another one.
        """
        answer = self._exchange(command)
        if apdu.is_answer(command, answer.status):
            return answer
        time.sleep(_DOUBT_SECONDS)
        return self._exchange(command)

    def _exchange(self, command: bytes) -> Response:
        """Send a command and collect what the card announces with 61xx.

        What was announced and is not given is no answer to the command itself.
        """
        answer = self._send(command)
        waiting = apdu.announced(answer.status, 0x61)
        data = bytearray(answer.data)
        for _ in range(_MOST_PARTS):
            if waiting is None:
                return Response(bytes(data), answer.status)
            answer = self._send(apdu.get_response(waiting))
            data += answer.data
            waiting = apdu.announced(answer.status, 0x61)
            if waiting is None and answer.status not in _GIVEN:
                return Response(b"", apdu.NO_DIAGNOSIS)
        raise CardError(ProblemCode.CARD_UNREADABLE)

    def _send(self, command: bytes) -> Response:
        """Send one command; an answer that no card can give is the line's."""
        if self.commands >= _MOST_COMMANDS:
            raise CardError(ProblemCode.CARD_UNREADABLE)
        self.commands += 1
        answer = self._card.transmit(command)
        self.bytes += len(command) + len(answer.data) + 2
        if len(answer.data) > apdu.FULL_BLOCK:
            raise LineFailed
        return answer


class _Refused(CardError):
    """The card answered with a status word that ends the read."""

    def __init__(self, status: int) -> None:
        waits = status in apdu.NOT_ACTIVATED
        super().__init__(ProblemCode.CARD_NOT_ACTIVATED if waits else ProblemCode.CARD_UNREADABLE)
        self.status = status
