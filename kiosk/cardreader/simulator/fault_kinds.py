"""What a kind of fault is, and reading its parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kiosk.cardreader.simulator.layout import File
from kiosk.cardreader.simulator.plan import Plan


class WrongFault(ValueError):
    """A fault's specification makes no sense; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One kind: its name, its parameters (those in brackets may be left out), what it does."""

    name: str
    parameters: tuple[str, ...]
    help: str
    apply: Callable[[Plan, Sequence[str]], Plan]

    def put_on(self, plan: Plan, given: Sequence[str]) -> Plan:
        """Put the fault on a plan; raise ``WrongFault`` for parameters that do not fit."""
        needed = sum(not name.startswith("[") for name in self.parameters)
        if not needed <= len(given) <= len(self.parameters):
            shape = ":".join((self.name, *self.parameters))
            raise WrongFault(f"{self.name} is written {shape}")
        try:
            return self.apply(plan, given)
        except (ValueError, KeyError):
            raise WrongFault(f"{self.name} does not understand {':'.join(given)!r}") from None


def number(text: str) -> int:
    """Read a count or an offset of at least 0; raise ``ValueError``."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return int(text)


def position(text: str) -> int:
    """Read the number of a command, counted from 1; raise ``ValueError``."""
    value = number(text)
    if value < 1:
        raise ValueError(text)
    return value


def status_word(text: str) -> bytes:
    """Read four hexadecimal digits; raise ``ValueError``."""
    word = bytes.fromhex(text)
    if len(word) != 2:
        raise ValueError(text)
    return word


def file(text: str) -> File:
    """Read a file's number as in ``4031``; raise ``KeyError``."""
    return File.by_number(text)


def is_signed(given: Sequence[str]) -> bool:
    """Read the last parameter of a change: ``signed``, or none; raise ``ValueError``."""
    if given and given[0] != "signed":
        raise ValueError(given[0])
    return bool(given)


def is_selected(chosen: File) -> Callable[[bytes, bytes], bool]:
    """Return what follows each command and its answer, and tells whether this file is current."""
    selected = False

    def follow(command: bytes, answer: bytes) -> bool:
        nonlocal selected
        if command[1:2] == b"\xa4":
            selected = command.endswith(chosen.path[-2:]) and answer == b"\x90\0"
        return selected

    return follow
