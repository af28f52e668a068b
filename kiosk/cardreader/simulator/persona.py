"""Made-up people to put on a simulated card.

Every number is a test number (month digits 61 to 72), which no register gives
out. The default people are shared with the made-up sources of the central
service: ``resources/central/people.toml``.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from kiosk.data import data_path

_BELGIAN = "BE"
_NATIONALITY_ON_CARD = {_BELGIAN: "BELG"}
_KIDS_UNTIL_AGE = 12
_CHIP_NUMBER_LENGTH = 16
_FIRST_DAY = date(2021, 3, 1)
# Longer than any real card: a simulated one is not to run out while this program is in use.
_LAST_DAY = date(2051, 2, 28)


class UnknownPerson(LookupError):
    """Nobody of that name is among the made-up people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A made-up person, and what is special about the card.

    ``document_type`` and the other texts are as the card has them (card manual
    4.2, 4.5); an empty one follows from the person. ``extra`` are further elements
    of the identity file, put in by their tags; they replace elements of the same
    tag. ``identity``, where given, is the whole identity file in raw bytes instead.
    """

    id: str
    given_names: str
    surname: str
    number: str = field(repr=False)
    sex: str = "V"
    birth: date = date(1985, 1, 30)
    birth_place: str = "Gent"
    nationality: str = "BE"
    colour: str = ""
    story: Mapping[str, str] = field(default_factory=dict)
    document_type: str = ""
    valid_from: date = _FIRST_DAY
    valid_until: date = _LAST_DAY
    municipality: str = "Gent"
    card_number: str = ""
    street: str = "Testdreef 61"
    postcode: str = "9000"
    extra: tuple[tuple[int, bytes], ...] = ()
    identity: bytes | None = field(default=None, repr=False)

    @property
    def chip_number(self) -> bytes:
        """The 16 bytes that name the chip, always the same for the same person."""
        return hashlib.sha256(b"chip of " + self.id.encode()).digest()[:_CHIP_NUMBER_LENGTH]

    @property
    def kind_of_card(self) -> str:
        """The document type (card manual 4.5): 1, Kids-ID 6, or a foreigner's A card 33."""
        if self.document_type:
            return self.document_type
        if self.nationality != _BELGIAN:
            return "33"
        is_child = self.valid_from.year - self.birth.year < _KIDS_UNTIL_AGE
        return "6" if is_child else "1"

    @property
    def printed_card_number(self) -> str:
        """Twelve digits, the last two being the first ten modulo 97 (97 for 0).

        A foreigner's card has a B and nine digits.
        """
        if self.card_number:
            return self.card_number
        if self.nationality != _BELGIAN:
            return f"B{int.from_bytes(self.chip_number[:4], 'big') % 10**9:09}"
        body = int.from_bytes(self.chip_number[:4], "big") % 10**7 + 5_900_000_000
        return f"{body:010}{body % 97 or 97:02}"

    @property
    def nationality_on_card(self) -> str:
        """The nationality in the words of a card."""
        return _NATIONALITY_ON_CARD.get(self.nationality, self.nationality)


def person(person_id: str) -> Persona:
    """Return one of the default people; raise ``UnknownPerson``."""
    try:
        return people()[person_id]
    except KeyError:
        raise UnknownPerson(person_id) from None


@cache
def people() -> Mapping[str, Persona]:
    """Return the default people by their id, in the order of the file."""
    return {entry.id: entry for entry in load_people(data_path("central", "people.toml"))}


def load_people(path: Path) -> Iterator[Persona]:
    """Read ``[[person]]`` tables; what concerns only the sources is passed over."""
    for row in tomllib.loads(path.read_text("utf-8"))["person"]:
        yield Persona(
            id=row["id"],
            given_names=row["given_names"],
            surname=row["surname"],
            number=row["number"],
            sex=row["sex"],
            birth=date.fromisoformat(row["birth"]),
            nationality=row["nationality"],
            colour=row["colour"],
            story=row["story"],
        )
