"""Why the OCMW's data did not tell: a closed set of words, none of which is about anybody."""

from __future__ import annotations

from enum import Enum
from typing import Final

from kiosk.service.central.connectors import RETRY_SECONDS, SourceState


class Reason(Enum):
    """Every word that may stand in an answer's ``reason``."""

    TIMEOUT = "timeout"
    TOO_BUSY = "too-busy"
    RESTING = "resting"
    NO_CONNECTION = "no-connection"
    LOCKED = "locked"
    NOT_AUTHORISED = "not-authorised"
    OTHER_SCHEMA = "other-schema"
    NOT_UNDERSTOOD = "not-understood"
    NO_NUMBERS = "no-numbers"
    NOT_IMPORTED = "not-imported"
    OTHER_LIST = "other-list"
    OTHER_KEY = "other-key"
    STALE = "stale"
    NOT_LISTED = "not-listed"
    DAY_TO_COME = "day-to-come"
    TOO_MANY_ROWS = "too-many-rows"
    UNKNOWN_STATUS = "unknown-status"
    BAD_VALUE = "bad-value"
    CONTRADICTION = "contradiction"


_STATES: Final = {
    Reason.TOO_BUSY: SourceState.TOO_BUSY,
    Reason.NOT_AUTHORISED: SourceState.REFUSED,
    Reason.NOT_LISTED: SourceState.NO_DATA,
    Reason.DAY_TO_COME: SourceState.NO_DATA,
    Reason.TOO_MANY_ROWS: SourceState.REFUSED,
    Reason.UNKNOWN_STATUS: SourceState.REFUSED,
    Reason.BAD_VALUE: SourceState.REFUSED,
    Reason.CONTRADICTION: SourceState.REFUSED,
}
"""What may hang on one person is no state of the whole source; what is not here is an outage."""

LASTING: Final = frozenset(
    {
        *(Reason.NOT_AUTHORISED, Reason.OTHER_SCHEMA, Reason.NO_NUMBERS),
        *(Reason.NOT_IMPORTED, Reason.OTHER_LIST, Reason.OTHER_KEY, Reason.STALE),
    }
)
"""What holds for everybody until somebody does something about it."""


UNANSWERED: Final = frozenset(
    {Reason.TIMEOUT, Reason.TOO_BUSY, Reason.NO_CONNECTION, Reason.LOCKED}
)
"""What says that a database does not answer, whoever is asked about."""


def state_of(reason: Reason) -> SourceState:
    """Return the state of a source that did not tell for this reason."""
    return _STATES.get(reason, SourceState.UNAVAILABLE)


class NotRead(Exception):
    """The data could not be read. Its text is the reason's word and nothing else."""

    def __init__(self, reason: Reason, retry_after: int = RETRY_SECONDS) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.retry_after = retry_after
