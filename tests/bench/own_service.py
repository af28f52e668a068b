"""The central service for the time of a measurement: that of the demo, and one that records all."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from kiosk.demo.service import Service
from tests.contract.central_server import CentralServer
from tests.support.dpo import DpoKey


@contextlib.contextmanager
def running_service(folder: Path) -> Iterator[str]:
    """Run it; give its address."""
    service = Service(folder)
    service.open()
    try:
        yield service.url
    finally:
        service.close()


@contextlib.contextmanager
def running_checks(folder: Path) -> Iterator[tuple[int, int]]:
    """Run one that seals numbers as in production; give its port and the length of an answer."""
    place = folder / "service"
    place.mkdir(parents=True)
    key = DpoKey(place / "dpo")
    server = CentralServer(place, more=f'[audit]\ndpo_key = "{key.public}"\n')
    try:
        yield server.port, len(server.check("an-peeters").content)
    finally:
        server.close()
