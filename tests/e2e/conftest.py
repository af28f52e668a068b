"""What the tests of whole processes share.

One test PKI for the whole run: an RSA root of 4096 bits takes seconds to make.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.domain.policy import Mode
from tests.support.desk import Desk, desk
from tests.support.terminal import Screen, Window, screen


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pki")


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory, pki: Path) -> Iterator[Desk]:
    """A desk with reader and service for the tests of one module."""
    with desk(tmp_path_factory.mktemp("desk"), pki) as one:
        one.start_service()
        yield one


@pytest.fixture(scope="module")
def service(counter: Desk) -> Iterator[subprocess.Popen[str]]:
    """A central service that can be made to hang."""
    process = counter.start_service()
    yield process
    process.kill()


@pytest.fixture(scope="module")
def mode(request: pytest.FixtureRequest) -> Mode:
    """The mode that the windows of a module's tests are in: its ``MODE``."""
    of_module: Mode = request.module.MODE
    return of_module


@pytest.fixture(scope="module")
def shown(counter: Desk, mode: Mode, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    """A screen for the windows of one module."""
    with screen(counter, tmp_path_factory.mktemp("screen") / mode.value, mode) as one:
        yield one


@pytest.fixture
def window(shown: Screen, mode: Mode, pki: Path) -> Iterator[Window]:
    """A window of a test's own."""
    with shown.window(mode, pki=pki) as one:
        yield one
