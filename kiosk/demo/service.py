"""The central service of the demo: its own process, its own folder, stopped and started at will."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import Final, final
from urllib.parse import urlsplit

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

from kiosk.program import command_of

_READY: Final = "listening on "
_OWN_PREFIX: Final = "ELIGIBILITY_"
_LONGEST_START: Final = 30_000
_LONGEST_STOP: Final = 5000
"""In milliseconds; what takes longer is killed."""


class ServiceFailed(Exception):
    """The central service did not start; the text is what it said."""


class Course(Enum):
    """Where the service is."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


@final
class Service(QObject):
    """Runs the service with its made-up registers on one port of loopback."""

    changed = Signal()
    """``course`` is another one."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        """Keep its records, its key and what it says in ``folder``."""
        super().__init__(parent)
        self.course = Course.STOPPED
        self.url = ""
        """Its address; it stays the same after the first start."""
        self._log = folder / "service.log"
        self._process = QProcess(self)
        self._process.setProcessEnvironment(_environment(folder))
        self._process.setStandardErrorFile(str(self._log), QProcess.OpenModeFlag.Append)
        self._process.readyReadStandardOutput.connect(self._hear)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._ended)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_LONGEST_STOP)
        self._patience.timeout.connect(self._process.kill)

    def open(self) -> None:
        """Start it and wait until it answers; raise ``ServiceFailed``."""
        self.start()
        while self.course is Course.STARTING:
            if not self._process.waitForReadyRead(_LONGEST_START):
                break
        if self.course is not Course.RUNNING:
            said = self._log.read_text("utf-8") if self._log.exists() else ""
            self.close()
            raise ServiceFailed(said or self._process.errorString())

    def start(self) -> None:
        """Start it, if it is stopped."""
        if self.course is Course.STOPPED:
            self._turn(Course.STARTING)
            port = str(urlsplit(self.url).port or 0)
            program, *arguments = command_of("kiosk.demo.serving")
            self._process.start(program, [*arguments, port])

    def stop(self) -> None:
        """Let it end, if it runs."""
        if self.course is Course.RUNNING:
            self._turn(Course.STOPPING)
            self._process.closeWriteChannel()
            self._patience.start()

    def close(self) -> None:
        """End it now, whatever it is doing; return when it is gone."""
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.closeWriteChannel()
            if not self._process.waitForFinished(_LONGEST_STOP):
                self._process.kill()
                self._process.waitForFinished(_LONGEST_STOP)

    @Slot()
    def _hear(self) -> None:
        while self._process.canReadLine():
            line = bytes(self._process.readLine().data()).decode()
            if line.startswith(_READY):
                self.url = line.removeprefix(_READY).strip()
                self._turn(Course.RUNNING)

    @Slot()
    def _ended(self) -> None:
        if self._process.state() is QProcess.ProcessState.NotRunning:
            self._patience.stop()
            self._turn(Course.STOPPED)

    def _turn(self, course: Course) -> None:
        if course is not self.course:
            self.course = course
            self.changed.emit()


def _environment(folder: Path) -> QProcessEnvironment:
    """Return the settings of a practice service; those of the person who practises do not count."""
    environment = QProcessEnvironment()
    for name, value in os.environ.items():
        if not name.startswith(_OWN_PREFIX):
            environment.insert(name, value)
    environment.insert("ELIGIBILITY_ENVIRONMENT", "test")
    environment.insert("ELIGIBILITY_AUTH", "none")
    environment.insert("ELIGIBILITY_DATABASE__URL", f"sqlite:///{folder / 'audit.sqlite3'}")
    environment.insert("ELIGIBILITY_PSEUDONYM__KEY_FILE", str(folder / "pseudonym.key"))
    return environment
