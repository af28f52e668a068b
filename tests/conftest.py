"""The nets under every test: what an assertion would miss fails the test all the same.

Unexpected log records, connections to other machines, settings and proxies of the person who runs
the tests. Python's and Qt's warnings are made failures by pyproject.toml.
"""

import gc
import ipaddress
import itertools
import logging
import os
import re
import socket
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings

# A test that fails because the machine is busy says nothing.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# Qt reads this when it is first used, which may be before any fixture runs.
os.environ["QT_QPA_PLATFORM"] = "offscreen"

OUR_PREFIXES = ("KIOSK_", "ELIGIBILITY_")
TESTS = Path(__file__).parent
UNMEASURED = {TESTS / name for name in ("architecture", "e2e", "privacy", "ui")}
COVERAGE_OF_PROCESSES = "COVERAGE_PROCESS_CONFIG"
"""By this coverage.py measures every Python program that is started."""
PROXY_NAMES = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "NO_PROXY"}


class LogNet(logging.Handler):
    """Collects what is logged at WARNING or above, and says what nobody expected."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.expectations: list[tuple[str, re.Pattern[str]]] = []
        self._records: list[logging.LogRecord] = []

    def expect(self, logger: str, pattern: str) -> None:
        """Let records of this logger (or one below it) that match the pattern pass."""
        self.expectations.append((logger, re.compile(pattern)))

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)

    def take_unexpected(self) -> list[str]:
        """Return the records that nobody expected, and forget all of them."""
        records, self._records = self._records, []
        return [
            f"{record.levelname} {record.name}: {record.getMessage()}"
            for record in records
            if not self._is_expected(record)
        ]

    def _is_expected(self, record: logging.LogRecord) -> bool:
        return any(
            (record.name == logger or record.name.startswith(f"{logger}."))
            and pattern.search(record.getMessage())
            for logger, pattern in self.expectations
        )


class SocketNet:
    """Lets connections to this machine pass, and stops all others."""

    def __init__(self) -> None:
        self._stopped: list[str] = []
        self._connect = socket.socket.connect
        self._connect_ex = socket.socket.connect_ex
        self._getaddrinfo = socket.getaddrinfo

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand in for the ways out of this machine."""

        def connect(sock: socket.socket, address: Any) -> None:
            self._check(sock, address)
            self._connect(sock, address)

        def connect_ex(sock: socket.socket, address: Any) -> int:
            self._check(sock, address)
            return self._connect_ex(sock, address)

        def getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:
            self._check_name(host)
            return self._getaddrinfo(host, *rest, **named)

        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(socket.socket, "connect_ex", connect_ex)
        patch.setattr(socket, "getaddrinfo", getaddrinfo)

    def take_stopped(self) -> list[str]:
        """Return what was stopped (a failure in a thread would be lost), and forget it."""
        stopped, self._stopped = self._stopped, []
        return stopped

    def _check(self, sock: socket.socket, address: Any) -> None:
        if sock.family in (socket.AF_INET, socket.AF_INET6) and not is_this_machine(address[0]):
            self._stop(f"a connection to {address[0]}")

    def _check_name(self, host: Any) -> None:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and name.endswith(".invalid"):
            # Names that never exist (RFC 6761) are for tests; nobody has to be asked.
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if name and not is_this_machine(name):
            self._stop(f"a look-up of {name}")

    def _stop(self, what: str) -> None:
        self._stopped.append(what)
        # Not an Exception: what is being tested must not take it for a network that is down.
        pytest.fail(f"a test stays on this machine, and this was {what}")


def is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


HOMES = itertools.count()
LOGS = LogNet()
SOCKETS = SocketNet()


@pytest.fixture(scope="session", autouse=True)
def _no_other_machines() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        SOCKETS.install(patch)
        yield


@pytest.fixture(autouse=True)
def _own_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No settings of the person at this machine, and folders of the test's own.

    They are made by whoever uses them: most tests do not.
    """
    home = tmp_path_factory.getbasetemp() / "homes" / str(next(HOMES))
    for name in list(os.environ):
        if name.startswith(OUR_PREFIXES) or name.upper() in PROXY_NAMES:
            monkeypatch.delenv(name)
    for kind in ("CACHE", "CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))


@pytest.fixture
def expect_log() -> Callable[[str, str], None]:
    """Say within a test which warnings belong to it: ``expect_log("kiosk.agent", "late")``."""
    return LOGS.expect


def pytest_runtest_logstart() -> None:
    LOGS.expectations.clear()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Let no worker be measured twice: by pytest-cov, and as a program that is started."""
    os.environ.pop(COVERAGE_OF_PROCESSES, None)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """End what pytest-cov began when it was loaded: in a worker it begins once more now."""
    begun = Coverage.current()
    if begun is not None and hasattr(session.config, "workerinput"):
        begun.stop()


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over the tests themselves, which stay to the end."""
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure what a test starts only where no other test runs the same code in this process.

    Measuring costs a short-lived process more than its own work.
    """
    kept = None
    if UNMEASURED.intersection(item.path.parents):
        kept = os.environ.pop(COVERAGE_OF_PROCESSES, None)
    try:
        return (yield)
    finally:
        if kept is not None:
            os.environ[COVERAGE_OF_PROCESSES] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    for marker in item.iter_markers("expects_log"):
        LOGS.expect(*marker.args)
    with _nets():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    with _nets():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    with _nets():
        yield


@contextmanager
def _nets() -> Iterator[None]:
    """Hold the nets under one phase of a test; what the phase raises itself comes first."""
    root = logging.getLogger()
    root.addHandler(LOGS)
    try:
        yield
    except BaseException:
        LOGS.take_unexpected()
        SOCKETS.take_stopped()
        raise
    finally:
        root.removeHandler(LOGS)
    caught = LOGS.take_unexpected()
    if caught:
        pytest.fail("logged, and nobody expected it:\n  " + "\n  ".join(caught), pytrace=False)
    stopped = SOCKETS.take_stopped()
    if stopped:
        pytest.fail("tried to leave this machine: " + ", ".join(stopped), pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say of the tests that run a sample how large it was: ``record_property("cells", …)``."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            if name == "cells" and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid}: {value} cells")
