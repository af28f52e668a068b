"""Made-up persons with test numbers. No real national number is in this repository."""

from __future__ import annotations

from datetime import date

from kiosk.domain.identity import CaptureMethod, Proof, VerifiedIdentity
from kiosk.domain.national_number import NationalNumber


def number_text(birth: str, serial: int, *, from_2000: bool = False) -> str:
    """Build a well-formed number: six birth digits, a serial, a check."""
    body = f"{birth}{serial:03d}"
    base = int(("2" if from_2000 else "") + body)
    return f"{body}{97 - base % 97:02d}"


CANARY = number_text("856730", 33)
"""A number to search for wherever none may be."""


def person(text: str = CANARY) -> VerifiedIdentity:
    return VerifiedIdentity(
        national_number=NationalNumber(text),
        given_name="Canaria",
        card_valid_until=date(2030, 1, 1),
        proof=Proof.CHIP,
        capture=CaptureMethod.EID_CHIP,
    )
