"""The keys of an issuer, in a file that somebody else keeps up to date."""

from __future__ import annotations

import logging
from pathlib import Path

from kiosk.service.central.clients.configuration import read_key_file
from kiosk.service.central.clients.signed import KeyRefused, PublicKey

_log = logging.getLogger(__name__)


class KeyFile:
    """Reads the file anew when it has changed; keeps the keys of before when it is bad."""

    def __init__(self, path: str) -> None:
        """Read it; raise ``KeyRefused``."""
        self._path = path
        self._stamp = self._seen()
        self._keys = read_key_file(path)

    def keys(self) -> tuple[PublicKey, ...]:
        """Return the keys that are in force."""
        stamp = self._seen()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._keys = read_key_file(self._path)
            except KeyRefused:
                _log.warning("a file of keys is refused; those of before stay in force")
        return self._keys

    def _seen(self) -> tuple[int, int, int] | None:
        try:
            found = Path(self._path).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
