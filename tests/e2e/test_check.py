"""``kiosk check`` from the card to the verdict, with real parts and with broken ones."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.support.desk import KIOSK, Desk, desk

pytestmark = pytest.mark.e2e

GREEN = {
    "outcome": "verdict",
    "verdict": "green",
    "determined": True,
    "useCase": "uitpas",
    "tariff": {"code": "kansentarief", "payPercent": 20},
}


@pytest.mark.parametrize("applet", ["1.7", "1.8"])
def test_a_green_verdict_with_what_it_cost(counter: Desk, applet: str) -> None:
    shutil.rmtree(counter.folder / "cache", ignore_errors=True)
    with counter.card("--applet", applet, "--person", "an-peeters") as card:
        first, outcome = counter.check()
        assert first == 0
        assert outcome.items() >= GREEN.items()
        assert outcome["validUntil"].endswith("-04-30")
        assert outcome["checkId"]
        assert outcome["card"]["applet"] == applet
        assert outcome["card"]["proof"] == ("chip" if applet == "1.8" else "signature")
        assert outcome["card"]["legacy"] is False
        assert outcome["card"]["apdus"] == len(card.exchanges) <= 25
        assert outcome["milliseconds"]["total"] > 0
        seen = len(card.exchanges)
        again, outcome = counter.check()
        assert again == 0
        assert len(card.exchanges) - seen == outcome["card"]["apdus"]
        assert outcome["card"]["apdus"] <= (12 if applet == "1.8" else 8)


@pytest.mark.parametrize("applet", ["1.7", "1.8"])
def test_every_colour(counter: Desk, applet: str, people_by_colour: dict[str, str]) -> None:
    with counter.card("--applet", applet) as card:
        for colour, name in people_by_colour.items():
            card.remove()
            card.insert(name)
            status, outcome = counter.check()
            assert status == 0
            assert outcome["verdict"] == colour
            assert (outcome["tariff"] is None) == (colour != "green")


@pytest.fixture(scope="module")
def people_by_colour() -> dict[str, str]:
    from kiosk.cardreader.simulator.persona import people

    return {one.colour: one.id for one in people().values()}


def test_the_card_is_read_as_opensc_reads_it(counter: Desk) -> None:
    for applet in ("1.7", "1.8"):
        with counter.card("--applet", applet, "--person", "rosa-korenbloem"):
            printed = counter.stack.run("eidenv").stdout
            assert "Korenbloem" in printed
            assert "91690302449" in printed
            assert counter.check()[0] == 0


def test_in_words_for_people(counter: Desk) -> None:
    with counter.card():
        done = counter.kiosk("check")
    assert done.returncode == 0
    assert done.stdout.startswith("GREEN\ntariff: kansentarief, pays 20 %\nuntil:  20")
    assert done.stderr == ""


FAULTS = {
    "not-an-eid": (13, "K203"),
    "mute": (14, "K206"),
    "silence:1": (14, "K207"),
    "silence:4": (14, "K207"),
    "delay:1.1": (14, "K207"),
    "pull:1": (14, "K201"),
    "pull:4": (14, "K201"),
    "not-activated:6400": (14, "K202"),
    "tlv-doubled:signed": (14, "K202"),
    "flip:4031:40": (15, "K301"),
    "other-signature": (15, "K301"),
    "citizen-signed": (15, "K304"),
    "unknown-root": (15, "K302"),
    "forged-root": (15, "K302"),
    "forged-rrn": (15, "K304"),
    "chip-copied": (15, "K303"),
    "chip-refuses": (15, "K303"),
    "chip-repeats": (15, "K303"),
    "chip-zeroes": (15, "K303"),
    "expired": (16, "K204"),
    "document-type:7": (16, "K205"),
    "not-activated": (16, "K209"),
}


@pytest.fixture(scope="module")
def trusting(counter: Desk) -> Desk:
    """The desk once it knows the root of the good cards."""
    with counter.card():
        pass
    return counter


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_code_and_the_next_visit_works(trusting: Desk, fault: str) -> None:
    counter = trusting
    with counter.card("--fault", fault):
        status, outcome = counter.check()
    assert (status, outcome["code"]) == FAULTS[fault]
    assert outcome["outcome"] == "problem"
    assert outcome["title"]
    assert outcome["remedy"]
    assert outcome.keys() == {"outcome", "code", "title", "remedy"}
    with counter.card():
        assert counter.check()[0] == 0


@pytest.mark.parametrize("other", ["not-an-eid", ""])
def test_another_card_in_another_reader_is_passed_over(counter: Desk, other: str) -> None:
    with counter.card("--fault", "not-an-eid"):
        first, outcome = counter.check()
        assert (first, outcome["code"]) == (13, "K203")
        arguments = ("--fault", other) if other else ()
        with counter.second_card(*arguments):
            status, outcome = counter.check()
    assert status == (13 if other else 0), outcome


def test_no_card_in_time(counter: Desk) -> None:
    status, outcome = counter.check("--timeout", "1")
    assert (status, outcome["code"]) == (12, "K105")


def test_a_reader_that_is_asked_for_and_is_not_there(counter: Desk) -> None:
    with counter.card():
        status, outcome = counter.check("--reader", "no such reader")
        assert (status, outcome["code"]) == (11, "K103")
        assert counter.check("--reader", "virtual pcd")[0] == 0


def test_a_card_that_comes_while_waiting(counter: Desk) -> None:
    with counter.card() as card:
        card.remove()
        waiting = counter.stack.popen(
            *KIOSK,
            *("check", "--json"),
            env=counter.environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        card.insert()
        out, _ = waiting.communicate(timeout=30)
    assert json.loads(out)["verdict"] == "green"


def test_the_service_is_not_there(counter: Desk) -> None:
    with counter.card():
        status, outcome = counter.check(KIOSK_SERVICE__URL="http://127.0.0.1:9")
    assert (status, outcome["code"]) == (20, "K401")


SERVICES = {
    "html": (22, "K404"),
    "html called json": (22, "K404"),
    "redirect": (22, "K404"),
    "flood": (22, "K404"),
    "another answer": (22, "K404"),
    "fault": (20, "K406"),
    "too many": (20, "K405"),
    "drip": (20, "K402"),
    "silence": (20, "K402"),
    "refuses us": (21, "K403"),
    "refuses the question": (21, "K408"),
}


@pytest.mark.parametrize("behaviour", SERVICES)
def test_a_service_that_breaks_the_contract_is_never_a_colour(
    counter: Desk, behaviour: str
) -> None:
    with counter.card(), counter.bad_service(behaviour) as url:
        broken = {"KIOSK_SERVICE__URL": url, "KIOSK_SERVICE__DEADLINE_SECONDS": "1"}
        status, outcome = counter.check(**broken)
        assert (status, outcome["code"]) == SERVICES[behaviour]
        assert counter.check()[0] == 0


def test_a_colour_that_nobody_knows_is_an_orange(counter: Desk) -> None:
    with counter.card(), counter.bad_service("another colour") as url:
        status, outcome = counter.check(KIOSK_SERVICE__URL=url)
    assert (status, outcome["verdict"], outcome["determined"]) == (0, "orange", False)
    assert outcome["tariff"] is None


def test_a_wrong_configuration_is_told_in_full(counter: Desk) -> None:
    status, outcome = counter.check(KIOSK_CARD__CHIP_PROOF="maybe", KIOSK_NONSENSE="1")
    assert (status, outcome["code"]) == (78, "K501")
    done = counter.kiosk("config", "check", KIOSK_CARD__CHIP_PROOF="maybe", KIOSK_NONSENSE="1")
    assert done.returncode == 78
    assert "card.chip_proof" in done.stderr
    assert "nonsense" in done.stderr


def test_a_use_case_without_rules_is_refused_by_the_service(counter: Desk) -> None:
    with counter.card():
        status, outcome = counter.check("--use-case", "garbage")
    assert (status, outcome["code"]) in {(21, "K408"), (21, "K403")}


def test_a_copy_of_the_service_that_is_killed_leaves_the_kiosk_ready(
    tmp_path: Path, pki: Path
) -> None:
    with desk(tmp_path, pki) as one, one.card():
        service = one.start_service()
        assert one.check()[0] == 0
        service.send_signal(signal.SIGKILL)
        service.wait()
        assert one.check()[0] == 20
        one.start_service()
        assert one.check()[0] == 0
        assert service.stdout
        service.stdout.close()


def test_no_reader_at_all(tmp_path: Path, pki: Path) -> None:
    with desk(tmp_path, pki, reader=False) as one:
        status, outcome = one.check()
    assert (status, outcome["code"]) == (11, "K103")


def test_no_pcsc_service(tmp_path: Path, pki: Path) -> None:
    with desk(tmp_path, pki) as one:
        one.stack.kill_pcscd()
        status, outcome = one.check()
    assert (status, outcome["code"]) == (10, "K101")
