"""What the window and an agent say to each other: JSON lines, a closed set.

The number travels in one direction only, inside :class:`BeginTyped`; nothing
that goes to the window can hold one.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, Final, TypeAlias

import msgspec

from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.verdict import SourceState, UseCase, Verdict
from kiosk.domain.visit import SlotName, VisitId

LONGEST_LINE: Final = 64 * 1024
MOST_SOURCES: Final = 16
_WORD: Final = re.compile(r"[a-z-]{1,40}")
_OF_SERVICE: Final = "K4"


class MessageError(ValueError):
    """A line that is no message of this set. It is never quoted."""


class Progress(Enum):
    """What the agent is doing, for the words on the screen."""

    WAITING_FOR_CARD = "waiting-for-card"
    READING = "reading"
    ASKING = "asking"


class TypedReason(Enum):
    """Why an officer typed a number and no card was read."""

    CARD_FORGOTTEN = "card-forgotten"
    CARD_OR_READER_BROKEN = "card-or-reader-broken"
    CARD_EXPIRED = "card-expired"
    CARD_REFUSED = "card-refused"
    OTHER = "other"


class _Message(msgspec.Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """Base of both directions."""


class Begin(_Message, frozen=True, tag="begin"):
    """To the agent: this is your visit, the card is in this slot, ask about this use case."""

    visit: VisitId
    slot: SlotName
    use_case: UseCase


class BeginTyped(_Message, frozen=True, tag="begin-typed"):
    """To the agent: this is your visit, the officer typed these digits.

    The contract with the central service has no field for the reason: it ends at
    the agent, which writes it nowhere.
    """

    visit: VisitId
    digits: str
    reason: TypedReason
    use_case: UseCase

    def __repr__(self) -> str:
        """Leave the digits out."""
        return f"BeginTyped(visit={self.visit})"


class AskAgain(_Message, frozen=True, tag="ask-again"):
    """To the agent: ask the service once more about the same person."""


class Ready(_Message, frozen=True, tag="ready"):
    """From the agent: everything is loaded; a visit may begin."""


class Status(_Message, frozen=True, tag="status"):
    """From a waiting agent: how the sources fare, and whether the central service answers.

    ``sources`` are the lamps, a group and its state each; empty when nobody
    knows. ``service`` is ``None`` when the service answered, else the code K4xx
    of what was wrong. It belongs to no visit.
    """

    sources: tuple[SourceState, ...]
    service: str | None

    def __post_init__(self) -> None:
        """Refuse whatever could hold more than words of a source and a code of the service."""
        plain = all(
            source == SourceState(group=source.group, state=source.state)
            and _WORD.fullmatch(source.group)
            and _WORD.fullmatch(source.state)
            for source in self.sources
        )
        if len(self.sources) > MOST_SOURCES or not plain:
            raise ValueError("no lamps")
        if self.service is not None and not self.service.startswith(_OF_SERVICE):
            raise ValueError("no problem of the service")
        _require_code(self.service)


class Proceeding(_Message, frozen=True, tag="proceeding"):
    """From the agent: what it is doing now."""

    visit: VisitId
    step: Progress


class CardHolder(_Message, frozen=True, tag="card-holder"):
    """From the agent: the given name, shown at the desk while checking."""

    visit: VisitId
    given_name: str

    def __repr__(self) -> str:
        """Leave the name out."""
        return f"CardHolder(visit={self.visit})"


class Concluded(_Message, frozen=True, tag="concluded"):
    """From the agent: exactly one of a verdict and a problem code."""

    visit: VisitId
    verdict: Verdict | None = None
    problem: str | None = None

    def __post_init__(self) -> None:
        """Refuse an outcome that is both, neither, or an unknown code."""
        if (self.verdict is None) == (self.problem is None):
            raise ValueError("either a verdict or a problem")
        _require_code(self.problem)

    @property
    def outcome(self) -> Verdict | Problem:
        """What the visit machine takes."""
        if self.verdict is not None:
            return self.verdict
        return Problem(ProblemCode.from_code(self.problem or ""))


ToAgent: TypeAlias = Begin | BeginTyped | AskAgain
ToWindow: TypeAlias = Ready | Status | Proceeding | CardHolder | Concluded

_encoder = msgspec.json.Encoder()
_to_agent: msgspec.json.Decoder[ToAgent] = msgspec.json.Decoder(ToAgent)
_to_window: msgspec.json.Decoder[ToWindow] = msgspec.json.Decoder(ToWindow)


def line_of(message: ToAgent | ToWindow) -> bytes:
    """Return a message as one line; raise ``MessageError`` when it is too long, or no Unicode."""
    try:
        line = _encoder.encode(message) + b"\n"
    except UnicodeEncodeError:  # half a character in the name of a reader; it would be quoted
        raise MessageError("a text that no line can hold") from None
    if len(line) > LONGEST_LINE:
        raise MessageError("a line is too long")
    return line


def for_agent(line: bytes) -> ToAgent:
    """Read what the window said; raise ``MessageError``."""
    message: ToAgent = _decode(line, _to_agent)
    return message


def for_window(line: bytes) -> ToWindow:
    """Read what an agent said; raise ``MessageError``."""
    message: ToWindow = _decode(line, _to_window)
    return message


def _require_code(code: str | None) -> None:
    if code is not None:
        try:
            ProblemCode.from_code(code)
        except KeyError:
            raise ValueError("an unknown problem code") from None


def _decode(line: bytes, decoder: msgspec.json.Decoder[Any]) -> Any:
    if len(line) <= LONGEST_LINE:
        try:
            return decoder.decode(line)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            pass
    raise MessageError("not a message")
