"""Visits on a real window, good and bad, and then a search of that process for the person."""

from __future__ import annotations

import json
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.cardreader.simulator.persona import people
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.domain.policy import Mode
from tests.privacy.test_canary import encodings, traces
from tests.support.desk import Desk, desk
from tests.support.display import Display, display
from tests.support.memory import found_in_memory
from tests.support.patience import wait_until
from tests.support.terminal import children, kill

pytestmark = pytest.mark.e2e

CANARY = people()["rosa-korenbloem"]
NAME = re.compile(rf"\b({CANARY.given_names}|{CANARY.surname})\b", re.IGNORECASE)
CHECKING = {Mode.DESK: "Even kijken voor", Mode.SELF_SERVICE: "We kijken het na"}
READING = {Mode.DESK: "We lezen de kaart", Mode.SELF_SERVICE: "We lezen uw kaart"}
IDLE = {Mode.DESK: "Steek de kaart in de lezer", Mode.SELF_SERVICE: "Steek uw kaart in de lezer"}
VERDICT = "Recht op kansentarief"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pki")


@pytest.fixture
def place(tmp_path: Path, pki: Path) -> Iterator[Desk]:
    (tmp_path / "desk").mkdir()
    with desk(tmp_path / "desk", pki) as one:
        yield one


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Display]:
    with display(tmp_path / "display") as one:
        yield one


class Observed:
    """The program, and what somebody inside of it sees."""

    def __init__(self, mode: Mode, process: subprocess.Popen[str], home: Path) -> None:
        self.mode = mode
        self.process = process
        self.home = home
        self.held: list[str] = []

    def look(self) -> str:
        """Everything that the window holds, shown or not."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("?")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], 10)
        assert ready, self.log
        said = " · ".join(json.loads(self.process.stdout.readline())).replace("\u00a0", " ")
        self.held.append(said)
        assert not any(form.decode("latin-1") in said for form in encodings(CANARY.number))
        return said

    def wait_for(self, words: str) -> str:
        """Look until the window says this; nobody's name is there, except while checking."""
        said = ""

        def says() -> bool:
            nonlocal said
            said = self.look()
            if not (self.mode is Mode.DESK and CHECKING[self.mode] in said):
                assert not NAME.search(said), said
            return words in said

        try:
            wait_until(says, words)
        except AssertionError as error:
            raise AssertionError(f"{error}, but: {said}\n{self.log}") from None
        return said

    @property
    def log(self) -> str:
        """What the program said on standard error."""
        return (self.home / "stderr.log").read_text()

    def wait_for_idle(self) -> None:
        self.wait_for(IDLE[self.mode])
        wait_until(lambda: len(children(self.process.pid)) == 1, "one agent, waiting")

    def memory(self) -> dict[str, int]:
        """In which forms, and how often, the number is in the memory of the window's process."""
        return found_in_memory(self.process.pid, encodings(CANARY.number))


@contextmanager
def observed(place: Desk, shown: Display, mode: Mode, pki: Path, home: Path) -> Iterator[Observed]:
    home.mkdir()
    settings = {
        "KIOSK_CARD__TEST_ROOTS": ",".join(TestPki(pki).pins()),
        "KIOSK_SERVICE__DEADLINE_SECONDS": "2",
        "HOME": str(home),
        "TMPDIR": str(home),
        **{f"XDG_{kind}_HOME": str(home / kind) for kind in ("CACHE", "CONFIG", "DATA", "STATE")},
        "XDG_RUNTIME_DIR": str(home),
    }
    with (home / "stderr.log").open("wb") as log:
        process: subprocess.Popen[str] = place.stack.popen(
            *(sys.executable, "-m", "tests.support.observed", mode.value),
            env={**place.environment(), **shown.environment, **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        yield Observed(mode, process, home)
    finally:
        process.kill()
        process.wait()


def good(one: Observed, place: Desk, service: subprocess.Popen[str]) -> None:
    with place.card("--person", CANARY.id):
        one.wait_for(VERDICT)


def slowly_answered(one: Observed, place: Desk, service: subprocess.Popen[str]) -> None:
    service.send_signal(signal.SIGSTOP)
    with place.card("--person", CANARY.id):
        said = one.wait_for(CHECKING[one.mode])
        assert bool(NAME.search(said)) == (one.mode is Mode.DESK)
        service.send_signal(signal.SIGCONT)
        one.wait_for(VERDICT)


def never_answered(one: Observed, place: Desk, service: subprocess.Popen[str]) -> None:
    service.send_signal(signal.SIGSTOP)
    with place.card("--person", CANARY.id):
        one.wait_for("K402")
    service.send_signal(signal.SIGCONT)


def pulled_early(one: Observed, place: Desk, service: subprocess.Popen[str]) -> None:
    with place.card("--person", CANARY.id, "--fault", "pull:5"):
        one.wait_for("K201")
    good(one, place, service)  # as people do; in self-service the words stay for a while


def not_genuine(one: Observed, place: Desk, service: subprocess.Popen[str]) -> None:
    with place.card("--person", CANARY.id, "--fault", "chip-copied"):
        one.wait_for("K303")


def agent_killed(one: Observed, place: Desk, service: subprocess.Popen[str]) -> None:
    (agent,) = children(one.process.pid)
    service.send_signal(signal.SIGSTOP)
    with place.card("--person", CANARY.id):
        one.wait_for(CHECKING[one.mode])
        kill(agent)
        one.wait_for("K902")
    service.send_signal(signal.SIGCONT)


Visit = Callable[[Observed, Desk, "subprocess.Popen[str]"], None]
VISITS: tuple[Visit, ...] = (
    *(good, slowly_answered, never_answered, pulled_early, not_genuine, agent_killed),
)


@pytest.mark.parametrize("mode", Mode, ids=lambda mode: mode.value)
def test_no_visit_leaves_a_person_in_the_window(
    place: Desk, shown: Display, pki: Path, tmp_path: Path, mode: Mode
) -> None:
    service = place.start_service()
    with observed(place, shown, mode, pki, tmp_path / "home") as one:
        one.wait_for_idle()
        for visit in VISITS:
            visit(one, place, service)
            shown.press("Escape")
            one.wait_for_idle()
            assert one.memory() == {}, visit.__name__
        assert any(VERDICT in said for said in one.held)
    assert traces(tmp_path, CANARY.number) == []
    printed = one.log
    assert not NAME.search(printed), printed


def test_a_typed_number_is_nowhere_once_it_is_gone(
    place: Desk, shown: Display, pki: Path, tmp_path: Path
) -> None:
    place.start_service()
    with observed(place, shown, Mode.DESK, pki, tmp_path / "home") as one:
        one.wait_for_idle()
        for ending in ("Return", "Escape"):
            shown.press("F2")
            one.wait_for("Typ het nummer van de kaart")
            shown.type(CANARY.number)
            one.wait_for("Het nummer klopt")
            shown.press("ctrl+a", "ctrl+c", "ctrl+x", "ctrl+Insert")
            one.look()
            shown.press(ending)
            if ending == "Return":
                one.wait_for(VERDICT)
                shown.press("Escape")
            one.wait_for_idle()
            wait_until(lambda: one.memory() == {}, "no digit is left in memory")
    assert traces(tmp_path, CANARY.number) == []
    assert one.log == ""
