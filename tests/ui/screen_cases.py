"""States, views and verdicts for the tests of the screens, and how to look into a screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from itertools import product
from typing import Any

from hypothesis import strategies as st

from kiosk.bootstrap.policy import mode_policy
from kiosk.domain.policy import Mode, ModePolicy
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.transitions import can_extend
from kiosk.domain.verdict import (
    Colour,
    Guidance,
    ManualDecision,
    SourceState,
    Tariff,
    UseCase,
    Verdict,
)
from kiosk.domain.visit import (
    AwaitingRemoval,
    Checking,
    Idle,
    OutOfService,
    Reading,
    Showing,
    SlotName,
    Starting,
    State,
    Typing,
    VisitId,
)
from kiosk.ui.screens import desk, self_service
from kiosk.ui.screens.guidance_texts import LOCAL
from kiosk.ui.screens.parts import Action, Choice, Screen
from kiosk.ui.screens.view import Language, Place, View, Wording

A = SlotName("reader A")
V1, V2 = VisitId(1), VisitId(2)
NAME = "Wilhelmina"
BUILD = {Mode.DESK: desk.screen, Mode.SELF_SERVICE: self_service.screen}
POLICY: dict[Mode, ModePolicy] = {mode: mode_policy(mode) for mode in Mode}
BOTH = (Language.DUTCH, Language.ENGLISH)
LABEL = {"nl": "Kansentarief", "en": "Opportunity tariff"}


def verdict(colour: Colour = Colour.GREEN, **changes: Any) -> Verdict:
    """A plain verdict of a colour, with changes."""
    shape: dict[str, Any] = {
        "check_id": "0b1c2d3e-0000-4000-8000-00000000-9z4k",
        "use_case": "uitpas",
        "colour": colour,
        "determined": True,
    }
    if colour is Colour.GREEN:
        shape["tariff"] = Tariff(code="kansentarief", pay_percent=20, label=LABEL)
        shape["valid_until"] = date(2027, 4, 30)
    return Verdict(**{**shape, **changes})


def silent(*groups: str, state: str = "unavailable") -> Verdict:
    """An orange that is open because these groups did not tell."""
    return verdict(
        Colour.ORANGE,
        determined=False,
        blocked_by=groups,
        sources=tuple(SourceState(group=group, state=state) for group in groups),
        guidance=(Guidance(code="COM-A09", title={}, steps={}),),
        manual_decision=ManualDecision(allowed=True, evidence=("attest-vt", "attest-csr")),
    )


VERDICTS: tuple[Verdict, ...] = (
    verdict(),
    verdict(tariff=None, valid_until=None),
    verdict(tariff=Tariff(code="free", pay_percent=0, label={})),
    verdict(tariff=Tariff(code="some", pay_percent=None, label={})),
    *(verdict(use_case=use_case.value) for use_case in UseCase),
    *(verdict(guidance=(Guidance(code=code, title={}, steps={}),)) for code in LOCAL),
    verdict(Colour.ORANGE),
    verdict(Colour.ORANGE, determined=False),
    silent("social"),
    silent("income", state="no-data"),
    silent("social", "income", "population", "ocmw"),
    *(
        verdict(colour, guidance=(Guidance(code=code, title={}, steps={}),))
        for colour, code in product((Colour.ORANGE, Colour.RED), LOCAL)
    ),
    verdict(Colour.RED),
    verdict(Colour.RED, use_case="school"),
)


def states() -> Iterator[State]:
    """Every state there is, with everything that may differ in it."""
    fault = Problem(ProblemCode.NO_READER)
    yield from (Starting(), Idle(), Typing(V1), Typing(V1, fault), AwaitingRemoval(V1, A))
    yield from (Reading(V1, A), Checking(V1, A), Checking(V1, None), Checking(V1, A, fault))
    for code in ProblemCode:
        yield OutOfService(Problem(code))
        for slot, asked in product((A, None), (True, False)):
            yield Showing(V1, Problem(code), slot, asked)
    for each, slot in product(VERDICTS, (A, None)):
        yield Showing(V1, each, slot, asked=True)


STATES = tuple(states())


def view(state: State, mode: Mode, language: Language = Language.DUTCH, **changes: Any) -> View:
    """The view of a terminal in a state, with changes."""
    plain: dict[str, Any] = {
        "language": language,
        "languages": BOTH,
        "use_case": UseCase.UITPAS,
        "use_cases": tuple(UseCase),
        "place": Place(counter="Balie 4"),
        "given_name": NAME if isinstance(state, Checking) else "",
        "sources": (SourceState(group="social", state="ok"),),
        "service_answers": True,
        "can_extend": can_extend(state, POLICY[mode]),
    }
    return View(**{**plain, **changes})


def shown(
    state: State, mode: Mode, words: Wording, language: Language = Language.DUTCH, **changes: Any
) -> Screen:
    """The screen of a state, as the window gets it."""
    return BUILD[mode](state, view(state, mode, language, **changes), words)


_NOT_READ = {(Choice, "value"), (Choice, "key"), (Action, "key")}


def texts(part: object) -> Iterator[str]:
    """Every text in a screen that a person may read."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, Sequence):
        for each in part:
            yield from texts(each)
    elif is_dataclass(part):
        for field in fields(part):
            if (type(part), field.name) not in _NOT_READ:
                yield from texts(getattr(part, field.name))


