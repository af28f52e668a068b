"""Devices, limits, and two processes that know the same of both."""

import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk import __main__ as program
from kiosk.bootstrap.policy import now
from kiosk.bootstrap.visit import eligibility_client
from kiosk.data import data_path
from kiosk.domain.identity import Subject
from kiosk.domain.national_number import NationalNumber
from kiosk.domain.policy import Mode
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.verdict import Colour, UseCase
from kiosk.service.central.clients.devices import Devices
from kiosk.service.central.clients.worker import milliseconds
from kiosk.service.central.facts import GROUPS
from kiosk.service.central.keys import load_keys
from kiosk.service.central.storage.database import Database
from kiosk.service.central.storage.limit_rows import Bucket, Empty, forget_full, take
from kiosk.service.central.storage.migrate import upgrade
from kiosk.service.client import HttpEligibilityClient, ServiceAddress
from kiosk.service.contract import Channel
from kiosk.service.credentials import ClientKey
from kiosk.settings import load
from tests.contract.access_server import (
    PURPOSE,
    TOKEN_URL,
    AccessServer,
    Asker,
    client_table,
    free_port,
    operators_table,
)
from tests.contract.central_server import NUMBER_RUN, PEOPLE, in_process
from tests.contract.test_central_checks import assert_problem
from tests.support.patience import wait_until
from tests.support.postgres import postgres_server
from tests.support.signing import (
    assertion,
    ec_key,
    operator_assertion,
    private_file,
    private_jwk,
    public_jwk,
    rsa_key,
    signed,
)

ADMIN = Asker("administration")
STAFFED = Asker("staffed-desk")
LOGIN_KEY = rsa_key(1)
TYPED = {"method": "manual", "proof": "typed"}
WITHIN_A_MINUTE = 60.0


def settings(folder: Path, **rates: int) -> str:
    plenty = {"card_per_hour": 100_000, "tokens_per_hour": 100_000, **rates}
    return (
        client_table(ADMIN, scopes=["devices:admin"], purposes=None, channels=None)
        + client_table(STAFFED, operator="optional", rates=plenty)
        + client_table(
            Asker("kiosks"),
            keys=None,
            proves_with="devices",
            channels=["self-service"],
            rates=rates,
        )
        + operators_table(folder, LOGIN_KEY)
    )


def start(folder: Path, url: str = "", **rates: int) -> AccessServer:
    more = settings(folder, **rates) + "[rates]\nenrolments_per_hour = 1000\n"
    return AccessServer(folder, more, url)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccessServer]:
    server = start(tmp_path_factory.mktemp("devices"))
    yield from closing(server)


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccessServer]:
    folder = tmp_path_factory.mktemp("limited")
    server = start(folder, card_per_hour=5, typed_per_hour=3, typed_per_day=4)
    yield from closing(server)


@pytest.fixture(scope="module")
def reachable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccessServer]:
    """One whose address is where it really is."""
    folder, port = tmp_path_factory.mktemp("reachable"), free_port()
    address = f"http://127.0.0.1:{port}"
    server = AccessServer(folder, settings(folder), port=port, address=address)
    yield from closing(server)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[AccessServer, AccessServer]]:
    """Two processes on one database; on PostgreSQL with the role that a service has."""
    folder = tmp_path_factory.mktemp("pair")
    if request.param == "sqlite":
        yield from both(start(folder), folder)
        return
    with postgres_server() as postgres:
        name = postgres.new_database()
        database = Database(postgres.url(name))
        upgrade(database)
        database.close()
        postgres.sql("CREATE ROLE service LOGIN", name)
        grants = data_path("central", "postgresql-service-role.sql")
        postgres.run("psql", "-v", "ON_ERROR_STOP=1", "-v", "role=service", "-f", grants, name)
        yield from both(start(folder, postgres.url(name, "service")), folder)


@pytest.fixture
def postgres_database() -> Iterator[Database]:
    with postgres_server() as postgres:
        database = Database(postgres.url(postgres.new_database()))
        upgrade(database)
        yield database
        database.close()


