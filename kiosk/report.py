"""Telling support of an error, without a word of what it was about."""

from __future__ import annotations

import sys
import traceback

from kiosk.domain.problem import ProblemCode


def where(error: BaseException) -> str:
    """Say what kind of error came from which line; its text is left out."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} in {place}"


def report_internal(what: str) -> None:
    """Leave one line for support on standard error."""
    print(f"{ProblemCode.INTERNAL.code} {what}", file=sys.stderr, flush=True)  # noqa: T201 - the only log it has
