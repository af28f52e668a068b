"""The file that support gets: the report, versions, settings, and nothing about a person."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import io
import json
import platform
import re
import socket
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from kiosk.commands import config, version
from kiosk.commands.doctor_findings import Finding, as_json

_OLDEST_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The first date that a zip file can have; the same facts make the same file."""
_FREE_TEXTS: Final = ("ui.counter", "ui.desk.nl", "ui.desk.en")
"""Settings that may hold the name of an officer."""
_TECHNICAL: Final = frozenset({"", "root", "kiosk", "tariefwijzer", "localhost"})
"""Names of users and machines that say nothing."""
_USERS_FOLDER: Final = re.compile(r"(?i)(?:/home/|/users/|[a-z]:\\+users\\+)[^/\\\"\n,;:]+")
_NUMBER: Final = re.compile(
    r"(?<![0-9A-Za-z])\d{2}[ .-]?\d{2}[ .-]?\d{2}[ .-]?\d{3}[ .-]?\d{2}(?![0-9A-Za-z])"
)
"""A national number, in whatever way it came to stand there."""


def bundle(
    options: argparse.Namespace, findings: Sequence[Finding], readers: Sequence[str]
) -> bytes:
    """Return the zip file; ``readers`` are the names that PC/SC gives, used ones or not."""
    cleaned = cleaner()
    report = as_json(findings)
    members = {
        "doctor.json": json.dumps(_cleaned(report, cleaned), indent=1),
        "settings.txt": _settings(options, cleaned),
        "system.json": json.dumps(_cleaned(_system(readers), cleaned), indent=1),
        "versions.json": _printed(lambda: version.run(argparse.Namespace(json=True))),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in members.items():
            entry = zipfile.ZipInfo(name, _OLDEST_DATE)
            archive.writestr(entry, text, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def cleaner(user: str | None = None, host: str | None = None) -> Callable[[str], str]:
    """Return what takes home folders, user, machine and numbers out of a text."""
    home = str(Path.home())
    homes = (json.dumps(home)[1:-1], home)
    machine = socket.gethostname() if host is None else host
    names = {
        _user() if user is None else user: "(user)",
        machine: "(machine)",
        machine.partition(".")[0]: "(machine)",
    }
    known = {name: label for name, label in names.items() if name.casefold() not in _TECHNICAL}

    def clean(text: str) -> str:
        for folder in homes:
            text = text if folder == "/" else text.replace(folder, "~")
        text = _NUMBER.sub("(number)", _USERS_FOLDER.sub("~", text))
        for name, label in known.items():
            text = re.sub(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", label, text)
        return text

    return clean


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _cleaned(value: object, cleaned: Callable[[str], str]) -> object:
    """Clean every text but the names of fields and layers, which are ours."""
    if isinstance(value, Mapping):
        fixed = ("layer", "state", "code")
        return {key: one if key in fixed else _cleaned(one, cleaned) for key, one in value.items()}
    if isinstance(value, list):
        return [_cleaned(one, cleaned) for one in value]
    return cleaned(value) if isinstance(value, str) else value


def _settings(options: argparse.Namespace, cleaned: Callable[[str], str]) -> str:
    """Return what ``config show`` prints, without what officers wrote in their own words."""
    lines = []
    for line in _printed(lambda: config.show(options)).splitlines():
        key, equals, value = line.partition(" = ")
        if equals and key in _FREE_TEXTS:
            value = '""' if value.startswith('""') else '"(a text)"'
            lines.append(f"{key}{equals}{value}")
        else:
            lines.append(f"{key}{equals}{cleaned(value)}" if equals else cleaned(line))
    return "\n".join(lines) + "\n"


def _system(readers: Sequence[str]) -> Mapping[str, object]:
    try:
        name = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        name = platform.version()
    return {
        "system": platform.system(),
        "release": platform.release(),
        "name": name,
        "machine": platform.machine(),
        "readers": list(readers),
    }


def _printed(command: Callable[[], object]) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        command()
    return said.getvalue()