def both(first: AccessServer, folder: Path) -> Iterator[tuple[AccessServer, AccessServer]]:
    second = first.beside(folder / "second")
    yield first, second
    for server in (first, second):
        list(closing(server))


def closing(server: AccessServer) -> Iterator[AccessServer]:
    yield server
    server.close()
    assert NUMBER_RUN.search(server.log) is None
    assert "Traceback" not in server.log


def eligibility(
    server: AccessServer, *arguments: str, here: bool = True
) -> subprocess.CompletedProcess[str]:
    whole = (*arguments, "--config", str(server.config))
    if here:
        return in_process(*whole)
    command = [sys.executable, "-m", "kiosk.service.central", *whole]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def new_code(server: AccessServer) -> str:
    """A code as the command makes it, without the time that its process takes."""
    database = Database(server.url)
    keys = load_keys(server.folder / "pseudonym.key", create=False)
    code = Devices(database, {}, "", keys, milliseconds).new_code("kiosks", "zuid", 3600)
    database.close()
    return code


def new_device(server: AccessServer) -> Asker:
    key = ec_key()
    reply = server.enrol(new_code(server), key)
    assert reply.status == 201, reply.text
    return Asker(reply.json["deviceId"], key)


def kiosk(device: Asker) -> dict[str, Any]:
    return {"kind": "self-service", "deviceId": device.id, "siteId": "zuid"}


class TestEnrolment:
    def test_from_a_code_to_an_answer(self, server: AccessServer) -> None:
        key = ec_key()
        reply = server.enrol(new_code(server), key)
        assert reply.status == 201
        assert reply.headers["cache-control"] == "no-store"
        told = reply.json
        assert (told["siteId"], told["purposes"], told["useCases"]) == (
            "zuid",
            [PURPOSE],
            ["uitpas"],
        )
        device = Asker(told["deviceId"], key)
        answer = server.ask(server.token(device), channel=kiosk(device))
        assert (answer.status, answer.json["verdict"]) == (200, "green")
        record = server.records()[-1]
        assert (record["client"], record["device"]) == ("kiosks", device.id)

    def test_a_code_as_people_type_it(self, server: AccessServer) -> None:
        code = new_code(server)
        typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
        assert server.enrol(f" {typed}", ec_key()).status == 201

    def test_a_code_is_good_once(self, server: AccessServer) -> None:
        code = new_code(server)
        assert server.enrol(code, ec_key()).status == 201
        assert_problem(server.enrol(code, ec_key()), 403, "enrolment-refused")

    def test_a_key_belongs_to_one_device(self, server: AccessServer) -> None:
        key, code = ec_key(), new_code(server)
        assert server.enrol(new_code(server), key).status == 201
        assert_problem(server.enrol(code, key), 403, "enrolment-refused")
        assert server.enrol(code, ec_key()).status == 201  # the code is still good

    @pytest.mark.parametrize("code", ["", "x", "0000-0000-0000", "0" * 60, "' OR 1=1", "%"])
    def test_a_wrong_code(self, server: AccessServer, code: str) -> None:
        assert_problem(server.enrol(code, ec_key()), 403, "enrolment-refused")

    def test_what_is_no_public_key(self, server: AccessServer) -> None:
        code, good = new_code(server), public_jwk(ec_key())
        for jwk in (
            private_jwk(ec_key()),
            private_jwk(rsa_key()),
            {},
            {"kty": "oct", "k": "AAAA"},
            {**good, "x": good["y"]},
            {**good, "crv": "P-521"},
            {**good, "use": "enc"},
            public_jwk(rsa_key(3, bits=1024)),
        ):
            assert_problem(server.enrol(code, jwk), 400, "invalid-request")
        assert server.enrol(code, good).status == 201

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b'{"code": "x"}', b'{"code": 5, "jwk": {}}']
    )
    def test_bad_bodies(self, server: AccessServer, body: bytes) -> None:
        reply = server.request(
            "POST", "/v1/devices/enrolments", body, Content_Type="application/json"
        )
        assert_problem(reply, 400, "invalid-request")

    def test_guessing_is_limited(self, tmp_path: Path) -> None:
        more = settings(tmp_path) + "[rates]\nenrolments_per_hour = 5\n"
        server = AccessServer(tmp_path, more)
        try:
            code = new_code(server)
            for _ in range(5):
                assert server.enrol("0000-0000-0000", ec_key()).status == 403
            refused = server.enrol(code, ec_key())
            assert_problem(refused, 429, "rate-limited")
            assert refused.headers["retry-after"] == "60"
        finally:
            server.close()


