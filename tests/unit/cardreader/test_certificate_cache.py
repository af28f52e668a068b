"""Certificates kept between visits: never believed for lying there, and never in the way."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.cardreader.certificate_cache import CertificateCache
from kiosk.cardreader.trust import Signer, TrustStore
from tests.unit.cardreader.test_trust import (
    OTHER_KEY,
    ROOT,
    ROOT_KEY,
    ROOT_NAME,
    TRUST,
    certificate,
    name,
    pin,
    root_der,
    rrn_der,
)


def store(folder: Path, content: bytes, called: bytes | None = None) -> Path:
    """Put a file there under the name of its content, or of another."""
    path = folder / f"{hashlib.sha256(called or content).hexdigest()}.der"
    path.write_bytes(content)
    return path


@pytest.fixture
def signer() -> Signer:
    found = TRUST.signer(rrn_der(), [ROOT])
    assert found is not None
    return found


def known(folder: Path, trust: TrustStore = TRUST) -> tuple[list[bytes], list[bytes]]:
    cache = CertificateCache(trust, folder)
    return [root.der for root in cache.roots], [signer.der for signer in cache.signers]


def test_what_is_remembered_is_there_next_time(tmp_path: Path, signer: Signer) -> None:
    folder = tmp_path / "new" / "cache"
    CertificateCache(TRUST, folder).remember(signer)
    again = CertificateCache(TRUST, folder)
    assert [known.der for known in again.signers] == [signer.der]
    again.remember(signer)
    assert len(list(folder.iterdir())) == 2
    assert folder.stat().st_mode & 0o077 == 0 or sys.platform == "win32"


def test_it_may_be_deleted_at_any_time(tmp_path: Path, signer: Signer) -> None:
    folder = tmp_path / "cache"
    cache = CertificateCache(TRUST, folder)
    cache.remember(signer)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert known(folder) == ([], [])
    CertificateCache(TRUST, folder).remember(signer)
    assert known(folder) == ([ROOT.der], [signer.der])


def test_without_a_folder_one_process_remembers(signer: Signer) -> None:
    cache = CertificateCache(TRUST, None)
    cache.remember(signer)
    assert cache.signers == [signer]
    assert CertificateCache(TRUST, None).signers == []


def test_what_the_pins_do_not_cover_is_not_believed(tmp_path: Path, signer: Signer) -> None:
    """Whoever may write there gains nothing by it."""
    CertificateCache(TRUST, tmp_path).remember(signer)
    assert known(tmp_path, TrustStore.production()) == ([], [])
    assert known(tmp_path, TrustStore.for_tests([pin(OTHER_KEY)])) == ([], [])
    store(tmp_path, root_der(OTHER_KEY, OTHER_KEY))
    store(tmp_path, rrn_der(signer=OTHER_KEY))
    store(tmp_path, rrn_der("Somebody"))
    assert known(tmp_path) == ([ROOT.der], [signer.der])


def test_rubbish_is_passed_over(tmp_path: Path, signer: Signer) -> None:
    CertificateCache(TRUST, tmp_path).remember(signer)
    store(tmp_path, b"")
    store(tmp_path, b"no certificate")
    store(tmp_path, bytes(100_000))
    store(tmp_path, root_der()[:-1])
    store(tmp_path, rrn_der("RRN"), called=b"another")
    (tmp_path / "0.der").write_bytes(rrn_der("RRN"))
    (tmp_path / f"{'0' * 64}.der").mkdir()
    (tmp_path / f"{'1' * 64}.der").symlink_to("nowhere")
    (tmp_path / f"{'2' * 64}.der").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / f"{'3' * 64}.der")
    assert known(tmp_path) == ([ROOT.der], [signer.der])


@given(content=st.binary(max_size=5000))
def test_any_bytes_are_harmless(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("cache")
    store(folder, content)
    assert known(folder) == ([], [])


def test_a_damaged_certificate_is_written_anew(tmp_path: Path, signer: Signer) -> None:
    damaged = store(tmp_path, signer.der[:-9], called=signer.der)
    cache = CertificateCache(TRUST, tmp_path)
    assert cache.signers == []
    cache.remember(signer)
    assert damaged.read_bytes() == signer.der
    assert known(tmp_path) == ([ROOT.der], [signer.der])


def test_it_is_bounded_and_the_oldest_make_place(tmp_path: Path, signer: Signer) -> None:
    for number in range(300):
        path = store(tmp_path, number.to_bytes(2, "big"))
        os.utime(path, (number, number))
    CertificateCache(TRUST, tmp_path).remember(signer)
    left = list(tmp_path.iterdir())
    assert len(left) == 128
    assert min(path.stat().st_mtime for path in left) > 100
    assert known(tmp_path) == ([ROOT.der], [signer.der])


def test_the_files_of_others_are_left_alone(tmp_path: Path, signer: Signer) -> None:
    for number in range(200):
        (tmp_path / f"{number}.der").write_bytes(b"x")
    CertificateCache(TRUST, tmp_path).remember(signer)
    assert len(list(tmp_path.iterdir())) == 202
    assert known(tmp_path) == ([ROOT.der], [signer.der])


def test_what_a_killed_process_left_is_not_in_the_way(tmp_path: Path, signer: Signer) -> None:
    for der in (signer.der, ROOT.der):
        begun = tmp_path / f"{hashlib.sha256(der).hexdigest()}.der.new"
        begun.write_bytes(der[:100])
    CertificateCache(TRUST, tmp_path).remember(signer)
    assert known(tmp_path) == ([ROOT.der], [signer.der])
    assert len(list(tmp_path.iterdir())) == 2


def test_nobodys_link_is_followed(tmp_path: Path, signer: Signer) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    folder = tmp_path / "cache"
    folder.mkdir()
    for der in (signer.der, ROOT.der):
        called = f"{hashlib.sha256(der).hexdigest()}.der"
        (folder / f"{called}.new").symlink_to(precious)
        (folder / called).symlink_to(precious)
    CertificateCache(TRUST, folder).remember(signer)
    assert precious.read_text() == "mine"
    assert known(folder) == ([ROOT.der], [signer.der])


@pytest.mark.parametrize("method", ["replace", "open", "mkdir", "unlink"])
def test_a_disk_that_is_full_or_read_only_costs_nothing_but_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signer: Signer, method: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("read-only")

    with monkeypatch.context() as patch:
        patch.setattr(Path, method, refuse)
        cache = CertificateCache(TRUST, tmp_path)
        cache.remember(signer)
    assert cache.signers == [signer]
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be(tmp_path: Path, signer: Signer) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    cache = CertificateCache(TRUST, blocked)
    cache.remember(signer)
    assert cache.signers == [signer]


AS_NOBODY = """
import os, sys
from pathlib import Path
from kiosk.cardreader.certificate_cache import CertificateCache
from kiosk.cardreader.trust import TrustStore
folder, pin, root, rrn = Path(sys.argv[1]), sys.argv[2], *map(bytes.fromhex, sys.argv[3:])
trust = TrustStore.for_tests([pin])
signer = trust.signer(rrn, [trust.root(root)])
os.setgid(65534)
os.setuid(65534)
cache = CertificateCache(trust, folder)
found = len(cache.signers)
cache.remember(signer)
print(found, len(cache.signers))
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="changes its user")
@pytest.mark.parametrize("mode", [0o700, 0o711, 0o755])
def test_a_folder_of_somebody_else(signer: Signer, mode: int) -> None:
    with tempfile.TemporaryDirectory() as made:  # not below a folder that is closed itself
        read_as_nobody(Path(made), signer, mode)


def read_as_nobody(folder: Path, signer: Signer, mode: int) -> None:
    CertificateCache(TRUST, folder).remember(signer)
    for path in folder.iterdir():
        path.chmod(0o600)
    folder.chmod(mode)
    arguments = (str(folder), pin(ROOT_KEY), ROOT.der.hex(), signer.der.hex())
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.split() == ["0", "1"], done.stderr
    assert len(list(folder.iterdir())) == 2


def test_many_at_once(tmp_path: Path) -> None:
    """Whatever they overwrite of each other, all is there at the end, and nothing else."""
    ders = [certificate(name("RRN"), OTHER_KEY, name(ROOT_NAME), ROOT_KEY) for _ in range(6)]
    signers = [one for der in ders if (one := TRUST.signer(der, [ROOT])) is not None]

    def remember_all(_: int) -> None:
        cache = CertificateCache(TRUST, tmp_path)
        for one in signers:
            cache.remember(one)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(remember_all, range(40)))
    remember_all(0)
    roots, found = known(tmp_path)
    assert roots == [ROOT.der]
    assert sorted(found) == sorted(ders)
    assert len(list(tmp_path.iterdir())) == 7
