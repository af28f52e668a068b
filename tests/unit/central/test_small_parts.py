"""Ids, refusals, logs, repeated questions, and the reading of requests."""

import asyncio
import itertools
import json
import logging
import tomllib
import uuid
from collections.abc import Callable, Coroutine
from datetime import date, timedelta
from typing import Any

import pytest

from kiosk.data import data_path
from kiosk.service.central.errors import Refusal, Refused, problem, refusal_for
from kiosk.service.central.identifiers import holds_number, is_uuid, new_check_id
from kiosk.service.central.keys import Keys
from kiosk.service.central.languages import LANGUAGES
from kiosk.service.central.logs import Masked
from kiosk.service.central.replays import KEPT_SECONDS, Replays
from kiosk.service.central.requests import day_of, is_listed_purpose, read_request, require_json
from tests.unit.central.worlds import NOBODY, TODAY

DOTTED = f"{NOBODY[:2]}.{NOBODY[2:4]}.{NOBODY[4:6]}-{NOBODY[6:9]}.{NOBODY[9:]}"


class TestIdentifiers:
    def test_check_ids_sort_by_time(self) -> None:
        ids = [new_check_id() for _ in range(50)]
        assert sorted(i[:10] for i in ids) == [i[:10] for i in ids]
        assert len(set(ids)) == 50
        assert {len(i) for i in ids} == {26}

    def test_an_id_that_looks_like_a_number_is_drawn_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        draws = iter([0, (1 << 80) - 1])
        monkeypatch.setattr("secrets.randbits", lambda bits: next(draws))
        assert new_check_id().endswith("Z" * 16)

    @pytest.mark.parametrize(
        "text",
        [
            NOBODY,
            DOTTED,
            f"0{NOBODY}",
            f"x1{NOBODY}2",
            f"urn:x1:9{NOBODY}",
            f"a{NOBODY[:6]}:{NOBODY[6:]}",
        ],
    )
    def test_a_number_is_found_wherever_it_stands(self, text: str) -> None:
        assert holds_number(text)

    @pytest.mark.parametrize("text", ["", "dsk-0417", "1234567890", f"{NOBODY[:6]}x{NOBODY[6:]}"])
    def test_other_texts_hold_none(self, text: str) -> None:
        assert not holds_number(text)

    @pytest.mark.parametrize("text", ["", "1", "x" * 36, f"{uuid.UUID(int=0)}\n", "{" + "0" * 36])
    def test_what_is_no_uuid(self, text: str) -> None:
        assert not is_uuid(text)


class TestRefusals:
    def test_every_code_has_its_texts(self) -> None:
        texts = tomllib.loads(data_path("central", "problems.toml").read_text("utf-8"))
        assert texts.keys() == {refusal.code for refusal in Refusal}
        for refusal, language in itertools.product(Refusal, LANGUAGES):
            reply = problem(refusal, "k", language)
            assert reply.title == texts[refusal.code]["title"][language]
            assert reply.end_user_message == {each: texts[refusal.code][each] for each in LANGUAGES}
            assert reply.status == refusal.status
            assert reply.type.endswith(refusal.code)

    def test_every_title_is_in_every_language_and_tells_one_refusal(self) -> None:
        texts = tomllib.loads(data_path("central", "problems.toml").read_text("utf-8"))
        for code, told in texts.items():
            assert told.keys() == {"title", *LANGUAGES}, code
            assert told["title"].keys() == set(LANGUAGES), code
        for language in LANGUAGES:
            titles = [told["title"][language] for told in texts.values()]
            assert len(set(titles)) == len(titles)
            assert all(title and not title.endswith(".") for title in titles)

    @pytest.mark.parametrize(
        ("status", "refusal"),
        [
            (400, Refusal.INVALID_REQUEST),
            (404, Refusal.NOT_FOUND),
            (418, Refusal.INVALID_REQUEST),
            (500, Refusal.INTERNAL_ERROR),
            (599, Refusal.INTERNAL_ERROR),
        ],
    )
    def test_a_status_of_the_framework_has_a_refusal(self, status: int, refusal: Refusal) -> None:
        assert refusal_for(status) is refusal


class TestLogs:
    @staticmethod
    def line(message: str, error: BaseException | None = None) -> str:
        info = (type(error), error, None) if error else None
        record = logging.LogRecord("x", logging.INFO, "", 1, message, (), info)
        return Masked().format(record)

    def test_runs_that_look_like_a_number_are_masked(self) -> None:
        assert self.line(f"a {NOBODY} b {DOTTED} c").endswith("a [masked] b [masked] c")

    def test_an_exception_is_a_name_without_its_text(self) -> None:
        assert self.line("failed", ValueError("about somebody")).endswith("failed (ValueError)")


