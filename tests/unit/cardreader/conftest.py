"""What the tests of forgeries share."""

from __future__ import annotations

import pytest

from kiosk.cardreader import eid
from tests.support.cards import Cards
from tests.support.forged_cards import Court


@pytest.fixture(scope="session")
def court(cards: Cards, tmp_path_factory: pytest.TempPathFactory) -> Court:
    """Genuine cards and readers; its certificates take a while to make."""
    return Court(cards, tmp_path_factory.mktemp("attacked") / "cache")


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that a simulated card needs time for."""
    monkeypatch.setattr(eid, "_DOUBT_SECONDS", 0)
    monkeypatch.setattr(eid, "_OLD_CARD_SECONDS", 0)
