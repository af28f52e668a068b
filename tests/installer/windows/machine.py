"""A Windows of a test's own, and what msiexec did to it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath
from typing import Final

from installer.windows.wine import Wine
from installer.windows.wxs import POLICY_KEY, SETUP_KEY

PROGRAMS: Final = PureWindowsPath(r"C:\Program Files\Tariefwijzer")
MACHINE_FOLDER: Final = PureWindowsPath(r"C:\ProgramData\Tariefwijzer")
KIOSK: Final = PROGRAMS / "kiosk.exe"
LISTED: Final = r"Software\Microsoft\Windows\CurrentVersion\Uninstall"
FAILED: Final = tuple(range(1, 256))


class Machine:
    """One Windows with Wine's own msiexec."""

    def __init__(self, folder: Path) -> None:
        self.wine = Wine(folder)
        self.wine.create()
        # The programs need them as well; on a real Windows they are the system's.
        self.wine.add_stubs()

    def install(self, package: Path, *properties: str) -> None:
        self.wine.run(["msiexec", "/i", package, "/qn", *properties])

    def refuses(self, package: Path, *properties: str) -> bool:
        self.wine.run(["msiexec", "/i", package, "/qn", *properties], expected=FAILED)
        return not self.traces()

    def repair(self, package: Path) -> None:
        # What `msiexec /fa` means; Wine's msiexec knows it in these words only.
        self.wine.run(["msiexec", "/i", package, "/qn", "REINSTALL=ALL", "REINSTALLMODE=amus"])

    def remove(self, package: Path) -> None:
        self.wine.run(["msiexec", "/x", package, "/qn"])

    def clear(self) -> None:
        """Remove whatever package is installed, what an administrator wrote, and a group policy."""
        for code in self.listed():
            self.wine.run(["msiexec", "/x", code, "/qn"])
        shutil.rmtree(self.wine.inside(str(MACHINE_FOLDER)), ignore_errors=True)
        self.wine.run(["reg", "delete", f"HKLM\\{POLICY_KEY}", "/f"], expected=(0, 1))

    def policy(self) -> dict[str, str]:
        return self.values(POLICY_KEY)

    def values(self, key: str) -> dict[str, str]:
        """The texts below a key of the machine, by their names; none if there is no such key."""
        printed = self.wine.run(["reg", "query", f"HKLM\\{key}"], expected=(0, 1))
        lines = re.findall(r"^ +(.+?) {4}REG_SZ {4}(.*?)\r?$", printed, re.MULTILINE)
        return dict(lines)

    def unset_policy(self, name: str) -> None:
        self.wine.run(["reg", "delete", f"HKLM\\{POLICY_KEY}", "/v", name, "/f"])

    def set_policy(self, name: str, text: str) -> None:
        self.wine.run(["reg", "add", f"HKLM\\{POLICY_KEY}", "/v", name, "/d", text, "/f"])

    def listed(self) -> dict[str, str]:
        """The product codes of Tariefwijzer in the list of installed programs, with versions."""
        printed = self.wine.run(["reg", "query", f"HKLM\\{LISTED}", "/s"], expected=(0, 1))
        found = {}
        for entry in re.split(r"^HKEY", printed, flags=re.MULTILINE):
            if re.search(r"DisplayName +REG_SZ +Tariefwijzer", entry):
                (code,) = set(re.findall(r"Uninstall\\({[-0-9A-F]+})", entry))
                (found[code],) = re.findall(r"DisplayVersion +REG_SZ +(\S+)", entry)
        return found

    def traces(self) -> list[str]:
        """Whatever of us is on the machine: files, folders, shortcuts, keys, the list."""
        files = [str(path) for path in self.files() if "tariefwijzer" in path.name.lower()]
        keys = [key for key in (POLICY_KEY, SETUP_KEY) if self.is_key(key)]
        return [*files, *keys, *self.listed()]

    def files(self) -> Iterator[Path]:
        """Every file and folder."""
        yield from self.wine.drive.rglob("*")

    def is_key(self, key: str) -> bool:
        printed = self.wine.run(["reg", "query", f"HKLM\\{key}"], expected=(0, 1))
        return "HKEY_LOCAL_MACHINE" in printed

    def installed_files(self) -> set[str]:
        folder = self.wine.inside(str(PROGRAMS))
        return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}

    def shortcuts(self) -> list[Path]:
        return [path for path in self.files() if path.suffix == ".lnk"]
