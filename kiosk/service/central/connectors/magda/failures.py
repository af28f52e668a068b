"""Why MAGDA did not tell: a closed set of words, and the exceptional answers by their number.

Source of the numbers: the project's domain sheet, section 2.4, read from the answers of MAGDA's own
simulator. A number that stands here is handled as it says whatever its type (FOUT, WAARSCHUWING,
INFORMATIE); another one of type FOUT is a refusal of this question, the rest is noted only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from kiosk.service.central.connectors import RETRY_SECONDS, SourceState

_CROWD_WORDS: Final = ("gelijktijdig", "te veel", "teveel", "simultan", "too many", "trop de")


class Reason(Enum):
    """Every word that may stand in an answer's ``reason``, the gravest first."""

    TIMEOUT = "timeout"
    NO_CONNECTION = "no-connection"
    CERTIFICATE = "certificate"
    HTTP_ERROR = "http-error"
    RESTING = "resting"
    TOO_BUSY = "too-busy"
    NOT_UNDERSTOOD = "not-understood"
    OTHER_QUESTION = "other-question"
    OTHER_PERSON = "other-person"
    SOAP_FAULT = "soap-fault"
    SOURCE_DOWN = "source-down"
    SOURCE_ERROR = "source-error"
    NOT_AUTHORISED = "not-authorised"
    FILTERED = "filtered"
    INVALID_NUMBER = "invalid-number"
    OWN_FILE = "own-file"
    REPLACED = "replaced-number"
    UNKNOWN_NUMBER = "unknown-number"
    NO_DOSSIER = "no-dossier"
    NO_INCOME_YEAR = "no-income-year"
    OTHER_YEAR = "other-year"


_STATES: Final = {
    Reason.TOO_BUSY: SourceState.TOO_BUSY,
    Reason.SOURCE_ERROR: SourceState.REFUSED,
    Reason.NOT_AUTHORISED: SourceState.REFUSED,
    Reason.FILTERED: SourceState.REFUSED,
    Reason.INVALID_NUMBER: SourceState.REFUSED,
    Reason.OWN_FILE: SourceState.REFUSED,
    Reason.REPLACED: SourceState.NO_DATA,
    Reason.UNKNOWN_NUMBER: SourceState.NO_DATA,
    Reason.NO_DOSSIER: SourceState.NO_DATA,
    Reason.NO_INCOME_YEAR: SourceState.NO_DATA,
    Reason.OTHER_YEAR: SourceState.NO_DATA,
}
"""What may hang on one person is no state of the whole source; what is not here is an outage."""

_OF_ONE_ANSWER: Final = frozenset({Reason.OTHER_PERSON, Reason.NOT_UNDERSTOOD})


class Unusable(Exception):
    """A certificate or key that cannot be used. Its text is for the administrator."""


class NotAnswered(Exception):
    """A service that did not tell. Its text is the reason's word and nothing else.

    ``replaced_by``: what it said of a new number all the same, as in ``Answer``.
    """

    def __init__(self, reason: Reason, retry_after: int | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.replaced_by: frozenset[str] | None = None
        self.state = _STATES.get(reason, SourceState.UNAVAILABLE)
        self.retry_after = retry_after or (RETRY_SECONDS if self.state.retryable else None)

    @property
    def is_of_one_answer(self) -> bool:
        """Whether it may hang on one person's file, and tells nothing of how the source fares."""
        return self.reason in _OF_ONE_ANSWER


class Note(Enum):
    """An exceptional answer that does not keep the rest from being used."""

    REPLACED = "replaced-number"
    NO_DATA = "no-data-found"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One ``Uitzondering``: its number, type and text, of which only the number is ever logged."""

    code: str
    kind: str
    text: str


_REASONS: Final = {
    "20002": Reason.INVALID_NUMBER,
    "30001": Reason.NO_DOSSIER,
    "30003": Reason.UNKNOWN_NUMBER,
    "15021": Reason.FILTERED,
    "40006": Reason.NOT_AUTHORISED,
    "60011": Reason.NOT_AUTHORISED,
    "45008": Reason.NO_INCOME_YEAR,
    "60006": Reason.SOURCE_DOWN,
    "60007": Reason.SOURCE_DOWN,
    "60013": Reason.SOURCE_DOWN,
    "90000": Reason.SOURCE_DOWN,
    "99994": Reason.SOURCE_DOWN,
    "99995": Reason.TOO_BUSY,
    "99996": Reason.SOURCE_DOWN,  # or too many questions at once: its text tells
    "99997": Reason.SOURCE_DOWN,
}
REPLACED_CODE: Final = "30004"
"""The person has got another number."""

_NOTES: Final = {REPLACED_CODE: Note.REPLACED, "70001": Note.NO_DATA}
_CROWD_OR_OUTAGE: Final = "99996"
_WITH_WARNING: Final = "70001"
_NO_DATA_FOUND: Final = "NO_DATA_FOUND"
_ERROR: Final = "FOUT"
_GRAVEST: Final = tuple(Reason)


def meaning_of(diagnosis: Diagnosis) -> Reason | Note | None:
    """Return what an exceptional answer means, ``None`` for one that changes nothing."""
    if diagnosis.code == _CROWD_OR_OUTAGE and _says_crowd(diagnosis.text):
        return Reason.TOO_BUSY
    if diagnosis.code == _WITH_WARNING and _NO_DATA_FOUND not in diagnosis.text:
        return Reason.SOURCE_DOWN  # the same number goes with other states of the source
    known = _REASONS.get(diagnosis.code) or _NOTES.get(diagnosis.code)
    if known is None and diagnosis.kind == _ERROR:
        return Reason.SOURCE_ERROR
    return known


def is_known(diagnosis: Diagnosis) -> bool:
    """Whether the number stands in the table; others are logged so that somebody looks."""
    return diagnosis.code in _REASONS or diagnosis.code in _NOTES


def gravest(reasons: set[Reason]) -> Reason:
    """Return the reason that counts when there are several: outages first, missing data last."""
    return min(reasons, key=_GRAVEST.index)


def loggable(code: str) -> str:
    """Return a code of a source as it may be logged; what is long or strange is not repeated."""
    harmless = len(code) <= 8 and code.isascii() and code.isalnum()
    return code if harmless else "of no known form"


def _says_crowd(text: str) -> bool:
    return any(word in text.lower() for word in _CROWD_WORDS)
