"""What Windows reads in a program file: its manifest, its version, its picture."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Final

import kiosk

ROOT: Final = Path(__file__).resolve().parents[2]
ICON: Final = ROOT / "build" / "bundle" / "tariefwijzer.ico"
"""Made from ``resources/icons/brand.svg`` before the programs are."""
PRODUCT: Final = "Tariefwijzer"
MAKER: Final = "The Tariefwijzer project"
SUMMARY: Final = "Reads an identity card and says which tariff applies"

MANIFEST: Final = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3">
    <security>
      <requestedPrivileges>
        <requestedExecutionLevel level="asInvoker" uiAccess="false"/>
      </requestedPrivileges>
    </security>
  </trustInfo>
  <compatibility xmlns="urn:schemas-microsoft-com:compatibility.v1">
    <application>
      <supportedOS Id="{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"/>
    </application>
  </compatibility>
  <application xmlns="urn:schemas-microsoft-com:asm.v3">
    <windowsSettings>
      <dpiAwareness
        xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">PerMonitorV2</dpiAwareness>
      <longPathAware
        xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
    </windowsSettings>
  </application>
</assembly>
"""
"""No rights beyond the user's, sharp on every screen, long paths; Windows 10 and later."""

_VERSION: Final = Template("""VSVersionInfo(
  ffi=FixedFileInfo(
    filevers=$numbers,
    prodvers=$numbers,
    mask=0x3F,
    flags=0x0,
    OS=0x40004,
    fileType=0x1,
    subtype=0x0,
    date=(0, 0)
  ),
  kids=[
    StringFileInfo([StringTable('000004B0', [
      StringStruct('CompanyName', '$maker'),
      StringStruct('FileDescription', '$summary'),
      StringStruct('FileVersion', '$version'),
      StringStruct('ProductName', '$product'),
      StringStruct('ProductVersion', '$version')
    ])]),
    VarFileInfo([VarStruct('Translation', [0, 1200])])
  ]
)
""")


def version_info(version: str) -> str:
    """Return the version resource in the words that PyInstaller reads. No particular language."""
    numbers = tuple(int(part) for part in version.split("."))
    return _VERSION.substitute(
        numbers=(*numbers, 0, 0, 0, 0)[:4],
        version=version,
        product=PRODUCT,
        maker=MAKER,
        summary=SUMMARY,
    )


def arguments() -> dict[str, str]:
    """Return what PyInstaller's ``EXE`` is told; the version is in a file beside the icon."""
    written = ICON.with_name("version.txt")
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_text(version_info(kiosk.__version__), "utf-8")
    return {"icon": str(ICON), "version": str(written), "manifest": MANIFEST}
