"""The window at a desk, from outside: cards, keys, pixels, and what a screen reader hears."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from kiosk.cardreader.simulator.persona import people
from kiosk.domain.policy import Mode
from kiosk.domain.verdict import Colour
from tests.support.desk import Desk, desk, hanging
from tests.support.patience import holds_for, wait_until
from tests.support.terminal import Screen, Window, is_alive, kill, screen

pytestmark = pytest.mark.e2e

MODE = Mode.DESK
AN = people()["an-peeters"]
READING = "We lezen de kaart"
CHECKING = f"Even kijken voor {AN.given_names}"
GREEN = "Recht op kansentarief"
LOST = "De controle werd onderbroken"
IDLE = "Steek de kaart in de lezer"
TAKE_OUT = "Neem de kaart uit de lezer"
COVER = """
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication([])
cover = QWidget()
cover.setStyleSheet("background: #123456")
cover.showFullScreen()
app.exec()
"""
Note = Callable[[str, object], None]


def test_a_visit_by_card_and_one_by_hand_with_nothing_but_keys(
    counter: Desk, shown: Screen, window: Window
) -> None:
    press = shown.display.press
    window.save_picture("1-idle")
    with counter.card() as card:
        window.wait_for_verdict(Colour.GREEN)
        said = window.wait_for(GREEN, "Betaalt 20", "Geldig tot en met 30 april", "Wat nu?")
        assert AN.given_names not in said.split(" · ")
        window.save_picture("2-green")
        first = said.partition("Controle ")[2][:4]
        press("F5")
        wait_until(lambda: f"Controle {first}" not in window.said(), "another answer")
        window.wait_for_verdict(Colour.GREEN)
        press("Escape")
        window.wait_for(TAKE_OUT)
        window.save_picture("3-take-out")
        card.remove()
        window.wait_for(IDLE)
    press("F2")
    window.wait_for("Typ het nummer van de kaart")
    shown.display.type(AN.number)
    press("alt+4")
    window.wait_for("Het nummer klopt")
    window.save_picture("4-typed")
    press("Return")
    window.wait_for_verdict(Colour.GREEN)
    window.wait_for(GREEN)
    window.save_picture("5-green")
    press("Escape")
    window.wait_for(IDLE)
    assert AN.number not in " ".join(shown.listener.announced)


def test_every_colour_has_its_own_words_and_is_announced(
    counter: Desk, shown: Screen, window: Window
) -> None:
    with counter.card() as card:
        for name, colour, word in (
            ("leen-regenboog", Colour.ORANGE, "Nog niet zeker"),
            ("els-kiezel", Colour.RED, "Geen recht gevonden"),
            ("an-peeters", Colour.GREEN, GREEN),
        ):
            card.remove()
            card.insert(name)
            window.wait_for_verdict(colour)
            window.wait_for(word)
            assert shown.listener.announced[-1].startswith(word)
            window.save_picture(f"colour-{colour.value}")


def test_what_has_the_focus_is_known_everywhere(
    counter: Desk, shown: Screen, window: Window
) -> None:
    with counter.card() as card:
        window.wait_for(GREEN)
        assert shown.listener.focused() == "Klaar"
        shown.display.press("Tab")
        wait_until(lambda: shown.listener.focused() == "Opnieuw", "the next button")
        card.remove()
    shown.display.press("Escape", "F2")
    wait_until(lambda: shown.listener.focused() == "Rijksregisternummer", "the number's field")


def test_a_card_that_is_in_when_it_starts(counter: Desk, shown: Screen, pki: Path) -> None:
    with counter.card(), ExitStack() as at_end:
        one = shown.start(MODE, pki=pki)
        at_end.callback(one.end)
        one.wait_for_verdict(Colour.GREEN)


def test_a_second_start_brings_the_first_to_the_front(
    shown: Screen, window: Window, pki: Path
) -> None:
    cover = shown.desk.stack.popen(
        sys.executable, "-c", COVER, env=shown.environment(), stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: shown.display.part_of("#123456") > 0.95, "a window above")
        second = shown.start(MODE, pki=pki)
        assert second.process.wait(10) == 0, second.log
        wait_until(lambda: shown.display.part_of("#123456") < 0.05, "the first one in front")
        assert window.process.poll() is None
    finally:
        cover.kill()
        cover.wait()


def test_closing_it_ends_everything(shown: Screen, window: Window) -> None:
    agents = window.agents()
    shown.display.press("alt+F4")
    assert window.process.wait(10) == 0, window.log
    assert not any(map(is_alive, agents))


def test_an_agent_that_is_killed_while_it_waits_costs_nothing(
    counter: Desk, window: Window
) -> None:
    (agent,) = window.agents()
    kill(agent)
    wait_until(lambda: window.agents() not in ([agent], []), "the next agent")
    with counter.card():
        window.wait_for_verdict(Colour.GREEN)


def test_an_agent_that_is_killed_while_it_reads_costs_this_visit(
    counter: Desk, window: Window
) -> None:
    with counter.card("--fault", "delay:0.3") as card:
        window.wait_for_announcement(READING)
        kill(window.agent_at_work(card))
        window.assert_lost(LOST, after=READING)
        window.save_picture("agent-killed")
    with counter.card():
        window.wait_for_verdict(Colour.GREEN)


def test_an_agent_that_is_killed_while_it_asks_costs_this_visit(
    counter: Desk, window: Window, service: subprocess.Popen[str]
) -> None:
    with hanging(service), counter.card() as card:
        window.wait_for_announcement(CHECKING)
        kill(window.agent_at_work(card))
        window.assert_lost(LOST, after=CHECKING)
        assert AN.given_names not in window.said().split()
    with counter.card():
        window.wait_for_verdict(Colour.GREEN)


def test_an_agent_that_is_killed_after_its_answer_costs_the_next_question(
    counter: Desk, shown: Screen, window: Window
) -> None:
    with counter.card() as card:
        window.wait_for_verdict(Colour.GREEN)
        window.wait_for_announcement(GREEN)
        kill(window.agent_at_work(card))
        holds_for(lambda: shown.display.verdict() is Colour.GREEN, "the verdict", 0.3)
        shown.display.press("F5")
        window.assert_lost(LOST, after=GREEN)
    with counter.card():
        window.wait_for_verdict(Colour.GREEN)


def test_two_readers_and_two_cards(counter: Desk, shown: Screen, window: Window) -> None:
    with counter.card("--person", "an-peeters") as first:
        window.wait_for_verdict(Colour.GREEN)
        with counter.second_card("--person", "els-kiezel"):
            window.wait_for_verdict(Colour.RED)  # the desk goes on with the next card
            first.remove()
            holds_for(lambda: shown.display.verdict() is Colour.RED, "its verdict", 0.5)
        holds_for(lambda: shown.display.verdict() is Colour.RED, "its verdict", 0.3)
        first.insert("leen-regenboog")
        window.wait_for_verdict(Colour.ORANGE)


def test_a_card_pulled_early_and_put_in_again(counter: Desk, window: Window) -> None:
    with counter.card("--fault", "pull:3"):
        window.wait_for("K201")
        window.save_picture("pulled-early")
    with counter.card():
        window.wait_for_verdict(Colour.GREEN)


def test_a_service_that_is_not_there(counter: Desk, shown: Screen, pki: Path) -> None:
    gone = {"KIOSK_SERVICE__URL": "http://127.0.0.1:9"}
    with shown.window(MODE, pki=pki, **gone) as one, counter.card():
        one.wait_for("K401")
        assert shown.display.verdict() is None
        one.save_picture("no-service")


def test_killing_the_window_leaves_no_agent_behind(
    counter: Desk, shown: Screen, window: Window
) -> None:
    with counter.card("--fault", "silence:3"):
        window.wait_for(READING)
        wait_until(lambda: len(window.agents()) == 2, "one that works, one that waits")
        window.end()


def test_another_resolution_during_a_verdict(counter: Desk, shown: Screen, window: Window) -> None:
    with counter.card():
        window.wait_for_verdict(Colour.GREEN)
        said = window.wait_for("Controle ")
        try:
            for size in ((1024, 768), (1920, 1080)):
                shown.display.resize(*size)
                window.wait_for(said.partition("Controle ")[2][:4])
                assert GREEN in window.said()
                window.save_picture(f"resized-{size[0]}")
            shown.display.resize(1280, 800)
            window.wait_for_verdict(Colour.GREEN)
        finally:
            shown.display.resize(1280, 800)


@pytest.fixture
def troubled(tmp_path: Path, pki: Path) -> Iterator[Screen]:
    """A desk whose PC/SC service is made to fail."""
    (tmp_path / "desk").mkdir()
    with (
        desk(tmp_path / "desk", pki) as one,
        screen(one, tmp_path / "screen", MODE) as shown,
    ):
        one.start_service()
        yield shown


def test_a_pcsc_service_that_hangs_or_dies(
    troubled: Screen, pki: Path, record_property: Note
) -> None:
    stack = troubled.desk.stack
    with troubled.window(MODE, pki=pki) as one:
        stack.stop_pcscd()
        took = wait_until(lambda: "K101" in one.said(), "out of service", 15)
        record_property("seconds until a hanging PC/SC service is noticed", took)
        one.save_picture("pcsc-hangs")
        stack.continue_pcscd()
        one.wait_for_idle()
        with troubled.desk.card():
            one.wait_for_verdict(Colour.GREEN)
            stack.kill_pcscd()
            holds_for(lambda: troubled.display.verdict() is Colour.GREEN, "the verdict", 0.5)
            troubled.display.press("Escape")
            one.wait_for("K101")
        stack.start_pcscd()
        one.wait_for_idle()
        with troubled.desk.card():
            one.wait_for_verdict(Colour.GREEN)