class TestDevice:
    def test_it_speaks_for_itself_only(self, server: AccessServer) -> None:
        device, other = new_device(server), new_device(server)
        token = server.token(device)
        assert_problem(server.ask(token, channel=kiosk(other)), 403, "channel-not-allowed")
        elsewhere = {**kiosk(device), "siteId": "noord"}
        assert_problem(server.ask(token, channel=elsewhere), 403, "channel-not-allowed")
        assert server.ask(token, channel={**kiosk(device), "siteId": ""}).status == 200
        forged = assertion(device.key, other.id, TOKEN_URL)
        assert server.ask_for_token(forged).json == {"error": "invalid_client"}

    def test_it_administers_nothing(self, server: AccessServer) -> None:
        token = server.token(new_device(server))
        assert_problem(server.get("/v1/devices", token), 403, "scope-missing")
        assert_problem(server.revoke("dev-x", token), 403, "scope-missing")

    def test_the_administrator_sees_and_revokes(self, server: AccessServer) -> None:
        device, admin = new_device(server), server.token(ADMIN)
        token = server.token(device)
        assert server.ask(token, channel=kiosk(device)).status == 200
        assert server.revoke(device.id, admin).status == 204
        assert_problem(server.ask(token, channel=kiosk(device)), 401, "token-invalid")
        assert server.ask_for_token(device.assertion()).status == 401
        listed = {one["deviceId"]: one for one in server.get("/v1/devices", admin).json["devices"]}
        assert listed[device.id]["revokedAt"] is not None
        assert listed[device.id]["clientId"] == "kiosks"
        again = server.enrol(new_code(server), device.key)
        assert_problem(again, 403, "enrolment-refused")  # its key stays revoked
        assert server.revoke(device.id, admin).status == 204
        for nobody in ("dev-none", "%00", "a%20b"):
            assert_problem(server.revoke(nobody, admin), 404, "not-found")

    def test_the_commands(self, server: AccessServer) -> None:
        made = eligibility(
            server, "devices", "code", "--client", "kiosks", "--site", "zuid", here=False
        )
        reply = server.enrol(made.stdout.strip(), ec_key())
        device = Asker(reply.json["deviceId"])
        assert device.id in eligibility(server, "devices", "list").stdout
        revoked = eligibility(server, "devices", "revoke", device.id, here=False)
        assert revoked.stdout == "revoked\n"
        listed = eligibility(server, "devices", "list").stdout.splitlines()
        assert [line for line in listed if device.id in line and "revoked 20" in line]
        assert eligibility(server, "devices", "revoke", "dev-none").returncode == 1
        for wrong in (
            ("--client", "nobody"),
            ("--client", STAFFED.id),
            ("--client", "kiosks", "--hours", "0"),
            ("--client", "kiosks", "--site", "An Peeters"),
        ):
            assert eligibility(server, "devices", "code", *wrong).returncode == 78