# ---- what a service may say, well meant or not ------------------------------------

_NASTY = st.sampled_from(
    [
        "",
        " \n\t ",
        "**",
        "a ** b",
        "<b>vet</b><img src=x>",
        "\u202egnal\u202c",
        "\u2066x\u2069\u200b\ufeff",
        "a\u0301\u0302\u0303\u0304\u0305",
        "\x00\x1b[31m\x07",
        "woord " * 2000,
        "x" * 10_000,
        "\U000e0001\ud800",
        "{until} {left} {desk} {name} {percent}",
    ]
)
_TEXT = _NASTY | st.text(max_size=40)
_LANGUAGES = st.sampled_from(["nl", "fr", "de", "en", "xx"])
_TEXTS = st.dictionaries(_LANGUAGES, _TEXT, max_size=3)
_CODES = st.sampled_from([*LOCAL, "NEW-X99", ""])
_GUIDANCE = st.builds(
    Guidance,
    code=_CODES,
    title=_TEXTS,
    steps=st.dictionaries(_LANGUAGES, st.lists(_TEXT, max_size=12).map(tuple), max_size=3),
)
_STATE = st.sampled_from(["ok", "no-data", "unavailable", "refused", "too-busy", "not-configured"])
_GROUP = st.sampled_from(["population", "social", "income", "ocmw"]) | _TEXT
_SOURCE = st.builds(SourceState, group=_GROUP, state=_STATE | _TEXT)


@st.composite
def any_verdict(draw: st.DrawFn) -> Verdict:
    """Whatever a service may say."""
    colour = draw(st.sampled_from(Colour))
    return Verdict(
        check_id=draw(_TEXT),
        use_case=draw(st.sampled_from([each.value for each in UseCase]) | _TEXT),
        colour=colour,
        determined=colour is not Colour.ORANGE or draw(st.booleans()),
        tariff=draw(
            st.none()
            | st.builds(
                Tariff, code=_TEXT, pay_percent=st.none() | st.integers(0, 100), label=_TEXTS
            )
        ),
        valid_until=draw(st.none() | st.dates()),
        guidance=tuple(draw(st.lists(_GUIDANCE, max_size=4))),
        blocked_by=tuple(draw(st.lists(_GROUP, max_size=10))),
        sources=tuple(draw(st.lists(_SOURCE, max_size=10))),
        manual_decision=ManualDecision(
            allowed=draw(st.booleans()),
            evidence=tuple(draw(st.lists(_TEXT | st.just("attest-vt"), max_size=10))),
        ),
    )


any_text = _TEXT
