"""Facts, values and conditions in Dutch, for whoever owns a rule."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from typing import Any

from kiosk.data import data_path
from kiosk.service.central.facts import FACTS
from kiosk.service.central.rule_rows import Between, Condition, OneOf


def label(fact: str) -> str:
    """Return the name of a fact."""
    name: str = _names()["facts"][fact]
    return name


def values(fact: str) -> dict[str, str]:
    """Return the values that a fact may have, by their words in the rules; none for a number."""
    choices = FACTS[fact].choices
    return {} if choices is None else {each.value: _value(fact, each.value) for each in choices}


def condition(fact: str, asked: Condition) -> str:
    """Say what a row asks of a fact."""
    said = _one_of(fact, asked) if isinstance(asked, OneOf) else _between(asked)
    return f"{label(fact)}: {said}"


def _one_of(fact: str, asked: OneOf) -> str:
    return " of ".join(word for key, word in values(fact).items() if key in _words(asked))


def _words(asked: OneOf) -> set[str]:
    return {str(choice.value) for choice in asked.choices}


def _between(asked: Between) -> str:
    least, most = asked.least, asked.most
    if least is not None and most is not None and least > most:
        said = []
    elif least is not None and most is not None:
        said = [str(least) if least == most else f"van {least} tot en met {most}"]
    else:
        said = [f"minstens {least}"] if least is not None else []
        said += [f"hoogstens {most}"] if most is not None else []
    return " of ".join([*said, _value("", "none")] if asked.or_none else said)


def _value(fact: str, word: str) -> str:
    own: Mapping[str, str] = _names()["values_of"].get(fact, {})
    everywhere: Mapping[str, str] = _names()["values"]
    return own[word] if word in own else everywhere[word]


@functools.cache
def _names() -> dict[str, Any]:
    with data_path("central", "fact-names.toml").open("rb") as file:
        return tomllib.load(file)
