"""The three ways to a card: in process, over a local socket, and as vpcd's card."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue

import pytest

from kiosk.cardreader.line import LineFailed
from kiosk.cardreader.simulator.card import SimulatedCard, make_card
from kiosk.cardreader.simulator.exchange_log import ExchangeLog
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.persona import Persona
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.cardreader.simulator.slot import SimulatedSlot
from kiosk.cardreader.simulator.sockets import CardServer, SocketSlot
from kiosk.cardreader.simulator.vpcd import Control, VpcdClient, receive_frame, send_frame
from kiosk.domain.problem import ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import CardError, CardReset, CardSlot
from tests.unit.simulator.commands import CARD_DATA, OK, SELECT_APPLET, read, select

SECONDS = 5.0


@pytest.fixture
def server() -> Iterator[CardServer]:
    with CardServer() as running:
        yield running


@pytest.fixture
def slot_with(
    request: pytest.FixtureRequest, an: Persona, pki: TestPki
) -> Callable[..., tuple[CardSlot, Callable[[], None]]]:
    """Put a faulty card into a slot; return the slot and what pulls the card out."""

    def fill(*faults: str) -> tuple[CardSlot, Callable[[], None]]:
        card = make_card(an, pki, Applet.V1_8, faults)
        if request.param == "in process":
            slot = SimulatedSlot(card)
            return slot, slot.remove
        server = CardServer()
        request.addfinalizer(server.close)
        server.insert(card)
        return SocketSlot(server.name, answer_seconds=0.2), server.remove

    return fill


both = pytest.mark.parametrize("slot_with", ["in process", "socket"], indirect=True)
Fill = Callable[..., tuple[CardSlot, Callable[[], None]]]


def code_of(slot: CardSlot, *commands: bytes) -> ProblemCode:
    """Talk until it fails, and return how."""
    try:
        with slot.open() as card:
            for command in commands:
                card.transmit(command)
    except CardError as error:
        return error.problem.code
    pytest.fail("nothing failed")


@both
def test_a_conversation(slot_with: Fill) -> None:
    slot, _ = slot_with()
    with slot.open() as card:
        assert card.atr == Applet.V1_8.atr
        assert card.transmit(SELECT_APPLET).status == 0x9000
        answer = card.transmit(CARD_DATA)
        assert (len(answer.data), answer.status) == (28, 0x9000)
        assert card.transmit(select(File.PHOTO)).status == 0x9000
        assert len(card.transmit(read(0)).data) == 256
    assert slot.name


@both
def test_faults_come_out_as_problems(slot_with: Fill) -> None:
    two = (SELECT_APPLET, CARD_DATA)
    assert code_of(slot_with("mute")[0]) is ProblemCode.CARD_MUTE
    assert code_of(slot_with("silence:2")[0], *two) is ProblemCode.CARD_SILENT
    assert code_of(slot_with("pull:2")[0], *two) is ProblemCode.CARD_REMOVED_EARLY


@both
def test_a_broken_answer_is_a_line_that_failed(slot_with: Fill) -> None:
    slot, _ = slot_with("refuses-256")
    with slot.open() as card:
        card.transmit(select(File.PHOTO))
        with pytest.raises(LineFailed):
            card.transmit(read(0))
    with slot.open() as card:
        assert card.transmit(read(0, 1)).status == 0x6986, "nothing is selected any more"


@both
def test_pulled_between_commands(slot_with: Fill) -> None:
    slot, pull = slot_with()
    with slot.open() as card:
        card.transmit(SELECT_APPLET)
        pull()
        with pytest.raises(CardError) as caught:
            card.transmit(SELECT_APPLET)
    assert caught.value.problem.code is ProblemCode.CARD_REMOVED_EARLY
    assert code_of(slot) is ProblemCode.CARD_REMOVED_EARLY


@pytest.mark.parametrize("slot_with", ["in process"], indirect=True)
def test_reset_by_another_program(slot_with: Fill) -> None:
    slot, _ = slot_with("reset:3")
    with slot.open() as card:
        card.transmit(select(File.PHOTO))
        card.transmit(read(0))
        with pytest.raises(CardReset):
            card.transmit(read(0))
        assert card.transmit(read(0)).status == 0x6986


def test_over_a_socket_a_reset_only_loses_the_selection(
    server: CardServer, an: Persona, pki: TestPki
) -> None:
    server.insert(make_card(an, pki, faults=["reset:2"]))
    with SocketSlot(server.name).open() as card:
        card.transmit(select(File.PHOTO))
        assert card.transmit(read(0)).status == 0x6986


def test_removal_is_seen_without_asking(server: CardServer, an: Persona, pki: TestPki) -> None:
    server.insert(make_card(an, pki))
    with SocketSlot(server.name).open() as card:
        assert not card.wait_removed(0)  # type: ignore[attr-defined] # of SocketCard only
        server.remove()
        assert card.wait_removed(SECONDS)  # type: ignore[attr-defined] # of SocketCard only


def test_a_second_card_in_the_same_slot(server: CardServer, an: Persona, pki: TestPki) -> None:
    for applet in (Applet.V1_8, Applet.V1_7):
        server.insert(make_card(an, pki, applet))
        with SocketSlot(server.name).open() as card:
            assert card.atr == applet.atr


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert code_of(SocketSlot(SlotName(f"127.0.0.1:{port}"))) is ProblemCode.READER_LOST


class Reader:
    """vpcd's side: listens, and drives the card that connects."""

    def __init__(self, port: int = 0) -> None:
        self.listener = socket.create_server(("127.0.0.1", port))
        self.listener.settimeout(SECONDS)
        self.port: int = self.listener.getsockname()[1]

    def accept(self) -> socket.socket:
        connection, _ = self.listener.accept()
        connection.settimeout(SECONDS)
        return connection

    def close(self) -> None:
        self.listener.close()


