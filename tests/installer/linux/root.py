"""A small Debian of the tests' own, in a folder: something to install the packages in.

Made with ``debootstrap`` and the machine's own sources and proxies, of the machine's own release;
kept as archives, so that only the first run needs the network. What runs in it has mount and
process namespaces of its own, and is gone when the command ends.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.pcsc_stack import why_not as why_no_namespaces

ROOT: Final = Path(__file__).resolve().parents[3]
ARCHIVES: Final = ROOT / "build" / "installer" / "debian"
RESULTS: Final = ROOT / "build" / "test-installer"
TOOLS: Final = ("vsmartcard-vpcd",)
"""What the tests need in there besides the packages and what these depend on."""
CLERK: Final = "clerk"
CLERKS_HOME: Final = "/srv/clerk"
"""Somebody who sits at the counter, and what is theirs."""
_PROXIES: Final = {
    name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")
}
_PROGRAMS: Final = {"debootstrap": "debootstrap", "unshare": "util-linux", "tar": "tar"}
_AUTHORITIES: Final = (
    "etc/ssl/certs/ca-certificates.crt",
    "usr/local/share/ca-certificates",
)
_NO_SERVICES: Final = "#!/bin/sh\nexit 101\n"
# In there a command sees its own processes, the machine's devices, and packages fetched before.
_ENTER: Final = """
set -eu
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount --bind "$2" "$1/var/cache/apt/archives"
root=$1; shift 2
exec chroot "$root" "$@"
"""
_UNSHARE: Final = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
_CHANGES_ANYWAY: Final = (
    "dev",
    "proc",
    "run",
    "srv",
    "sys",
    "tmp",
    "var/cache/apt",
    "var/cache/debconf",
    "var/cache/ldconfig",
    "var/lib/apt",
    "var/log",
    "etc/ld.so.cache",
    "var/lib/dpkg/available",
    "var/lib/dpkg/status",
    "var/lib/dpkg/status-old",
    "var/lib/dpkg/triggers",
)
"""Where programs other than the packages under test write."""


class Root:
    """One such Debian; a folder with everything in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *command: str, timeout: float = 900) -> str:
        """Run a command in there, with the network; return what it prints."""
        environment = {
            "DEBIAN_FRONTEND": "noninteractive",
            "HOME": "/tmp",
            "LC_ALL": "C.UTF-8",
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            **_PROXIES,
        }
        fetched = ARCHIVES / "fetched"
        fetched.mkdir(parents=True, exist_ok=True)
        inside = ("env", "-i", *(f"{k}={v}" for k, v in environment.items()), *command)
        done = subprocess.run(
            [*_UNSHARE, "sh", "-c", _ENTER, "sh", str(self.folder), str(fetched), *inside],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout[-3000:])
        return done.stdout

    def install(self, *packages: Path | str) -> str:
        """Install with apt, as an administrator would; files are taken in first."""
        return self.run("apt-get", "install", "--yes", *map(self._name, packages))

    def plan(self, *packages: Path) -> list[str]:
        """Return the names of all packages that apt would install."""
        said = self.run("apt-get", "install", "--simulate", *map(self._name, packages))
        return [line.split()[1] for line in said.splitlines() if line.startswith("Inst ")]

    def purge(self, *packages: str) -> str:
        """Remove packages with their settings."""
        return self.run("apt-get", "purge", "--yes", *packages)

    def path(self, inside: str) -> Path:
        """Return where something in there is, seen from outside."""
        return self.folder / inside.lstrip("/")

    def files(self) -> dict[str, tuple[str, int]]:
        """Return everything that is in there, with its kind and size, but for the usual changes."""
        found: dict[str, tuple[str, int]] = {}
        for folder, names, others in os.walk(self.folder):
            inside = Path(folder).relative_to(self.folder)
            names[:] = [name for name in names if str(inside / name) not in _CHANGES_ANYWAY]
            for name in (*names, *others):
                if str(inside / name) not in _CHANGES_ANYWAY:
                    status = Path(folder, name).lstat()
                    size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
                    found[str(inside / name)] = (stat.filemode(status.st_mode), size)
        return found

    def _name(self, package: Path | str) -> str:
        if isinstance(package, str):
            return package
        shutil.copy2(package, self.path("/tmp"))
        return f"/tmp/{package.name}"


@contextmanager
def ready_root(*packages: Path) -> Iterator[tuple[Root, list[str]]]:
    """A Debian with what these packages need but not these themselves, and what apt had planned.

    It has one more user, and is gone at the end.
    """
    plan_file, archive = _ready_archive(packages)
    with _unpacked(archive) as root:
        yield root, plan_file.read_text().split()


