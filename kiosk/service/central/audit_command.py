"""The commands ``eligibility audit …`` and ``eligibility db upgrade``.

Exit status: 0 well, 1 a chain that is not sound or an upgrade that failed, 69 a database that
cannot be reached, 78 configuration.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TextIO

from kiosk.domain.national_number import InvalidNationalNumber, NationalNumber
from kiosk.service.central import audit_reports
from kiosk.service.central.audit import ChainBroken
from kiosk.service.central.audit_anchors import AnchorsUnusable, line_of, read_anchors
from kiosk.service.central.database_commands import add_command, wrong_argument
from kiosk.service.central.keys import KeyUnusable
from kiosk.service.central.sealed_numbers import Opener, is_encrypted, load_opener
from kiosk.service.central.settings import Settings
from kiosk.service.central.storage.migrate import UpgradeFailed, upgrade
from kiosk.service.central.storing import open_database, open_keys, open_store


def add_commands(commands: argparse._SubParsersAction[Any]) -> None:
    """Add both commands; each sets ``run``, which takes settings and arguments."""
    actions = commands.add_parser("audit", help="look at the audit records").add_subparsers(
        dest="action", required=True
    )
    verify = add_command(actions, "verify", _verify, "check the chain from its first record")
    verify.add_argument("--anchor", type=Path, metavar="FILE", help="notes of earlier ends")
    export = add_command(actions, "export", _export, "write records out, for the DPO")
    export.add_argument("--from", dest="since", type=date.fromisoformat, metavar="YYYY-MM-DD")
    export.add_argument("--to", dest="until", type=date.fromisoformat, metavar="YYYY-MM-DD")
    export.add_argument("--format", choices=("ndjson", "csv"), default="ndjson")
    export.add_argument("--dpo-key", type=Path, metavar="FILE", help="opens the sealed numbers")
    export.add_argument("--person", action="store_true", help="about one; asks for the number")
    export.add_argument("--out", type=Path, metavar="FILE", help="instead of standard output")
    add_command(actions, "prune", _prune, "remove what is older than the time that records stay")
    schema = commands.add_parser("db", help="the database").add_subparsers(
        dest="action", required=True
    )
    add_command(schema, "upgrade", _upgrade, "bring the schema to that of this version")


def _verify(settings: Settings, chosen: argparse.Namespace) -> int:
    anchors = _anchors(chosen.anchor)
    chain = open_store(settings).verify(anchors)
    if not chain.is_sound:
        print(f"record {chain.broken_at} is not as it was written, or is missing")
        print(f"sound before it: {chain.records} records")
        return 1
    print(f"{chain.records} records are sound, up to number {chain.end.seq}")
    print(line_of(chain.end, datetime.now(UTC)))
    return 0


def _export(settings: Settings, chosen: argparse.Namespace) -> int:
    opener = _opener(chosen.dpo_key)
    store = open_store(settings)
    records = store.rows(*_bounds(chosen), subjects=_subjects(settings, person=chosen.person))
    told = audit_reports.opened(records, opener)
    with _written_to(chosen.out) as file:
        if chosen.format == "csv":
            audit_reports.write_csv(told, file, with_number=opener is not None)
        else:
            audit_reports.write_ndjson(told, file)
    return 0


def _prune(settings: Settings, _chosen: argparse.Namespace) -> int:
    now = datetime.now(UTC)
    before = _years_earlier(now, settings.audit.retention_years)
    try:
        removed = open_store(settings).prune(before, now)
    except ChainBroken as error:
        print(f"nothing was removed: {error} is not as it was written")
        return 1
    print(f"{removed} records asked before {before.date()} were removed")
    return 0


def _upgrade(settings: Settings, _chosen: argparse.Namespace) -> int:
    try:
        version = upgrade(open_database(settings))
    except UpgradeFailed as error:
        print(f"nothing was changed: {error}")
        return 1
    print(f"the schema is that of version {version}")
    return 0


def _anchors(path: Path | None) -> dict[int, str]:
    try:
        return {} if path is None else read_anchors(path)
    except AnchorsUnusable as error:
        raise wrong_argument("--anchor", str(error)) from error


def _opener(path: Path | None) -> Opener | None:
    if path is None:
        return None
    try:
        passphrase = _ask("passphrase of the key: ") if is_encrypted(path) else None
        return load_opener(path, passphrase)
    except KeyUnusable as error:
        raise wrong_argument("--dpo-key", str(error)) from error


def _subjects(settings: Settings, *, person: bool) -> list[str] | None:
    if not person:
        return None
    try:
        return open_keys(settings).pseudonyms(NationalNumber(_ask("national number: ")))
    except InvalidNationalNumber:
        raise wrong_argument("--person", "that is no national number") from None


def _ask(prompt: str) -> str:
    """Ask without showing the answer: what stands on a command line is seen by others."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def _bounds(chosen: argparse.Namespace) -> tuple[datetime | None, datetime | None]:
    until = None if chosen.until is None else chosen.until + timedelta(days=1)
    return _midnight(chosen.since), _midnight(until)


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min).astimezone()


def _years_earlier(moment: datetime, years: int) -> datetime:
    try:
        return moment.replace(year=moment.year - years)
    except ValueError:  # the 29th of February
        return moment.replace(year=moment.year - years, day=28)


@contextmanager
def _written_to(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        return
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise wrong_argument("--out", f"{path}: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        yield file