class TestLimits:
    def test_a_device_asks_so_often(self, limited: AccessServer) -> None:
        device, other = new_device(limited), new_device(limited)
        token = limited.token(device)
        left = []
        for _ in range(5):
            reply = limited.ask(token, channel=kiosk(device))
            left.append(reply.headers["ratelimit-remaining"])
        assert left == ["4", "3", "2", "1", "0"]
        refused = limited.ask(token, channel=kiosk(device))
        assert_problem(refused, 429, "rate-limited")
        assert refused.json["retryable"] is True
        assert limited.ask(limited.token(other), channel=kiosk(other)).status == 200

    def test_an_officer_types_less_often_wherever_they_sit(self, limited: AccessServer) -> None:
        token, officer = limited.token(STAFFED), operator_assertion(LOGIN_KEY, sub="typist")
        asked = [limited.ask(token, capture=TYPED, operator=officer) for _ in range(4)]
        assert [reply.status for reply in asked] == [200, 200, 200, 429]
        elsewhere = {"kind": "desk", "deviceId": "dsk-2"}
        again = limited.ask(token, capture=TYPED, operator=officer, channel=elsewhere)
        assert again.status == 429
        assert limited.ask(token, operator=officer).status == 200  # a card is another matter
        colleague = operator_assertion(LOGIN_KEY, sub="colleague")
        assert limited.ask(token, capture=TYPED, operator=colleague).status == 200

    def test_every_refusal_is_the_same(self, limited: AccessServer) -> None:
        device = new_device(limited)
        token = limited.token(device)
        by_card = [limited.ask(token, channel=kiosk(device)) for _ in range(6)][-1]
        typist = operator_assertion(LOGIN_KEY, sub="third")
        staffed = limited.token(STAFFED)
        typed = [limited.ask(staffed, capture=TYPED, operator=typist) for _ in range(4)][-1]
        varying = {"x-correlation-id", "server-timing", "date"}
        told = [
            (
                {k: v for k, v in r.headers.items() if k not in varying},
                {**r.json, "correlationId": 0},
            )
            for r in (by_card, typed)
        ]
        assert told[0] == told[1]

    def test_attempts_count_too(self, limited: AccessServer) -> None:
        device = new_device(limited)
        token = limited.token(device)
        for _ in range(5):
            reply = limited.ask(token, channel=kiosk(device), purpose="urn:gent:ipdc:other")
            assert reply.status == 403
        assert limited.ask(token, channel=kiosk(device)).status == 429

    def test_a_flood_of_attempts_leaves_a_trace_and_no_heap(self, limited: AccessServer) -> None:
        device, before = new_device(limited), len(limited.records())
        token = limited.token(device)
        for _ in range(5 + 40):
            limited.ask(token, channel=kiosk(device), purpose="urn:gent:ipdc:other")
        kinds = [record["kind"] for record in limited.records()[before:]]
        told = [f"purpose-not-allowed over-limit {number}" for number in (1, 2, 4, 8, 16, 32)]
        assert kinds == ["purpose-not-allowed"] * 5 + told

    def test_a_used_assertion_takes_nothing_from_its_owner(self, tmp_path: Path) -> None:
        server = start(tmp_path, tokens_per_hour=3)
        try:
            device = new_device(server)
            used = device.assertion()
            assert server.ask_for_token(used).status == 200
            for _ in range(5):
                assert server.ask_for_token(used).status == 401
            left = [server.ask_for_token(device.assertion()).status for _ in range(3)]
            assert left == [200, 200, 429]
        finally:
            server.close()

    def test_a_repetition_does_not(self, limited: AccessServer) -> None:
        device, key = new_device(limited), str(uuid.uuid4())
        token = limited.token(device)
        for _ in range(12):
            assert limited.ask(token, channel=kiosk(device), key=key).status == 200

    def test_a_client_that_is_refused_is_in_the_log(self, limited: AccessServer) -> None:
        assert "over its limit: dev-" in limited.log
        assert "typist" not in limited.log


