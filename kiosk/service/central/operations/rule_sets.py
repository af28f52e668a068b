"""The addresses of the rule sets: what they are, how they read, what they say of made-up facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from kiosk.service.central.clients.configuration import RULES_READ
from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.operations.door import Door, HttpRequest, answer, read_body
from kiosk.service.central.operations.rule_messages import SimulationRequest
from kiosk.service.central.operations.rule_pages import all_rule_sets, page, simulate
from kiosk.service.central.rule_files import RuleBook, Version
from kiosk.service.central.rules import RuleSet

RULE_SETS_PATH = "/v1/rule-sets"


def rule_routes(
    book: RuleBook, door: Door, today: Callable[[], date]
) -> list[ControllerRouterHandler]:
    """Return the handlers."""

    @get(RULE_SETS_PATH)
    async def rule_sets(request: HttpRequest) -> Response[bytes]:
        await door.require(request.headers, RULES_READ)
        return answer(all_rule_sets(book))

    @get(f"{RULE_SETS_PATH}/{{rule_set:str}}/versions/{{version:str}}")
    async def version(
        request: HttpRequest, rule_set: FromPath[str], version: FromPath[str]
    ) -> Response[bytes]:
        await door.require(request.headers, RULES_READ)
        return answer(page(_version(book, rule_set, version)))

    @post(f"{RULE_SETS_PATH}/{{rule_set:str}}/simulations", status_code=200)
    async def simulation(request: HttpRequest, rule_set: FromPath[str]) -> Response[bytes]:
        await door.require(request.headers, RULES_READ)
        body = await read_body(request, SimulationRequest)
        return answer(simulate(_chosen(book, rule_set, body, today()), body))

    return [rule_sets, version, simulation]


def _version(book: RuleBook, rule_set: str, version: str) -> Version:
    for each in book.versions:
        if (each.rule_set.id, each.rule_set.version) == (rule_set, version):
            return each
    raise Refused(Refusal.NOT_FOUND)


def _chosen(book: RuleBook, rule_set: str, body: SimulationRequest, today: date) -> RuleSet:
    if body.version is not None:
        return _version(book, rule_set, body.version).rule_set
    if all(each.id != rule_set for each in book.rule_sets):
        raise Refused(Refusal.NOT_FOUND)
    found = book.find(rule_set, body.on_date or today)
    if found is None:
        raise Refused(Refusal.NO_RULE_SET)
    return found
