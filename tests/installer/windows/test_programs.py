"""What is in the bundle for Windows, and what must not be."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from installer.bundle import ROOT
from installer.windows import amendments, preview
from installer.windows.commands import run
from installer.windows.wine import STUBS
from tests.installer.windows.conftest import Built, built

pytestmark = [
    pytest.mark.installer,
    pytest.mark.timeout(1800),
    pytest.mark.xdist_group("installer-windows"),
]

MOST_BYTES = 50_000_000
CONSOLE, WINDOWED, AMD64 = 3, 2, 0x8664
FORBIDDEN = (
    *(rf"(^|/){name}\.dll$" for name in STUBS),
    r"pcsclite",
    r"^_internal/kiosk/(demo|cardreader/simulator|service/central)(/|\.)",
    r"simulate_card",
    r"(^|/)(litestar|sqlalchemy|sqlite3|_sqlite3|uvicorn|pytest|_pytest|tkinter|pip)(/|\.|$)",
    r"(^|/)Qt6?(Qml|Quick|WebEngine|Pdf|VirtualKeyboard|Test)",
    r"opengl32sw",
    r"\.py$",
)
_NAMES = """
advapi32 authz bcrypt bcryptprimitives comctl32 comdlg32 crypt32 d3d11 d3d12 d3d9 dnsapi dwmapi
dwrite dxgi gdi32 icuuc imm32 iphlpapi kernel32 mpr netapi32 ntdll ole32 oleaut32 rpcrt4 secur32
setupapi shell32 shlwapi user32 userenv uiautomationcore uxtheme version winhttp winmm winscard
winspool.drv ws2_32 wtsapi32
"""
OF_WINDOWS_10 = frozenset(_NAMES.split())
"""What the programs may ask of Windows 10 1809 without anything else installed."""


@pytest.fixture(scope="module")
def binaries(first: Built) -> list[Path]:
    return [preview.TREE / name for name in first.hashes if name.endswith((".exe", ".dll", ".pyd"))]


def header_of(program: Path) -> tuple[int, int]:
    """The machine that a program is for, and whether it has a console or a window."""
    content = program.read_bytes()
    (place,) = struct.unpack_from("<I", content, 0x3C)
    (machine,) = struct.unpack_from("<H", content, place + 4)
    (subsystem,) = struct.unpack_from("<H", content, place + 24 + 68)
    return machine, subsystem


def libraries_of(binary: Path) -> set[str]:
    printed = run(["x86_64-w64-mingw32-objdump", "--private-headers", binary])
    return {name.lower() for name in re.findall(r"DLL Name: (\S+)", printed)}


def test_the_programs_are_there(first: Built) -> None:
    programs = {name: header_of(preview.TREE / name) for name in first.hashes if "/" not in name}
    assert programs == {
        "kiosk.exe": (AMD64, CONSOLE),
        "kiosk-agent.exe": (AMD64, CONSOLE),
        "kiosk-window.exe": (AMD64, WINDOWED),
    }


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_nothing_is_in_that_must_not(first: Built, pattern: str) -> None:
    found = [name for name in first.hashes if re.search(pattern, name, re.IGNORECASE)]
    assert found == []


def test_nothing_in_it_is_wines_or_of_this_machine(first: Built) -> None:
    marks = [b"Wine builtin DLL", b"Wine placeholder DLL", b"drive_c", str(ROOT).encode()]
    for name in first.hashes:
        content = (preview.TREE / name).read_bytes()
        assert [mark for mark in marks if mark in content] == [], name


def test_every_library_is_in_it_or_in_windows(binaries: list[Path]) -> None:
    have = {path.name.lower() for path in binaries}
    missing = {}
    for binary in binaries:
        others = {name for name in libraries_of(binary) - have if not is_of_windows(name)}
        if others:
            missing[binary.name] = sorted(others)
    assert missing == {}


def is_of_windows(library: str) -> bool:
    return library.startswith("api-ms-win-") or library.removesuffix(".dll") in OF_WINDOWS_10


def test_the_programs_tell_windows_what_they_are(first: Built) -> None:
    for name in ("kiosk.exe", "kiosk-agent.exe", "kiosk-window.exe"):
        content = (preview.TREE / name).read_bytes()
        assert b"PerMonitorV2" in content
        assert b'level="asInvoker"' in content
        assert "Tariefwijzer".encode("utf-16-le") in content
        assert amendments.version_of(preview.TREE / name) == "0.1.0.0"


def test_the_package_is_small(first: Built) -> None:
    assert first.package.stat().st_size <= MOST_BYTES


def test_a_second_build_is_the_same(first: Built, tmp_path: Path) -> None:
    second = built(tmp_path)
    assert second.hashes == first.hashes
    assert second.package.read_bytes() == first.package.read_bytes()
