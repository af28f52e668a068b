"""A counter whose program is the installed one: its PC/SC service runs in there as well."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from kiosk.cardreader.simulator.pki import TestPki
from tests.installer.linux.root import CLERK, CLERKS_HOME, Root
from tests.support.desk import Desk
from tests.support.pcsc_stack import PcscStack

CONFIG: Final = "/etc/tariefwijzer/kiosk.toml"
PROGRAM: Final = "/usr/lib/tariefwijzer"
# The machine's own programs find the PC/SC service of in there, and the ones in there the screen.
_PREPARE: Final = """
set -eu
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount -t tmpfs tmpfs "$1/run"
mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
mkdir "$1/run/pcscd" "$1/tmp/.X11-unix"
mkdir -p /tmp/.X11-unix
mount --bind "$1/run/pcscd" /run/pcscd
mount --bind /tmp/.X11-unix "$1/tmp/.X11-unix"
"""


class InstalledStack(PcscStack):
    """Namespaces as the other tests have them, with loopback only, and the Debian in them."""

    def __init__(self, folder: Path, root: Root) -> None:
        super().__init__(folder)
        self.root = root
        done = self.run("sh", "-c", _PREPARE, "sh", str(root.folder))
        assert done.returncode == 0, done.stderr

    def start_pcscd(self, *, reader: bool = True, env: Mapping[str, str] | None = None) -> None:
        """Start the service that apt installed, as it is set up by its packages."""
        assert reader, "its reader comes with a package"
        with (self.folder / "pcscd.log").open("ab") as log:
            self._pcscd = self.inside("pcscd", "--foreground", user="root", stdout=log, stderr=log)
        assert env is None
        self.wait_until(self.is_ready)

    def inside(
        self, *command: str, user: str = CLERK, env: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[Any]:
        """Start a command in the Debian, with nothing of this environment."""
        return self.popen(*self.command(*command, user=user, env=env), **options)

    def run_inside(
        self, *command: str, user: str = CLERK, env: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the Debian to its end."""
        return self.run(*self.command(*command, user=user, env=env), **options)

    def command(
        self, *command: str, user: str = CLERK, env: Mapping[str, str] | None = None
    ) -> tuple[str, ...]:
        """Return what runs a command in the Debian."""
        home = CLERKS_HOME if user == CLERK else "/"
        usual = {"HOME": home, "LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        variables = [f"{name}={value}" for name, value in {**usual, **(env or {})}.items()]
        become = ("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups")
        return (
            "chroot",
            str(self.root.folder),
            *become,
            "env",
            "-i",
            "-C",
            home,
            *variables,
            *command,
        )


class InstalledDesk(Desk):
    """A counter with the installed program; the service and the cards are the checkout's."""

    stack: InstalledStack

    def __init__(self, stack: InstalledStack, folder: Path, pki: Path) -> None:
        super().__init__(stack, folder, pki)
        self.root = stack.root
        self._roots = TestPki(pki).pins()

    def kiosk(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run the installed ``kiosk`` to its end, as the clerk."""
        return self.stack.run_inside("kiosk", *arguments, env=changes)

    def fill_in(self) -> None:
        """Edit the installed settings as an administrator would: take # away, change values."""
        path = self.root.path(CONFIG)
        text = path.read_text("utf-8")
        for key, value in {
            "environment": "test",
            "test_roots": list(self._roots),
            "url": self.service_url,
            "auth": "none",
        }.items():
            text, found = re.subn(rf"(?m)^#{key} = .*$", f"{key} = {json.dumps(value)}", text)
            assert found == 1, key
        path.write_text(text, "utf-8")


@contextmanager
def installed_desk(root: Root, folder: Path, pki: Path) -> Iterator[InstalledDesk]:
    """A counter in this Debian, in which the packages have been installed."""
    stack = InstalledStack(folder, root)
    try:
        stack.start_pcscd()
        yield InstalledDesk(stack, folder, pki)
    finally:
        stack.close()


def libraries_of(pid: int) -> list[str]:
    """Return the files that a process has mapped, as it names them."""
    lines = Path(f"/proc/{pid}/maps").read_text("utf-8").splitlines()
    return sorted({line.split(None, 5)[5] for line in lines if len(line.split(None, 5)) == 6})
