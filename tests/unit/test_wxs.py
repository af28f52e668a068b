"""The description of the MSI, the changes to its tables, and what Windows reads in a program."""

from __future__ import annotations

import struct
import uuid
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from installer.steps import Failed
from installer.windows import amendments, msi, resources, wxs
from kiosk import layered
from kiosk.settings import Settings

FILES = (
    "kiosk-window.exe",
    "kiosk.exe",
    "_internal/PySide6/Qt6Core.dll",
    "_internal/PySide6/plugins/platforms/qwindows.dll",
    "_internal/kiosk/ui/window.pyc",
)
NAMESPACE = "{http://schemas.microsoft.com/wix/2006/wi}"
A_PRODUCT = uuid.UUID(int=1)
EPOCH = 1_790_000_000


def described(*, files: tuple[str, ...] = FILES, version: str = "0.1.0") -> ET.Element:
    package = wxs.Package(files=files, version=version, product=A_PRODUCT)
    return ET.fromstring(wxs.document(package))


def all_of(tag: str, tree: ET.Element) -> list[ET.Element]:
    return list(tree.iter(f"{NAMESPACE}{tag}"))


def codes(tree: ET.Element) -> dict[str, str]:
    return {one.attrib["Id"]: one.attrib["Guid"] for one in all_of("Component", tree)}


def place_of(file: ET.Element, tree: ET.Element) -> str:
    """The path of a file as Windows Installer makes it of the folders above it."""
    above = {child: parent for parent in tree.iter() for child in parent}
    names = [file.attrib["Source"].rpartition("/")[2]]
    while file in above:
        file = above[file]
        if file.tag == f"{NAMESPACE}Directory" and "Name" in file.attrib:
            names.insert(0, file.attrib["Name"])
    return "/".join(names)


def test_the_same_files_make_the_same_description() -> None:
    forwards = wxs.Package(files=FILES, version="0.1.0", product=A_PRODUCT)
    backwards = wxs.Package(files=FILES[::-1], version="0.1.0", product=A_PRODUCT)
    assert wxs.document(forwards) == wxs.document(backwards)


def test_every_file_goes_to_its_place() -> None:
    tree = described()
    places = {place_of(file, tree) for file in all_of("File", tree)}
    assert places == {f"SourceDir/Tariefwijzer/{file}" for file in FILES}


def test_every_file_has_a_component_of_its_own_and_all_are_installed() -> None:
    tree = described()
    components = all_of("Component", tree)
    assert all(len(component.findall(f"{NAMESPACE}File")) <= 1 for component in components)
    assert len(all_of("File", tree)) == len(FILES)
    referred = [one.attrib["Id"] for one in all_of("ComponentRef", tree)]
    assert sorted(referred) == sorted(one.attrib["Id"] for one in components)


def test_codes_of_components_differ_and_stay_the_same_in_every_version() -> None:
    first, later = codes(described()), codes(described(version="2.0.0", files=(*FILES, "new.dll")))
    assert len(set(first.values())) == len(first)
    assert first.items() <= later.items()


def test_the_family_stays_the_same() -> None:
    product = all_of("Product", described(version="9.9.9"))[0]
    assert product.attrib["UpgradeCode"] == "{D8A38973-38D8-433F-88F9-C6665D30FC0C}"
    assert product.attrib["Version"] == "9.9.9"


def test_identifiers_are_such_as_windows_installer_takes() -> None:
    for element in described().iter():
        name = element.get("Id", "x")
        assert name.startswith("{") or (len(name) <= 72 and name.replace(".", "").isalnum()), name


def test_all_is_for_the_machine_and_for_64_bits() -> None:
    tree = described()
    assert all_of("Package", tree)[0].attrib["InstallScope"] == "perMachine"
    searches = all_of("RegistrySearch", tree)
    assert {one.attrib["Win64"] for one in [*all_of("Component", tree), *searches]} == {"yes"}
    assert {one.attrib["Root"] for one in all_of("RegistryValue", tree)} == {"HKLM"}


def test_the_start_menu_opens_the_window() -> None:
    tree = described()
    assert [one.attrib["Target"] for one in all_of("Shortcut", tree)] == [
        "[INSTALLFOLDER]kiosk-window.exe"
    ]
    assert wxs.WINDOW in FILES


@pytest.mark.parametrize("value", wxs.VALUES, ids=lambda value: value.name)
def test_a_property_becomes_a_value_of_the_policy(value: wxs.Value) -> None:
    written = {
        (one.attrib["Key"], one.attrib["Name"]): one.attrib["Value"]
        for one in all_of("RegistryValue", described())
    }
    assert written[wxs.POLICY_KEY, value.setting] == f"[{value.name}]"
    assert written[wxs.SETUP_KEY, value.setting] == f"[{value.name}]"


@pytest.mark.parametrize("value", wxs.VALUES, ids=lambda value: value.name)
def test_a_value_of_the_policy_is_a_setting(value: wxs.Value) -> None:
    known = layered.resolve(Settings, [], (), lambda _: []).settings
    for name in value.setting.split("."):
        known = getattr(known, name)


@pytest.mark.parametrize("value", wxs.VALUES, ids=lambda value: value.name)
def test_only_a_given_property_is_written_and_only_ours_is_kept(value: wxs.Value) -> None:
    changes = list(amendments.statements("0.1.0", {}))
    assert (
        f"UPDATE `Component` SET `Condition`='{value.name}' WHERE `Component`='{value.component}'"
        in changes
    )
    kept = [one for one in changes if "Sequence`" in one and f".{value.name}" in one]
    assert len(kept) == 4
    assert all(f"OURS{value.name} AND NOT {value.name} AND " in one for one in kept)


