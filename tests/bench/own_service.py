"""The central service of the demo, for the time of a measurement."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from kiosk.demo.service import Service


@contextlib.contextmanager
def running_service(folder: Path) -> Iterator[str]:
    """Run it; give its address."""
    service = Service(folder)
    service.open()
    try:
        yield service.url
    finally:
        service.close()
