"""Readers by the names that a PKCS#11 module gives its slots.

The official module calls a slot as PC/SC calls the reader. PKCS#11 has 64 bytes
for that and some readers' names are longer; they differ at their end.
"""

from __future__ import annotations

from typing import Final

from kiosk.cardreader.pcsc import reader_names
from kiosk.domain.problem import ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import CardError

_LENGTH: Final = 64
"""Bytes of ``CK_SLOT_INFO.slotDescription`` (PKCS#11 2.40, section 3.2)."""


def description_of(name: SlotName) -> str:
    """Return a reader's name as the description of its slot has it.

    Asks PC/SC, so that no other reader can be meant: one of the same beginning
    would do where this one was just unplugged. Raises ``READER_LOST`` when the
    reader is not there, ``CONFIGURATION_WRONG`` when two have the same beginning,
    ``PCSC_DOWN`` and ``PCSC_REFUSED``.
    """
    described = _cut(name)
    alike = [other for other in reader_names() if _cut(other) == described]
    if name not in alike:
        raise CardError(ProblemCode.READER_LOST)
    if len(alike) > 1:
        raise CardError(ProblemCode.CONFIGURATION_WRONG)
    return described


def _cut(name: str) -> str:
    return name.encode(errors="replace")[:_LENGTH].decode(errors="replace").rstrip()
