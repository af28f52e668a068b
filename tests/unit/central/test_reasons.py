"""Why a source told nothing: in full at a desk, coarsely elsewhere, and never that it may not."""

import pytest

from kiosk.domain.verdict import Colour
from kiosk.service.central.connectors import Answer, SourceState
from kiosk.service.central.connectors.magda.failures import Reason
from kiosk.service.central.decide import Blocked, Decision
from kiosk.service.central.replies import Occasion, reply_to
from kiosk.service.central.rules import Finding
from tests.unit.central.test_decide import NOW, RULES
from tests.unit.central.worlds import TODAY

FINDING = Finding(colour=Colour.ORANGE, blocked_by=("social",))


def told(answer: Answer, *, at_desk: bool) -> str | None:
    """Return the reason in a reply."""
    decision = Decision(FINDING, (Blocked("social", answer),), ())
    occasion = Occasion("c", "k", TODAY, NOW, with_guidance=False, at_desk=at_desk)
    (source,) = reply_to(decision, RULES, occasion).sources
    return source.reason


def test_an_officer_reads_why() -> None:
    for reason in set(Reason) - {Reason.FILTERED}:
        answer = Answer(state=SourceState.NO_DATA, reason=reason.value)
        assert told(answer, at_desk=True) == reason.value


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("state", SourceState)
def test_a_terminal_tells_nothing_of_the_person(reason: Reason, state: SourceState) -> None:
    coarse = told(Answer(state=state, reason=reason.value), at_desk=False)
    if reason is Reason.FILTERED:
        assert coarse is None
    else:
        assert coarse == ("no-answer" if state.retryable else "not-told")


@pytest.mark.parametrize("at_desk", [True, False])
def test_a_protected_file_is_told_to_nobody(at_desk: bool) -> None:
    answer = Answer(state=SourceState.REFUSED, reason=Reason.FILTERED.value)
    assert told(answer, at_desk=at_desk) is None


def test_the_worst_part_of_a_group_says_whether_to_ask_again() -> None:
    answer = Answer(state=SourceState.OK, reason="no-dossier", gap=SourceState.UNAVAILABLE)
    assert told(answer, at_desk=False) == "no-answer"


@pytest.mark.parametrize("at_desk", [True, False])
def test_no_reason_is_none(at_desk: bool) -> None:
    assert told(Answer(state=SourceState.UNAVAILABLE), at_desk=at_desk) is None
