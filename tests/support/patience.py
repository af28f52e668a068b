"""Waiting for what other processes do: looked at again and again, with an end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

SOON: Final = 10.0
_PAUSE: Final = 0.02


def wait_until(condition: Callable[[], bool], what: str, seconds: float = SOON) -> float:
    """Return after how many seconds it came true; fail when the time is over."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"not within {seconds} s: {what}"
        time.sleep(_PAUSE)
    return time.monotonic() - began


def holds_for(condition: Callable[[], bool], what: str, seconds: float) -> None:
    """Look for so long that something stays as it is."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert condition(), f"no longer: {what}"
        time.sleep(_PAUSE)