@functools.cache
def why_no_root() -> str:
    """Why no such Debian can be made here; empty when one can."""
    if why_no_namespaces():
        return why_no_namespaces()
    missing = [package for name, package in _PROGRAMS.items() if shutil.which(name) is None]
    if missing:
        return f"missing packages: {', '.join(missing)}"
    return "" if _sources() else "apt knows no sources of Debian (apt-get update)"


def _ready_archive(packages: tuple[Path, ...]) -> tuple[Path, Path]:
    """Return the plan of apt and the Debian in which it is carried out, but for the packages."""
    wanted = [_field(package, name) for package in packages for name in ("Depends", "Recommends")]
    key = hashlib.sha256(
        "\n".join([*wanted, *TOOLS, CLERKS_HOME, _base_key()]).encode()
    ).hexdigest()[:16]
    plan, archive = ARCHIVES / f"ready-{key}.txt", ARCHIVES / f"ready-{key}.tar"
    if not archive.exists():
        with _unpacked(_base_archive()) as root:
            root.run("apt-get", "update")
            names = root.plan(*packages)
            ours = {_field(package, "Package") for package in packages}
            root.install(*(name for name in names if name not in ours), *TOOLS)
            root.run("useradd", "--create-home", "--home-dir", CLERKS_HOME, CLERK)
            plan.write_text("\n".join(names))
            _pack(root.folder, archive)
    return plan, archive


def _base_archive() -> Path:
    archive = ARCHIVES / f"base-{_base_key()}.tar"
    if not archive.exists():
        with _new_folder() as folder:
            site = _sources()[0].split()[1]
            subprocess.run(
                ["debootstrap", "--variant=minbase", _codename(), str(folder), site],
                env={**os.environ, **_PROXIES},
                check=True,
                capture_output=True,
            )
            _settle(folder)
            _pack(folder, archive)
    return archive


def _settle(folder: Path) -> None:
    """Let apt in there work as it does out here, and let nothing start a service."""
    apt = folder / "etc" / "apt"
    (apt / "sources.list").write_text("\n".join([*_sources(), ""]))
    (apt / "apt.conf.d" / "99machine").write_text(_apt_settings())
    policy = folder / "usr" / "sbin" / "policy-rc.d"
    policy.write_text(_NO_SERVICES)
    policy.chmod(0o755)
    shutil.copy("/etc/resolv.conf", folder / "etc" / "resolv.conf")
    (folder / "etc" / "hosts").write_text("127.0.0.1 localhost\n")
    for name in _AUTHORITIES:
        source, target = Path("/", name), folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.exists():
            shutil.copy(source, target)


@functools.cache
def _sources() -> list[str]:
    """The machine's sources of Debian, in one line each, the main one first."""
    asked = ("--format", "deb $(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages")
    said = _output("apt-get", "indextargets", *asked, "Origin: Debian")
    return sorted(set(said.splitlines()), key=lambda line: (line.split()[2] != _codename(), line))


def _apt_settings() -> str:
    """How the machine's apt fetches: proxies, certificates, dates. Not what, and not its hooks."""
    lines = _output("apt-config", "dump").splitlines()
    wanted = [line for line in lines if line.startswith("Acquire::") and "IndexTargets" not in line]
    return "\n".join([*wanted, 'APT::Keep-Downloaded-Packages "true";', ""])


def _codename() -> str:
    lines = Path("/etc/os-release").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)["VERSION_CODENAME"]


def _base_key() -> str:
    return hashlib.sha256("\n".join(_sources()).encode()).hexdigest()[:16]


def _field(package: Path, name: str) -> str:
    return _output("dpkg-deb", "--field", str(package), name).strip()


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _pack(folder: Path, archive: Path) -> None:
    draft = archive.with_suffix(".new")
    subprocess.run(["tar", "-C", str(folder), "-cf", str(draft), "."], check=True)
    draft.rename(archive)


@contextmanager
def _unpacked(archive: Path) -> Iterator[Root]:
    with _new_folder() as folder:
        subprocess.run(["tar", "-C", str(folder), "-xf", str(archive)], check=True)
        yield Root(folder)


@contextmanager
def _new_folder() -> Iterator[Path]:
    ARCHIVES.mkdir(parents=True, exist_ok=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=RESULTS, prefix="root-"))
    folder.chmod(0o755)  # who is somebody else in there must be able to go in
    try:
        yield folder
    finally:
        # Never what might still be mounted there.
        subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Return the names that are new, gone, or another thing now."""
    names = before.keys() | after.keys()
    return sorted(name for name in names if before.get(name) != after.get(name))
