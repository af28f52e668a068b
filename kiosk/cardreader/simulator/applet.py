"""The BELPIC applet at command level, as a raw T=0 card answers (card manual 2).

It speaks no protocol of its own: a command comes in, an answer with its status
word goes out, 61xx and 6Cxx included, which a reader's driver may resolve.
Nothing here needs a PIN, and what would need one is refused.
"""

from __future__ import annotations

import os
from typing import Final

from kiosk.cardreader.simulator.issue import CardImage, sign_challenge
from kiosk.cardreader.simulator.layout import APPLET_AID, MASTER_FILE, Applet, Folder

OK: Final = 0x9000
_WRONG_LENGTH: Final = 0x6700
_SECURITY: Final = 0x6982
_BLOCKED: Final = 0x6983
_CONDITIONS: Final = 0x6985
_NO_CURRENT_FILE: Final = 0x6986
_WRONG_DATA: Final = 0x6A80
_NOT_FOUND: Final = 0x6A82
_WRONG_P1P2: Final = 0x6A86
_WRONG_LC: Final = 0x6A87
_NO_KEY: Final = 0x6A88
_WRONG_OFFSET: Final = 0x6B00
_NO_INSTRUCTION: Final = 0x6D00
_NO_CLASS: Final = 0x6E00

_MOST_CHALLENGES: Final = 5000
_TRIES: Final = 3
_DIGEST: Final = 48


def status(word: int) -> bytes:
    """Return a status word as the two bytes of an answer without data."""
    return word.to_bytes(2, "big")


