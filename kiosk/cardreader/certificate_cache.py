"""Certificates of the National Register that were seen before.

They are nobody's personal data: a few dozen sign all cards. Reading them from
here saves two thirds of the time on the card. What lies here is never believed
for lying here: every load verifies it from the pins again, and the folder may
be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import stat
from datetime import datetime
from pathlib import Path

from kiosk.cardreader.trust import Root, Signer, TrustStore
from kiosk.domain.problem import KioskError

_MOST_FILES = 128
_LARGEST_FILE = 4096
_OUR_NAME = re.compile(r"[0-9a-f]{64}\.der")


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
    """Return what lies under the name of its own hash; anything else is not ours, or damaged."""
    found: list[bytes] = []
    for path in _files(folder)[:_MOST_FILES]:
        with contextlib.suppress(OSError):
            if stat.S_ISREG(path.stat().st_mode):  # a pipe or device would never end
                with path.open("rb") as file:
                    der = file.read(_LARGEST_FILE)
                if _name(der) == path.name:
                    found.append(der)
    return found


def _files(folder: Path | None) -> list[Path]:
    """Return the files that bear a name as we give it, the newest first."""
    if folder is None:
        return []
    dated: list[tuple[float, Path]] = []
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            with contextlib.suppress(OSError):
                if _OUR_NAME.fullmatch(path.name):
                    dated.append((path.lstat().st_mtime, path))
    return [path for _, path in sorted(dated, reverse=True)]


def _name(der: bytes) -> str:
    return f"{hashlib.sha256(der).hexdigest()}.der"


def _store(folder: Path | None, der: bytes) -> None:
    """Write in one step; a full or read-only disk costs time later, nothing else.

    Two processes may store the same certificate at once, or die while they do:
    both write the same bytes under the same name, and a name that does not fit
    its content is passed over.
    """
    if folder is None:
        return
    for oldest in _files(folder)[_MOST_FILES - 1 :]:
        with contextlib.suppress(OSError):
            oldest.unlink()
    begun = folder / f"{_name(der)}.new"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        begun.unlink(missing_ok=True)
        try:
            with begun.open("xb") as file:  # nobody's link is followed
                file.write(der)
            begun.replace(folder / _name(der))
        except OSError:
            begun.unlink(missing_ok=True)
            raise
