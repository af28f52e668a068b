"""Exit statuses: fixed, since scripts and supervisors act on them."""

from __future__ import annotations

from enum import IntEnum

from kiosk.domain.problem import ProblemCode


class ExitStatus(IntEnum):
    """What a command ends with."""

    OK = 0
    NO_PCSC_SERVICE = 10
    NO_READER = 11
    NO_CARD_IN_TIME = 12
    NOT_AN_EID = 13
    CARD_UNREADABLE = 14
    NOT_PROVEN = 15
    CARD_NOT_ACCEPTED = 16
    SERVICE_UNREACHABLE = 20
    SERVICE_REFUSED = 21
    ANSWER_NOT_UNDERSTOOD = 22
    USAGE = 64
    INTERNAL = 70
    CONFIGURATION = 78
    INTERRUPTED = 130


OF_PROBLEM: dict[ProblemCode, ExitStatus] = {
    ProblemCode.PCSC_DOWN: ExitStatus.NO_PCSC_SERVICE,
    ProblemCode.PCSC_REFUSED: ExitStatus.NO_PCSC_SERVICE,
    ProblemCode.NO_READER: ExitStatus.NO_READER,
    ProblemCode.READER_LOST: ExitStatus.NO_READER,
    ProblemCode.NO_CARD_IN_TIME: ExitStatus.NO_CARD_IN_TIME,
    ProblemCode.CARD_REMOVED_EARLY: ExitStatus.CARD_UNREADABLE,
    ProblemCode.CARD_UNREADABLE: ExitStatus.CARD_UNREADABLE,
    ProblemCode.NOT_AN_EID: ExitStatus.NOT_AN_EID,
    ProblemCode.CARD_EXPIRED: ExitStatus.CARD_NOT_ACCEPTED,
    ProblemCode.NOT_A_PERSONS_CARD: ExitStatus.CARD_NOT_ACCEPTED,
    ProblemCode.CARD_MUTE: ExitStatus.CARD_UNREADABLE,
    ProblemCode.CARD_SILENT: ExitStatus.CARD_UNREADABLE,
    ProblemCode.CARD_HELD: ExitStatus.CARD_UNREADABLE,
    ProblemCode.CARD_NOT_ACTIVATED: ExitStatus.CARD_NOT_ACCEPTED,
    ProblemCode.CARD_NOT_YET_VALID: ExitStatus.CARD_NOT_ACCEPTED,
    ProblemCode.NUMBER_INVALID: ExitStatus.CARD_NOT_ACCEPTED,
    ProblemCode.SIGNATURE_WRONG: ExitStatus.NOT_PROVEN,
    ProblemCode.ROOT_UNKNOWN: ExitStatus.NOT_PROVEN,
    ProblemCode.CHIP_COPIED: ExitStatus.NOT_PROVEN,
    ProblemCode.CERTIFICATE_WRONG: ExitStatus.NOT_PROVEN,
    ProblemCode.CHIP_PROOF_MISSING: ExitStatus.NOT_PROVEN,
    ProblemCode.LEGACY_REFUSED: ExitStatus.NOT_PROVEN,
    ProblemCode.SERVICE_UNREACHABLE: ExitStatus.SERVICE_UNREACHABLE,
    ProblemCode.SERVICE_TOO_SLOW: ExitStatus.SERVICE_UNREACHABLE,
    ProblemCode.SERVICE_REFUSED_US: ExitStatus.SERVICE_REFUSED,
    ProblemCode.SERVICE_UNINTELLIGIBLE: ExitStatus.ANSWER_NOT_UNDERSTOOD,
    ProblemCode.SERVICE_BUSY: ExitStatus.SERVICE_UNREACHABLE,
    ProblemCode.SERVICE_FAILING: ExitStatus.SERVICE_UNREACHABLE,
    ProblemCode.SERVICE_UNTRUSTED: ExitStatus.SERVICE_UNREACHABLE,
    ProblemCode.QUESTION_REFUSED: ExitStatus.SERVICE_REFUSED,
    ProblemCode.CONFIGURATION_WRONG: ExitStatus.CONFIGURATION,
    ProblemCode.KEY_UNUSABLE: ExitStatus.CONFIGURATION,
    ProblemCode.TOKEN_MODULE_UNUSABLE: ExitStatus.CONFIGURATION,
    ProblemCode.TOKEN_AWAY: ExitStatus.CONFIGURATION,
    ProblemCode.PIN_REFUSED: ExitStatus.CONFIGURATION,
    ProblemCode.KEY_AMBIGUOUS: ExitStatus.CONFIGURATION,
    ProblemCode.INTERNAL: ExitStatus.INTERNAL,
    ProblemCode.AGENT_LOST: ExitStatus.INTERNAL,
}
