"""Who may ask: tokens, permissions, operators, as a client over raw HTTP meets them."""

import re
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.contract.access_server import (
    ADDRESS,
    FORM,
    PURPOSE,
    TOKEN_URL,
    AccessServer,
    Asker,
    client_table,
    operators_table,
)
from tests.contract.central_server import NUMBER_RUN, PEOPLE, question
from tests.contract.test_central_checks import GREENS, as_sent, assert_problem
from tests.support.signing import (
    ec_key,
    operator_assertion,
    public_jwk,
    resigned,
    rsa_key,
    signed,
    signed_with_public_key,
    unsigned,
)

DESK = Asker("desk-backend", rsa_key())
STAFFED = Asker("staffed-desk")
KIOSK = Asker("kiosk-backend")
CURVE = Asker("lez-backend")
STRANGER = Asker("stranger")
LOGIN_KEY = rsa_key(1)
AN = PEOPLE["an-peeters"]["number"]
CHIP = {"method": "eid-chip", "proof": "chip"}
TYPED = {"method": "manual", "proof": "typed"}
QUESTIONS = [
    *(
        f"{one} {case} {how}"
        for case in GREENS
        for one in GREENS[case]
        for how in ("chip", "typed")
    ),
    *(f"{person} any" for person in PEOPLE),
]
NEWCOMERS = {text: Asker(f"new-{place}") for place, text in enumerate(QUESTIONS)}
"""A client for each question that is asked once."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccessServer]:
    folder = tmp_path_factory.mktemp("access")
    plenty = {"card_per_hour": 100_000, "tokens_per_hour": 100_000}
    more = (
        client_table(DESK, rates=plenty)
        + client_table(STAFFED, operator="required", rates=plenty)
        + client_table(KIOSK, operator="required", channels=["self-service"])
        + client_table(CURVE, scopes=["check:lez"], channels=["web-service"], rates=plenty)
        + operators_table(folder, LOGIN_KEY)
    )
    server = AccessServer(folder, more)
    yield server
    server.close()
    assert NUMBER_RUN.search(server.log) is None
    assert "Traceback" not in server.log
    assert "tw_" not in server.log
    assert "eyJ" not in server.log


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    told = {"iss": DESK.id, "sub": DESK.id, "aud": TOKEN_URL, "jti": str(uuid.uuid4())}
    return {**told, "iat": now, "exp": now + 300, **dated(changes)}


def dated(changes: dict[str, Any]) -> dict[str, Any]:
    """Put moments in the place of times from now."""
    return {
        name: int(time.time() + value.total_seconds()) if isinstance(value, timedelta) else value
        for name, value in changes.items()
    }


class TestToken:
    def test_it_is_given_and_taken(self, server: AccessServer) -> None:
        reply = server.ask_for_token(DESK.assertion())
        assert reply.status == 200
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["content-type"] == "application/json"
        told = reply.json
        assert told["token_type"] == "Bearer"
        assert 0 < told["expires_in"] <= 3600
        assert told["scope"] == "check:uitpas source-status:read"
        answer = server.ask(told["access_token"])
        assert (answer.status, answer.json["verdict"]) == (200, "green")
        assert int(answer.headers["ratelimit-remaining"]) < int(answer.headers["ratelimit-limit"])
        records = [r for r in server.records() if r["check_id"] == answer.json["checkId"]]
        assert [r["client"] for r in records] == [DESK.id, DESK.id]

    def test_nothing_of_it_is_kept(self, server: AccessServer) -> None:
        token = server.token(DESK)
        kept = b"".join(path.read_bytes() for path in server.state.iterdir())
        assert token.encode() not in kept
        assert token.removeprefix("tw_").encode() not in kept

    @pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
    def test_algorithms_of_a_key(self, server: AccessServer, algorithm: str) -> None:
        assert server.ask_for_token(DESK.assertion(algorithm=algorithm)).status == 200

    def test_a_part_of_what_it_may(self, server: AccessServer) -> None:
        reply = server.ask_for_token(DESK.assertion(), scope="source-status:read")
        assert reply.json["scope"] == "source-status:read"
        assert server.get("/v1/source-status", reply.json["access_token"]).status == 200
        refused = server.ask(reply.json["access_token"])
        assert_problem(refused, 403, "use-case-not-allowed")

    @pytest.mark.parametrize("scope", ["check:lez", "check:uitpas devices:admin", "x" * 900])
    def test_more_than_it_may(self, server: AccessServer, scope: str) -> None:
        reply = server.ask_for_token(DESK.assertion(), scope=scope)
        assert (reply.status, reply.json) == (400, {"error": "invalid_scope"})

    def test_an_assertion_is_good_once(self, server: AccessServer) -> None:
        text = DESK.assertion()
        assert server.ask_for_token(text).status == 200
        again = server.ask_for_token(text)
        assert (again.status, again.json) == (401, {"error": "invalid_client"})

    def test_one_of_many_at_once(self, server: AccessServer) -> None:
        text = DESK.assertion()
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(server.ask_for_token, [text] * 8))
        assert sorted(reply.status for reply in replies) == [200] + [401] * 7

    @pytest.mark.parametrize(
        "changes",
        [
            {"iss": "other"},
            {"sub": "other"},
            {"iss": STAFFED.id, "sub": STAFFED.id},
            {"iss": "stranger", "sub": "stranger"},
            {"aud": "https://elsewhere.example/v1/token"},
            {"aud": ADDRESS},
            {"aud": [TOKEN_URL, "https://elsewhere.example"]},
            {"aud": None},
            {"jti": None},
            {"jti": ""},
            {"jti": 5},
            {"jti": "x" * 200},
            {"exp": None},
            {"exp": timedelta(seconds=-120)},
            {"exp": timedelta(seconds=3600)},
            {"exp": 10**30},
            {"exp": "soon"},
            {"iat": timedelta(seconds=600)},
            {"nbf": timedelta(seconds=600)},
            {"sub": 5},
            {"sub": ""},
            {"sub": "\x00", "iss": "\x00"},
            {"sub": "\ud800", "iss": "\ud800"},
            {"jti": "\ud800"},
            {"jti": "\x00"},
        ],
        ids=ascii,
    )
    def test_claims_that_are_not_right(self, server: AccessServer, changes: dict[str, Any]) -> None:
        reply = server.ask_for_token(signed_claims(claims(**changes)))
        assert (reply.status, reply.json) == (401, {"error": "invalid_client"})
        assert reply.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("clock", [-50, 50])
    def test_clocks_that_differ_a_little(self, server: AccessServer, clock: int) -> None:
        now = int(time.time()) + clock
        text = DESK.assertion(iat=now, nbf=now, exp=now + 600)
        assert server.ask_for_token(text).status == 200

    def test_forged_texts(self, server: AccessServer) -> None:
        mine = DESK.assertion()
        head, body, signature = mine.split(".")
        stranger = ec_key()
        forged = {
            "none": unsigned(claims()),
            "None": unsigned(claims(), "None"),
            "empty algorithm": unsigned(claims(), ""),
            "public key as secret": signed_with_public_key(rsa_key(), claims()),
            "other key": signed(stranger, claims()),
            "other key of the same kind": signed(rsa_key(2), claims()),
            "own key inside": signed(stranger, claims(), jwk=public_jwk(stranger)),
            "address of a key": signed(stranger, claims(), jku="https://evil.example/keys"),
            "path as kid": signed(stranger, claims(), kid="../../../dev/null"),
            "query as kid": signed(stranger, claims(), kid="' OR 1=1 --"),
            "kid of another": signed(CURVE.key, claims(), kid=CURVE.id),
            "unknown extension": signed(rsa_key(), claims(), crit=["exp"]),
            "other claims": resigned(mine, jti="other"),
            "no signature": f"{head}.{body}.",
            "two parts": f"{head}.{body}",
            "five parts": f"{mine}.x.y",
            "cut": mine[:-4],
            "not base64": f"{head}.%%%.{signature}",
            "nothing": "x",
            "dots": "..",
            "huge": f"{head}.{'A' * 9000}.{signature}",
        }
        for name, text in forged.items():
            reply = server.ask_for_token(text)
            assert (name, reply.status, reply.json) == (name, 401, {"error": "invalid_client"})

    def test_a_signature_of_another_client(self, server: AccessServer) -> None:
        """Everybody is who their own key says, and gets what they may themselves."""
        reply = server.ask_for_token(CURVE.assertion(), client_id=DESK.id)
        assert reply.status == 401
        assert server.ask_for_token(CURVE.assertion()).json["scope"] == "check:lez"

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"grant_type": "password"}, "unsupported_grant_type"),
            ({"grant_type": ""}, "invalid_request"),
            ({"client_assertion_type": "other"}, "invalid_client"),
            ({"client_assertion": ""}, "invalid_client"),
            ({"client_assertion": "\N{SNOWMAN}"}, "invalid_client"),
        ],
        ids=str,
    )
    def test_other_fields(self, server: AccessServer, fields: dict[str, str], error: str) -> None:
        reply = server.ask_for_token(DESK.assertion(), **fields)
        assert reply.json == {"error": error}
        assert reply.headers["content-type"] == "application/json"

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"\xff",
            b"grant_type",
            b"&".join([b"a=b"] * 100),
            b"grant_type=client_credentials&grant_type=client_credentials",
        ],
        ids=repr,
    )
    def test_no_form(self, server: AccessServer, body: bytes) -> None:
        reply = server.request("POST", "/v1/token", body, Content_Type=FORM)
        assert (reply.status, reply.json) == (400, {"error": "invalid_request"})

    def test_other_media_methods_and_sizes(self, server: AccessServer) -> None:
        json = server.request("POST", "/v1/token", b"{}", Content_Type="application/json")
        assert_problem(json, 415, "unsupported-media")
        huge = server.request("POST", "/v1/token", b"a=" + b"x" * 70_000, Content_Type=FORM)
        assert_problem(huge, 413, "request-too-large")
        get = server.request("GET", "/v1/token")
        assert_problem(get, 405, "method-not-allowed")
        assert "POST" in get.headers["allow"]


class TestBearer:
    @pytest.mark.parametrize(
        "header",
        [
            "",
            "Bearer",
            "Bearer ",
            "Bearer tw_x",
            "Bearer tw_" + "A" * 43,
            "Bearer eyJhbGciOiJub25lIn0.e30.",
            "Bearer " + "A" * 9000,
            "Basic ZGVzazpkZXNr",
            "tw_x",
        ],
        ids=lambda header: header[:30],
    )
    def test_no_token(self, server: AccessServer, header: str) -> None:
        reply = server.post(question(AN), Authorization=header)
        assert_problem(reply, 401, "token-invalid")
        assert reply.headers["www-authenticate"].startswith("Bearer")
        assert AN not in reply.text

    def test_no_header(self, server: AccessServer) -> None:
        assert_problem(server.post(question(AN)), 401, "token-invalid")
        assert_problem(server.request("GET", "/v1/source-status"), 401, "token-invalid")
        assert server.request("GET", "/health/live").status == 200

    def test_the_scheme_in_any_case(self, server: AccessServer) -> None:
        token = server.token(DESK)
        assert server.post(question(AN), Authorization=f"bEaReR {token}").status == 200

    def test_two_headers(self, server: AccessServer) -> None:
        token = server.token(DESK)
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.putrequest("GET", "/v1/source-status")
        for value in (f"Bearer {token}", "Bearer other"):
            connection.putheader("Authorization", value)
        connection.endheaders()
        assert connection.getresponse().status == 401
        connection.close()

    def test_an_assertion_is_no_token(self, server: AccessServer) -> None:
        assert_problem(server.ask(DESK.assertion()), 401, "token-invalid")

    def test_a_token_is_asked_for_before_the_question_is_read(self, server: AccessServer) -> None:
        assert_problem(server.post(b"{"), 401, "token-invalid")

    def test_another_address_needs_its_scope(self, server: AccessServer) -> None:
        token = server.token(DESK)
        assert_problem(server.get("/v1/devices", token), 403, "scope-missing")


class TestPermission:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"useCase": "lez"}, "use-case-not-allowed"),
            ({"purpose": "urn:gent:ipdc:other"}, "purpose-not-allowed"),
            ({"channel": {"kind": "web-service", "deviceId": "x"}}, "channel-not-allowed"),
            ({"channel": {"kind": "self-service", "deviceId": "x"}}, "channel-not-allowed"),
            ({"channel": {"kind": "desk", "deviceId": "dev-x"}}, "channel-not-allowed"),
        ],
        ids=str,
    )
    def test_what_was_not_granted_leaves_an_attempt(
        self, server: AccessServer, changes: dict[str, Any], code: str
    ) -> None:
        assert_problem(server.ask(server.token(DESK), **changes), 403, code)
        record = server.records()[-1]
        assert (record["kind"], record["client"], record["subject"]) == (code, DESK.id, "")
        assert (record["subject_sealed"], record["colour"]) == ("", None)
        assert record["purpose"] == changes.get("purpose", PURPOSE)

    def test_nobody_gets_the_answer_of_another(self, server: AccessServer) -> None:
        """The same key and body from another client is another question, and on record."""
        key = str(uuid.uuid4())
        first = server.ask(server.token(DESK), key=key)
        officer = operator_assertion(LOGIN_KEY)
        second = server.ask(server.token(STAFFED), key=key, operator=officer)
        assert first.json["checkId"] != second.json["checkId"]
        again = server.ask(server.token(DESK), key=key)
        assert again.content == first.content
        assert "ratelimit-remaining" not in again.headers  # nothing was taken for it


class TestOperator:
    def test_an_officer_is_on_record_under_a_pseudonym(self, server: AccessServer) -> None:
        token, officer = server.token(STAFFED), operator_assertion(LOGIN_KEY)
        first = server.ask(token, operator=officer)
        assert first.status == 200
        assert server.ask(token, operator=operator_assertion(LOGIN_KEY, sub="other")).status == 200
        records = [record for record in server.records() if record["client"] == STAFFED.id]
        names = {record["operator"] for record in records if record["kind"] == "answered"}
        assert len(names) >= 2
        assert all(len(name) == 64 for name in names)
        assert "officer-17" not in str(records)

    def test_nobody(self, server: AccessServer) -> None:
        reply = server.ask(server.token(STAFFED))
        assert_problem(reply, 403, "operator-missing")
        assert server.records()[-1]["kind"] == "operator-missing"

    def test_self_service_has_none(self, server: AccessServer) -> None:
        channel = {"kind": "self-service", "deviceId": "kiosk-1"}
        assert server.ask(server.token(KIOSK), channel=channel).status == 200

    def test_a_desk_does_not_call_itself_so(self, server: AccessServer) -> None:
        channel = {"kind": "self-service", "deviceId": "dsk-0417"}
        reply = server.ask(server.token(STAFFED), channel=channel)
        assert_problem(reply, 403, "channel-not-allowed")

    def test_a_client_without_operators_ignores_them(self, server: AccessServer) -> None:
        assert server.ask(server.token(DESK), operator="nonsense").status == 200
        assert server.records()[-1]["operator"] == ""

    @pytest.mark.parametrize(
        "changes",
        [
            {"iss": "https://elsewhere.example"},
            {"aud": "https://elsewhere.example"},
            {"exp": timedelta(seconds=-120)},
            {"exp": timedelta(seconds=13 * 3600)},
            {"iat": None},
            {"iat": "1"},
            {"iat": timedelta(seconds=600)},
            {"sub": None},
            {"sub": "x" * 300},
            {"sub": "\ud800"},
            {"azp": DESK.id},
            {"rrn": None},
            {"rrn": "12345678901"},
            {"rrn": 5},
        ],
        ids=str,
    )
    def test_an_assertion_that_is_not_right(
        self, server: AccessServer, changes: dict[str, Any]
    ) -> None:
        text = operator_assertion(LOGIN_KEY, **dated(changes))
        before = len(server.records())
        assert_problem(server.ask(server.token(STAFFED), operator=text), 403, "operator-missing")
        (record,) = server.records()[before:]
        assert (record["kind"], record["client"]) == ("operator-missing", STAFFED.id)
        assert (record["subject"], record["subject_sealed"], record["operator"]) == ("", "", "")

    def test_forged_assertions(self, server: AccessServer) -> None:
        token, good = server.token(STAFFED), operator_assertion(LOGIN_KEY)
        now = int(time.time())
        told = {"iss": "https://login.example", "aud": ADDRESS, "sub": "x", "iat": now}
        told |= {"exp": now + 3600}
        for text in (
            unsigned(told),
            signed_with_public_key(LOGIN_KEY, told),
            signed(STAFFED.key, told),
            signed(rsa_key(2), told, kid="2026"),
            signed(LOGIN_KEY, told, kid="2025"),
            resigned(good, sub="boss"),
            "officer-17",
            "x" * 9000,
        ):
            assert_problem(server.ask(token, operator=text), 403, "operator-missing")

    def test_nobody_looks_up_themselves(self, server: AccessServer) -> None:
        token, own = server.token(STAFFED), operator_assertion(LOGIN_KEY, rrn=AN)
        reply = server.ask(token, operator=own)
        assert_problem(reply, 403, "own-file")
        assert AN not in reply.text
        record = server.records()[-1]
        assert (record["kind"], record["subject"]) == ("own-file", "")
        assert len(record["operator"]) == 64
        assert server.ask(token, "els-kiezel", operator=own).status == 200

    def test_nothing_of_an_officer_is_on_disk(self, server: AccessServer) -> None:
        kept = b"".join(path.read_bytes() for path in server.state.iterdir())
        assert b"officer-17" not in kept
        assert AN.encode() not in kept


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccessServer]:
    folder = tmp_path_factory.mktemp("fresh")
    rights = {"scopes": ["check:uitpas", "check:lez"], "operator": "optional"}
    tables = [client_table(one, **rights) for one in NEWCOMERS.values()]
    server = AccessServer(folder, "".join(tables) + operators_table(folder, LOGIN_KEY))
    yield server
    server.close()
    assert NUMBER_RUN.search(server.log) is None


class TestWhatAnAnswerTells:
    """Each question comes from a client that has not asked before, so that counts are the same."""

    def ask(self, server: AccessServer, asker: str, person: str, **changes: Any) -> bytes:
        """The answer as it was sent, with an officer of their own at each client."""
        officer = operator_assertion(LOGIN_KEY, sub=asker)
        sent = as_sent(
            server,
            question(PEOPLE[person]["number"], **changes),
            Authorization=f"Bearer {server.token(NEWCOMERS[asker])}",
            X_Operator_Assertion=officer,
        )
        for name in ("limit", "remaining", "reset"):
            assert f"\r\nratelimit-{name}: ".encode() in sent.lower()
        return sent

    @pytest.mark.parametrize("capture", [CHIP, TYPED], ids=["chip", "typed"])
    @pytest.mark.parametrize("use_case", GREENS)
    def test_greens_are_the_same_bytes_limits_included(
        self, fresh: AccessServer, use_case: str, capture: dict[str, str]
    ) -> None:
        way = {"useCase": use_case, "capture": capture}
        kind = f"{use_case} {capture['proof']}"
        told = {self.ask(fresh, f"{one} {kind}", one, **way) for one in GREENS[use_case]}
        assert len(told) == 1

    def test_no_header_tells_the_colour(self, fresh: AccessServer) -> None:
        heads = set()
        for person in PEOPLE:
            head = self.ask(fresh, f"{person} any", person).partition(b"\r\n\r\n")[0]
            head, found = re.subn(rb"(?i)(?<=\r\ncontent-length: )\d+", b"*", head)
            assert found == 1
            heads.add(head)
        assert len(heads) == 1


def signed_claims(told: dict[str, Any]) -> str:
    return signed(rsa_key(), told)