def ask(connection: socket.socket, payload: bytes) -> bytes:
    send_frame(connection, payload)
    return receive_frame(connection)


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.close()


@pytest.fixture
def changes() -> Queue[str]:
    return Queue()


@pytest.fixture
def client(reader: Reader, changes: Queue[str]) -> Iterator[VpcdClient]:
    def note(card: SimulatedCard | None) -> None:
        changes.put("out" if card is None else card.persona.id)

    client = VpcdClient(port=reader.port, on_change=note)
    yield client
    client.close()


def test_frames_as_vpcd_sends_them(
    reader: Reader, client: VpcdClient, changes: Queue[str], an: Persona, pki: TestPki
) -> None:
    client.insert(make_card(an, pki))
    with reader.accept() as connection:
        assert changes.get(timeout=SECONDS) == an.id
        assert client.wait_in_reader(SECONDS)
        assert ask(connection, Control.GET_ATR.value) == Applet.V1_8.atr
        send_frame(connection, Control.POWER_ON.value)
        assert ask(connection, select(File.PHOTO)) == OK
        send_frame(connection, Control.RESET.value)
        assert ask(connection, read(0)) == b"\x69\x86"
        client.remove()
        assert connection.recv(1) == b""
        assert changes.get(timeout=SECONDS) == "out"
        assert not client.wait_in_reader(0)


def test_a_mute_card_is_there_but_cannot_be_powered(
    reader: Reader, client: VpcdClient, an: Persona, pki: TestPki
) -> None:
    client.insert(make_card(an, pki, faults=["mute"]))
    with reader.accept() as connection:
        assert len(ask(connection, Control.GET_ATR.value)) > 33


def test_pulled_by_a_fault_stays_out_until_put_in_again(
    reader: Reader, client: VpcdClient, changes: Queue[str], an: Persona, pki: TestPki
) -> None:
    card = make_card(an, pki, faults=["pull:1"])
    client.insert(card)
    with reader.accept() as connection, pytest.raises(EOFError):
        ask(connection, SELECT_APPLET)
    assert [changes.get(timeout=SECONDS) for _ in range(2)] == [an.id, "out"]
    client.insert(card)
    with reader.accept() as connection:
        assert ask(connection, SELECT_APPLET) == OK


def test_comes_back_when_the_service_does(
    reader: Reader, client: VpcdClient, an: Persona, pki: TestPki
) -> None:
    client.insert(make_card(an, pki))
    reader.accept().close()
    with reader.accept() as connection:
        assert ask(connection, SELECT_APPLET) == OK
        reader.close()
    again = Reader(reader.port)
    with again.accept() as connection:
        assert ask(connection, SELECT_APPLET) == OK
    again.close()


def test_waits_for_a_service_that_comes_later(an: Persona, pki: TestPki) -> None:
    late = Reader()
    late.close()
    client = VpcdClient(port=late.port)
    client.insert(make_card(an, pki))
    assert not client.wait_in_reader(0)
    now = Reader(late.port)
    with now.accept() as connection:
        assert ask(connection, SELECT_APPLET) == OK
    client.close()
    now.close()


def test_closing_ends_the_thread(reader: Reader, an: Persona, pki: TestPki) -> None:
    before = threading.active_count()
    client = VpcdClient(port=reader.port)
    client.insert(make_card(an, pki))
    reader.accept().close()
    client.close()
    assert threading.active_count() == before


def test_the_log_is_followed_in_a_file(tmp_path: Path, an: Persona, pki: TestPki) -> None:
    path = tmp_path / "log"
    card = make_card(an, pki, log=ExchangeLog(path))
    assert path.read_text("utf-8") == ""
    with SimulatedSlot(card).open() as connected:
        connected.transmit(select(File.PHOTO))
        connected.transmit(read(0))
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [line["status"] for line in lines] == ["9000", "9000"]
    assert lines[1]["path"] == File.PHOTO.value
    assert lines[1]["received"] == 258
