"""What can go wrong, and what the person in front of the screen should do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Remedy(Enum):
    """The next step a person can take; the screen shows this, not the cause."""

    TRY_AGAIN = "try-again"
    REINSERT_CARD = "reinsert-card"
    TURN_CARD = "turn-card"
    USE_ANOTHER_CARD = "use-another-card"
    ASK_THE_DESK = "ask-the-desk"
    CALL_SUPPORT = "call-support"


class ProblemCode(Enum):
    """Stable codes: shown small on screen, counted in logs, listed in docs/problem-codes.md."""

    PCSC_DOWN = "K101", Remedy.CALL_SUPPORT
    PCSC_REFUSED = "K102", Remedy.CALL_SUPPORT
    NO_READER = "K103", Remedy.CALL_SUPPORT
    READER_LOST = "K104", Remedy.CALL_SUPPORT
    NO_CARD_IN_TIME = "K105", Remedy.REINSERT_CARD
    CARD_REMOVED_EARLY = "K201", Remedy.REINSERT_CARD
    CARD_UNREADABLE = "K202", Remedy.REINSERT_CARD
    NOT_AN_EID = "K203", Remedy.USE_ANOTHER_CARD
    CARD_EXPIRED = "K204", Remedy.ASK_THE_DESK
    NOT_A_PERSONS_CARD = "K205", Remedy.USE_ANOTHER_CARD
    CARD_MUTE = "K206", Remedy.TURN_CARD
    CARD_SILENT = "K207", Remedy.REINSERT_CARD
    CARD_HELD = "K208", Remedy.TRY_AGAIN
    CARD_NOT_ACTIVATED = "K209", Remedy.ASK_THE_DESK
    CARD_NOT_YET_VALID = "K210", Remedy.ASK_THE_DESK
    NUMBER_INVALID = "K211", Remedy.ASK_THE_DESK
    SIGNATURE_WRONG = "K301", Remedy.ASK_THE_DESK
    ROOT_UNKNOWN = "K302", Remedy.ASK_THE_DESK
    CHIP_COPIED = "K303", Remedy.ASK_THE_DESK
    CERTIFICATE_WRONG = "K304", Remedy.ASK_THE_DESK
    CHIP_PROOF_MISSING = "K305", Remedy.ASK_THE_DESK
    LEGACY_REFUSED = "K306", Remedy.ASK_THE_DESK
    SERVICE_UNREACHABLE = "K401", Remedy.TRY_AGAIN
    SERVICE_TOO_SLOW = "K402", Remedy.TRY_AGAIN
    SERVICE_REFUSED_US = "K403", Remedy.CALL_SUPPORT
    SERVICE_UNINTELLIGIBLE = "K404", Remedy.CALL_SUPPORT
    SERVICE_BUSY = "K405", Remedy.TRY_AGAIN
    SERVICE_FAILING = "K406", Remedy.TRY_AGAIN
    SERVICE_UNTRUSTED = "K407", Remedy.CALL_SUPPORT
    QUESTION_REFUSED = "K408", Remedy.CALL_SUPPORT
    CONFIGURATION_WRONG = "K501", Remedy.CALL_SUPPORT
    KEY_UNUSABLE = "K502", Remedy.CALL_SUPPORT
    TOKEN_MODULE_UNUSABLE = "K503", Remedy.CALL_SUPPORT
    TOKEN_AWAY = "K504", Remedy.CALL_SUPPORT
    PIN_REFUSED = "K505", Remedy.CALL_SUPPORT
    KEY_AMBIGUOUS = "K506", Remedy.CALL_SUPPORT
    INTERNAL = "K901", Remedy.CALL_SUPPORT
    AGENT_LOST = "K902", Remedy.REINSERT_CARD

    def __init__(self, code: str, remedy: Remedy) -> None:
        self.code = code
        self.remedy = remedy

    @property
    def concerns_reader(self) -> bool:
        """Whether only the reader is missing, so that a number can still be typed."""
        return self.code.startswith("K1")

    @property
    def concerns_card(self) -> bool:
        """Whether another way to give the number may help: the card was the matter."""
        return self.code.startswith(("K2", "K3"))

    @classmethod
    def from_code(cls, code: str) -> ProblemCode:
        """Look a stable code up; raise ``KeyError`` for one that does not exist."""
        return _BY_CODE[code]


_BY_CODE = {member.code: member for member in ProblemCode}


@dataclass(frozen=True, slots=True)
class Problem:
    """A fact about a failed step. It has no free text, so it cannot leak any."""

    code: ProblemCode


class KioskError(Exception):
    """Base of every error this project raises on purpose."""

    def __init__(self, code: ProblemCode) -> None:
        super().__init__(code.code)
        self.problem = Problem(code)
