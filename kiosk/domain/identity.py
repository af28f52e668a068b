"""A person whose card has been read *and* checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import final

from kiosk.domain.national_number import NationalNumber


class Proof(Enum):
    """How strongly the person is proven; the service records it with the question."""

    CHIP = "chip"
    """Signed identity, and the chip answered the challenge of its signed key."""
    SIGNATURE = "signature"
    """Signed identity of a card whose chip has no key to prove (applet 1.7 and older)."""
    TYPED = "typed"
    """No card: an officer typed the number and gave a reason."""


class CaptureMethod(Enum):
    """Where the number came from, as the contract of the service names it."""

    EID_CHIP = "eid-chip"
    KIDS_ID = "kids-id"
    FOREIGNER_CARD = "foreigner-card"
    MANUAL = "manual"


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VerifiedIdentity:
    """Made in one place: ``cardreader.verification``. Holding one is the proof.

    There is no unverified twin of this class: before verification there are
    only bytes, so no function can be handed a person nobody has checked.
    ``legacy`` marks a SHA-1 signature or an expired certificate behind it.
    """

    national_number: NationalNumber
    given_name: str = field(repr=False)
    card_valid_until: date = field(repr=False)
    proof: Proof
    capture: CaptureMethod
    legacy: bool = False

    def wipe(self) -> None:
        """Overwrite the number; the object is of no use afterwards."""
        self.national_number.wipe()


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """Whom a question is about: the number, and how it was obtained."""

    national_number: NationalNumber
    proof: Proof
    capture: CaptureMethod

    @classmethod
    def of(cls, identity: VerifiedIdentity) -> Subject:
        """The proven person of a card."""
        return cls(
            national_number=identity.national_number,
            proof=identity.proof,
            capture=identity.capture,
        )

    @classmethod
    def typed(cls, number: NationalNumber) -> Subject:
        """A number that an officer typed; never called proven."""
        return cls(national_number=number, proof=Proof.TYPED, capture=CaptureMethod.MANUAL)
