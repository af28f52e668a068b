"""Which of our languages somebody reads best, by what their ``Accept-Language`` says (RFC 9110)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

LANGUAGES: Final = ("nl", "fr", "de", "en")
DEFAULT: Final = "en"
"""Where nothing fits: who does not say what they read is a program."""
LONGEST: Final = 1_000
"""Characters; a browser sends fewer than a hundred."""

_ANY: Final = "*"
_ONE: Final = re.compile(
    r"(?P<range>\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)"
    r"(?:[ \t]*;[ \t]*q=(?P<quality>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?"
)


class _Wanted(NamedTuple):
    """One part of the header; of two with the same quality the first counts."""

    quality: float
    place: int
    range: str


def preferred(header: str) -> str:
    """Return one of :data:`LANGUAGES`; what is not of the form is passed over.

    ``nl-BE`` asks for ``nl``, for there is no other here. ``q=0`` is said of what is not read.
    """
    wanted = list(_parts(header)) if len(header) <= LONGEST else []
    found = {language: _best(language, wanted) for language in (DEFAULT, *LANGUAGES)}
    read = {language: best for language, best in found.items() if best and best.quality > 0}
    return min(read, key=lambda language: _order(read[language]), default=DEFAULT)


def _parts(header: str) -> Iterator[_Wanted]:
    for place, part in enumerate(header.lower().split(",")):
        one = _ONE.fullmatch(part.strip(" \t"))
        if one is not None:
            yield _Wanted(float(one["quality"] or 1), place, one["range"])


def _best(language: str, wanted: Sequence[_Wanted]) -> _Wanted | None:
    """Return what counts for a language: its own name, else ``*``."""
    own = [each for each in wanted if each.range.partition("-")[0] == language]
    refused = [each for each in own if each.range == language and each.quality == 0]
    others = [each for each in wanted if each.range == _ANY]
    return min(refused or own or others, key=_order, default=None)


def _order(wanted: _Wanted) -> tuple[float, int]:
    return -wanted.quality, wanted.place
