"""Telling support of an error, without a word of what it was about."""

from __future__ import annotations

import sys
import threading
import traceback
from typing import Final, final

from kiosk.domain.problem import ProblemCode


def where(error: BaseException) -> str:
    """Say what kind of error came from which line; its text is left out."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} in {place}"


def report_internal(what: str) -> None:
    """Leave one line for support on standard error."""
    print(f"{ProblemCode.INTERNAL.code} {what}", file=sys.stderr, flush=True)  # noqa: T201 - the only log it has


@final
class _FailuresToldOnce:
    """Keeps off stderr what python-pkcs11 says besides, of a search that did not begin.

    Version 0.10.1 ends such a search when its object is deleted, where nothing can
    be raised: the traceback goes to both hooks. Threads may be in here at once.
    """

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._inside = 0
        self._hooks = sys.excepthook, sys.unraisablehook

    def __enter__(self) -> None:
        with self._changing:
            if not self._inside:
                self._hooks = sys.excepthook, sys.unraisablehook
                sys.excepthook = sys.unraisablehook = _say_nothing
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._changing:
            self._inside -= 1
            if not self._inside:
                sys.excepthook, sys.unraisablehook = self._hooks


failures_told_once: Final = _FailuresToldOnce()
"""To search cards and tokens in."""


def _say_nothing(*_: object) -> None:
    """Stand in for a hook."""
