"""Runs inside a private stack: prints what the slot monitor tells, one JSON object a line."""

import json
import time
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from kiosk.cardreader.monitor import PcscMonitor
from kiosk.cardreader.slots import ReaderFilter
from kiosk.domain.problem import ProblemCode


def plain(value: object) -> Any:
    return value.code if isinstance(value, ProblemCode) else value


def main() -> None:
    monitor = PcscMonitor(ReaderFilter(only=("00 00",)))
    while True:
        for event in monitor.wait(timedelta(seconds=5)):
            fields = {"event": type(event).__name__, "at": time.monotonic(), **asdict(event)}
            print(json.dumps(fields, default=plain), flush=True)


if __name__ == "__main__":
    main()
