"""An agent without card reader and service: it answers as a seed says, sometimes badly.

    python -S -E scripted_agent.py FOLDER SEED MANNERS

It starts in milliseconds. Its card is a file named after the slot, and what is in there is the
card's serial. ``check_id`` tells of whom a verdict is: visit, slot, serial. MANNERS is ``good`` for
one that answers at once and always well, or ``mixed``.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

COLOURS = ("green", "orange", "red")
MISBEHAVIOURS = {
    "well": 62,
    "problem": 10,
    "dies": 6,
    "nonsense": 4,
    "another visit": 5,
    "silent": 3,
    "late": 4,
    "says all twice": 6,
}
LONGEST_STEP = 0.003


def say(**message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def hear() -> dict[str, Any]:
    line = sys.stdin.readline()
    if not line:
        os._exit(0)
    message: dict[str, Any] = json.loads(line)
    return message


class ScriptedAgent:
    """One visit."""

    def __init__(self, folder: Path, dice: random.Random, manners: str) -> None:
        self._folder = folder
        self._dice = dice
        self._behaviour = "well"
        if manners == "mixed":
            (self._behaviour,) = dice.choices(list(MISBEHAVIOURS), list(MISBEHAVIOURS.values()))
        self._hurries = manners == "good"

    def serve(self, begin: dict[str, Any]) -> None:
        visit = begin["visit"]
        card = self._card(begin)
        if card is None:
            say(type="concluded", visit=visit, problem="K201")
        else:
            self._steps(visit, card, typed=begin["type"] == "begin-typed")
        while hear()["type"] == "ask-again":
            self._pause()
            say(type="proceeding", visit=visit, step="asking")
            self._conclude(visit, card or "")

    def _card(self, begin: dict[str, Any]) -> str | None:
        if begin["type"] == "begin-typed":
            return "typed"
        try:
            serial = (self._folder / begin["slot"]).read_text()
        except OSError:
            return None
        return f"{begin['slot']}|{serial}"

    def _steps(self, visit: int, card: str, *, typed: bool) -> None:
        steps: list[dict[str, Any]] = []
        if not typed:
            serial = card.rpartition("|")[2]
            steps += [
                {"type": "proceeding", "visit": visit, "step": "waiting-for-card"},
                {"type": "proceeding", "visit": visit, "step": "reading"},
                {"type": "card-holder", "visit": visit, "given_name": f"Naam{serial}"},
            ]
        steps.append({"type": "proceeding", "visit": visit, "step": "asking"})
        stumble = self._dice.randrange(len(steps) + 1)
        for number, step in enumerate(steps):
            if number == stumble:
                self._misbehave(visit)
            self._pause()
            say(**step)
            if self._behaviour == "says all twice" and step["type"] != "card-holder":
                say(**step)
        if stumble == len(steps):
            self._misbehave(visit)
        self._conclude(visit, card)
        if self._behaviour == "says all twice":
            for step in steps:
                if step["type"] != "card-holder":  # a second one ends the agent
                    say(**step)
            self._conclude(visit, card)

    def _misbehave(self, visit: int) -> None:
        match self._behaviour:
            case "problem":
                say(type="concluded", visit=visit, problem=self._dice.choice(("K202", "K401")))
            case "dies":
                os._exit(1)
            case "nonsense":
                say(type="no such message", visit=visit)
            case "another visit":
                say(type="card-holder", visit=visit - 1, given_name="NaamANDERS")
                say(**verdict(visit - 1, "another|visit", "red"))
            case "silent":
                hear()
            case "late":
                time.sleep(self._dice.uniform(0.05, 0.15))

    def _conclude(self, visit: int, card: str) -> None:
        self._pause()
        say(**verdict(visit, card, self._dice.choice(COLOURS)))

    def _pause(self) -> None:
        if not self._hurries:
            time.sleep(self._dice.uniform(0, LONGEST_STEP))


def verdict(visit: int, card: str, colour: str) -> dict[str, Any]:
    tariff = {"code": "kansentarief", "pay_percent": 20, "label": {"nl": "Kansentarief"}}
    one: dict[str, Any] = {
        "check_id": f"{visit}|{card}",
        "use_case": "uitpas",
        "colour": colour,
        "determined": True,
        "guidance": [],
    }
    if colour == "green":
        one |= {"tariff": tariff, "valid_until": "2027-04-30"}
    return {"type": "concluded", "visit": visit, "verdict": one}


def main(folder: Path, seed: str, manners: str) -> None:
    with (folder / ".starts").open("ab") as starts:  # killed at any moment, it does no harm
        starts.write(b".")
        number = starts.tell()
    if manners == "mixed" and random.Random(f"{seed} {number}").random() < 0.01:
        sys.exit(1)
    say(type="ready")
    begin = hear()
    dice = random.Random(f"{seed} visit {begin['visit']}")
    ScriptedAgent(folder, dice, manners).serve(begin)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
