"""The one value this system must never show, log, copy or store."""

from __future__ import annotations

import hmac
from enum import Enum
from typing import NoReturn, final

_MASK = "NationalNumber(hidden)"
_LENGTH = 11


class Purpose(Enum):
    """Why the digits leave their wrapper; each member has one reviewed caller."""

    ELIGIBILITY_QUESTION = "eligibility-question"
    ANSWER_CHECK = "answer-check"
    AUDIT_PSEUDONYM = "audit-pseudonym"
    AUDIT_SEAL = "audit-seal"
    SOURCE_QUESTION = "source-question"
    OCMW_QUESTION = "ocmw-question"
    OCMW_LIST = "ocmw-list"


class NumberKind(Enum):
    """Which register gave the number, told by its month digits.

    Source: Royal Decree of 8 February 1991 (BIS numbers: month + 20 or + 40);
    test numbers of the Flemish platforms have months 61 to 72.
    """

    REGISTER = "register"
    BIS = "bis"
    TEST = "test"


class InvalidNationalNumber(ValueError):
    """The text is not a national number. The text itself is never quoted."""


class Wiped(RuntimeError):
    """Somebody asked for a number after the visit that owned it had ended."""


@final
class NationalNumber:
    """Eleven digits that come out only through :meth:`disclose`.

    Everything Python does to a value behind the programmer's back is refused:
    formatting prints a mask; copying, pickling and hashing raise.
    Only length, digits and check digits are validated (97 - first nine mod 97,
    a ``2`` in front for births from 2000): date and sequence are no ground for
    refusal, since real numbers break their own pattern.
    """

    __slots__ = ("_digits",)
    __hash__ = None  # type: ignore[assignment]  # a secret is no dict key

    def __init__(self, text: str) -> None:
        """Take eleven digits, with or without dots, dashes and spaces."""
        digits = "".join(c for c in text if c not in " .-")
        if not _is_national_number(digits):
            raise InvalidNationalNumber("not a national number")
        self._digits = bytearray(digits, "ascii")

    def disclose(self, purpose: Purpose) -> str:
        """Return the digits for one named purpose; raise ``Wiped`` after the visit."""
        text = self._digits.decode("ascii")
        if not text.isdigit():  # empty, or caught in the middle of a wipe
            raise Wiped(purpose.value)
        return text

    @property
    def kind(self) -> NumberKind:
        """The register it comes from. It tells nothing about the person."""
        if self.is_wiped:
            raise Wiped("kind")
        month = int(self._digits[2:4])
        if 61 <= month <= 72:
            return NumberKind.TEST
        return NumberKind.BIS if 20 <= month <= 32 or 40 <= month <= 52 else NumberKind.REGISTER

    def wipe(self) -> None:
        """Overwrite the digits. Safe to call twice."""
        self._digits[:] = bytes(len(self._digits))
        self._digits.clear()

    @property
    def is_wiped(self) -> bool:
        """Whether the digits are gone."""
        return not self._digits

    def __eq__(self, other: object) -> bool:
        """Compare in constant time."""
        if not isinstance(other, NationalNumber):
            return NotImplemented
        return hmac.compare_digest(bytes(self._digits), bytes(other._digits))

    def __repr__(self) -> str:
        """Return a mask."""
        return _MASK

    def __format__(self, _spec: str, /) -> str:
        """Return a mask, whatever the specification."""
        return _MASK

    def __reduce_ex__(self, _protocol: object, /) -> NoReturn:
        """Refuse copy and pickle."""
        raise TypeError("a national number does not leave this process by copy")


def _is_national_number(digits: str) -> bool:
    if len(digits) != _LENGTH or not (digits.isascii() and digits.isdigit()):
        return False
    body, check = int(digits[:9]), int(digits[9:])
    born_before_2000 = 97 - body % 97
    born_from_2000 = 97 - (2_000_000_000 + body) % 97
    return check in {born_before_2000, born_from_2000}
