"""The files about the person: identity 4031 and address 4033 (card manual 4)."""

from __future__ import annotations

from datetime import date
from typing import Final

from kiosk.cardreader.simulator.encoding import tlvs
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.persona import Persona

ADDRESS_SIZE: Final = 121
NUMBER, NAMES, DOCUMENT_TYPE, BASIC_KEY_HASH = 0x06, 0x08, 0x0F, 0x1A

_MONTHS: Final = (
    *("JAN", "FEB", "MAAR", "APR", "MEI", "JUN"),
    *("JUL", "AUG", "SEP", "OKT", "NOV", "DEC"),
)
_EMPTY_SINCE_1_8: Final = range(0x15, 0x1A)


def identity_elements(
    persona: Persona, applet: Applet, photo_hash: bytes, basic_key_hash: bytes
) -> list[tuple[int, bytes]]:
    """Return the elements of the identity file, in the order of their tags."""
    elements = {
        0x01: persona.printed_card_number.encode(),
        0x02: persona.chip_number,
        0x03: _day(persona.valid_from),
        0x04: _day(persona.valid_until),
        0x05: persona.municipality.encode(),
        NUMBER: persona.number.encode(),
        0x07: persona.surname.encode(),
        NAMES: persona.given_names.encode(),
        0x09: b"",
        0x0A: persona.nationality_on_card.encode(),
        0x0B: persona.birth_place.encode(),
        0x0C: _birth(persona.birth),
        0x0D: persona.sex.encode(),
        0x0E: b"",
        DOCUMENT_TYPE: persona.kind_of_card.encode(),
        0x10: b"0",
        0x11: photo_hash,
    }
    if applet.has_basic_key:
        elements |= dict.fromkeys(_EMPTY_SINCE_1_8, b"")
        elements[BASIC_KEY_HASH] = basic_key_hash
    return sorted((elements | dict(persona.extra)).items())


def address_file(persona: Persona) -> bytes:
    """Return the address, filled up with zeros as files that can change are."""
    town = persona.municipality.encode()
    elements = ((0x01, persona.street.encode()), (0x02, persona.postcode.encode()), (0x03, town))
    return tlvs(elements).ljust(ADDRESS_SIZE, b"\0")


def _day(day: date) -> bytes:
    return f"{day:%d.%m.%Y}".encode()


def _birth(day: date) -> bytes:
    return f"{day:%d} {_MONTHS[day.month - 1]} {day:%Y}".encode()
