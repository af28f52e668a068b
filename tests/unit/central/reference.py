"""A second evaluator, slow and on its own: the rules' document read by the contract's sentences.

It shares nothing with the first but the words of the facts. Every condition is read from its text
here, a row is the weakest of its conditions, and the table is gone through one row after another.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

GROUP_ORDER = ("population", "social", "ocmw", "income", "vehicle")
YES, NO, MAYBE = 1.0, 0.0, 0.5
OPERATORS = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
}

Words = dict[str, Any]
"""Facts in words: a choice, a number, ``None`` for a number that does not exist, ``"unknown"``."""


class Reference:
    """One rule set, straight from its file."""

    def __init__(self, content: str) -> None:
        self.document = tomllib.loads(content)
        self.facts: dict[str, dict[str, Any]] = self.document["facts"]
        validity = self.document["validity"]
        self.minimum: int = validity.get("minimum_grant_days", 0)
        self.ends_soon: str = validity.get("ends_soon", "")

    def colour(self, words: Words) -> str:
        return self.verdict(words)[0]

    def verdict(self, words: Words) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """Colour, guidance codes, and the groups that could still change it."""
        for guard in self.document.get("guard", []):
            value = self.row(guard, words)
            if value == YES:
                return self.outcome(guard["outcome"])
            if value == MAYBE:
                return "orange", (), self.groups([set(guard["when"])], words)
        rows = [(row, self.row(row, words), self.lasts(row, words)) for row in self.document["row"]]
        greens = [each for each in rows if self.outcome(each[0]["outcome"])[0] == "green"]
        for row, value, lasts in greens:
            if min(value, lasts) == YES:
                return self.outcome(row["outcome"])
        hopes = [
            {*row["when"], *self.ends(row)}
            for row, value, lasts in greens
            if min(value, lasts) == MAYBE
        ]
        oranges = [each for each in rows if each not in greens]
        codes = [self.outcome(row["outcome"])[1] for row, value, _ in oranges if value == YES]
        if self.minimum and any(value == YES for row, value, _ in greens if self.ends(row)):
            codes.append(self.outcome(self.ends_soon)[1])
        told = tuple(dict.fromkeys(code for each in codes for code in each))
        doubtful = oranges + (greens if self.minimum else [])
        doubts = [set(row["when"]) for row, value, _ in doubtful if value == MAYBE]
        if hopes or (doubts and not told):
            return "orange", told, self.groups(hopes + doubts, words)
        if told:
            return "orange", told, ()
        unknown = self.in_order(
            {self.facts[f]["group"] for f in self.facts if words[f] == "unknown"}
        )
        if unknown:
            return "orange", (), unknown
        return self.outcome(self.document["otherwise"]["outcome"])

    def outcome(self, name: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        entry = self.document["outcomes"][name]
        return entry["colour"], (entry["code"],), ()

    def row(self, row: dict[str, Any], words: Words) -> float:
        return min(self.condition(raw, words[name]) for name, raw in row["when"].items())

    def condition(self, raw: Any, word: Any) -> float:
        if word == "unknown":
            return MAYBE
        if raw == "none":  # of a choice the word, of a number that there is none
            return YES if word in ("none", None) else NO
        if isinstance(raw, list):
            return YES if word in raw else NO
        match = re.fullmatch(r"([<>=]+)\s*(\d+)", raw)
        if match is None:
            return YES if word == raw else NO
        return YES if word is not None and OPERATORS[match[1]](word, int(match[2])) else NO

    def ends(self, row: dict[str, Any]) -> set[str]:
        if not self.minimum:
            return set()
        groups = {self.facts[name]["group"] for name in row["when"]}
        return {f"{group}_ends_days" for group in groups & {"social", "ocmw"}}

    def lasts(self, row: dict[str, Any], words: Words) -> float:
        return min([YES, *(self.long_enough(words[name]) for name in self.ends(row))])

    def long_enough(self, word: Any) -> float:
        if word == "unknown":
            return MAYBE
        return YES if word is None or word >= self.minimum else NO

    def groups(self, names: list[set[str]], words: Words) -> tuple[str, ...]:
        waited_for = {name for each in names for name in each if words[name] == "unknown"}
        return self.in_order({self.facts[name]["group"] for name in waited_for})

    def in_order(self, groups: set[str]) -> tuple[str, ...]:
        return tuple(group for group in GROUP_ORDER if group in groups)