def test_properties_reach_the_part_that_installs() -> None:
    (secure,) = [
        one for one in amendments.statements("0.1.0", {}) if "SecureCustomProperties" in one
    ]
    for name in (*(value.name for value in wxs.VALUES), "WIX_UPGRADE_DETECTED"):
        assert name in secure


def test_actions_of_one_sequence_have_places_of_their_own() -> None:
    changes = [one for one in amendments.statements("0.1.0", {}) if "InstallUISequence" in one]
    places = [one.rpartition(",")[2] for one in changes]
    assert len(places) == len(set(places)) == 2 * len(wxs.VALUES)
    assert all(50 < int(place.removesuffix(")")) < 100 for place in places)


def test_files_with_a_version_are_compared_by_it() -> None:
    changes = list(amendments.statements("0.1.0", {"kiosk.exe": "0.1.0.0"}))
    file = wxs.identifier("f", "kiosk.exe")
    assert f"UPDATE `File` SET `Version`='0.1.0.0' WHERE `File`='{file}'" in changes
    assert f"DELETE FROM `MsiFileHash` WHERE `File_`='{file}'" in changes


A_VERSION = struct.pack("<IIII", 0xFEEF04BD, 0x10000, 6 << 16 | 11, 1 << 16)


@pytest.mark.parametrize(
    ("content", "version"),
    [
        (b"MZ" + bytes(60) + A_VERSION, "6.11.1.0"),
        (b"MZ" + bytes(60), None),
        (A_VERSION, None),
        (b"", None),
    ],
    ids=["a library", "without a version", "no program", "empty"],
)
def test_the_version_that_a_file_carries(
    content: bytes, version: str | None, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(content)
    assert amendments.version_of(tmp_path / "file") == version


def test_only_administrators_write_the_machines_settings() -> None:
    header, kinds, key, row = amendments.lock_table().splitlines()
    columns = dict(zip(header.split("\t"), row.split("\t"), strict=True))
    assert len(kinds.split("\t")) == len(columns)
    assert key.split("\t") == [amendments.LOCK_TABLE, amendments.LOCK_TABLE]
    assert (columns["LockObject"], columns["Table"]) == ("MACHINEFOLDER", "CreateFolder")
    rights = columns["SDDLText"].removeprefix("O:BAG:SYD:PAI").strip("()").split(")(")
    assert {one.rpartition(";")[2]: one.split(";")[2] for one in rights} == {
        "SY": "FA",
        "BA": "FA",
        "BU": "0x1200a9",
    }


def test_a_folder_is_staged_with_one_time(tmp_path: Path) -> None:
    programs, work = tmp_path / "programs", tmp_path / "work"
    for name in FILES:
        (programs / name).parent.mkdir(parents=True, exist_ok=True)
        (programs / name).write_text(name)
    icon = tmp_path / "some.ico"
    icon.touch()
    assert msi.stage(programs, icon, work, EPOCH) == sorted(FILES)
    times = {path.stat().st_mtime for path in work.rglob("*") if path.is_file()}
    assert times == {EPOCH}


def summary(times: tuple[int, int], *, identifiers: int = 1, kind: int = 0x40) -> bytes:
    """A package as far as its times go: another property, then creation and last change."""
    fields = struct.pack("<II", 3, 4) + struct.pack("<IQ", kind, times[0])
    fields += struct.pack("<IQ", kind, times[1])
    places = struct.pack("<IIIIII", 1, 32, 12, 40, 13, 52)
    section = struct.pack("<II", 8 + len(places) + len(fields), 3) + places + fields
    mark = uuid.UUID("f29f85e0-4ff9-1068-ab91-08002b27b3d9").bytes_le
    return bytes(128) + bytes(28) + mark * identifiers + struct.pack("<I", 48) + section


def test_times_of_a_package_are_set(tmp_path: Path) -> None:
    package, epoch = tmp_path / "one.msi", datetime(2026, 9, 1, tzinfo=UTC)
    package.write_bytes(summary((1, 2)))
    msi.settle_times(package, int(epoch.timestamp()))
    ticks = int((epoch - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
    assert package.read_bytes() == summary((ticks, ticks))


@pytest.mark.parametrize(
    "spoilt",
    [
        summary((1, 2), identifiers=2),
        summary((1, 2), identifiers=0),
        summary((1, 2), kind=0x1E),
    ],
    ids=["two summaries", "no summary", "torn apart"],
)
def test_a_package_that_is_not_understood_is_not_changed(spoilt: bytes, tmp_path: Path) -> None:
    package = tmp_path / "one.msi"
    package.write_bytes(spoilt)
    with pytest.raises(Failed, match="summary"):
        msi.settle_times(package, EPOCH)
    assert package.read_bytes() == spoilt


def test_the_manifest_asks_for_no_rights_and_for_sharp_pictures() -> None:
    tree = ET.fromstring(resources.MANIFEST.encode())
    texts = {element.tag.partition("}")[2]: element.text for element in tree.iter()}
    levels = [one.get("level") for one in tree.iter() if one.tag.endswith("ExecutionLevel")]
    assert levels == ["asInvoker"]
    assert (texts["dpiAwareness"], texts["longPathAware"]) == ("PerMonitorV2", "true")


def test_the_version_resource_has_four_numbers() -> None:
    text = resources.version_info("1.2.3")
    assert "filevers=(1, 2, 3, 0)" in text
    assert "StringStruct('ProductVersion', '1.2.3')" in text
    compile(text, "version.txt", "eval")
