"""What can go wrong on the other side, by name."""

from __future__ import annotations

from enum import Enum


class Fault(Enum):
    """One way to answer badly. ``TOO_BUSY`` to ``NOT_AUTHORISED`` are answers of MAGDA itself."""

    DELAY = "delay"
    TOO_BUSY = "too-busy"
    UNAVAILABLE = "unavailable"
    CROWDED = "crowded"
    NOT_AUTHORISED = "not-authorised"
    SOAP_FAULT = "soap-fault"
    CLIENT_FAULT = "client-fault"
    HALF = "half"
    TWICE = "twice"
    TWO_ANSWERS = "two-answers"
    OTHER_PERSON = "other-person"
    OTHER_QUESTION = "other-question"
    OTHER_VERSION = "other-version"
    OTHER_SERVICE = "other-service"
    BOMB = "bomb"
    EXTERNAL_ENTITY = "external-entity"
    DEEP = "deep"
    HUGE = "huge"
    HTML = "html"
    EMPTY = "empty"
    COMPRESSED = "compressed"
    REDIRECT = "redirect"
    HTTP_500 = "http-500"
    HTTP_404 = "http-404"
    HTTP_403 = "http-403"
    HTTP_429 = "http-429"
    HANG_UP = "hang-up"
    UNKNOWN_WARNING = "unknown-warning"


EXCEPTIONS = {
    Fault.TOO_BUSY: ("99995", "FOUT", "Te veel gelijktijdige bevragingen"),
    Fault.CROWDED: ("99996", "FOUT", "Te veel gelijktijdige bevragingen"),
    Fault.UNAVAILABLE: ("99996", "FOUT", "Bron is tijdelijk niet beschikbaar"),
    Fault.NOT_AUTHORISED: ("40006", "FOUT", "Autorisatiefout"),
    Fault.UNKNOWN_WARNING: ("98765", "WAARSCHUWING", "Iets nieuws over 85613099922"),
}
STATUSES = {
    Fault.HTTP_500: 500,
    Fault.HTTP_404: 404,
    Fault.HTTP_403: 403,
    Fault.HTTP_429: 429,
    Fault.REDIRECT: 307,
}
BOMB = (
    '<!DOCTYPE b [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {to} "{f"&{of};" * 10}">' for of, to in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
EXTERNAL = '<!DOCTYPE b [<!ENTITY i SYSTEM "file:///etc/hostname">]>'
