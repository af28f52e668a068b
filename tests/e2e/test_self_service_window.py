"""The terminal nobody looks after, from outside: a visit needs nothing but the card."""

from __future__ import annotations

import subprocess

import pytest

from kiosk.cardreader.simulator.persona import people
from kiosk.domain.policy import Mode
from kiosk.domain.verdict import Colour
from tests.support.desk import Desk, hanging
from tests.support.patience import holds_for, wait_until
from tests.support.terminal import Screen, Window, is_alive, kill

pytestmark = pytest.mark.e2e

MODE = Mode.SELF_SERVICE
AN = people()["an-peeters"]
IDLE = "Steek uw kaart in de lezer"
READING = "We lezen uw kaart"
CHECKING = "We kijken het na"
GREEN = "Recht op kansentarief"
LOST = "Dat lukte niet"
KEYS = (
    *("Escape", "alt+F4", "ctrl+q", "ctrl+w", "F1", "F2", "F5", "F11", "Menu", "super", "alt+Tab"),
    *(
        "ctrl+alt+Delete",
        "ctrl+c",
        "alt+space",
        "Print",
        "BackSpace",
        "Delete",
        "ctrl+shift+Escape",
    ),
)


def test_a_visit_that_needs_nothing_but_the_card(
    counter: Desk, shown: Screen, window: Window
) -> None:
    window.save_picture("1-idle")
    heard = len(shown.listener.announced)
    with counter.card("--fault", "delay:0.03") as card:
        window.wait_for(READING)
        window.save_picture("2-reading")
        window.wait_for_verdict(Colour.GREEN)
        window.wait_for(GREEN, "U betaalt 20 %")
        window.save_picture("3-green")
        card.remove()
    window.wait_for(IDLE)
    assert shown.display.verdict() is None
    window.save_picture("4-idle")
    said = " ".join(shown.listener.announced[heard:])
    assert AN.given_names not in said.split()
    assert GREEN not in said, "a personal answer is not spoken in a hall"


def test_the_verdict_goes_with_the_card(counter: Desk, shown: Screen, window: Window) -> None:
    with counter.card() as card:
        window.wait_for_verdict(Colour.GREEN)
        for name, colour in (
            ("leen-regenboog", Colour.ORANGE),
            ("els-kiezel", Colour.RED),
            ("an-peeters", Colour.GREEN),
        ):
            card.remove()
            window.wait_for(IDLE)
            assert shown.display.verdict() is None
            card.insert(name)
            window.wait_for_verdict(colour)
            window.save_picture(f"colour-{colour.value}")


def test_no_key_and_no_click_leads_out(counter: Desk, shown: Screen, window: Window) -> None:
    shown.display.press(*KEYS)
    for button in (1, 2, 3):
        shown.display.click(960, 540, button)
    assert IDLE in window.said()
    with counter.card():
        window.wait_for_verdict(Colour.GREEN)
        shown.display.press(*KEYS)
        shown.display.click(200, 200, 3)
        holds_for(lambda: shown.display.verdict() is Colour.GREEN, "the verdict", 0.3)
        assert len(shown.display.windows()) == 1
    window.wait_for(IDLE)
    assert window.process.poll() is None


def test_an_agent_that_is_killed_while_it_reads_costs_this_visit(
    counter: Desk, window: Window
) -> None:
    with counter.card("--fault", "delay:0.3") as card:
        window.wait_for_announcement(READING)
        kill(window.agent_at_work(card))
        window.assert_lost(LOST, after=READING)
        window.save_picture("agent-killed")
    window.wait_for(IDLE)
    with counter.card():
        window.wait_for_verdict(Colour.GREEN)


def test_an_agent_that_is_killed_while_it_asks_costs_this_visit(
    counter: Desk, window: Window, service: subprocess.Popen[str]
) -> None:
    with hanging(service), counter.card() as card:
        window.wait_for_announcement(CHECKING)
        kill(window.agent_at_work(card))
        window.assert_lost(LOST, after=CHECKING)
    window.wait_for(IDLE)
    with counter.card():
        window.wait_for_verdict(Colour.GREEN)


def test_an_agent_that_is_killed_after_its_answer_costs_nothing(
    counter: Desk, shown: Screen, window: Window
) -> None:
    with counter.card() as card:
        window.wait_for_verdict(Colour.GREEN)
        kill(window.agent_at_work(card))
        holds_for(lambda: shown.display.verdict() is Colour.GREEN, "the verdict", 0.3)
    window.wait_for(IDLE)
    with counter.card():
        window.wait_for_verdict(Colour.GREEN)


def test_a_second_card_changes_nothing_for_the_first(
    counter: Desk, shown: Screen, window: Window
) -> None:
    with counter.card("--person", "an-peeters") as first:
        window.wait_for_verdict(Colour.GREEN)
        with counter.second_card("--person", "els-kiezel"):
            holds_for(lambda: shown.display.verdict() is Colour.GREEN, "the verdict", 0.5)
            first.remove()
            window.wait_for_verdict(Colour.RED)
        window.wait_for(IDLE)


def test_a_card_pulled_while_the_service_is_asked(
    counter: Desk, shown: Screen, window: Window, service: subprocess.Popen[str]
) -> None:
    with hanging(service):
        with counter.card():
            window.wait_for(CHECKING)
        window.wait_for("Uw kaart ging er te vroeg uit", "K201")
    holds_for(lambda: shown.display.verdict() is None, "no verdict of somebody who left", 0.5)
    with counter.card():
        window.wait_for_verdict(Colour.GREEN)


def test_a_turned_screen_keeps_the_verdict(counter: Desk, shown: Screen, window: Window) -> None:
    with counter.card():
        window.wait_for_verdict(Colour.GREEN)
        try:
            shown.display.resize(1080, 1920)
            window.wait_for_verdict(Colour.GREEN)
            assert GREEN in window.said()
            window.save_picture("portrait")
        finally:
            shown.display.resize(1920, 1080)
        window.wait_for_verdict(Colour.GREEN)


def test_killing_the_window_leaves_no_agent_behind(counter: Desk, window: Window) -> None:
    with counter.card("--fault", "silence:3"):
        window.wait_for(READING)
        wait_until(lambda: len(window.agents()) == 2, "one that works, one that waits")
        agents = window.agents()
        window.end()
        assert not any(map(is_alive, agents))
