"""Faults in the files of a finished card, changed after they were signed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from kiosk.cardreader.simulator.encoding import split_tlvs, tlv, tlvs
from kiosk.cardreader.simulator.fault_kinds import FaultKind, file, is_selected, is_signed, number
from kiosk.cardreader.simulator.identity import BASIC_KEY_HASH, NUMBER
from kiosk.cardreader.simulator.issue import BytesEdit, CardImage
from kiosk.cardreader.simulator.layout import File
from kiosk.cardreader.simulator.plan import Forward, Plan

_READ: Final = bytes.fromhex("00B0")
_OTHER_NUMBER: Final = b"90610100155"
_FILLER: Final = 0x20
_VERSION: Final = 21
_STATE: Final = 27
"""Bytes of the card data (card manual 2.3)."""


def _flip(plan: Plan, given: Sequence[str]) -> Plan:
    at, bit = number(given[1]), number(given[2]) if len(given) > 2 else 0
    if bit > 7:
        raise ValueError(given[2])

    def edit(content: bytes) -> bytes:
        if at >= len(content):
            raise ValueError(given[1])
        return content[:at] + bytes((content[at] ^ 1 << bit,)) + content[at + 1 :]

    return plan.with_file(file(given[0]), edit)


def _truncate(plan: Plan, given: Sequence[str]) -> Plan:
    size = number(given[1])
    return plan.with_file(file(given[0]), lambda content: content[:size])


def _extend(plan: Plan, given: Sequence[str]) -> Plan:
    more = bytes(number(given[1]))
    return plan.with_file(file(given[0]), lambda content: content + more)


def _zeros(plan: Plan, given: Sequence[str]) -> Plan:
    return plan.with_file(file(given[0]), lambda content: bytes(len(content)))


def _missing(plan: Plan, given: Sequence[str]) -> Plan:
    path = file(given[0]).path

    def edit(image: CardImage) -> CardImage:
        rest = {key: content for key, content in image.files.items() if key != path}
        return replace(image, files=rest)

    return plan.spoiled(edit)


def _endless(plan: Plan, given: Sequence[str]) -> Plan:
    """Follow which file is selected, and never let it end."""
    selected = is_selected(file(given[0]))

    def wrap(_number: int, forward: Forward, command: bytes) -> bytes:
        answer = forward(command)
        if selected(command, answer) and command.startswith(_READ):
            wanted = command[4] or 256
            beginning = answer[:-2] if answer.endswith(b"\x90\0") else b""
            return beginning.ljust(wanted, bytes((_FILLER,))) + b"\x90\0"
        return answer

    return plan.wrapped(wrap)


def _identity_edit(edit: BytesEdit) -> Callable[[Plan, Sequence[str]], Plan]:
    def put_on(plan: Plan, given: Sequence[str]) -> Plan:
        if is_signed(given):
            return plan.edited(edit)
        return plan.with_file(File.IDENTITY, edit)

    return put_on


def _cut(content: bytes) -> bytes:
    """Leave the last element that has a value without the end of it."""
    elements = split_tlvs(content)
    while not elements[-1][1]:
        elements.pop()
    return tlvs(elements)[:-1]


def _endless_length(content: bytes) -> bytes:
    """End with an element whose length never stops."""
    return content + bytes((0x20,)) + b"\xff" * 40


def _doubled(content: bytes) -> bytes:
    """Say the number twice, the second time another one."""
    first = tlv(NUMBER, dict(split_tlvs(content))[NUMBER])
    return content.replace(first, first + tlv(NUMBER, _OTHER_NUMBER), 1)


def _without_key_hash(content: bytes) -> bytes:
    return tlvs(element for element in split_tlvs(content) if element[0] != BASIC_KEY_HASH)


def _with_version(content: bytes) -> bytes:
    return tlv(0, b"\0\1") + content


def _padded(plan: Plan, given: Sequence[str]) -> Plan:
    more = bytes(number(given[0]))
    return plan.edited(lambda content: content + more)


def _element(plan: Plan, given: Sequence[str]) -> Plan:
    """Have an element in the place of the one with its tag, if there is one."""
    tag, value = bytes.fromhex(given[0]), bytes.fromhex(given[1] if len(given) > 1 else "")
    if len(tag) != 1:
        raise ValueError(given[0])
    return plan.persona(
        lambda persona: replace(persona, extra=(*persona.extra, (tag[0], value))),
    )


def _card_data_byte(at: int) -> Callable[[Plan, Sequence[str]], Plan]:
    def put_on(plan: Plan, given: Sequence[str]) -> Plan:
        byte = bytes.fromhex(given[0])
        if len(byte) != 1:
            raise ValueError(given[0])

        def edit(image: CardImage) -> CardImage:
            data = image.card_data
            return replace(image, card_data=data[:at] + byte + data[at + 1 :])

        return plan.spoiled(edit)

    return put_on


def _other_chip_number(image: CardImage) -> CardImage:
    return replace(image, card_data=bytes(16) + image.card_data[16:])


def _short_card_data(image: CardImage) -> CardImage:
    return replace(image, card_data=image.card_data[:-1])


_SIGNED: Final = ("[signed]",)

IN_FILES: Final = (
    FaultKind("flip", ("FILE", "BYTE", "[BIT]"), "one bit of a file changed", _flip),
    FaultKind("truncate", ("FILE", "SIZE"), "a file cut to a size", _truncate),
    FaultKind("extend", ("FILE", "COUNT"), "zeros put after a file", _extend),
    FaultKind("zeros", ("FILE",), "a file full of zeros", _zeros),
    FaultKind("missing", ("FILE",), "a file not there", _missing),
    FaultKind("endless", ("FILE",), "a file that never ends", _endless),
    FaultKind("tlv-cut", _SIGNED, "identity: the last value cut short", _identity_edit(_cut)),
    FaultKind(
        "tlv-endless", _SIGNED, "identity: a length without end", _identity_edit(_endless_length)
    ),
    FaultKind("tlv-doubled", _SIGNED, "identity: two numbers", _identity_edit(_doubled)),
    FaultKind("tlv-empty", _SIGNED, "identity: no bytes at all", _identity_edit(lambda _: b"")),
    FaultKind(
        "no-key-hash", _SIGNED, "identity: tag 1A taken out", _identity_edit(_without_key_hash)
    ),
    FaultKind(
        "other-chip-number",
        (),
        "the card data name another chip than the identity",
        lambda plan, _: plan.spoiled(_other_chip_number),
    ),
    FaultKind(
        "short-card-data",
        (),
        "the card data lack a byte",
        lambda plan, _: plan.spoiled(_short_card_data),
    ),
    FaultKind("version-first", _SIGNED, "identity: a version first", _identity_edit(_with_version)),
    FaultKind("padded", ("COUNT",), "identity: signed with zeros after it", _padded),
    FaultKind("element", ("TAG", "[HEX]"), "identity: a signed element with this value", _element),
    FaultKind(
        "reported-version", ("HEX",), "the card data name another applet", _card_data_byte(_VERSION)
    ),
    FaultKind("life-cycle", ("HEX",), "the card data tell another state", _card_data_byte(_STATE)),
)
