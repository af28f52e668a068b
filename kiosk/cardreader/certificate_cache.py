"""Certificates of the National Register that were seen before.

They are nobody's personal data: a few dozen sign all cards. Reading them from
here saves two thirds of the time on the card. What lies here is never believed
for lying here: every load verifies it from the pins again, and the folder may
be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from datetime import datetime
from pathlib import Path

from kiosk.cardreader.trust import Root, Signer, TrustStore
from kiosk.domain.problem import KioskError

_MOST_FILES = 128
_LARGEST_FILE = 4096


class CertificateCache:
    """Known roots and signers; without a folder it remembers for one process only."""

    def __init__(self, trust: TrustStore, folder: Path | None) -> None:
        self._trust = trust
        self._folder = folder
        self.roots: list[Root] = []
        self.signers: list[Signer] = []
        certificates = _stored(folder)
        for der in certificates:
            with contextlib.suppress(KioskError):
                self.roots.append(trust.root(der))
        for der in certificates:
            with contextlib.suppress(KioskError):
                signer = trust.signer(der, self.roots)
                if signer is not None:
                    self.signers.append(signer)

    def valid_signers(self, now: datetime) -> list[Signer]:
        """Return the signers within their own validity.

        A key may be certified anew: the card's own certificate may still be good
        when the one kept here is not.
        """
        return [signer for signer in self.signers if signer.is_valid(now)]

    def remember(self, signer: Signer) -> None:
        """Keep a signer that verified an identity, and its root."""
        if all(known.der != signer.root.der for known in self.roots):
            self.roots.append(signer.root)
            _store(self._folder, signer.root.der)
        if all(known.der != signer.der for known in self.signers):
            self.signers.append(signer)
            _store(self._folder, signer.der)


def _stored(folder: Path | None) -> list[bytes]:
    if folder is None:
        return []
    found: list[bytes] = []
    with contextlib.suppress(OSError):
        for path in sorted(folder.glob("*.der"))[:_MOST_FILES]:
            with contextlib.suppress(OSError):
                if stat.S_ISREG(path.stat().st_mode):  # a pipe or device would never end
                    with path.open("rb") as file:
                        found.append(file.read(_LARGEST_FILE))
    return found


def _store(folder: Path | None, der: bytes) -> None:
    """Write in one step; a full or read-only disk costs time later, nothing else."""
    if folder is None:
        return
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if len(list(folder.glob("*.der"))) >= _MOST_FILES:
            return
        handle, name = tempfile.mkstemp(dir=folder, suffix=".new")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(der)
            Path(name).replace(folder / f"{hashlib.sha256(der).hexdigest()}.der")
        except OSError:
            Path(name).unlink()
            raise
