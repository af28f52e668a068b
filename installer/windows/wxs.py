"""The description of the MSI that ``wixl`` reads, from the list of files alone.

What wixl cannot say stands in ``amendments``.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from xml.etree import ElementTree as ET

from installer.windows.resources import MAKER, PRODUCT, SUMMARY

FAMILY: Final = uuid.UUID("d8a38973-38d8-433f-88f9-c6665d30fc0c")
"""What all versions have in common: the upgrade code. Never changes."""
POLICY_KEY: Final = r"Software\Policies\Tariefwijzer"
SETUP_KEY: Final = r"Software\Tariefwijzer"
"""Where an installed package notes the values of the policy that are its own."""
WINDOW: Final = "kiosk-window.exe"
ICON: Final = "tariefwijzer.ico"
OLDEST_WINDOWS: Final = 17763
"""The build of Windows 10 1809; Qt runs on none before."""


@dataclass(frozen=True, slots=True)
class Value:
    """A setting that can be given to msiexec, and what it must look like."""

    name: str
    """The public property: ``SERVICEURL``."""
    setting: str
    """The setting, which is also the name of the value in the registry."""
    rule: str
    """A condition of Windows Installer that is true for a good value."""
    mistake: str
    """What is said of a bad one."""

    @property
    def component(self) -> str:
        """The component that writes it."""
        return f"Policy.{self.name}"

    @property
    def present(self) -> str:
        """The property that holds the value in the registry before the installation."""
        return f"PRESENT{self.name}"

    @property
    def ours(self) -> str:
        """The property that holds the value which an installed package wrote, if it wrote one."""
        return f"OURS{self.name}"


VALUES: Final = (
    Value(
        "SERVICEURL",
        "service.url",
        'SERVICEURL << "https://"',
        "SERVICEURL must begin with https://.",
    ),
    Value(
        "MODE",
        "mode",
        'MODE = "desk" OR MODE = "self-service"',
        "MODE must be desk or self-service.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What one MSI installs."""

    files: Sequence[str]
    """Paths in the folder of the programs, with slashes."""
    version: str
    product: uuid.UUID
    """Different for every content, so that each package replaces each other one."""


def document(package: Package) -> str:
    """Return the description, the same for the same package."""
    root = ET.Element("Wix", xmlns="http://schemas.microsoft.com/wix/2006/wi")
    product = _product(root, package)
    _rules(product)
    _shown_in_settings(product)
    top = _add(product, "Directory", Id="TARGETDIR", Name="SourceDir")
    components = [
        *_programs(top, package.files),
        _start_menu(top),
        _machine_folder(top),
        *(_policy(top, value) for value in VALUES),
    ]
    feature = _add(product, "Feature", Id="Everything", Title=PRODUCT, Level="1")
    for component in components:
        _add(feature, "ComponentRef", Id=component)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def identifier(kind: str, path: str) -> str:
    """Return the name of a file, folder or component in the tables, by its path."""
    return f"{kind}.{uuid.uuid5(FAMILY, path).hex}"


def component_code(name: str) -> str:
    """Return the GUID of a component: the same in every version."""
    return _braced(uuid.uuid5(FAMILY, f"component {name}"))


def _product(root: ET.Element, package: Package) -> ET.Element:
    product = _add(
        root,
        "Product",
        Id=_braced(package.product),
        Name=PRODUCT,
        Language="0",
        Codepage="1252",
        Version=package.version,
        Manufacturer=MAKER,
        UpgradeCode=_braced(FAMILY),
    )
    _add(
        product,
        "Package",
        Description=SUMMARY,
        Comments=f"{PRODUCT} {package.version}",
        Keywords="Installer",
        InstallerVersion="500",
        Compressed="yes",
        InstallScope="perMachine",
    )
    _add(product, "Media", Id="1", Cabinet="tariefwijzer.cab", EmbedCab="yes")
    return product


