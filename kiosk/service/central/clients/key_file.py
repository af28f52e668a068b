"""The keys of an issuer, in a file that somebody else keeps up to date."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kiosk.service.central.clients.configuration import read_key_file
from kiosk.service.central.clients.signed import KeyRefused, PublicKey

KEPT_SECONDS: Final = 15 * 60
"""How long the keys outlive a file that cannot be read: a deleted one has to count one day."""
_log = logging.getLogger(__name__)


class KeyFile:
    """Reads the file anew when it has changed; a set without keys is taken at its word.

    While it cannot be read the keys of before stay in force, until it has not been seen sound for
    :data:`KEPT_SECONDS`. Then there are none until it is sound again.
    """

    def __init__(self, path: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Read it; raise ``KeyRefused``."""
        self._path = path
        self._clock = clock
        self._stamp = self._seen()
        self._keys = read_key_file(path, may_be_empty=True)
        self._is_sound = True
        self._until = clock() + KEPT_SECONDS

    def keys(self) -> tuple[PublicKey, ...]:
        """Return the keys that are in force."""
        now, stamp = self._clock(), self._seen()
        if stamp != self._stamp or not self._is_sound:
            self._stamp = stamp
            self._read()
        if self._is_sound:
            self._until = now + KEPT_SECONDS
        elif self._keys and now >= self._until:
            self._keys = ()
            _log.error("a file of keys is still refused; none of them is in force any more")
        return self._keys

    def _read(self) -> None:
        try:
            self._keys = read_key_file(self._path, may_be_empty=True)
        except KeyRefused:
            if self._is_sound:
                _log.warning("a file of keys is refused; those of before stay in force for a while")
            self._is_sound = False
        else:
            self._is_sound = True

    def _seen(self) -> tuple[int, int, int, int] | None:
        try:
            found = Path(self._path).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size
