"""What the window and an agent say to each other: JSON lines, a closed set.

The number travels in one direction only, inside :class:`BeginTyped`; nothing
that goes to the window can hold one.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, TypeAlias

import msgspec

from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.verdict import Verdict
from kiosk.domain.visit import SlotName, VisitId

LONGEST_LINE: Final = 64 * 1024


class MessageError(ValueError):
    """A line that is no message of this set. It is never quoted."""


class Progress(Enum):
    """What the agent is doing, for the words on the screen."""

    WAITING_FOR_CARD = "waiting-for-card"
    READING = "reading"
    ASKING = "asking"


class _Message(msgspec.Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """Base of both directions."""


class Begin(_Message, frozen=True, tag="begin"):
    """To the agent: this is your visit, the card is in this slot."""

    visit: VisitId
    slot: SlotName


class BeginTyped(_Message, frozen=True, tag="begin-typed"):
    """To the agent: this is your visit, the officer typed these digits."""

    visit: VisitId
    digits: str
    reason: str

    def __repr__(self) -> str:
        """Leave the digits out."""
        return f"BeginTyped(visit={self.visit})"


class AskAgain(_Message, frozen=True, tag="ask-again"):
    """To the agent: ask the service once more about the same person."""


class Ready(_Message, frozen=True, tag="ready"):
    """From the agent: everything is loaded; a visit may begin."""


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
        if self.problem is not None:
            try:
                ProblemCode.from_code(self.problem)
            except KeyError:
                raise ValueError("an unknown problem code") from None

    @property
    def outcome(self) -> Verdict | Problem:
        """What the visit machine takes."""
        if self.verdict is not None:
            return self.verdict
        return Problem(ProblemCode.from_code(self.problem or ""))


ToAgent: TypeAlias = Begin | BeginTyped | AskAgain
ToWindow: TypeAlias = Ready | Proceeding | CardHolder | Concluded

_encoder = msgspec.json.Encoder()
_to_agent: msgspec.json.Decoder[ToAgent] = msgspec.json.Decoder(ToAgent)
_to_window: msgspec.json.Decoder[ToWindow] = msgspec.json.Decoder(ToWindow)


def line_of(message: ToAgent | ToWindow) -> bytes:
    """Return a message as one line; raise ``MessageError`` when it is too long."""
    line = _encoder.encode(message) + b"\n"
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


def _decode(line: bytes, decoder: msgspec.json.Decoder[Any]) -> Any:
    if len(line) <= LONGEST_LINE:
        try:
            return decoder.decode(line)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            pass
    raise MessageError("not a message")
