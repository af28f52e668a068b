"""Ids that may be printed and logged: none of them ever holds a run of eleven digits.

Searches for national numbers look for such runs, and a random id would now and then be one.
"""

from __future__ import annotations

import re
import secrets
import time

from kiosk.domain.national_number import InvalidNationalNumber, NationalNumber

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no letter looks like a digit
_CHECK_ID = re.compile(rf"[{_ALPHABET}]{{26}}")
_RUN = re.compile(r"\d{9}")
_SIGNS = re.compile(r"[-._: /]")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_ELEVEN = re.compile(r"(?=(\d{11}))")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def new_check_id() -> str:
    """Return 26 characters that sort by time of making (the shape of a ULID)."""
    moment = _base32(time.time_ns() // 1_000_000, 10)
    while True:
        text = f"{moment}{_base32(secrets.randbits(80), 16)}"
        if not _RUN.search(text):
            return text


def is_check_id(text: str) -> bool:
    """Whether a text has the form of such an id."""
    return _CHECK_ID.fullmatch(text) is not None


def holds_number(text: str) -> bool:
    """Whether eleven digits of a text, signs between them left out, are a national number."""
    digits = _SIGNS.sub("", text)
    return any(_is_number(match[1]) for match in _ELEVEN.finditer(digits))


def is_harmless_name(text: str) -> bool:
    """Whether a name may end in the audit: short, plain, and no national number in it."""
    return _NAME.fullmatch(text) is not None and not holds_number(text)


def is_uuid(text: str) -> bool:
    """Whether a text is a uuid in its usual form."""
    return _UUID.fullmatch(text) is not None


def _is_number(digits: str) -> bool:
    try:
        NationalNumber(digits)
    except InvalidNationalNumber:
        return False
    return True


def _base32(number: int, length: int) -> str:
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))