class BelpicApplet:
    """One chip. ``transmit`` never raises: every sequence of bytes has an answer."""

    def __init__(self, image: CardImage) -> None:
        self._image = image
        self._tries = _TRIES
        self._challenges = 0
        self.reset()

    def reset(self) -> None:
        """Power up or warm reset: the master file is current, no file is selected."""
        self._folder = MASTER_FILE
        self._file: bytes | None = None
        self._waiting = b""

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._image.applet.atr

    @property
    def current(self) -> bytes:
        """The path of the selected file, or of the folder when none is."""
        return self._file or self._folder

    def transmit(self, command: bytes) -> bytes:
        """Answer one command: data and status word."""
        if len(command) < 4:
            return status(_WRONG_LENGTH)
        header, p3, data = command[:4], (command[4:5] or b"\0")[0], command[5:]
        waiting, self._waiting = self._waiting, b""
        match header[0], header[1]:
            case 0x00, 0xA4:
                return status(self._select(header[2], header[3], p3, data))
            case 0x00, 0xB0:
                return self._read(int.from_bytes(header[2:], "big"), p3, data)
            case 0x80, 0xE4:
                return self._card_data(header[2:], p3)
            case 0x00, 0x88:
                return self._authenticate(header[2:], p3, data)
            case 0x00, 0xC0:
                return self._get_response(waiting, p3)
            case 0x00, 0x84:
                return os.urandom(p3 or 256) + status(OK)
            case (0x00, 0x20 | 0x24 | 0x22 | 0x2A | 0x2C | 0xD6) | (0x80, 0xE6):
                return status(self._refuse(header[1], header[3], p3, data))
            case _:
                known_class = header[0] in (0x00, 0x80)
                return status(_NO_INSTRUCTION if known_class else _NO_CLASS)

    def _select(self, p1: int, p2: int, lc: int, data: bytes) -> int:
        if len(data) != lc:
            return _WRONG_LENGTH
        if p2 not in (0x00, 0x0C):
            return _WRONG_P1P2
        match p1:
            case 0x04:
                return self._select_name(data) if 5 <= lc <= 16 else _WRONG_LC
            case 0x02:
                return self._select_number(data) if lc == 2 else _WRONG_LC
            case 0x08:
                return self._select_path(data) if lc and lc % 2 == 0 else _WRONG_LC
            case _:
                return _WRONG_P1P2

    def _select_name(self, name: bytes) -> int:
        if name == APPLET_AID:
            return self._enter(MASTER_FILE)
        for folder in Folder:
            found = folder is Folder.BELPIC or self._image.applet.finds_id_folder_by_name
            if name == folder.aid and found:
                return self._enter(folder.path)
        return _NOT_FOUND

    def _select_number(self, number: bytes) -> int:
        if number == MASTER_FILE:
            return self._enter(MASTER_FILE)
        return self._enter(self._folder + number)

    def _select_path(self, path: bytes) -> int:
        absolute = path if path.startswith(MASTER_FILE) else MASTER_FILE + path
        return self._enter(absolute)

    def _enter(self, path: bytes) -> int:
        """Make a file or folder current; one that is not there changes nothing."""
        if path == MASTER_FILE or path in {folder.path for folder in Folder}:
            self._folder, self._file = path, None
            return OK
        if path not in self._image.files:
            return _NOT_FOUND
        self._folder, self._file = path[:-2], path
        return OK

    def _read(self, offset: int, le: int, data: bytes) -> bytes:
        if data:
            return status(_WRONG_LENGTH)
        if self._file is None:
            return status(_NO_CURRENT_FILE)
        rest = self._image.files[self._file][offset:]
        if not rest or offset > 0x7FFF:
            return status(_WRONG_OFFSET)
        wanted = le or 256
        if wanted > len(rest):
            return status(0x6C00 | len(rest))
        return rest[:wanted] + status(OK)

    def _card_data(self, p1p2: bytes, le: int) -> bytes:
        content = self._image.card_data
        if p1p2 == b"\0\1" and self._image.applet is Applet.V1_8:
            content += bytes((self._tries, 0xFF, 0xFF))
        elif p1p2 != b"\0\0":
            return status(_WRONG_OFFSET)
        if le != len(content):
            return status(0x6C00 | len(content))
        return content + status(OK)

    def _authenticate(self, p1p2: bytes, lc: int, data: bytes) -> bytes:
        """Sign with the basic key (card manual 2.5): 61 60, then GET RESPONSE."""
        if not self._image.applet.has_basic_key:
            return status(_NO_INSTRUCTION)
        problem = self._objection(p1p2, lc, data)
        if problem is not None or self._image.basic_key is None:
            return status(problem or _NO_KEY)
        self._challenges += 1
        self._waiting = sign_challenge(self._image.basic_key, data[2:])
        return status(0x6100 | len(self._waiting))

    def _objection(self, p1p2: bytes, lc: int, data: bytes) -> int | None:
        if p1p2[0] != 0x02:
            return _WRONG_OFFSET
        if p1p2[1] != 0x81:
            return _NO_KEY
        if lc != len(data) or lc != _DIGEST + 2:
            return _WRONG_LENGTH
        if data[:2] != bytes((0x94, _DIGEST)):
            return _WRONG_DATA
        return _CONDITIONS if self._challenges >= _MOST_CHALLENGES else None

    def _get_response(self, waiting: bytes, le: int) -> bytes:
        if not waiting:
            return status(_CONDITIONS)
        wanted = le or 256
        if wanted > len(waiting):
            self._waiting = waiting
            return status(0x6C00 | len(waiting))
        self._waiting = waiting[wanted:]
        last = 0x6100 | len(self._waiting) if self._waiting else OK
        return waiting[:wanted] + status(last)

    def _refuse(self, instruction: int, p2: int, lc: int, data: bytes) -> int:
        """Refuse what needs a PIN; the chip knows no PIN, so every one is wrong."""
        if instruction in (0x22, 0xE6):  # choosing a key and logging off are free
            return OK
        if instruction not in (0x20, 0x24):
            return _SECURITY
        if p2 != 0x01:
            return _NO_KEY
        is_free = not self._image.applet.charges_for_questions
        asks_only = instruction == 0x20 and not data and is_free
        if not asks_only:
            if data and len(data) != lc:
                return _WRONG_LENGTH
            self._tries = max(0, self._tries - 1)
        return 0x63C0 | self._tries if self._tries else _BLOCKED
