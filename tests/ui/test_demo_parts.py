"""The parts of the demo's world: its reader, its service, what it knows of a display."""

from __future__ import annotations

import os
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kiosk.cardreader.simulator.card import SimulatedCard, make_card
from kiosk.cardreader.simulator.persona import person
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.cardreader.simulator.sockets import SocketSlot
from kiosk.demo import rounds
from kiosk.demo.album import Album
from kiosk.demo.display import what_is_missing
from kiosk.demo.frame import Frame
from kiosk.demo.guests import guests
from kiosk.demo.practice import Practice
from kiosk.demo.reader import DemoReader
from kiosk.demo.service import Course, Service, ServiceFailed
from kiosk.domain.policy import Mode
from kiosk.ports import CardError, ReadersReady, SlotEmptied, SlotFilled
from kiosk.ui.application import Application
from kiosk.ui.theme import load_fonts

NOW = timedelta()
LONG = timedelta(seconds=20)
OFF = "QT_QPA_PLATFORM"


@pytest.fixture
def reader() -> Iterator[DemoReader]:
    with DemoReader() as opened:
        yield opened


def card(tmp_path: Path, *faults: str) -> SimulatedCard:
    return make_card(person("an-peeters"), TestPki(tmp_path / "pki"), faults=faults)


def test_there_is_a_reader_at_once_and_then_nothing_new(reader: DemoReader) -> None:
    monitor = reader.monitor()
    assert monitor.wait(LONG) == (ReadersReady((reader.name,)),)
    assert monitor.wait(NOW) == ()


def test_a_card_is_told_the_moment_it_comes_and_goes(reader: DemoReader, tmp_path: Path) -> None:
    monitor = reader.monitor()
    monitor.wait(NOW)
    threading.Timer(0.1, reader.insert, [card(tmp_path)]).start()
    assert monitor.wait(LONG) == (SlotFilled(reader.name),)
    threading.Timer(0.1, reader.remove).start()
    assert monitor.wait(LONG) == (SlotEmptied(reader.name),)


def test_one_card_after_the_other_is_two_cards(reader: DemoReader, tmp_path: Path) -> None:
    monitor = reader.monitor()
    reader.insert(card(tmp_path))
    assert monitor.wait(LONG) == (ReadersReady((reader.name,)), SlotFilled(reader.name))
    reader.insert(card(tmp_path))
    assert monitor.wait(LONG) == (SlotEmptied(reader.name), SlotFilled(reader.name))
    reader.remove()
    reader.remove()
    assert monitor.wait(LONG) == (SlotEmptied(reader.name),)


def test_a_card_that_was_pulled_from_the_other_side_is_gone(
    reader: DemoReader, tmp_path: Path
) -> None:
    monitor = reader.monitor()
    reader.insert(card(tmp_path, "pull:1"))
    monitor.wait(NOW)
    with SocketSlot(reader.name).open() as opened, pytest.raises(CardError):
        opened.transmit(bytes.fromhex("00A4020C023F00"))
    assert monitor.wait(LONG) == (SlotEmptied(reader.name),)


def test_a_new_monitor_tells_everything_anew(reader: DemoReader, tmp_path: Path) -> None:
    reader.insert(card(tmp_path))
    for _ in range(2):
        events = reader.monitor().wait(LONG)
        assert events == (ReadersReady((reader.name,)), SlotFilled(reader.name))


def test_closing_ends_a_wait(reader: DemoReader) -> None:
    monitor = reader.monitor()
    monitor.wait(NOW)
    threading.Timer(0.1, monitor.close).start()
    assert monitor.wait(LONG) == ()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def test_the_service_comes_back_where_it_was(qtbot: QtBot, tmp_path: Path) -> None:
    service = Service(tmp_path)
    service.open()
    url = service.url
    assert answers(url)
    service.stop()
    qtbot.waitUntil(lambda: service.course is Course.STOPPED, timeout=20_000)
    assert not answers(url)
    service.start()
    qtbot.waitUntil(lambda: service.course is Course.RUNNING, timeout=20_000)
    assert service.url == url
    assert answers(url)
    service.close()
    assert service.course is Course.STOPPED
    assert not answers(url)


def test_a_service_that_cannot_start_says_why(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "pseudonym.key").mkdir()
    service = Service(tmp_path)
    with pytest.raises(ServiceFailed, match=r"pseudonym\.key_file"):
        service.open()
    assert service.course is Course.STOPPED
    with pytest.raises(ServiceFailed), Practice(tmp_path, Mode.DESK, 0):
        pytest.fail("there is no practice without a service")


def test_who_chose_a_platform_without_a_display_needs_none() -> None:
    assert what_is_missing({OFF: "offscreen"}) == ""


def test_no_display_is_missed() -> None:
    assert "there is no display" in what_is_missing({})


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_a_display_of_yesterday_cannot_be_opened(name: str) -> None:
    elsewhere = {key: value for key, value in os.environ.items() if key != OFF}
    missing = what_is_missing({**elsewhere, name: "yesterday:9"})
    assert missing == f"the display cannot be opened ({name}=yesterday:9)"


def test_everybody_has_a_story_and_a_name_of_their_own() -> None:
    for mode in Mode:
        everybody = guests(mode)
        assert len({guest.id for guest in everybody}) == len(everybody)
        assert len({guest.persona.number for guest in everybody}) == len(everybody)
        assert all(guest.story["nl"] and guest.story["en"] for guest in everybody)


class Loop:
    """Stands in for Qt's loop, which a test has none of its own of."""

    status: int | None = None

    @classmethod
    def exit(cls, status: int) -> None:
        cls.status = status


@pytest.mark.qt_log_ignore("does not support propagateSizeHints")
def test_a_visit_that_does_not_end_fails_the_run(
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(rounds, "_LONGEST_SECONDS", 2)
    monkeypatch.setattr(rounds, "QCoreApplication", Loop)
    load_fonts()
    with Practice(tmp_path, Mode.DESK, 1) as practice:
        application = Application(practice.terminal("tariefwijzer-demo-test"))
        frame = Frame(application, practice)
        qtbot.addWidget(frame)
        album = Album(tmp_path / "pictures")
        rounds.Rounds(application, frame, practice.guests[:1], album)
        application.start()
        frame.show()
        qtbot.waitUntil(lambda: Loop.status is not None, timeout=20_000)
        application.stop()
    assert Loop.status == 70
    told = capsys.readouterr().err
    assert told.startswith("kiosk demo: the visit of An Peeters is not over after 2 s")
