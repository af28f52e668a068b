"""The screens of the gallery: every state, as somebody would meet it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from kiosk.agent.messages import Progress
from kiosk.data import data_path
from kiosk.domain.problem import Problem, ProblemCode
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
from kiosk.ui.desk.window import DeskWindow
from kiosk.ui.screens import desk, self_service
from kiosk.ui.screens.view import Language, Place, View
from kiosk.ui.screens.words import Words
from kiosk.ui.self_service.window import SelfServiceWindow
from kiosk.ui.theme import LIGHT, Theme
from kiosk.ui.window import ScreenWindow

V1, SLOT = VisitId(1), SlotName("reader")
TARIFF = Tariff(
    code="kansentarief",
    pay_percent=20,
    label={"nl": "Kansentarief", "en": "Opportunity tariff"},
)
LAMPS = tuple(
    SourceState(group=group, state="ok") for group in ("population", "social", "income", "ocmw")
)
DESK_SIZE, LANDSCAPE, PORTRAIT = (1280, 800), (1920, 1080), (1080, 1920)


@dataclass(frozen=True, slots=True)
class Times:
    """A clock that stands still."""

    seconds: float
    whole: float = 60

    def left(self) -> float:
        return self.seconds

    def total(self) -> float:
        return self.whole

    def since_start(self) -> float:
        return 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One screen to be painted."""

    name: str
    state: State
    size: tuple[int, int]
    change: Callable[[View], View] = lambda view: view
    left: float = 58
    alone: bool = False


@cache
def rules() -> dict[str, Any]:
    path = data_path("rules", "uitpas", "2026.2.toml")
    return tomllib.loads(path.read_text("utf-8"))


def guidance(code: str) -> Guidance:
    """The texts of the shipped rules."""
    told = rules()["guidance"][code]
    until = {"nl": "30/04/2027", "fr": "30/04/2027", "de": "30.04.2027", "en": "30 April 2027"}
    steps = {
        language: tuple(step.replace("{until}", until[language]) for step in said)
        for language, said in told["steps"].items()
    }
    return Guidance(code=code, level=told["level"], title=told["title"], steps=steps)


MANUAL = ManualDecision(
    allowed=True, roles=("desk",), evidence=("attest-vt", "attest-ocmw", "attest-csr")
)
GREEN = Verdict(
    check_id="01JD9Z8Q2M-9Z4K",
    use_case="uitpas",
    colour=Colour.GREEN,
    determined=True,
    tariff=TARIFF,
    valid_until=date(2027, 4, 30),
    guidance=(guidance("UIT-G01"),),
)
SILENT = Verdict(
    check_id="01JD9Z8Q2M-9Z4K",
    use_case="uitpas",
    colour=Colour.ORANGE,
    determined=False,
    guidance=(guidance("COM-A09"),),
    blocked_by=("social",),
    sources=(SourceState(group="social", state="unavailable", retryable=True),),
    manual_decision=MANUAL,
)
PERSON_DECIDES = Verdict(
    check_id="01JD9Z8Q2M-9Z4K",
    use_case="uitpas",
    colour=Colour.ORANGE,
    determined=True,
    guidance=(guidance("UIT-A08"),),
    manual_decision=MANUAL,
)
RED = Verdict(
    check_id="01JD9Z8Q2M-9Z4K",
    use_case="uitpas",
    colour=Colour.RED,
    determined=True,
    guidance=(guidance("UIT-R01"),),
    manual_decision=MANUAL,
)
VERDICTS = {
    "green": GREEN,
    "orange": SILENT,
    "orange-person-decides": PERSON_DECIDES,
    "red": RED,
}


def showing(outcome: Verdict | Problem, slot: SlotName | None = SLOT) -> Showing:
    return Showing(V1, outcome, slot, asked=isinstance(outcome, Verdict))


def problem(code: ProblemCode) -> Problem:
    return Problem(code)


NO_READER = OutOfService(problem(ProblemCode.NO_READER))


def _of(alone: bool, size: tuple[int, int], prefix: str) -> Iterator[Picture]:
    def one(name: str, state: State, **more: Any) -> Picture:
        return Picture(name=f"{prefix}-{name}", state=state, size=size, alone=alone, **more)

    yield one("01-starting", Starting())
    yield one("02-out-of-service", NO_READER, left=24)
    yield one("03-idle", Idle())
    if not alone:
        yield one("04-typing", Typing(V1))
    yield one("05-reading", Reading(V1, SLOT), change=lambda v: replace(v, step=Progress.READING))
    if not alone:
        held = Progress.WAITING_FOR_CARD
        yield one("05-held", Reading(V1, SLOT), change=lambda v: replace(v, step=held))
    asking = replace_name("" if alone else "Mila")
    yield one("06-checking", Checking(V1, SLOT), change=asking)
    for name, verdict in VERDICTS.items():
        yield one(f"07-verdict-{name}", showing(verdict), left=12 if alone else 58)
    yield one("08-problem-card", showing(problem(ProblemCode.CARD_UNREADABLE)), left=20)
    yield one("08-problem-proof", showing(problem(ProblemCode.SIGNATURE_WRONG)), left=20)
    yield one("08-problem-service", showing(problem(ProblemCode.SERVICE_UNREACHABLE)), left=20)
    yield one("09-awaiting-removal", AwaitingRemoval(V1, SLOT))


def replace_name(name: str) -> Callable[[View], View]:
    return lambda view: replace(view, given_name=name, step=Progress.ASKING)


PICTURES = (
    *_of(alone=False, size=DESK_SIZE, prefix="desk"),
    *_of(alone=True, size=LANDSCAPE, prefix="self-service"),
    *_of(alone=True, size=PORTRAIT, prefix="portrait"),
)


def view(language: Language, *, alone: bool) -> View:
    desks = {Language.DUTCH: "balie 1 tot 4", Language.ENGLISH: "desks 1 to 4"}
    return View(
        language=language,
        languages=tuple(Language),
        use_case=UseCase.UITPAS,
        use_cases=(UseCase.UITPAS,) if alone else tuple(UseCase),
        place=Place(counter="Balie 4", desk=desks),
        sources=() if alone else LAMPS,
        service_answers=None if alone else True,
        can_extend=alone,
    )


def window_of(
    picture: Picture, language: Language = Language.DUTCH, theme: Theme = LIGHT
) -> ScreenWindow:
    """Make the real window with this screen on it."""
    words = Words(language)
    times = Times(picture.left)
    shown = picture.change(view(language, alone=picture.alone))
    if picture.alone:
        window: ScreenWindow = SelfServiceWindow(theme, times)
        screen = self_service.screen(picture.state, shown, words)
    else:
        window = DeskWindow(theme, times, words, counter="Balie 4")
        screen = desk.screen(picture.state, shown, words)
    window.motion = False
    window.resize(*picture.size)
    window.show_screen(screen)
    window.show()
    window.activateWindow()  # the focus is painted in the window in front
    QApplication.processEvents()
    return window


def paint(window: ScreenWindow) -> QImage:
    return window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
