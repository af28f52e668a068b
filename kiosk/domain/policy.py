"""How a desk and a self-service kiosk differ: numbers and flags, no code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum


class Mode(Enum):
    """The two places the program stands in."""

    DESK = "desk"
    SELF_SERVICE = "self-service"


class ChipProof(Enum):
    """What is asked of a chip that has a key of its own."""

    WHEN_SUPPORTED = "when-supported"
    REQUIRED = "required"
    OFF = "off"


class Legacy(Enum):
    """Whether SHA-1 signatures, and those under expired certificates, are taken."""

    ACCEPT = "accept"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPolicy:
    """What counts as enough proof."""

    chip_proof: ChipProof = ChipProof.WHEN_SUPPORTED
    legacy: Legacy = Legacy.ACCEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class ModePolicy:
    """Loaded from ``resources/policy/<mode>.toml``; the visit reads nothing else.

    ``verdict_after_removal`` is how long a verdict stays once its card is out:
    ``None`` means as long as with its card. ``most_extensions``
    is how often somebody may ask for more time to read an outcome.
    ``reads_found_cards``: whether a card is read that nobody was seen putting in.
    """

    mode: Mode
    read_deadline: timedelta
    check_deadline: timedelta
    typing_stays: timedelta
    verdict_stays: timedelta
    problem_stays: timedelta
    question_survives_removal: bool
    verdict_after_removal: timedelta | None
    most_extensions: int
    reads_found_cards: bool
    manual_entry: bool
    show_given_name: bool
