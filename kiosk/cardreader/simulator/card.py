"""A simulated card: a chip, what stands between it and the reader, and a log."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from kiosk.cardreader.simulator.applet import BelpicApplet
from kiosk.cardreader.simulator.exchange_log import ExchangeLog
from kiosk.cardreader.simulator.fault_kinds import WrongFault
from kiosk.cardreader.simulator.faults import with_faults
from kiosk.cardreader.simulator.issue import CardImage, Order, issue
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.persona import Persona
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.cardreader.simulator.plan import Forward, Plan


class SimulatedCard:
    """One card, put into one reader after another.

    ``exchange`` raises what the faults raise: ``Pulled``, ``Silent``,
    ``ResetElsewhere``. Not for several threads at once.
    """

    def __init__(self, plan: Plan, image: CardImage, log: ExchangeLog) -> None:
        self.persona = plan.order.persona
        self.scheme = plan.order.scheme
        self.image = image
        self.log = log
        self._atr = plan.atr
        self._wraps = plan.wraps
        self._applet = BelpicApplet(image)
        self._count = 0

    @property
    def atr(self) -> bytes:
        """The answer to reset; empty for a mute card."""
        return self._applet.atr if self._atr is None else self._atr

    def insert(self) -> None:
        """Put it into a reader: faults count commands from here."""
        self._count = 0
        self.reset()

    def reset(self) -> None:
        """Power up or reset: nothing is selected any more."""
        self._applet.reset()

    def exchange(self, command: bytes) -> bytes:
        """Answer a command with data and status word, as a raw T=0 card does."""
        self._count += 1
        forward: Forward = self._applet.transmit
        for wrap in self._wraps:
            forward = partial(wrap, self._count, forward)
        answer = b""
        try:
            answer = forward(command)
        finally:  # what was never answered is noted too
            self.log.add(command, answer, self._applet.current)
        return answer


def make_card(
    persona: Persona,
    pki: TestPki,
    applet: Applet = Applet.V1_8,
    faults: Iterable[str] = (),
    log: ExchangeLog | None = None,
) -> SimulatedCard:
    """Issue a card and put faults on it; raise ``WrongFault``."""
    plan = with_faults(Plan(order=Order(persona=persona, applet=applet)), faults)
    image = issue(plan.order, pki)
    for edit in plan.image_edits:
        try:
            image = edit(image)
        except (KeyError, ValueError):
            raise WrongFault("a fault concerns what this card does not have") from None
    return SimulatedCard(plan, image, log or ExchangeLog())
