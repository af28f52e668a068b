"""One test PKI for the targets."""

from __future__ import annotations

import pytest

from kiosk.cardreader.simulator.pki import TestPki
from tests.support.cards import Cards


@pytest.fixture(scope="session")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Cards:
    return Cards(TestPki(tmp_path_factory.mktemp("pki"), root_bits=2048))
