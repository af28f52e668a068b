"""A terminal under random hands: cards, keys, mouse, clocks, and agents that misbehave.

Everything of the window process is real; agents are processes of ``scripted_agent.py``, cards are
moved by ``scripted_world.py``. The same seed does the same things, as far as processes allow.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from pytestqt.qtbot import QtBot

from kiosk.cardreader.simulator.card import make_card
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.persona import people
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.cardreader.simulator.sockets import CardServer
from kiosk.domain.policy import Mode
from kiosk.domain.verdict import Verdict
from kiosk.domain.visit import Showing, SlotName
from kiosk.ui.application import Application
from kiosk.ui.theme import load_fonts
from tests.bench.own_service import running_service
from tests.support.scripted_world import World, scripted_terminal
from tests.ui.monkey import Begun, Monkey, play

SEED = 61
STEPS = 1000
SOAK_STEPS = 8000
VISITORS = ("an-peeters", "leen-regenboog", "karim-zonnedauw", "els-kiezel", "rosa-korenbloem")
"""They get the same colour at a desk and in self-service."""
GIVEN_NAMES = [one.given_names for one in people().values() if len(one.given_names) > 3]
NAMES = re.compile(rf"\b({'|'.join(GIVEN_NAMES)})\b")
"""Without An and the like, which are words."""

Make = Callable[[Monkey], Monkey]


@pytest.fixture
def playing(qtbot: QtBot) -> Iterator[Make]:
    """Takes a monkey and ends its terminal after the test."""
    load_fonts()
    made: list[Monkey] = []

    def take(monkey: Monkey) -> Monkey:
        made.append(monkey)
        return monkey

    yield take
    for one in made:
        one.app.stop()
        assert one.processes() == []
        one.app.window.hide()
        one.app.window.deleteLater()


@pytest.mark.no_cover
@pytest.mark.parametrize("mode", Mode, ids=lambda mode: mode.value)
def test_random_hands(playing: Make, tmp_path: Path, mode: Mode) -> None:
    seed = f"{SEED} {mode.value}"
    world = World(tmp_path)
    app = Application(scripted_terminal(mode, world, world.agent(seed, "mixed")))
    monkey = playing(Monkey(mode, app, world, seed))
    play(monkey, STEPS)
    print(f"{monkey.verdicts} times a verdict was on the window, {len(monkey.begun)} cards")
    assert monkey.verdicts > STEPS / 40, "verdicts were seen"


class RealCards(World):
    """Cards of the made-up people, for agents as they are in life."""

    def __init__(self, folder: Path, pki: Path, readers: tuple[CardServer, ...]) -> None:
        super().__init__(folder, tuple(reader.name for reader in readers))
        self._pki = TestPki(pki)
        self._readers = {reader.name: reader for reader in readers}
        self._people = [people()[name] for name in VISITORS]

    def card_into(self, slot: SlotName) -> str:
        person = self._people[self.next_serial() % len(self._people)]
        self._readers[slot].insert(make_card(person, self._pki, Applet.V1_8))
        return person.id

    def card_out_of(self, slot: SlotName) -> None:
        self._readers[slot].remove()


class RealMonkey(Monkey):
    """Knows a verdict by its colour: it has to be that of the person whose card is in."""

    longest_pause: ClassVar[int] = 80

    def name_of(self, begun: Begun) -> str:
        return people()[begun.serial].given_names

    def holds_name(self, text: str) -> bool:
        return NAMES.search(text) is not None

    def verdict_is_of(self, state: Showing, verdict: Verdict, *, in_step: bool) -> None:
        self.verdicts += 1
        begun = self.begun.get(state.visit)
        if begun is not None and in_step:
            assert verdict.colour.value == people()[begun.serial].colour
            assert self.mode is Mode.DESK or self.world.cards.get(begun.slot) == begun.serial


@pytest.mark.soak
@pytest.mark.parametrize("mode", Mode, ids=lambda mode: mode.value)
def test_random_hands_and_agents_as_in_life(playing: Make, tmp_path: Path, mode: Mode) -> None:
    for folder in ("pki", "service", "cards"):
        (tmp_path / folder).mkdir()
    with ExitStack() as open_ones:
        url = open_ones.enter_context(running_service(tmp_path / "service"))
        readers = (open_ones.enter_context(CardServer()), open_ones.enter_context(CardServer()))
        world = RealCards(tmp_path / "cards", tmp_path / "pki", readers)
        config = tmp_path / "kiosk.toml"
        config.write_text(
            'environment = "test"\n[card]\nbackend = "simulator"\n'
            f'test_roots = ["{TestPki(tmp_path / "pki").pin(Applet.V1_8)}"]\n'
            f'cache_folder = "{tmp_path / "cache"}"\n'
            f'[service]\nurl = "{url}"\nuse_cases = ["uitpas"]\nclient.auth = "none"\n'
        )
        agent = ("-m", "kiosk.agent", "--mode", mode.value, "--config", str(config))
        terminal = scripted_terminal(mode, world, (sys.executable, *agent))
        view = replace(terminal.view, use_cases=terminal.view.use_cases[:1])
        app = Application(replace(terminal, view=view))
        monkey = playing(RealMonkey(mode, app, world, f"{SEED} {mode.value}"))
        play(monkey, SOAK_STEPS)
        print(f"{monkey.verdicts} times a verdict was on the window, {len(monkey.begun)} cards")
        assert monkey.verdicts > SOAK_STEPS / 40, "verdicts were seen"
