"""Asking the central service. The only module of the kiosk that imports httpx.

A question has one deadline for all of it: name look-up, handshake, token,
request, headers, every byte of the answer. Nothing is read from the
environment, no redirect is followed, and an answer has a largest size.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar, final

import httpx
import msgspec

from kiosk.domain.identity import Subject
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.verdict import SourceState, UseCase, Verdict
from kiosk.ports import Clock
from kiosk.service import contract
from kiosk.service.answers import Answer, problem_of, understood
from kiosk.service.credentials import ASSERTION_TYPE, Credential
from kiosk.service.tls import tls_context
from kiosk.service.verdicts import answers, read_answer

T = TypeVar("T")

_LARGEST_ANSWER: Final = 256 * 1024
_TOKEN_MARGIN_SECONDS: Final = 60
_HEALTH_PATH: Final = "/health/live"
_ACCEPTED: Final = f"{contract.JSON}, {contract.PROBLEM_JSON}"
_TOKEN_REFUSED: Final = 401
_NO_SUCH_PAGE: Final = frozenset({404, 405, 501})
_FAILURES: Final = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError)
"""A name that cannot be looked up is a UnicodeError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAddress:
    """Where the service is and what this terminal says of itself."""

    url: str
    purpose: str
    channel: contract.Channel
    deadline: timedelta
    ca_file: str = ""
    token_url: str = ""
    language: str = "nl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """``says_so``: whether it says that it is well. ``ahead``: by how much our clock is ahead."""

    says_so: bool
    ahead: timedelta | None


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float = 300.0


@final
class HttpEligibilityClient:
    """One service, one terminal. Good for the questions of one visit, and for lamps before it."""

    def __init__(self, address: ServiceAddress, key: Credential | None, clock: Clock) -> None:
        """Prepare the connection; raise ``CONFIGURATION_WRONG`` for an unusable CA file."""
        self._address = address
        self._key = key
        self._clock = clock
        self._token: tuple[str, float] | None = None
        self._asking_sources = threading.Lock()
        self._http = httpx.Client(
            verify=tls_context(address.ca_file),
            timeout=address.deadline.total_seconds(),
            follow_redirects=False,
            trust_env=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "tariefwijzer"},
        )

    def close(self) -> None:
        """Close the connection; a question still under way fails."""
        self._http.close()

    def warm_up(self) -> None:
        """Open the connection and get a token ahead of the question."""
        with contextlib.suppress(KioskError):
            self._within(self._warm)

    def probe(self) -> Health:
        """Ask the service how it is; raise ``KioskError`` if it is unwell or out of reach."""
        answer = self._within(lambda: self._send("GET", self._url(_HEALTH_PATH), b"", {}))
        says_so = answer.status not in _NO_SUCH_PAGE
        if says_so and answer.status != httpx.codes.OK:
            raise KioskError(problem_of(answer))
        ahead = None if answer.sent_at is None else self._clock() - answer.sent_at
        return Health(says_so=says_so, ahead=ahead)

    def source_status(self) -> tuple[SourceState, ...]:
        """Ask how each group of sources fares; empty when this service does not tell.

        Raises ``KioskError`` when it cannot be reached or answers something else.
        """
        correlation = contract.new_id()
        answer = self._within(lambda: self._ask_sources(correlation))
        if answer.status in (*_NO_SUCH_PAGE, httpx.codes.FORBIDDEN):
            return ()
        return understood(answer, correlation, contract.read_source_status)

    def enrol(self, code: str, jwk: Mapping[str, object]) -> contract.EnrolmentReply:
        """Register this machine's public key with a code that is good once.

        Raises ``KioskError``; ``SERVICE_REFUSED_US`` is a code that is wrong, used or too old.
        """
        body = contract.encode(contract.EnrolmentRequest(code=code, jwk=dict(jwk)))
        headers = {"Accept": _ACCEPTED, "Content-Type": contract.JSON}
        url = self._url(contract.ENROLMENTS_PATH)
        answer = self._within(lambda: self._send("POST", url, body, headers))
        if answer.status != httpx.codes.CREATED:
            raise KioskError(problem_of(answer))
        try:
            return contract.read_enrolment_reply(answer.body)
        except contract.NotUnderstood:
            raise KioskError(ProblemCode.SERVICE_UNINTELLIGIBLE) from None

    def check(self, subject: Subject, use_case: UseCase) -> Verdict:
        """Ask, and return the verdict to exactly this question."""
        correlation = contract.new_id()
        question = contract.CheckRequest(
            use_case=use_case.value,
            purpose=self._address.purpose,
            subject=contract.SubjectRef(
                scheme=contract.NUMBER_SCHEME, value=subject.national_number
            ),
            capture=contract.Capture(method=subject.capture.value, proof=subject.proof.value),
            channel=self._address.channel,
            on_date=self._clock().date(),
        )
        answer = self._within(lambda: self._ask(question, correlation))
        if contract.quotes(subject.national_number, answer.body):
            raise KioskError(ProblemCode.SERVICE_UNINTELLIGIBLE)
        verdict = understood(answer, correlation, read_answer)
        if not answers(verdict, question):
            raise KioskError(ProblemCode.SERVICE_UNINTELLIGIBLE)
        return verdict

    def _ask_sources(self, correlation: str) -> Answer:
        # An answer that never ends holds one thread and one connection, not one more a minute.
        if not self._asking_sources.acquire(blocking=False):
            raise KioskError(ProblemCode.SERVICE_TOO_SLOW)
        try:
            return self._authorised("GET", contract.SOURCE_STATUS_PATH, b"", correlation, {})
        finally:
            self._asking_sources.release()

    def _ask(self, question: contract.CheckRequest, correlation: str) -> Answer:
        headers = {
            "Content-Type": contract.JSON,
            "Accept-Language": self._address.language,
            "Idempotency-Key": contract.new_id(),
            "Prefer": "wait=4",
        }
        body = contract.encode(question)
        return self._authorised("POST", contract.CHECKS_PATH, body, correlation, headers)

    def _authorised(
        self, method: str, path: str, body: bytes, correlation: str, headers: Mapping[str, str]
    ) -> Answer:
        usual = {"Accept": _ACCEPTED, "X-Correlation-Id": correlation, **self._authorisation()}
        answer = self._send(method, self._url(path), body, {**usual, **headers})
        if answer.status == _TOKEN_REFUSED:
            self._token = None  # revoked, or the service has new keys: the next question gets one
        return answer

    def _url(self, path: str) -> str:
        return self._address.url.rstrip("/") + path

    def _warm(self) -> None:
        self._authorisation()
        self._send("GET", self._url(_HEALTH_PATH), b"", {})

    def _authorisation(self) -> dict[str, str]:
        if self._key is None:
            return {}
        token = self._token  # the lamps' thread may be still at it when a visit begins
        if token is None or time.monotonic() > token[1]:
            self._token = token = self._new_token(self._key)
        return {"Authorization": f"Bearer {token[0]}"}

    def _new_token(self, key: Credential) -> tuple[str, float]:
        form = httpx.QueryParams(
            grant_type="client_credentials",
            client_assertion_type=ASSERTION_TYPE,
            client_assertion=key.assertion(self._address.token_url, self._clock()),
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._send("POST", self._address.token_url, str(form).encode(), headers)
        if answer.status == httpx.codes.BAD_REQUEST:
            raise KioskError(ProblemCode.SERVICE_REFUSED_US)  # RFC 6749, 5.2: invalid_client
        if answer.status != httpx.codes.OK:
            raise KioskError(problem_of(answer))
        try:
            token = msgspec.json.decode(answer.body, type=_Token)
        except msgspec.MsgspecError:
            raise KioskError(ProblemCode.SERVICE_UNINTELLIGIBLE) from None
        if not (token.access_token.isascii() and token.access_token.isprintable()):
            raise KioskError(ProblemCode.SERVICE_UNINTELLIGIBLE)
        return token.access_token, time.monotonic() + token.expires_in - _TOKEN_MARGIN_SECONDS

    def _send(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            with self._http.stream(method, url, content=body, headers=dict(headers)) as response:
                return Answer(
                    response.status_code,
                    response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
                    response.headers.get("X-Correlation-Id", ""),
                    response.headers.get("Date", ""),
                    _read(response),
                )
        except _FAILURES as error:
            raise KioskError(problem_of_failure(error)) from None

    def _within(self, work: Callable[[], T]) -> T:
        """Do the work on a thread of its own, and leave it there when time is up.

        httpx has a time limit for each read, so an answer of one byte a second
        would never end; a total one can only be kept from outside.
        """
        done: list[T] = []
        failed: list[BaseException] = []

        def run() -> None:
            try:
                done.append(work())
            except BaseException as error:  # noqa: BLE001 - raised again below, in the caller
                failed.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(self._address.deadline.total_seconds())
        if done:
            return done[0]
        if failed:
            raise failed[0]
        raise KioskError(ProblemCode.SERVICE_TOO_SLOW)


def problem_of_failure(error: Exception) -> ProblemCode:
    """Return the problem behind an exception of httpx."""
    if isinstance(error, httpx.TimeoutException):
        return ProblemCode.SERVICE_TOO_SLOW
    causes = [error, *_causes(error)]
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return ProblemCode.SERVICE_UNTRUSTED
    # A connection that ends too early is no answer; one that h11 cannot read is a wrong one.
    not_http = any(type(cause).__module__.startswith("h11") for cause in causes)
    if not_http or isinstance(error, httpx.DecodingError):
        return ProblemCode.SERVICE_UNINTELLIGIBLE
    return ProblemCode.SERVICE_UNREACHABLE


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause = error.__cause__ or error.__context__
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _read(response: httpx.Response) -> bytes:
    """Return the body as it came over the line, up to its largest size."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise KioskError(ProblemCode.SERVICE_UNINTELLIGIBLE)
    body = bytearray()
    for part in response.iter_raw():
        body += part
        if len(body) > _LARGEST_ANSWER:
            raise KioskError(ProblemCode.SERVICE_UNINTELLIGIBLE)
    return bytes(body)