def _rules(product: ET.Element) -> None:
    _add(
        product,
        "MajorUpgrade",
        DowngradeErrorMessage="A newer version of Tariefwijzer is installed. Remove it first.",
    )
    windows = _add(product, "Property", Id="WINDOWSBUILD")
    _search(windows, r"SOFTWARE\Microsoft\Windows NT\CurrentVersion", "CurrentBuildNumber")
    _condition(
        product,
        f"Installed OR WINDOWSBUILD >= {OLDEST_WINDOWS}",
        "Tariefwijzer needs Windows 10 version 1809 or later.",
    )
    for value in VALUES:
        _search(_add(product, "Property", Id=value.present), POLICY_KEY, value.setting)
        _search(_add(product, "Property", Id=value.ours), SETUP_KEY, value.setting)
        _condition(product, f"Installed OR NOT {value.name} OR {value.rule}", value.mistake)


def _shown_in_settings(product: ET.Element) -> None:
    """Say what Windows shows in its list of programs."""
    _add(product, "Icon", Id=ICON, SourceFile=ICON)
    for name, text in {
        "ARPPRODUCTICON": ICON,
        "ARPCONTACT": "The administrator of this computer",
        "ARPCOMMENTS": SUMMARY,
        "ARPNOMODIFY": "1",
    }.items():
        _add(product, "Property", Id=name, Value=text)


def _programs(top: ET.Element, files: Sequence[str]) -> list[str]:
    root = _add(top, "Directory", Id="ProgramFiles64Folder")
    folders = {PurePosixPath(): _add(root, "Directory", Id="INSTALLFOLDER", Name=PRODUCT)}
    components = []
    for file in sorted(files):
        folder = _folder(folders, PurePosixPath(file).parent)
        component = identifier("c", file)
        inside = _component(folder, component, file)
        _add(inside, "File", Id=identifier("f", file), Source=f"files/{file}", KeyPath="yes")
        components.append(component)
    return components


def _folder(folders: dict[PurePosixPath, ET.Element], path: PurePosixPath) -> ET.Element:
    if path not in folders:
        above = _folder(folders, path.parent)
        folders[path] = _add(above, "Directory", Id=identifier("d", str(path)), Name=path.name)
    return folders[path]


def _start_menu(top: ET.Element) -> str:
    menu = _add(top, "Directory", Id="ProgramMenuFolder")
    inside = _component(menu, "StartMenu", "StartMenu")
    _add(
        inside,
        "Shortcut",
        Id="Window",
        Name=PRODUCT,
        Description=SUMMARY,
        Target=f"[INSTALLFOLDER]{WINDOW}",
        WorkingDirectory="INSTALLFOLDER",
        Icon=ICON,
    )
    _registry(inside, SETUP_KEY, "start menu", "1", key_path=True)
    return "StartMenu"


def _machine_folder(top: ET.Element) -> str:
    """Make the folder of the administrator's file. It is removed again only when it is empty."""
    data = _add(top, "Directory", Id="CommonAppDataFolder")
    folder = _add(data, "Directory", Id="MACHINEFOLDER", Name=PRODUCT)
    _add(_component(folder, "MachineFolder", "MachineFolder"), "CreateFolder")
    return "MachineFolder"


def _policy(top: ET.Element, value: Value) -> str:
    inside = _component(top, value.component, value.component)
    _registry(inside, POLICY_KEY, value.setting, f"[{value.name}]", key_path=True)
    _registry(inside, SETUP_KEY, value.setting, f"[{value.name}]", key_path=False)
    return value.component


def _component(folder: ET.Element, name: str, of: str) -> ET.Element:
    return _add(folder, "Component", Id=name, Guid=component_code(of), Win64="yes")


def _registry(inside: ET.Element, key: str, name: str, text: str, *, key_path: bool) -> None:
    value = _add(
        inside, "RegistryValue", Root="HKLM", Key=key, Name=name, Type="string", Value=text
    )
    if key_path:
        value.set("KeyPath", "yes")


def _search(inside: ET.Element, key: str, name: str) -> None:
    search = f"Find.{inside.get('Id')}"
    _add(
        inside,
        "RegistrySearch",
        Id=search,
        Root="HKLM",
        Key=key,
        Name=name,
        Type="raw",
        Win64="yes",
    )


def _condition(product: ET.Element, condition: str, message: str) -> None:
    _add(product, "Condition", Message=message).text = condition


def _add(above: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(above, tag, attributes)


def _braced(code: uuid.UUID) -> str:
    return f"{{{str(code).upper()}}}"
