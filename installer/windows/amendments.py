"""What wixl 0.101 cannot say in its description, as changes to the tables of the finished MSI."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from installer.windows.wxs import FAMILY, VALUES, Value, identifier

LOCKED_FOLDER: Final = "O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)"
"""Only administrators write the machine's settings; everybody reads them. Windows would let
everybody make files in a new folder there, and so choose the central service; and whoever made
the folder before would stay its owner."""
LOCK_TABLE: Final = "MsiLockPermissionsEx"
_LOCK_ROWS: Final = (
    (LOCK_TABLE, "LockObject", "Table", "SDDLText", "Condition"),
    ("s72", "s72", "s32", "s0", "S255"),
    (LOCK_TABLE, LOCK_TABLE),
    ("MachineFolder", "MACHINEFOLDER", "CreateFolder", LOCKED_FOLDER, ""),
)

_SET_PROPERTY: Final = 51
"""A custom action that gives a property a value."""
_AFTER_SEARCH: Final = 60
"""Between AppSearch (50) and LaunchConditions (100)."""
_AFTER_START: Final = 1501
"""Right after InstallInitialize: the old version goes, and comes back if the new one fails."""
_MIGRATE_FROM_ANY_UP_TO_THIS: Final = 0x001 | 0x100 | 0x200
_VERSION_MARK: Final = struct.pack("<II", 0xFEEF04BD, 0x00010000)


def statements(version: str, versions: Mapping[str, str]) -> Iterator[str]:
    """Return the changes in the language of ``msibuild``, one row each.

    ``versions`` are those that the programs and libraries carry, by path:
    without them Windows takes an installed library for newer than the same one
    in the package.
    """
    yield from _replacing(version)
    names = [value.name for value in VALUES]
    secure = ";".join([*names, "WIX_DOWNGRADE_DETECTED", "WIX_UPGRADE_DETECTED"])
    yield _update("Property", "Value", secure, "Property", "SecureCustomProperties")
    for number, value in enumerate(VALUES):
        yield _update("Component", "Condition", value.name, "Component", value.component)
        yield from _remembering(value, _AFTER_SEARCH + 2 * number)
    for path, carried in sorted(versions.items()):
        file = identifier("f", path)
        yield _update("File", "Version", carried, "File", file)
        yield _update("File", "Language", "0", "File", file)
        yield _delete("MsiFileHash", "File_", file)


def lock_table() -> str:
    """Return the table that says who may write into the folder of the machine's settings."""
    return "".join("\t".join(row) + "\r\n" for row in _LOCK_ROWS)


def version_of(file: Path) -> str | None:
    """Return the version that a program or library carries, if any: ``6.11.1.0``."""
    content = file.read_bytes()
    place = content.find(_VERSION_MARK)
    if not content.startswith(b"MZ") or place < 0:
        return None
    high, low = struct.unpack_from("<II", content, place + 8)
    return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"


def _replacing(version: str) -> Iterator[str]:
    """Let a package replace older ones and other builds of its own version."""
    yield _delete("Upgrade", "ActionProperty", "WIX_UPGRADE_DETECTED")
    yield _insert(
        "Upgrade",
        UpgradeCode=f"{{{str(FAMILY).upper()}}}",
        VersionMin="0.0.0",
        VersionMax=version,
        Attributes=_MIGRATE_FROM_ANY_UP_TO_THIS,
        ActionProperty="WIX_UPGRADE_DETECTED",
    )
    yield _update(
        "InstallExecuteSequence", "Sequence", _AFTER_START, "Action", "RemoveExistingProducts"
    )


def _remembering(value: Value, place: int) -> Iterator[str]:
    """Let an upgrade or a repair go on with the value that the package before it wrote.

    The value may have been changed since, by a group policy; or it is gone, and
    comes back from the package's own notes.
    """
    known = f"{value.ours} AND NOT {value.name}"
    actions = {
        f"Keep.{value.name}": (value.present, f"{known} AND {value.present}"),
        f"Restore.{value.name}": (value.ours, f"{known} AND NOT {value.present}"),
    }
    for number, (action, (source, condition)) in enumerate(actions.items(), place):
        yield _insert(
            "CustomAction",
            Action=action,
            Type=_SET_PROPERTY,
            Source=value.name,
            Target=f"[{source}]",
        )
        for sequence in ("InstallExecuteSequence", "InstallUISequence"):
            yield _insert(sequence, Action=action, Condition=condition, Sequence=number)


# The words below are this module's own, and what is made of them goes to a file of ours.


def _insert(table: str, **row: str | int) -> str:
    names = ",".join(f"`{name}`" for name in row)
    values = ",".join(map(_literal, row.values()))
    return f"INSERT INTO `{table}` ({names}) VALUES ({values})"  # noqa: S608 - words of our own


def _update(table: str, column: str, new: str | int, key: str, is_: str) -> str:
    change = f"`{column}`={_literal(new)}"
    return f"UPDATE `{table}` SET {change} WHERE `{key}`='{is_}'"  # noqa: S608 - words of our own


def _delete(table: str, key: str, is_: str) -> str:
    return f"DELETE FROM `{table}` WHERE `{key}`='{is_}'"  # noqa: S608 - words of our own


def _literal(value: str | int) -> str:
    return str(value) if isinstance(value, int) else f"'{value}'"