class TestTwoProcesses:
    def test_each_knows_the_others_tokens(self, pair: tuple[AccessServer, AccessServer]) -> None:
        one, two = pair
        assert two.ask(one.token(STAFFED)).status == 200
        assert one.ask(two.token(STAFFED)).status == 200

    def test_an_assertion_is_good_in_one(self, pair: tuple[AccessServer, AccessServer]) -> None:
        one, two = pair
        text = STAFFED.assertion()
        assert one.ask_for_token(text).status == 200
        assert two.ask_for_token(text).status == 401

    def test_of_many_at_once_one_is_taken(self, pair: tuple[AccessServer, AccessServer]) -> None:
        text = STAFFED.assertion()
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda n: pair[n % 2].ask_for_token(text), range(12)))
        assert sorted(reply.status for reply in replies) == [200] + [401] * 11

    def test_a_code_is_good_in_one(self, pair: tuple[AccessServer, AccessServer]) -> None:
        code, keys = new_code(pair[0]), [ec_key() for _ in range(8)]
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda n: pair[n % 2].enrol(code, keys[n]), range(8)))
        assert sorted(reply.status for reply in replies) == [201] + [403] * 7

    def test_a_revoked_device_is_out_of_both_soon(
        self, pair: tuple[AccessServer, AccessServer]
    ) -> None:
        one, two = pair
        device = new_device(one)
        token = one.token(device)
        assert two.ask(token, channel=kiosk(device)).status == 200  # and now it remembers
        assert one.revoke(device.id, one.token(ADMIN)).status == 204
        assert one.ask(token, channel=kiosk(device)).status == 401
        wait_until(
            lambda: two.get("/v1/source-status", token).status == 401, "out", WITHIN_A_MINUTE
        )
        assert two.ask_for_token(device.assertion()).status == 401

    def test_they_count_together(self, tmp_path: Path) -> None:
        one = start(tmp_path, card_per_hour=20)
        two = one.beside(tmp_path / "second")
        try:
            device = new_device(one)
            token = one.token(device)
            with ThreadPoolExecutor(8) as pool:
                replies = list(
                    pool.map(
                        lambda n: (one, two)[n % 2].ask(token, channel=kiosk(device)), range(30)
                    )
                )
            assert [reply.status for reply in replies].count(200) == 20
            assert [reply.status for reply in replies].count(429) == 10
        finally:
            two.close()
            one.close()


