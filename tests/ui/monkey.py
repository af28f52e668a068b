"""Random hands, and eyes that hold what is on the window against what is true.

Everything of the window process is real; agents are processes of ``scripted_agent.py``, cards are
moved by ``scripted_world.py``. The same seed does the same things.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel, QWidget

from kiosk.domain.policy import Mode
from kiosk.domain.verdict import Verdict
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
    living_visit,
)
from kiosk.ports import SlotEmptied, SlotEvent, SlotFilled
from kiosk.ui.application import Application
from kiosk.ui.screens.parts import Act, Kind
from kiosk.ui.theme import LIGHT
from tests.support.scripted_world import World
from tests.ui.monkey_hands import SIZES, Hands

KINDS: dict[type, Kind] = {
    Starting: Kind.STARTING,
    OutOfService: Kind.OUT_OF_SERVICE,
    Idle: Kind.IDLE,
    Typing: Kind.TYPING,
    Reading: Kind.READING,
    Checking: Kind.CHECKING,
    AwaitingRemoval: Kind.AWAITING_REMOVAL,
}
RUNNING = (Typing, Reading, Checking, Showing, OutOfService)


@dataclass(frozen=True, slots=True)
class Begun:
    """Which card a visit began with, as the window was told."""

    slot: SlotName
    serial: str


class Monkey(Hands):
    """Does random things to a terminal, and looks whether it is in order after each."""

    def __init__(self, mode: Mode, app: Application, world: World, seed: str) -> None:
        super().__init__(app, world, random.Random(seed))
        self.mode = mode
        self.told: dict[SlotName, str] = {}
        self.begun: dict[VisitId, Begun] = {}
        self.verdicts = 0
        self._seen_before = 0
        self._put_between()
        self.app.window.resize(*SIZES[0])
        self.app.window.show()
        self.app.window.activateWindow()
        self.app.start()

    def _put_between(self) -> None:
        """Hear what is told just before those do for whom it is meant."""
        told, taken = self.app.watch.told, self.app.controller.readers_told
        told.disconnect(taken)
        told.connect(self._note_card)
        told.connect(taken)
        wanted, renew = self.app.controller.renewal_wanted, self.app.watch.renew
        wanted.disconnect(renew)
        wanted.connect(self._note_renewal)
        wanted.connect(renew)
        self.app.controller.changed.connect(self._note_visit)

    def _note_card(self, event: SlotEvent) -> None:
        if isinstance(event, SlotFilled):
            self.told[event.slot] = self.world.cards.get(event.slot, "gone")
        elif isinstance(event, SlotEmptied):
            self.told.pop(event.slot, None)

    def _note_renewal(self) -> None:
        self._seen_before = self.world.monitors_made

    @property
    def _renewing(self) -> bool:
        """Whether a new monitor is on its way; what the old one tells is not heard."""
        return self.world.monitors_made == self._seen_before

    def _note_visit(self) -> None:
        state = self.app.controller.state
        if isinstance(state, Reading) and state.visit not in self.begun:
            self.begun[state.visit] = Begun(state.slot, self.told.get(state.slot, "none"))

    # ---- what must be so whatever happens --------------------------------------

    def look(self) -> None:
        """Hold what is on the window against what is true."""
        in_step = self.is_in_step()
        self.pass_time(0)  # what was told until now arrives
        state = self.app.controller.state
        self._screen_is_of(state)
        self._given_name_only_while_checking(state)
        self._agents_are_few(state)
        if isinstance(state, RUNNING):
            assert self.app.controller.clock.total() > 0, "a clock runs"
        if isinstance(state, Showing) and isinstance(state.outcome, Verdict):
            self.verdict_is_of(state, state.outcome, in_step=in_step)

    def _screen_is_of(self, state: State) -> None:
        screen, view = self.app.window.screen_shown, self.app.controller.view
        assert screen is not None
        if isinstance(state, Showing):
            is_verdict = isinstance(state.outcome, Verdict)
            wanted = Kind.VERDICT if is_verdict else Kind.PROBLEM
            assert screen.kind is wanted, "a screen of another state"
        else:
            assert screen.kind is KINDS[type(state)], "a screen of another state"
            assert screen.colour is None, "a colour without a verdict"
        words = self.app._words_in(view.language)
        assert screen == self.app._terminal.build(state, view, words), "an old screen"
        if screen.actions and screen.kind not in {Kind.IDLE, Kind.AWAITING_REMOVAL}:
            assert self.app.window.focusWidget() is not None, "something has the focus"

    def name_of(self, begun: Begun) -> str:
        """The given name on the card of a visit."""
        return f"Naam{begun.serial}"

    def holds_name(self, text: str) -> bool:
        """Whether anybody's given name is in a text."""
        return "Naam" in text

    def _given_name_only_while_checking(self, state: State) -> None:
        shown, name = repr(self.app.window.screen_shown), self.app.controller.view.given_name
        if self.mode is Mode.DESK and isinstance(state, Checking):
            begun = self.begun.get(state.visit)
            own = "nobody" if begun is None else self.name_of(begun)
            assert not self.holds_name(shown.replace(own, "")), "a name of another"
        else:
            assert not self.holds_name(shown), "a name"
            assert name == "" or isinstance(state, Reading), "the name is forgotten"

    def texts(self) -> str:
        """Everything that the widgets say."""
        window = self.app.window
        widgets: list[QWidget] = [window, *window.findChildren(QWidget)]
        return " ".join(
            f"{one.text() if isinstance(one, QLabel) else ''} {one.accessibleName()}"
            f" {one.accessibleDescription()} {one.toolTip()} {one.windowTitle()}"
            for one in widgets
        )

    def _agents_are_few(self, state: State) -> None:
        working = self.app.pool._working
        assert working is None or living_visit(state) is not None, "it works for nobody"
        most = 1 if working is None else 2
        assert len(self.agents()) <= most, "too many agents"

    def verdict_is_of(self, state: Showing, verdict: Verdict, *, in_step: bool) -> None:
        self.verdicts += 1
        visit, _, card = verdict.check_id.partition("|")
        assert int(visit) == state.visit, "a verdict of another visit"
        if card == "typed":
            assert state.visit not in self.begun, "a typed number in a visit with a card"
            assert self.mode is Mode.DESK, "a typed number in self-service"
            return
        begun = self.begun[state.visit]
        slot, _, serial = card.partition("|")
        assert slot == begun.slot, "a verdict of another reader"
        if in_step:
            assert serial == begun.serial, "a verdict of another card"
            still_in = self.world.cards.get(begun.slot) == serial
            assert self.mode is Mode.DESK or still_in, "the card is out, its verdict is not"

    def look_closely(self) -> None:
        """Look at every widget, at the picture, and whether those who were killed are gone."""
        self.wait_until(lambda: len(self.processes()) <= 2, "the dead are gone")
        self.wait_until(self._no_name_stays, "no name on a widget, shown or not", 1)
        state, window = self.app.controller.state, self.app.window
        picture = window.grab().toImage()
        points = [
            QPoint(x, y)
            for x in range(0, picture.width(), 32)
            for y in range(0, picture.height(), 32)
        ]
        ((most, _),) = Counter(picture.pixelColor(p).name() for p in points).most_common(1)
        fills = {field.fill: colour for colour, field in LIGHT.verdict.items()}
        outcome = state.outcome if isinstance(state, Showing) else None
        colour = outcome.colour if isinstance(outcome, Verdict) else None
        assert fills.get(most) is colour, f"{most} is on the window"

    def _no_name_stays(self) -> bool:
        """The widgets of a screen go in the turn after it."""
        checking = isinstance(self.app.controller.state, Checking) and self.mode is Mode.DESK
        return checking or not self.holds_name(self.texts())

    def tidy_up(self) -> None:
        """Bring everything in order: the terminal must come back by itself."""
        self.world.recover()
        for slot in list(self.world.cards):
            self.world.take_out(slot)
        self.come_into_step()
        self.app.window.acted.emit(Act.STOP)
        self.wait_until(lambda: self.app.controller.state == Idle(), "idle in the end", 25)
        for _ in range(30):
            self.world.put_in(self.world.slots[0])
            self.pass_time(10 * self.longest_pause)
            self.come_into_step()
            state = self.app.controller.state
            self.world.take_out(self.world.slots[0])
            if isinstance(state, Showing) and isinstance(state.outcome, Verdict):
                return
            self.come_into_step()
            self.app.window.acted.emit(Act.STOP)
        raise AssertionError("no visit goes well any more")

    def story(self) -> str:
        """What there is, and the last things that were done."""
        screen = self.app.window.screen_shown
        last = "\n".join(self.done[-30:])
        return f"{self.app.controller.state}\n{screen}\nstep {len(self.done)}:\n{last}"

    def is_in_step(self) -> bool:
        """Whether the window knows of everything that happened to cards and readers."""
        return not self._renewing and self.world.is_told

    def come_into_step(self) -> None:
        """Wait until the window knows of everything."""
        self.wait_until(self.is_in_step, "the watch keeps up")
        self.pass_time(0)


def play(monkey: Monkey, steps: int) -> None:
    """Let it all happen; a failure tells the last things that did."""
    try:
        for _ in range(steps):
            monkey.do_something()
            monkey.look()
            if len(monkey.done) % 40 == 0:
                monkey.come_into_step()
                monkey.look()
                monkey.look_closely()
        monkey.tidy_up()
    except AssertionError as error:
        raise AssertionError(f"{error}\n{monkey.story()}") from error
