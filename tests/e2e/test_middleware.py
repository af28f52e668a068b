"""``kiosk check`` with the second way to the card: a PKCS#11 module in place of the middleware's.

PC/SC tells that a card is in; which one, the module tells. The card in the virtual reader is no
eID here, so that nothing of a verdict can come from it.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from kiosk.agent import messages
from kiosk.agent.messages import Begin, Concluded, Ready
from kiosk.cardreader.simulator.card import make_card
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.persona import people, person
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.domain.verdict import UseCase
from kiosk.domain.visit import SlotName, VisitId
from tests.support.desk import Desk
from tests.support.middleware import FORBIDDEN, SOFTHSM, CardBox, shim
from tests.support.pcsc_stack import READER, SECOND_READER

pytestmark = pytest.mark.e2e

PERSON = "an-peeters"
PRESENCE = ("--fault", "not-an-eid")
CKR_DEVICE_ERROR, CKR_DEVICE_REMOVED = 0x30, 0x32


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shim(tmp_path_factory.mktemp("middleware"))


@pytest.fixture(scope="module")
def issuer(counter: Desk, pki: Path) -> Iterator[TestPki]:
    """Who issues the cards; meanwhile something is in the reader."""
    made = TestPki(pki)
    counter.pins.extend(made.pins())
    with counter.card(*PRESENCE):
        yield made


Insert = Callable[..., dict[str, str]]


@pytest.fixture
def insert(tmp_path: Path, module: Path, issuer: TestPki) -> Insert:
    """Put a card into a reader; what it returns are the settings to read it by."""
    box = CardBox(tmp_path / "box", module)

    def put(
        *faults: str, applet: Applet = Applet.V1_8, who: str = PERSON, reader: str = READER
    ) -> dict[str, str]:
        card = make_card(person(who), issuer, applet, faults)
        box.insert(card.image, reader)
        return {
            **box.environment,
            "KIOSK_CARD__BACKEND": "pkcs11",
            "KIOSK_CARD__PKCS11_MODULE": str(module),
        }

    return put


def calls(settings: dict[str, str]) -> str:
    return Path(settings["MIDDLEWARE_LOG"]).read_text()


@pytest.mark.parametrize("applet", Applet, ids=str)
def test_a_verdict_for_every_generation(counter: Desk, insert: Insert, applet: Applet) -> None:
    settings = insert(applet=applet)
    status, outcome = counter.check(**settings)
    assert (status, outcome["verdict"]) == (0, "green")
    assert outcome["card"]["applet"] == applet.version
    assert outcome["card"]["proof"] == ("chip" if applet is Applet.V1_8 else "signature")
    assert outcome["card"]["legacy"] is (applet.version < "1.7")
    assert outcome["card"]["apdus"] == 0
    assert not any(label in calls(settings) for label in FORBIDDEN)
    assert "C_Login" not in calls(settings)


def test_the_verdict_is_about_the_card_of_the_module(counter: Desk, insert: Insert) -> None:
    red = next(one.id for one in people().values() if one.colour == "red")
    settings = insert(who=red)
    assert counter.check(**settings)[1]["verdict"] == "red"


def test_softhsm_itself_with_one_token_stands_for_a_card_in_a_test(
    counter: Desk, insert: Insert
) -> None:
    """Its slots have no readers' names, and say that they are no hardware."""
    settings = insert() | {"KIOSK_CARD__PKCS11_MODULE": str(SOFTHSM)}
    status, outcome = counter.check(**settings)
    assert (status, outcome["verdict"], outcome["card"]["proof"]) == (0, "green", "chip")
    insert(reader=SECOND_READER)
    status, outcome = counter.check(**settings)
    assert (status, outcome["code"]) == (78, "K501")


