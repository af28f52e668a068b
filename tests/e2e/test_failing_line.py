"""``kiosk check`` with readers that fail, cut and confuse, in a real PC/SC service.

The fault grid has each of these at every command; here the whole program is run.
"""

from __future__ import annotations

import shutil
from itertools import product

import pytest

from tests.support.desk import Desk
from tests.support.sampling import sampled

pytestmark = pytest.mark.e2e

NO_ENDS = ["resolves-6c", "status:4:6B00", "status:4:6986", "status:4:9000", "short-block:5"]


@pytest.fixture(autouse=True)
def _nothing_known(counter: Desk) -> None:
    shutil.rmtree(counter.folder / "cache", ignore_errors=True)


@pytest.mark.parametrize(
    ("applet", "number"), sampled(product(["1.1", "1.7", "1.8"], [1, 3, 4, 8]), 3)
)
def test_an_answer_that_is_lost_is_got_over_by_a_reset(
    counter: Desk, applet: str, number: int
) -> None:
    """One byte is no answer: pcscd calls the exchange failed, with the card still in."""
    with counter.card("--applet", applet, "--fault", f"garbled:{number}") as card:
        status, outcome = counter.check()
        assert (status, outcome["verdict"]) == (0, "green"), outcome
        assert len(card.exchanges) == outcome["card"]["apdus"] + number


def test_a_line_that_fails_again_and_again_is_given_up(counter: Desk) -> None:
    faults = [text for number in (3, 6, 9, 12) for text in ("--fault", f"garbled:{number}")]
    with counter.card(*faults) as card:
        status, outcome = counter.check()
        assert (status, outcome["code"]) == (14, "K202")
        assert len(card.exchanges) == 12
        assert counter.check()[0] == 0


def test_a_line_that_fails_at_the_challenge_accuses_nobody(counter: Desk) -> None:
    with counter.card() as card:
        assert counter.check()[0] == 0
        (number,) = [n for n, e in enumerate(card.exchanges, 1) if e["header"].startswith("0088")]
    shutil.rmtree(counter.folder / "cache")
    with counter.card("--fault", f"garbled:{number}") as card:
        status, outcome = counter.check()
        assert (status, outcome["code"]) == (14, "K207")
        assert len(card.exchanges) == number


@pytest.mark.parametrize("fault", ["refuses-256", "refuses-256:6700"])
def test_a_reader_without_full_blocks(counter: Desk, fault: str) -> None:
    with counter.card("--applet", "1.7", "--fault", fault):
        assert counter.check()[0] == 0
        assert counter.check()[0] == 0


@pytest.mark.parametrize(("applet", "fault"), sampled(product(["1.7", "1.8"], NO_ENDS), 3))
def test_an_end_of_file_that_is_none(counter: Desk, applet: str, fault: str) -> None:
    with counter.card("--applet", applet, "--fault", fault):
        status, outcome = counter.check()
    assert (status, outcome["verdict"]) == (0, "green"), outcome


@pytest.mark.parametrize(
    "fault", ["ends-early:4031:256", "ends-early:4032:0:6986", "ends-early:503C:256:9000"]
)
def test_a_file_that_stays_cut_is_unreadable(counter: Desk, fault: str) -> None:
    with counter.card("--fault", "long-names", "--fault", fault):
        status, outcome = counter.check()
    assert (status, outcome["code"]) == (14, "K202")


@pytest.mark.parametrize(
    "fault", ["refuses-applet", "refuses-card-data:6D00", "not-activated:6283"]
)
def test_a_card_that_waits_for_its_activation(counter: Desk, fault: str) -> None:
    with counter.card("--fault", fault):
        status, outcome = counter.check()
    assert (status, outcome["code"]) == (16, "K209")
