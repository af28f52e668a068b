"""Everything that MAGDA can do wrong, over real HTTPS: an unknown with a reason, never a fact."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from kiosk.service.central.connectors import Answer, SourceState
from kiosk.service.central.connectors.magda.failures import Unusable
from kiosk.service.central.connectors.magda.settings import Signing, Tls, Urls
from kiosk.service.central.facts import ChannelKind, YesNo
from tests.support.magda import ANSWERS, DAY, ask, connected, settings
from tests.support.mock_magda.certificates import Certificates, make_certificates
from tests.support.mock_magda.faults import Fault
from tests.support.mock_magda.server import EVERY_SERVICE, MockMagda

TEUN = "78620922228"
MIRA = "80610511103"
RUN = re.compile(r"\d{11}")

UNAVAILABLE, REFUSED, BUSY = SourceState.UNAVAILABLE, SourceState.REFUSED, SourceState.TOO_BUSY
EXPECTED = {
    Fault.TOO_BUSY: (BUSY, "too-busy"),
    Fault.CROWDED: (BUSY, "too-busy"),
    Fault.UNAVAILABLE: (UNAVAILABLE, "source-down"),
    Fault.NOT_AUTHORISED: (REFUSED, "not-authorised"),
    Fault.SOAP_FAULT: (UNAVAILABLE, "soap-fault"),
    Fault.CLIENT_FAULT: (REFUSED, "source-error"),
    Fault.HALF: (UNAVAILABLE, "no-connection"),
    Fault.TWICE: (UNAVAILABLE, "not-understood"),
    Fault.TWO_ANSWERS: (UNAVAILABLE, "not-understood"),
    Fault.OTHER_PERSON: (UNAVAILABLE, "other-person"),
    Fault.OTHER_QUESTION: (UNAVAILABLE, "other-question"),
    Fault.OTHER_VERSION: (UNAVAILABLE, "not-understood"),
    Fault.OTHER_SERVICE: (UNAVAILABLE, "not-understood"),
    Fault.BOMB: (UNAVAILABLE, "not-understood"),
    Fault.EXTERNAL_ENTITY: (UNAVAILABLE, "not-understood"),
    Fault.DEEP: (UNAVAILABLE, "not-understood"),
    Fault.HUGE: (UNAVAILABLE, "not-understood"),
    Fault.HTML: (UNAVAILABLE, "not-understood"),
    Fault.EMPTY: (UNAVAILABLE, "not-understood"),
    Fault.COMPRESSED: (UNAVAILABLE, "not-understood"),
    Fault.REDIRECT: (UNAVAILABLE, "http-error"),
    Fault.HTTP_500: (UNAVAILABLE, "http-error"),
    Fault.HTTP_404: (UNAVAILABLE, "http-error"),
    Fault.HTTP_403: (REFUSED, "not-authorised"),
    Fault.HTTP_429: (BUSY, "too-busy"),
    Fault.HANG_UP: (UNAVAILABLE, "no-connection"),
}

pytestmark = [
    pytest.mark.expects_log("kiosk.service.central.connectors.magda.answers", "answered other-"),
    pytest.mark.expects_log("kiosk.service.central.connectors.magda.answers", "not-authorised"),
    pytest.mark.expects_log("kiosk.service.central.connectors.magda.answers", "exception 98765$"),
]


def asked(magda: Any, number: str = TEUN, **more: Any) -> dict[str, Answer]:
    async def run() -> dict[str, Answer]:
        async with connected(magda) as groups:
            return await ask(groups, number, DAY, **more)

    return asyncio.run(run())


@pytest.mark.parametrize("fault", EXPECTED, ids=lambda fault: fault.value)
def test_no_fault_is_a_fact(
    fault: Fault, mock: MockMagda, certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mock.plan.faults = {EVERY_SERVICE: fault}
    answers = asked(settings(mock, certificates))
    state, reason = EXPECTED[fault]
    for group in ("population", "income", "ocmw"):
        if fault is Fault.OTHER_PERSON and group == "ocmw":
            continue  # "nothing paid" names nobody: only the mark of the question ties it
        assert (group, answers[group].state, answers[group].reason) == (group, state, reason)
        assert answers[group].facts == {}
    assert fault is Fault.OTHER_PERSON or answers["social"].facts == {}
    assert RUN.search(caplog.text) is None
    assert mock.connections >= 1


def test_every_fault_is_tried() -> None:
    assert set(Fault) - set(EXPECTED) == {Fault.DELAY, Fault.UNKNOWN_WARNING}


def test_an_unknown_warning_changes_nothing(mock: MockMagda, certificates: Certificates) -> None:
    mock.plan.faults = {"GeefPersoon": Fault.UNKNOWN_WARNING}
    answer = asked(settings(mock, certificates))["population"]
    assert answer.state is SourceState.OK
    assert answer.facts["age"] == 48


def test_too_busy_says_when_to_come_back(mock: MockMagda, certificates: Certificates) -> None:
    mock.plan.faults = {"GeefPersoon": Fault.HTTP_429}
    assert asked(settings(mock, certificates))["population"].retry_after_seconds == 7


def test_a_redirect_is_not_followed(mock: MockMagda, certificates: Certificates) -> None:
    mock.plan.faults = {"GeefPersoon": Fault.REDIRECT}
    whole = settings(mock, certificates)
    asked(replace(whole, urls=Urls(person=whole.urls.person)))
    assert mock.services() == ["GeefPersoon"]


def test_a_late_service_ends_with_its_time_limit(
    mock: MockMagda, certificates: Certificates
) -> None:
    mock.plan.faults = {"GeefPersoon": Fault.DELAY}
    mock.plan.delay_seconds = 1.0
    late = replace(settings(mock, certificates), timeout_seconds=0.3)
    answer = asked(replace(late, urls=Urls(person=late.urls.person)))["population"]
    assert (answer.state, answer.reason) == (UNAVAILABLE, "timeout")


def test_a_service_that_fails_leaves_the_others_their_facts(
    mock: MockMagda, certificates: Certificates
) -> None:
    mock.plan.faults = {"GeefDossierHandicap": Fault.HTTP_500}
    answer = asked(settings(mock, certificates), MIRA)["social"]
    assert answer.facts["vt"] is YesNo.YES
    assert "handicap_allowance" not in answer.facts
    assert (answer.state, answer.gap, answer.shown) == (SourceState.OK, UNAVAILABLE, UNAVAILABLE)


def test_somebody_elses_certificate_is_not_believed(
    certificates: Certificates,
) -> None:
    with MockMagda(ANSWERS, certificates, known=False) as stranger:
        answer = asked(settings(stranger, certificates))["population"]
        assert (answer.state, answer.reason) == (UNAVAILABLE, "certificate")
        assert stranger.seen == []


def test_a_name_that_the_certificate_does_not_have(
    mock: MockMagda, certificates: Certificates
) -> None:
    url = mock.url("GeefPersoon").replace("127.0.0.1", "127.0.0.2")
    whole = settings(mock, certificates)
    answer = asked(replace(whole, urls=Urls(person=url)))["population"]
    assert answer.reason in ("certificate", "no-connection")
    assert mock.seen == []


def test_a_stranger_is_not_let_in(mock: MockMagda, certificates: Certificates) -> None:
    tls = Tls(str(certificates.stranger), str(certificates.stranger_key), "", "")
    tls = replace(tls, ca_file=str(certificates.authority))
    answer = asked(replace(settings(mock, certificates), tls=tls))["population"]
    assert answer.state is UNAVAILABLE
    assert answer.reason in ("certificate", "no-connection")  # the alert, or the end after it
    assert mock.seen == []


def test_a_signature_of_somebody_else_is_refused(
    mock: MockMagda, certificates: Certificates
) -> None:
    signing = Signing(str(certificates.stranger), str(certificates.stranger_key))
    answer = asked(replace(settings(mock, certificates), signing=signing))["population"]
    assert (answer.state, answer.reason) == (REFUSED, "source-error")
    assert set(mock.rejected) == {"token"}


def test_a_connection_that_fails_is_tried_once_more(
    mock: MockMagda, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[float] = []
    connect = asyncio.BaseEventLoop.create_connection

    async def failing_once(loop: Any, *arguments: Any, **named: Any) -> Any:
        opened.append(loop.time())
        if len(opened) == 1:
            raise ConnectionRefusedError
        return await connect(loop, *arguments, **named)

    monkeypatch.setattr(asyncio.BaseEventLoop, "create_connection", failing_once)
    whole = settings(mock, certificates)
    answer = asked(replace(whole, urls=Urls(person=whole.urls.person)))["population"]
    assert answer.state is SourceState.OK
    assert len(opened) == 2


def test_nobody_at_home(mock: MockMagda, certificates: Certificates) -> None:
    whole = settings(mock, certificates)
    answer = asked(replace(whole, urls=Urls(person="https://127.0.0.1:1/GeefPersoon")))
    assert answer["population"].reason == "no-connection"


def test_a_source_that_keeps_failing_is_left_alone(
    mock: MockMagda, certificates: Certificates
) -> None:
    mock.plan.faults = {"GeefPersoon": Fault.HTTP_500}
    whole = settings(mock, certificates)

    async def run() -> list[Answer]:
        async with connected(replace(whole, urls=Urls(person=whole.urls.person))) as groups:
            answers = [(await ask(groups, TEUN))["population"] for _ in range(22)]
            assert groups["population"].status() is UNAVAILABLE
            return answers

    answers = asyncio.run(run())
    assert len(mock.seen) == 20
    assert [answer.reason for answer in answers[-2:]] == ["resting", "resting"]
    assert 0 < (answers[-1].retry_after_seconds or 0) <= 30


def test_a_batch_leaves_calls_for_the_desk(mock: MockMagda, certificates: Certificates) -> None:
    whole = settings(mock, certificates)
    slow = replace(whole, pace=replace(whole.pace, per_second=0.001, stock=4))
    only = replace(slow, urls=Urls(person=whole.urls.person))

    async def run() -> list[str | None]:
        async with connected(only) as groups:
            kinds = [ChannelKind.BATCH] * 3 + [ChannelKind.DESK] * 3
            return [(await ask(groups, TEUN, channel=k))["population"].reason for k in kinds]

    assert asyncio.run(run()) == [None, None, "too-busy", None, None, "too-busy"]


class TestIdentity:
    @pytest.mark.parametrize("kind", trustme.KeyType, ids=lambda kind: kind.name)
    def test_both_kinds_of_key_sign(self, kind: trustme.KeyType, tmp_path: Path) -> None:
        made = make_certificates(tmp_path, kind)
        with MockMagda(ANSWERS, made) as mock:
            assert asked(settings(mock, made))["population"].state is SourceState.OK
            assert mock.rejected == []

    @pytest.mark.parametrize(
        "tls",
        [
            {"key": "stranger.key"},
            {"certificate": "client.key"},
            {"ca_file": "client.key"},
            {"key": "nothing.key"},
        ],
        ids=str,
    )
    def test_what_cannot_be_used_is_told(
        self, tls: dict[str, str], mock: MockMagda, certificates: Certificates
    ) -> None:
        whole = settings(mock, certificates)
        files = {key: str(certificates.folder / name) for key, name in tls.items()}
        with pytest.raises(Unusable) as caught:
            asked(replace(whole, tls=replace(whole.tls, **files)))
        assert "PRIVATE" not in str(caught.value)

    @pytest.mark.parametrize(
        ("certificate", "key", "told"),
        [
            ("client.pem", "stranger.key", "not that of the certificate"),
            ("client.key", "client.key", "not a certificate"),
            ("nothing.pem", "client.key", "signing: "),
            ("other.pem", "other.key", "RSA or an elliptic curve"),
        ],
    )
    def test_what_cannot_sign_is_told(
        self, certificate: str, key: str, told: str, mock: MockMagda, certificates: Certificates
    ) -> None:
        make_odd_certificate(certificates.folder / "other.pem", certificates.folder / "other.key")
        files = (str(certificates.folder / name) for name in (certificate, key))
        with pytest.raises(Unusable, match=told):
            asked(replace(settings(mock, certificates), signing=Signing(*files)))


def make_odd_certificate(certificate: Path, key: Path) -> None:
    """A certificate whose key is of a kind that WS-Security has no word for."""
    secret = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "odd.invalid")])
    made = (
        x509.CertificateBuilder(name, name, secret.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(secret, None)
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    kind = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key.write_bytes(secret.private_bytes(serialization.Encoding.PEM, *kind))
