"""The technical log, on standard error: what happened to the service, never to a person."""

from __future__ import annotations

import logging
import re
import sys

_NUMBER = re.compile(r"\d{2}\.?\d{2}\.?\d{2}[-.]?\d{3}[-.]?\d{2}")


class Masked(logging.Formatter):
    """One line a record, without the texts of exceptions, and with number-like runs masked.

    The second net: nothing here logs a number on purpose, and other people's libraries may.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a traceback becomes the name of its exception."""
        line = (
            f"{self.formatTime(record)} {record.levelname.lower()} "
            f"{record.name}: {record.getMessage()}"
        )
        if record.exc_info and record.exc_info[0] is not None:
            line = f"{line} ({record.exc_info[0].__name__})"
        return _NUMBER.sub("[masked]", line)


def configure_logging() -> None:
    """Send everything from INFO up to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Masked())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # A line for every question to a source says nothing, and when it was asked.
    logging.getLogger("httpx").setLevel(logging.WARNING)
