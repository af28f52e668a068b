"""Every address of the contract: who may, what goes in, what comes out, what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from kiosk.service.central.clients.access import TokenReply
from kiosk.service.central.clients.configuration import (
    AUDIT_QUERY,
    DEVICES_ADMIN,
    OVERRIDE,
    RULES_READ,
    SOURCE_STATUS,
)
from kiosk.service.central.clients.devices import DevicesReply
from kiosk.service.central.clients.forms import FORM
from kiosk.service.central.clients.routes import TokenErrorReply
from kiosk.service.central.errors import Refusal
from kiosk.service.central.operations.audit_messages import AuditQueryReply, AuditQueryRequest
from kiosk.service.central.operations.audit_queries import AUDIT_QUERIES_PATH
from kiosk.service.central.operations.check_messages import (
    DecisionReply,
    DecisionRequest,
    FeedbackRequest,
    PastCheckReply,
)
from kiosk.service.central.operations.health import HealthReply
from kiosk.service.central.operations.heartbeats import (
    HEARTBEATS_PATH,
    HeartbeatReply,
    HeartbeatRequest,
)
from kiosk.service.central.operations.rule_messages import (
    RuleSetsReply,
    RuleVersionReply,
    SimulationReply,
    SimulationRequest,
)
from kiosk.service.central.operations.rule_sets import RULE_SETS_PATH
from kiosk.service.contract import (
    CHECKS_PATH,
    DEVICES_PATH,
    ENROLMENTS_PATH,
    JSON,
    SOURCE_STATUS_PATH,
    TOKEN_PATH,
    CheckReply,
    CheckRequest,
    EnrolmentReply,
    EnrolmentRequest,
    SourceStatusReply,
)

OPEN: Final = "open"
"""In the place of a scope: no token is needed."""
OWN: Final = "own"
"""In the place of a scope: any token, for what its client asked itself."""
CHECK: Final = "check:{useCase}"
"""In the place of a scope: that of the use case."""

_BODY: Final = (Refusal.INVALID_REQUEST, Refusal.REQUEST_TOO_LARGE, Refusal.UNSUPPORTED_MEDIA)
_ASKING: Final = (
    Refusal.INVALID_NUMBER,
    Refusal.USE_CASE_NOT_ALLOWED,
    Refusal.CHANNEL_NOT_ALLOWED,
    Refusal.OPERATOR_MISSING,
    Refusal.OWN_FILE,
    Refusal.PURPOSE_NOT_ALLOWED,
    Refusal.IDEMPOTENCY_CONFLICT,
    Refusal.NO_RULE_SET,
    Refusal.RATE_LIMITED,
)


class TokenForm(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of ``POST /v1/token`` (RFC 6749, 4.4; RFC 7523)."""

    grant_type: Literal["client_credentials"]
    client_assertion_type: Literal["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    client_assertion: str
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one address. ``errors`` are answers that are no problem+json."""

    id: str
    method: Literal["get", "post", "delete"]
    path: str
    summary: str
    scope: str
    replies: dict[int, tuple[type[msgspec.Struct], ...]]
    body: type[msgspec.Struct] | None = None
    media: str = JSON
    refusals: tuple[Refusal, ...] = ()
    errors: dict[int, type[msgspec.Struct]] | None = None
    is_once: bool = False

    @property
    def all_refusals(self) -> tuple[Refusal, ...]:
        """What may be refused here, with what may be refused everywhere."""
        body = () if self.body is None else _BODY
        told = () if self.scope == OPEN else (Refusal.TOKEN_INVALID,)
        scoped = () if self.scope in (OPEN, OWN, CHECK) else (Refusal.SCOPE_MISSING,)
        always = (Refusal.INTERNAL_ERROR, Refusal.SERVICE_UNAVAILABLE)
        return (*body, *told, *scoped, *self.refusals, *always)


_ONE_CHECK: Final = f"{CHECKS_PATH}/{{check_id}}"

OPERATIONS: Final = (
    Operation(
        id="check",
        method="post",
        path=CHECKS_PATH,
        summary="May this person have this tariff?",
        scope=CHECK,
        body=CheckRequest,
        replies={200: (CheckReply,)},
        refusals=_ASKING,
        is_once=True,
    ),
    Operation(
        id="checkAgain",
        method="get",
        path=_ONE_CHECK,
        summary="The same answer for a day, then its colour, to whoever asked",
        scope=OWN,
        replies={200: (CheckReply, PastCheckReply)},
        refusals=(Refusal.CHECK_NOT_FOUND,),
    ),
    Operation(
        id="recheck",
        method="post",
        path=f"{_ONE_CHECK}/rechecks",
        summary="Ask the groups again that did not tell; the subject is sent again",
        scope=CHECK,
        body=CheckRequest,
        replies={200: (CheckReply,)},
        refusals=(*_ASKING, Refusal.CHECK_NOT_FOUND, Refusal.RECHECK_NOT_POSSIBLE),
        is_once=True,
    ),
    Operation(
        id="decide",
        method="post",
        path=f"{_ONE_CHECK}/decisions",
        summary="Record what an officer decided",
        scope=OVERRIDE,
        body=DecisionRequest,
        replies={201: (DecisionReply,)},
        refusals=(
            Refusal.OPERATOR_MISSING,
            Refusal.CHECK_NOT_FOUND,
            Refusal.IDEMPOTENCY_CONFLICT,
            Refusal.DECISION_NOT_ALLOWED,
        ),
        is_once=True,
    ),
    Operation(
        id="complain",
        method="post",
        path=f"{_ONE_CHECK}/feedback",
        summary="Put a check before whoever owns the rules",
        scope=OWN,
        body=FeedbackRequest,
        replies={204: ()},
        refusals=(
            Refusal.OPERATOR_MISSING,
            Refusal.CHECK_NOT_FOUND,
            Refusal.IDEMPOTENCY_CONFLICT,
        ),
        is_once=True,
    ),
    Operation(
        id="ruleSets",
        method="get",
        path=RULE_SETS_PATH,
        summary="Every version of every rule set",
        scope=RULES_READ,
        replies={200: (RuleSetsReply,)},
    ),
    Operation(
        id="ruleSetVersion",
        method="get",
        path=f"{RULE_SETS_PATH}/{{rule_set}}/versions/{{version}}",
        summary="One version, to be read by people",
        scope=RULES_READ,
        replies={200: (RuleVersionReply,)},
        refusals=(Refusal.NOT_FOUND,),
    ),
    Operation(
        id="simulate",
        method="post",
        path=f"{RULE_SETS_PATH}/{{rule_set}}/simulations",
        summary="What the rules say of made-up facts, and why",
        scope=RULES_READ,
        body=SimulationRequest,
        replies={200: (SimulationReply,)},
        refusals=(Refusal.NOT_FOUND, Refusal.NO_RULE_SET),
    ),
    Operation(
        id="sourceStatus",
        method="get",
        path=SOURCE_STATUS_PATH,
        summary="How each group of sources fares",
        scope=SOURCE_STATUS,
        replies={200: (SourceStatusReply,)},
    ),
    Operation(
        id="heartbeat",
        method="post",
        path=HEARTBEATS_PATH,
        summary="A terminal says how it is, and hears whether its version is too old",
        scope=OWN,
        body=HeartbeatRequest,
        replies={200: (HeartbeatReply,)},
    ),
    Operation(
        id="auditQuery",
        method="post",
        path=AUDIT_QUERIES_PATH,
        summary="Who looked at a person",
        scope=AUDIT_QUERY,
        body=AuditQueryRequest,
        replies={200: (AuditQueryReply,)},
        refusals=(Refusal.INVALID_NUMBER, Refusal.OPERATOR_MISSING, Refusal.RATE_LIMITED),
    ),
    Operation(
        id="token",
        method="post",
        path=TOKEN_PATH,
        summary="A token for an hour",
        scope=OPEN,
        body=TokenForm,
        media=FORM,
        replies={200: (TokenReply,)},
        errors={400: TokenErrorReply, 401: TokenErrorReply},
        refusals=(Refusal.RATE_LIMITED,),
    ),
    Operation(
        id="enrol",
        method="post",
        path=ENROLMENTS_PATH,
        summary="Make a machine a device, with a code",
        scope=OPEN,
        body=EnrolmentRequest,
        replies={201: (EnrolmentReply,)},
        refusals=(Refusal.ENROLMENT_REFUSED, Refusal.RATE_LIMITED),
    ),
    Operation(
        id="devices",
        method="get",
        path=DEVICES_PATH,
        summary="Every device",
        scope=DEVICES_ADMIN,
        replies={200: (DevicesReply,)},
    ),
    Operation(
        id="revoke",
        method="delete",
        path=f"{DEVICES_PATH}/{{device}}",
        summary="Revoke a device",
        scope=DEVICES_ADMIN,
        replies={204: ()},
        refusals=(Refusal.NOT_FOUND,),
    ),
    Operation(
        id="live",
        method="get",
        path="/health/live",
        summary="Whether the process answers",
        scope=OPEN,
        replies={200: (HealthReply,)},
    ),
    Operation(
        id="ready",
        method="get",
        path="/health/ready",
        summary="Whether a record could be written now",
        scope=OPEN,
        replies={200: (HealthReply,)},
    ),
)
"""What a client may rely on; the document of the contract is made from it."""
