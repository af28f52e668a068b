"""Topic 5: from the card to the verdict, by an agent that waits and by one that has to start."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kiosk.agent.messages import (
    Begin,
    Concluded,
    Proceeding,
    Progress,
    Ready,
    ToWindow,
    for_window,
    line_of,
)
from kiosk.cardreader.simulator.card import SimulatedCard, make_card
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.persona import person
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.cardreader.simulator.sockets import CardServer
from kiosk.domain.verdict import UseCase
from kiosk.domain.visit import VisitId
from tests.bench.own_service import running_service
from tests.bench.results import SPREAD, Table, ratio, say, spread
from tests.support.cards import PERSON

_WARM: Final = 20
_COLD: Final = 10
_VISIT: Final = VisitId(1)

Times = dict[str, list[int]]


def tables(folder: Path, pki: Path) -> list[Table]:
    """Make visits through agent processes, between a made-up card and a service."""
    authority = TestPki(pki)
    card = make_card(person(PERSON), authority, Applet.V1_8)
    with running_service(folder) as url, CardServer() as reader:
        config = folder / "kiosk.toml"
        config.write_text(_settings(url, authority.pin(Applet.V1_8), folder), "utf-8")
        visits = Visits(config, reader, card)
        visits.waiting()  # takes the certificates; every later visit has them
        say(f"   {_WARM} visits with a waiting agent, {_COLD} with one that starts at the card")
        warm: Times = {}
        cold: Times = {}
        for number in range(_WARM):
            _note(warm, visits.waiting())
            if number < _COLD:
                _note(cold, visits.starting())
    return [_table(warm, cold)]


def _note(times: Times, visit: dict[str, int]) -> None:
    for name, taken in visit.items():
        times.setdefault(name, []).append(taken)


def _table(warm: Times, cold: Times) -> Table:
    table = Table("Card in to verdict, applet 1.8", ("agent", "part", *SPREAD, "× waiting"))
    whole = spread(warm["whole"]).median
    for agent, times in (("waiting", warm), ("started at the card", cold)):
        for part, samples in times.items():
            taken = spread(samples)
            table.add(agent, part, *taken.columns(), ratio(taken.median, whole))
    table.notes.append(
        "Certificates seen before, card and service on this machine and without latency of their "
        "own: this is what our processes take. A real 1.8 card adds its line time (topic 1) and "
        "its computing, a real service its network and its sources."
    )
    return table


class Visits:
    """One reader, one card, and an agent a visit."""

    def __init__(self, config: Path, reader: CardServer, card: SimulatedCard) -> None:
        self._command = [sys.executable, "-m", "kiosk.agent", "--mode", "desk"]
        self._command += ["--config", str(config)]
        self._reader = reader
        self._card = card

    def waiting(self) -> dict[str, int]:
        """Time a visit from the card to the verdict; the agent is loaded before."""
        with self._agent() as agent:
            _expect_ready(agent)
            return self._visit(agent, time.perf_counter_ns())

    def starting(self) -> dict[str, int]:
        """Time a visit from the card to the verdict; only then the agent is started."""
        started = time.perf_counter_ns()
        with self._agent() as agent:
            _expect_ready(agent)
            loaded = time.perf_counter_ns() - started
            return {"start of the process": loaded, **self._visit(agent, started)}

    def _visit(self, agent: subprocess.Popen[bytes], started: int) -> dict[str, int]:
        assert agent.stdin
        begun = time.perf_counter_ns()
        self._reader.insert(self._card)
        agent.stdin.write(line_of(Begin(_VISIT, self._reader.name, UseCase.UITPAS)))
        agent.stdin.flush()
        asked = begun
        while not isinstance(message := _hear(agent), Concluded):
            if isinstance(message, Proceeding) and message.step is Progress.ASKING:
                asked = time.perf_counter_ns()
        ended = time.perf_counter_ns()
        if message.verdict is None:
            raise RuntimeError(f"a visit ended with {message.problem}")
        return {"card": asked - begun, "service": ended - asked, "whole": ended - started}

    @contextmanager
    def _agent(self) -> Iterator[subprocess.Popen[bytes]]:
        with subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as agent:
            try:
                yield agent
            finally:
                self._reader.remove()
                agent.kill()


def _expect_ready(agent: subprocess.Popen[bytes]) -> None:
    if _hear(agent) != Ready():
        raise RuntimeError("an agent did not say that it is ready")


def _hear(agent: subprocess.Popen[bytes]) -> ToWindow:
    assert agent.stdout
    return for_window(agent.stdout.readline())


def _settings(url: str, pin: str, folder: Path) -> str:
    return (
        'environment = "test"\n'
        f'[card]\nbackend = "simulator"\ntest_roots = ["{pin}"]\n'
        f"cache_folder = {json.dumps(str(folder / 'cache'))}\n"
        f'[service]\nurl = "{url}"\nclient.auth = "none"\n'
    )
