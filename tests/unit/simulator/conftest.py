"""One small test PKI for all tests of the simulated card, and a made-up person."""

from pathlib import Path

import pytest

from kiosk.cardreader.simulator.persona import Persona, person
from kiosk.cardreader.simulator.pki import TestPki


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> TestPki:
    return TestPki(tmp_path_factory.mktemp("pki"), root_bits=2048)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "pki"


@pytest.fixture
def an() -> Persona:
    return person("an-peeters")
