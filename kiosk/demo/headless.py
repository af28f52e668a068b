"""Visits without a window: each in an agent of its own, printed as they go."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import final

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal, Slot

from kiosk.agent.messages import Begin, CardHolder, Concluded, Proceeding, Progress, ToWindow
from kiosk.cardreader.simulator.card import make_card
from kiosk.cardreader.simulator.keystore import default_folder
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.persona import Persona, people
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.cardreader.simulator.sockets import CardServer
from kiosk.commands.exit_status import ExitStatus
from kiosk.commands.problem_texts import TEXTS
from kiosk.demo.service import ServiceFailed, running_service
from kiosk.domain.policy import Mode
from kiosk.domain.problem import Problem
from kiosk.domain.verdict import Verdict
from kiosk.domain.visit import VisitId
from kiosk.ui.agents import AgentPool

_LONGEST_MILLISECONDS = 60_000
_WORDS = {
    Progress.WAITING_FOR_CARD: "card in",
    Progress.READING: "reading",
    Progress.ASKING: "proven, asking",
}


def run(person: str | None, *, self_service: bool) -> ExitStatus:
    """Make one visit for each made-up person, or for the one named."""
    chosen = [one for one in people().values() if person in (None, one.id)]
    if not chosen:
        print(f"kiosk demo: there is nobody called {person}; there are:", file=sys.stderr)
        print("\n".join(f"  {name}" for name in people()), file=sys.stderr)
        return ExitStatus.USAGE
    mode = Mode.SELF_SERVICE if self_service else Mode.DESK
    pki = TestPki(default_folder())
    try:
        with tempfile.TemporaryDirectory(prefix="tariefwijzer-demo-") as folder:
            return _with_service(Path(folder), mode, pki, chosen)
    except ServiceFailed as failed:
        print(f"kiosk demo: the central service did not start\n{failed}", file=sys.stderr)
        return ExitStatus.INTERNAL


def _with_service(folder: Path, mode: Mode, pki: TestPki, chosen: Iterable[Persona]) -> ExitStatus:
    print("DEMO: nobody here exists; the card is simulated, the service runs on this machine.\n")
    with running_service(folder) as url, CardServer() as reader:
        config = folder / "kiosk.toml"
        config.write_text(_settings(url, pki.pin(Applet.V1_8), folder), encoding="utf-8")
        command = [sys.executable, "-m", "kiosk.agent", "--mode", mode.value]
        application = QCoreApplication.instance() or QCoreApplication([])
        pool = AgentPool([*command, "--config", str(config)])
        visits = Visits(pool, reader, pki, chosen)
        visits.finished.connect(application.quit)
        QTimer.singleShot(_LONGEST_MILLISECONDS, application.quit)
        pool.start()
        application.exec()
        pool.stop()
        return ExitStatus.OK if visits.all_concluded else ExitStatus.INTERNAL


def _settings(url: str, pin: str, folder: Path) -> str:
    text = {name: json.dumps(value) for name, value in {"url": url, "cache": str(folder)}.items()}
    return (
        'environment = "test"\n'
        f'[card]\nbackend = "simulator"\ntest_roots = ["{pin}"]\ncache_folder = {text["cache"]}\n'
        f'[service]\nurl = {text["url"]}\nclient.auth = "none"\n'
    )


@final
class Visits(QObject):
    """Puts one card after the other into the reader and prints what comes of it."""

    finished = Signal()

    def __init__(
        self, pool: AgentPool, reader: CardServer, pki: TestPki, chosen: Iterable[Persona]
    ) -> None:
        super().__init__()
        self.all_concluded = False
        self._pool = pool
        self._reader = reader
        self._pki = pki
        self._left = list(chosen)
        self._visit = VisitId(0)
        pool.ready.connect(self._next)
        pool.said.connect(self._hear)

    @Slot()
    def _next(self) -> None:
        """The waiting agent is loaded: let the next person come."""
        self._pool.ready.disconnect(self._next)
        person = self._left.pop(0)
        print(f"{person.given_names} {person.surname}: {person.story.get('en', '')}")
        self._reader.insert(make_card(person, self._pki))
        self._visit = VisitId(self._visit + 1)
        self._pool.begin(self._visit, Begin(self._visit, self._reader.name))

    @Slot(object)
    def _hear(self, message: ToWindow) -> None:
        match message:
            case Proceeding(step=step):
                print(f"    {_WORDS[step]} …", flush=True)
            case CardHolder(given_name=name):
                print(f"    (the desk sees: {name})", flush=True)
            case Concluded():
                print(f"    {_described(message.outcome)}\n", flush=True)
                self._end_visit()
            case _:
                pass

    def _end_visit(self) -> None:
        self._pool.end()
        self._reader.remove()
        if not self._left:
            self.all_concluded = True
            self.finished.emit()
        elif self._pool.is_ready:
            self._pool.ready.connect(self._next)
            self._next()
        else:
            self._pool.ready.connect(self._next)


def _described(outcome: Verdict | Problem) -> str:
    if isinstance(outcome, Problem):
        return f"{outcome.code.code}: {TEXTS[outcome.code].title}"
    parts = [outcome.colour.value.upper()]
    if outcome.tariff is not None:
        parts.append(f"{outcome.tariff.code}, pays {outcome.tariff.pay_percent} %")
    if outcome.valid_until is not None:
        parts.append(f"until {outcome.valid_until.isoformat()}")
    parts += [item.title.get("en", item.code) for item in outcome.guidance]
    return " – ".join(parts)
