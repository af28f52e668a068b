"""A terminal whose key is in a token, against the real central service."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pkcs11 import Attribute, ObjectClass

from kiosk import __main__ as program
from kiosk.agent.messages import BeginTyped, Concluded, TypedReason
from kiosk.bootstrap.visit import eligibility_client, token_key
from kiosk.domain.identity import Subject
from kiosk.domain.national_number import NationalNumber
from kiosk.domain.policy import Mode
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.verdict import Colour, UseCase
from kiosk.domain.visit import VisitId
from kiosk.service.client import HttpEligibilityClient
from kiosk.service.credentials import public_jwk
from kiosk.settings import ClientSettings, ServiceSettings, load
from kiosk.token_uri import parsed
from tests.contract.access_server import PURPOSE, AccessServer, free_port
from tests.contract.central_server import PEOPLE
from tests.contract.test_central_devices import closing, new_code, settings
from tests.e2e.test_agent import Agent
from tests.support import tokens
from tests.support.tokens import PIN, TokenBox, token_box


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccessServer]:
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    address = f"http://127.0.0.1:{port}"
    more = settings(folder) + "[rates]\nenrolments_per_hour = 1000\n"
    yield from closing(AccessServer(folder, more, port=port, address=address))


@pytest.fixture
def box(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TokenBox]:
    yield from token_box(tmp_path_factory, monkeypatch)


def url_of(server: AccessServer) -> str:
    return f"http://127.0.0.1:{server.port}"


def enrol(server: AccessServer, uri: str, code: str = "") -> int:
    """Run the command; return its exit status."""
    code = code or new_code(server)
    return program.main(["enrol", "--url", url_of(server), "--code", code, "--key", uri])


def service(server: AccessServer, uri: str) -> ServiceSettings:
    """The settings of a terminal whose key in a token is registered here."""
    jwk: dict[str, Any] = dict(public_jwk(token_key(parsed(uri)).pair().public))
    reply = server.enrol(new_code(server), jwk)
    assert reply.status == 201, reply.text
    own = ClientSettings(id=reply.json["deviceId"], key=uri, token_url=f"{url_of(server)}/v1/token")
    return ServiceSettings(url=url_of(server), purpose=PURPOSE, site="zuid", client=own)


def ask(client: HttpEligibilityClient) -> Colour:
    subject = Subject.typed(NationalNumber(PEOPLE["an-peeters"]["number"]))
    return client.check(subject, UseCase.UITPAS).colour


def code_of(client: HttpEligibilityClient) -> ProblemCode:
    with pytest.raises(KioskError) as caught:
        ask(client)
    return caught.value.problem.code


def test_a_machine_enrols_itself_and_asks(
    server: AccessServer, box: TokenBox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enrol(server, box.uri()) == 0
    printed = capsys.readouterr()
    assert PIN not in printed.out + printed.err
    told = box.told(ObjectClass.PRIVATE_KEY, Attribute.SENSITIVE, Attribute.EXTRACTABLE)
    assert told == [(True, False)]
    config = tmp_path / "kiosk.toml"
    config.write_text(f'environment = "test"\n{printed.out}')
    own = load(config, {}).settings.service
    assert own.client.key == box.uri()
    client = eligibility_client(own, Mode.SELF_SERVICE)
    assert ask(client) is Colour.GREEN
    client.close()


@pytest.mark.parametrize("kind", ["ES256", "RS256", "PS256"])
def test_each_kind_of_signature_is_believed(server: AccessServer, box: TokenBox, kind: str) -> None:
    make = box.make_ec if kind == "ES256" else box.make_rsa
    make()
    if kind == "PS256":
        box.fail("C_GetMechanismList:1:no-pkcs1")
    own = service(server, box.uri())
    assert token_key(parsed(box.uri())).use(lambda key: key.algorithm) == kind
    client = eligibility_client(own, Mode.SELF_SERVICE)
    assert ask(client) is Colour.GREEN
    client.close()


def test_a_key_that_is_there_is_registered_and_only_once(
    server: AccessServer, box: TokenBox, capsys: pytest.CaptureFixture[str]
) -> None:
    box.make_ec()
    assert enrol(server, box.uri()) == 0
    capsys.readouterr()
    assert enrol(server, box.uri()) == 21
    assert "this key was registered before" in capsys.readouterr().err
    assert box.told(ObjectClass.PRIVATE_KEY, Attribute.LABEL) == [("desk",)]  # it was not ours


def test_a_code_that_was_used_leaves_no_key(
    server: AccessServer, box: TokenBox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enrol(server, box.uri(), "0000-0000-0000") == 21
    assert "K403" in capsys.readouterr().err
    for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY):
        assert box.told(kind, Attribute.LABEL) == []


def test_a_token_that_is_pulled_out_of_a_terminal(server: AccessServer, box: TokenBox) -> None:
    """A token of the service lasts; without one the terminal says what is the matter."""
    box.make_ec()
    own = service(server, box.uri())
    client = eligibility_client(own, Mode.SELF_SERVICE)
    client.warm_up()
    box.fail(f"C_GetTokenInfo:1:{tokens.CKR_TOKEN_NOT_PRESENT}")
    assert ask(client) is Colour.GREEN
    client.close()
    client = eligibility_client(own, Mode.SELF_SERVICE)
    client.warm_up()
    assert code_of(client) is ProblemCode.TOKEN_AWAY
    box.fail()
    assert ask(client) is Colour.GREEN
    client.close()


def visited(config: Path) -> str | None:
    """Type a number in the process of a visit; return the code of the problem that it ends with."""
    command = (sys.executable, "-m", "kiosk.agent", "--mode", "desk", "--lamps")
    with subprocess.Popen(
        [*command, "--config", str(config)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        agent = Agent(process)
        number = PEOPLE["an-peeters"]["number"]
        agent.tell(BeginTyped(VisitId(1), number, TypedReason.CARD_FORGOTTEN, UseCase.UITPAS))
        end = agent.until_concluded()[-1]
        assert isinstance(end, Concluded)
        assert agent.close() == 0
    return end.problem


@pytest.mark.parametrize("call", ["nothing", "C_Initialize", "C_GetSlotList", "C_Login", "C_Sign"])
def test_a_visit_ends_in_time_whatever_hangs(
    server: AccessServer, box: TokenBox, tmp_path: Path, call: str
) -> None:
    """The lamps want the token as well, and hang first."""
    own = service(server, box.uri()).client
    config = tmp_path / "kiosk.toml"
    config.write_text(
        f'environment = "test"\n[service]\nurl = "{url_of(server)}"\npurpose = "{PURPOSE}"\n'
        f'[service.client]\nid = "{own.id}"\nkey = "{own.key}"\ntoken_url = "{own.token_url}"\n'
    )
    box.fail(f"{call}:1:hang")
    # A desk may not ask for a device of self-service: that is how far the first one comes.
    told = ProblemCode.SERVICE_REFUSED_US if call == "nothing" else ProblemCode.TOKEN_AWAY
    assert visited(config) == told.code


def test_another_key_of_that_name_is_refused(server: AccessServer, box: TokenBox) -> None:
    box.make_ec()
    own = service(server, box.uri())
    for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY):
        box.remove(kind)
    box.make_ec()
    client = eligibility_client(own, Mode.SELF_SERVICE)
    assert code_of(client) is ProblemCode.SERVICE_REFUSED_US
    client.close()