class TestKiosk:
    """The kiosk's own client, with its own key, against the real service."""

    @staticmethod
    def client(server: AccessServer, folder: Path, device: Asker) -> HttpEligibilityClient:
        url = f"http://127.0.0.1:{server.port}"
        address = ServiceAddress(
            url=url,
            purpose=PURPOSE,
            channel=Channel(kind="self-service", device_id=device.id, site_id="zuid"),
            deadline=timedelta(seconds=10),
            token_url=f"{url}/v1/token",
        )
        key = ClientKey(device.id, private_file(device.key, folder / "device.pem"))
        return HttpEligibilityClient(address, key, now)

    @staticmethod
    def ask(client: HttpEligibilityClient) -> Colour:
        number = NationalNumber(PEOPLE["an-peeters"]["number"])
        subject = Subject.typed(number)
        return client.check(subject, UseCase.UITPAS).colour

    def test_it_gets_a_token_and_an_answer(self, reachable: AccessServer, tmp_path: Path) -> None:
        device = new_device(reachable)
        client = self.client(reachable, tmp_path, device)
        assert len(client.source_status()) == len(GROUPS) - 1  # nobody advises
        assert self.ask(client) is Colour.GREEN
        client.close()
        record = reachable.records()[-1]
        assert (record["client"], record["device"], record["proof"]) == (
            "kiosks",
            device.id,
            "typed",
        )

    def test_a_machine_enrols_itself_and_asks(
        self, reachable: AccessServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        url, key = f"http://127.0.0.1:{reachable.port}", tmp_path / "own" / "kiosk.key"
        arguments = ["enrol", "--url", f"{url}/", "--code", new_code(reachable), "--key", str(key)]
        assert program.main(arguments) == 0
        assert key.stat().st_mode & 0o777 == 0o600
        assert [path.name for path in key.parent.iterdir()] == ["kiosk.key"]
        config = tmp_path / "kiosk.toml"
        config.write_text('environment = "test"\n' + capsys.readouterr().out)
        own = load(config, {}).settings
        assert (own.service.site, own.service.client.token_url) == ("zuid", f"{url}/v1/token")
        client = eligibility_client(own.service, Mode.SELF_SERVICE)
        assert self.ask(client) is Colour.GREEN
        client.close()
        assert program.main(arguments) == 78  # there is a key already
        assert "there is a key already" in capsys.readouterr().err

    def test_a_code_that_was_used_leaves_no_key(
        self, reachable: AccessServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        url, key = f"http://127.0.0.1:{reachable.port}", tmp_path / "kiosk.key"
        code = "0000-0000-0000"
        assert program.main(["enrol", "--url", url, "--code", code, "--key", str(key)]) == 21
        assert "K403" in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []

    def test_a_stranger_is_refused(self, reachable: AccessServer, tmp_path: Path) -> None:
        client = self.client(reachable, tmp_path, Asker("stranger"))
        with pytest.raises(KioskError) as caught:
            self.ask(client)
        assert caught.value.problem.code is ProblemCode.SERVICE_REFUSED_US
        client.close()


def test_tokens_of_another_issuer(tmp_path: Path) -> None:
    """A client of the city's own issuer, whose keys stand in a file."""
    issuer = rsa_key(4)
    (tmp_path / "issuer.jwks").write_text(f'{{"keys": [{jwk_text(issuer)}]}}')
    more = (
        client_table(Asker("elsewhere"), keys=None, proves_with="issuer")
        + client_table(STAFFED)
        + '[issuer]\nissuer = "https://issuer.example"\naudience = "tariff"\n'
        + f'keys = "{tmp_path}/issuer.jwks"\n'
    )
    server = AccessServer(tmp_path, more)
    try:
        told = {
            "iss": "https://issuer.example",
            "aud": "tariff",
            "client_id": "elsewhere",
            "scope": "check:uitpas devices:admin",
        }
        moment = int(now().timestamp())
        good = {**told, "iat": moment, "exp": moment + 3600}
        assert server.ask(access_token(issuer, good)).status == 200
        assert server.get("/v1/devices", access_token(issuer, good)).status == 403
        for changes in (
            {"iss": "https://other.example"},
            {"aud": "other"},
            {"client_id": STAFFED.id},  # it has a key of its own
            {"client_id": "nobody"},
            {"client_id": None},
            {"scope": None},
            {"exp": moment - 120},
            {"exp": moment + 7200},
            {"iat": None},
        ):
            assert server.ask(access_token(issuer, {**good, **changes})).status == 401
        for kind in ("JWT", "id+jwt", None, ["at+jwt"]):
            assert server.ask(signed(issuer, good, typ=kind)).status == 401
        assert server.ask(signed(issuer, good, typ="application/AT+JWT")).status == 200
        assert server.ask(access_token(rsa_key(5), good)).status == 401
        (tmp_path / "issuer.jwks").write_text(jwk_text(rsa_key(5)))
        assert server.ask(access_token(rsa_key(5), good)).status == 200  # the keys were changed
        assert server.ask(access_token(issuer, good)).status == 401
        (tmp_path / "issuer.jwks").write_text("nonsense")
        assert server.ask(access_token(rsa_key(5), good)).status == 200
    finally:
        server.close()


def access_token(key: Any, claims: dict[str, Any]) -> str:
    return signed(key, claims, typ="at+jwt")


def jwk_text(key: Any) -> str:
    return str(public_jwk(key)).replace("'", '"')


def test_buckets_on_postgresql(postgres_database: Database) -> None:
    """Many take and tidy up at once; nobody takes too much, and nobody waits for ever."""
    moment = milliseconds()
    buckets = [Bucket(f"b{number}", 50, 3_600_000) for number in range(6)]

    def take_some(turn: int) -> int:
        chosen = buckets[turn % 6 :] + buckets[: turn % 6]
        try:
            with postgres_database.counting() as connection:
                take(connection, chosen, moment)
                forget_full(connection, moment)
        except Empty:
            return 0
        return len(chosen)

    with ThreadPoolExecutor(4) as pool:
        taken = sum(pool.map(take_some, range(90)))
    assert taken == 6 * 50
    with postgres_database.counting() as connection:
        forget_full(connection, moment + 2 * 3_600_000)
    with postgres_database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM rate_limits").scalar() == 0