class TestReplays:
    def setup_method(self) -> None:
        self.time = 0.0
        self.made = 0
        self.replays = Replays(Keys(b"k" * 32), capacity=3, clock=lambda: self.time)

    def make(self) -> Callable[[], Coroutine[None, None, bytes]]:
        async def answer() -> bytes:
            await asyncio.sleep(0)
            self.made += 1
            return b"%d" % self.made

        return answer

    async def ask(self, key: str, body: bytes = b"body", who: str = "desk ") -> bytes:
        return await self.replays.once(who, key, body, self.make())

    def test_the_same_question_is_answered_once(self) -> None:
        async def scene() -> None:
            together = await asyncio.gather(*(self.ask("k") for _ in range(5)))
            assert [*together, await self.ask("K")] == [b"1"] * 6

        asyncio.run(scene())

    def test_nobody_gets_what_was_made_for_another(self) -> None:
        async def scene() -> None:
            answers = [await self.ask("k", who=who) for who in ("desk ", "Desk ", "desk ")]
            assert answers == [b"1", b"2", b"1"]

        asyncio.run(scene())

    def test_another_body_is_a_conflict(self) -> None:
        async def scene() -> None:
            await self.ask("k")
            with pytest.raises(Refused) as caught:
                await self.ask("k", b"other")
            assert caught.value.refusal is Refusal.IDEMPOTENCY_CONFLICT

        asyncio.run(scene())

    def test_answers_are_forgotten_in_time(self) -> None:
        async def scene() -> None:
            await self.ask("k")
            self.time = KEPT_SECONDS - 1
            assert await self.ask("k") == b"1"
            self.time = KEPT_SECONDS
            assert await self.ask("k", b"other") == b"2"

        asyncio.run(scene())

    def test_only_so_many_are_kept(self) -> None:
        async def scene() -> None:
            for key in "abcd":
                await self.ask(key)
            assert await self.ask("d") == b"4"
            assert await self.ask("a") == b"5"

        asyncio.run(scene())

    def test_what_failed_is_tried_again(self) -> None:
        async def broken() -> bytes:
            raise Refused(Refusal.SERVICE_UNAVAILABLE)

        async def scene() -> None:
            with pytest.raises(Refused):
                await self.replays.once("desk ", "k", b"body", broken)
            assert await self.ask("k") == b"1"

        asyncio.run(scene())

    def test_who_hangs_up_does_not_take_the_answer_from_the_next(self) -> None:
        async def scene() -> None:
            first = asyncio.ensure_future(self.ask("k"))
            await asyncio.sleep(0)
            first.cancel()
            assert await self.ask("k") == b"1"

        asyncio.run(scene())


def body(**changes: Any) -> bytes:
    request: dict[str, Any] = {
        "useCase": "uitpas",
        "purpose": "urn:gent:ipdc:test",
        "subject": {"scheme": "be-nrn", "value": NOBODY},
        "capture": {"method": "eid-chip", "proof": "chip"},
        "channel": {"kind": "desk", "deviceId": "dsk-1"},
    }
    for path, value in changes.items():
        *above, name = path.split("__")
        place = request
        for step in above:
            place = place[step]
        place[name] = value
    return json.dumps(request).encode()


class TestRequests:
    @staticmethod
    def refusal(content: bytes, *, test_numbers: bool = True) -> Refusal:
        with pytest.raises(Refused) as caught:
            read_request(content, test_numbers=test_numbers)
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
        return caught.value.refusal

    def test_a_good_one(self) -> None:
        assert read_request(body(channel__siteId="zuid"), test_numbers=True).use_case == "uitpas"

    @pytest.mark.parametrize(
        "changes",
        [
            {"useCase": "cinema"},
            {"purpose": "because"},
            {"purpose": f"urn:gent:{NOBODY}"},
            {"purpose": ""},
            {"subject__scheme": "be-bis"},
            {"subject": None},
            {"relation": {"role": "parent", "ofSubject": {"scheme": "be-nrn", "value": NOBODY}}},
            {"capture__method": "telepathy"},
            {"capture__proof": "none"},
            {"channel__kind": "phone"},
            {"channel__deviceId": ""},
            {"channel__deviceId": "An Peeters"},
            {"channel__deviceId": f"dsk-{NOBODY}"},
            {"channel__siteId": DOTTED},
        ],
        ids=str,
    )
    def test_a_bad_one(self, changes: dict[str, Any]) -> None:
        assert self.refusal(body(**changes)) is Refusal.INVALID_REQUEST

    @pytest.mark.parametrize("value", ["", "12345678901", NOBODY[:-1], NOBODY + "1", "x" * 11])
    def test_a_wrong_number(self, value: str) -> None:
        assert self.refusal(body(subject__value=value)) is Refusal.INVALID_NUMBER

    def test_a_test_number_where_persons_are_real(self) -> None:
        assert self.refusal(body(), test_numbers=False) is Refusal.INVALID_NUMBER

    @pytest.mark.parametrize("content", [b"", b"{", b"[" * 30_000, b"\xff", b"null"], ids=repr)
    def test_no_json(self, content: bytes) -> None:
        assert self.refusal(content) is Refusal.INVALID_REQUEST

    @pytest.mark.parametrize(
        ("content_type", "encoding"),
        [
            ("", ""),
            ("text/plain", ""),
            ("application/jsonp", ""),
            ("application/json; charset=latin-1", ""),
            ("application/json", "gzip"),
        ],
    )
    def test_other_media(self, content_type: str, encoding: str) -> None:
        with pytest.raises(Refused, match="unsupported-media"):
            require_json(content_type, encoding)

    def test_json_by_its_names(self) -> None:
        require_json('Application/JSON; charset="UTF-8"', "identity")

    def test_purposes_are_a_closed_list_if_there_is_one(self) -> None:
        request = read_request(body(), test_numbers=True)
        assert is_listed_purpose(request, ())
        assert is_listed_purpose(request, ("urn:gent:ipdc:test",))
        assert not is_listed_purpose(request, ("urn:gent:ipdc:other",))

    def test_the_day(self) -> None:
        ahead = TODAY + timedelta(days=367)
        assert day_of(read_request(body(), test_numbers=True), TODAY) == TODAY
        asked = read_request(body(onDate="2026-01-02"), test_numbers=True)
        assert day_of(asked, TODAY) == date(2026, 1, 2)
        with pytest.raises(Refused, match="no-rule-set-for-date"):
            day_of(read_request(body(onDate=str(ahead)), test_numbers=True), TODAY)