FAULTS = {
    "flip:4031:40": (15, "K301"),
    "other-signature": (15, "K301"),
    "citizen-signed": (15, "K304"),
    "unknown-root": (15, "K302"),
    "forged-root": (15, "K302"),
    "forged-rrn": (15, "K304"),
    "chip-copied": (15, "K303"),
    "chip-own-key": (15, "K303"),
    "no-key-hash": (15, "K301"),
    "missing:4040": (15, "K303"),
    "missing:4031": (14, "K202"),
    "tlv-doubled:signed": (14, "K202"),
    "expired": (16, "K204"),
    "document-type:7": (16, "K205"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_of_a_card_has_its_code(counter: Desk, insert: Insert, fault: str) -> None:
    status, outcome = counter.check(**insert(fault))
    assert (status, outcome["code"]) == FAULTS[fault]
    assert outcome.keys() == {"outcome", "code", "title", "remedy"}


FAILURES = {
    f"C_SignInit:1:{CKR_DEVICE_ERROR}": (15, "K303"),
    "C_Sign:1:zeroes": (15, "K303"),
    f"C_FindObjectsInit:2:{CKR_DEVICE_REMOVED}": (14, "K201"),
    f"C_FindObjectsInit:2:{CKR_DEVICE_ERROR}": (14, "K202"),
    f"C_OpenSession:1:{0xE1}": (13, "K203"),
    "C_GetSlotList:1:hang": (14, "K208"),
    "C_FindObjectsInit:3:hang": (14, "K207"),
}


@pytest.mark.parametrize("fault", FAILURES)
def test_each_failure_of_the_module_has_its_code_and_the_next_visit_works(
    counter: Desk, insert: Insert, fault: str
) -> None:
    settings = insert()
    status, outcome = counter.check(**settings, MIDDLEWARE_FAULT=fault)
    assert (status, outcome["code"]) == FAILURES[fault]
    assert counter.check(**settings)[0] == 0


def test_nothing_but_the_outcome_is_printed(counter: Desk, insert: Insert) -> None:
    settings = insert()
    fault = f"C_FindObjectsInit:2:{CKR_DEVICE_ERROR}"
    done = counter.kiosk("check", "--json", **settings, MIDDLEWARE_FAULT=fault)
    assert done.returncode == 14
    assert done.stderr == ""


def test_a_card_in_another_reader_is_never_read(counter: Desk, insert: Insert) -> None:
    settings = insert(reader=SECOND_READER)
    status, outcome = counter.check(**settings)
    assert (status, outcome["code"]) == (11, "K104")
    assert "C_FindObjectsInit" not in calls(settings)


def test_of_two_readers_the_one_asked_for_is_read(counter: Desk, insert: Insert) -> None:
    red = next(one.id for one in people().values() if one.colour == "red")
    insert()
    settings = insert(who=red, reader=SECOND_READER)
    with ExitStack() as stack:
        stack.enter_context(counter.second_card(*PRESENCE))
        for reader, colour in ((READER, "green"), (SECOND_READER, "red")):
            status, outcome = counter.check("--reader", reader, **settings)
            assert (status, outcome["verdict"]) == (0, colour)


def test_a_module_that_is_none_is_a_wrong_configuration(
    counter: Desk, insert: Insert, tmp_path: Path
) -> None:
    text = tmp_path / "module.so"
    settings = insert() | {"KIOSK_CARD__PKCS11_MODULE": str(text)}
    for content in (None, "no library"):
        if content:
            text.write_text(content)
        status, outcome = counter.check(**settings)
        assert (status, outcome["code"]) == (78, "K501")


def test_a_module_that_crashes_takes_its_process_along_and_leaves_no_verdict(
    counter: Desk, insert: Insert
) -> None:
    settings = insert() | {"MIDDLEWARE_CRASHES": "1"}
    done = counter.kiosk("check", "--json", **settings)
    assert (done.returncode, done.stdout) == (-signal.SIGABRT, "")
    agent = counter.stack.popen(
        *(sys.executable, "-m", "kiosk.agent", "--mode", "desk"),
        env=counter.environment(**settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert agent.stdin
    assert agent.stdout
    assert messages.for_window(agent.stdout.readline()) == Ready()
    begin = Begin(VisitId(1), SlotName(READER), UseCase.UITPAS)
    agent.stdin.write(messages.line_of(begin))
    agent.stdin.flush()
    said = [messages.for_window(line) for line in agent.stdout]
    assert not any(isinstance(message, Concluded) for message in said)  # K902 in the window
    assert agent.wait() == -signal.SIGABRT
