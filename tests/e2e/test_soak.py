"""The long runs: many visits, and a fault at every command of a first read."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from kiosk.cardreader import verification
from kiosk.cardreader.simulator.card import make_card
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.persona import person
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.cardreader.simulator.slot import SimulatedSlot
from tests.support.cards import PERSON, Cards
from tests.support.desk import Desk

pytestmark = [pytest.mark.e2e, pytest.mark.soak]

FIRST_READ = 20
FORGERIES = 1_000_000


@pytest.mark.parametrize("applet", ["1.7", "1.8"])
@pytest.mark.parametrize(("fault", "code"), [("pull", "K201"), ("silence", "K207")])
def test_a_fault_at_every_command_of_a_first_read(
    counter: Desk, tmp_path: Path, applet: str, fault: str, code: str
) -> None:
    for command in range(1, FIRST_READ + 1):
        fresh = {"KIOSK_CARD__CACHE_FOLDER": str(tmp_path / str(command))}
        with counter.card("--applet", applet, "--fault", f"{fault}:{command}"):
            status, outcome = counter.check(**fresh)
            assert (status, outcome["code"]) == (14, code), command
        with counter.card("--applet", applet):
            assert counter.check(**fresh)[0] == 0


def test_five_hundred_visits(counter: Desk) -> None:
    with counter.card() as card:
        for _ in range(500):
            card.remove()
            card.insert()
            status, outcome = counter.check()
            assert (status, outcome["verdict"]) == (0, "green")


@pytest.mark.parametrize("applet", [Applet.V1_7, Applet.V1_8], ids=str)
def test_no_forged_identity_or_signature_of_a_million(pki: Path, applet: Applet) -> None:
    cards = Cards(TestPki(pki))
    card = make_card(person(PERSON), cards.pki, applet)
    reader = cards.reader()
    reader.read(SimulatedSlot(card))
    signers = reader._cache.signers
    genuine = (card.image.file(File.IDENTITY), card.image.file(File.IDENTITY_SIGNATURE))
    dice = random.Random(61)
    for _ in range(FORGERIES // 2):
        forged = [bytearray(part) for part in genuine]
        for _ in range(dice.randint(1, 3)):
            part = dice.choice(forged)
            part[dice.randrange(len(part))] ^= 1 << dice.randrange(8)
        identity, signature = map(bytes, forged)
        if (identity, signature) != genuine:
            assert verification.find_signer(identity, signature, signers) is None
