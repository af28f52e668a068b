"""The central service of the demo: its own process, its own folder, gone at the end."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_READY = "listening on "
_STOP_SECONDS = 10


class ServiceFailed(Exception):
    """The central service did not start; the text is what it said."""


@contextlib.contextmanager
def running_service(folder: Path) -> Iterator[str]:
    """Run the service with its made-up registers on a free port; give its address."""
    settings = {
        "ELIGIBILITY_ENVIRONMENT": "test",
        "ELIGIBILITY_AUTH": "none",
        "ELIGIBILITY_DATABASE__URL": f"sqlite:///{folder / 'audit.sqlite3'}",
        "ELIGIBILITY_PSEUDONYM__KEY_FILE": str(folder / "pseudonym.key"),
    }
    log = folder / "service.log"
    with log.open("w", encoding="utf-8") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "kiosk.service.central", "serve", "--port", "0"],
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
    with process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(_READY):
                raise ServiceFailed(log.read_text("utf-8"))
            yield line.removeprefix(_READY).strip()
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_SECONDS)
            process.kill()
