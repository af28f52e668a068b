"""Certificates for one run: an authority, the mock's own, a client's, and a stranger's."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where the files of a run stand."""

    folder: Path

    @property
    def authority(self) -> Path:
        return self.folder / "authority.pem"

    @property
    def client(self) -> Path:
        return self.folder / "client.pem"

    @property
    def client_key(self) -> Path:
        return self.folder / "client.key"

    @property
    def stranger(self) -> Path:
        return self.folder / "stranger.pem"

    @property
    def stranger_key(self) -> Path:
        return self.folder / "stranger.key"

    def server_context(self, *, known: bool = True) -> ssl.SSLContext:
        """Return the mock's side: a client certificate is demanded."""
        name = "server" if known else "unknown-server"
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self.authority)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(self.folder / f"{name}.pem")
        return context


def make_certificates(folder: Path, kind: trustme.KeyType = trustme.KeyType.ECDSA) -> Certificates:
    """Make and write everything; the stranger's authority is nobody's."""
    folder.mkdir(parents=True, exist_ok=True)
    authority, other = trustme.CA(key_type=kind), trustme.CA(key_type=kind)
    authority.cert_pem.write_to_path(folder / "authority.pem")
    hosts = ("127.0.0.1", "localhost")
    authority.issue_cert(*hosts, key_type=kind).private_key_and_cert_chain_pem.write_to_path(
        folder / "server.pem"
    )
    other.issue_cert(*hosts, key_type=kind).private_key_and_cert_chain_pem.write_to_path(
        folder / "unknown-server.pem"
    )
    for name, issuer in {"client": authority, "stranger": other}.items():
        issued = issuer.issue_cert(f"{name}.invalid", key_type=kind)
        issued.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
        issued.private_key_pem.write_to_path(folder / f"{name}.key")
        (folder / f"{name}.key").chmod(0o600)
    return Certificates(folder)
