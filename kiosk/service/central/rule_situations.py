"""Situations that stand beside the rules: facts in words, and what the rules have to say of them.

They are for whoever owns a rule, not for programmers: each has a sentence in Dutch, and says only
what is different from everybody. Rules whose own situations come out otherwise are not used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from kiosk.domain.verdict import Colour
from kiosk.service.central.facts import Facts, fact_from_text
from kiosk.service.central.rules import Finding, Table, evaluate

OTHERWISE: Final = "otherwise"
"""How the outcome is called that no row leads to."""

Words = Mapping[str, str | int]
"""Facts by name as people write them; what is not named is unknown."""


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    title: str
    facts: dict[str, str | int] = {}
    colour: Colour
    code: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    everybody: dict[str, str | int]
    situation: tuple[_Entry, ...]


@dataclass(frozen=True, slots=True)
class Situation:
    """One made-up case: its facts as words, and colour, codes and open groups as expected."""

    id: str
    title: str
    words: Words
    colour: Colour
    codes: tuple[str, ...]
    blocked_by: tuple[str, ...]


Situations = Mapping[str, Situation]
"""The situations of one version by their ids."""


def read_situations(content: bytes) -> Situations:
    """Read a file; raise ``ValueError`` for one of another shape, or with an id that stands twice.

    Whether the facts exist is asked by :func:`wrong_situations`.
    """
    try:
        file = msgspec.toml.decode(content, type=_File)
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error
    made = {
        entry.id: Situation(
            entry.id,
            entry.title,
            {**file.everybody, **entry.facts},
            entry.colour,
            entry.code,
            entry.blocked_by,
        )
        for entry in file.situation
    }
    if len(made) < len(file.situation):
        raise ValueError("an id stands twice")
    return made


def facts_from_words(words: Words) -> Facts:
    """Build facts; whoever is not said to ask elsewhere asks at the desk.

    Raises ``ValueError`` for a fact or a value that does not exist.
    """
    told: dict[str, Any] = {
        name: fact_from_text(name, str(word)) for name, word in {"channel": "desk", **words}.items()
    }
    return Facts(**told)


def wrong_situations(table: Table, situations: Situations) -> Iterator[tuple[str, str]]:
    """Yield the id of every situation that comes out otherwise, and every row that none shows."""
    shown: set[str] = set()
    for situation in situations.values():
        strange = situation.words.keys() - set(table.facts)
        if strange:
            yield situation.id, f"the rules ask no {min(strange)}"
            continue
        try:
            finding = evaluate(table, facts_from_words(situation.words))
        except ValueError as error:
            yield situation.id, str(error)
            continue
        shown.update(finding.rows or ((OTHERWISE,) if finding.determined else ()))
        expected = (situation.colour, situation.codes, situation.blocked_by)
        if (finding.colour, finding.codes, finding.blocked_by) != expected:
            yield situation.id, f"comes out {say(finding)}"
    for name in (*(row.id for row in (*table.guards, *table.rows)), OTHERWISE):
        if name not in shown:
            yield name, "no situation shows this row"


def say(finding: Finding) -> str:
    """Say a finding in a few words."""
    parts = [finding.colour.value, *finding.codes]
    parts += [f"open: {', '.join(finding.blocked_by)}"] if finding.blocked_by else []
    return " ".join(parts)
