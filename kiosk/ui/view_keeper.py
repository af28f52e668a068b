"""What the window knows besides the state, and when it forgets it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from kiosk.agent.messages import Progress, Status
from kiosk.domain.verdict import UseCase
from kiosk.ui.screens.view import Language, View

_LANGUAGE_STAYS_MILLISECONDS: Final = 60_000
_WAIT_MILLISECONDS: Final = 1000
"""Waiting for a card is told after this; another program lets go of it sooner as a rule."""


@final
class ViewKeeper(QObject):
    """The view of one terminal."""

    changed = Signal()

    def __init__(self, view: View, parent: QObject) -> None:
        """Start with a view, whose language is the one to come back to."""
        super().__init__(parent)
        self._view = view
        self._own_language = view.language
        self._language_timer = QTimer(self)
        self._language_timer.setSingleShot(True)
        self._language_timer.setInterval(_LANGUAGE_STAYS_MILLISECONDS)
        self._language_timer.timeout.connect(self.reset_language)
        self._wait_timer = QTimer(self)
        self._wait_timer.setSingleShot(True)
        self._wait_timer.setInterval(_WAIT_MILLISECONDS)
        self._wait_timer.timeout.connect(self._waits_long)

    @property
    def view(self) -> View:
        """The view now."""
        return self._view

    @Slot(str)
    def choose_use_case(self, value: str) -> None:
        """Ask about another use case from the next visit on."""
        if UseCase(value) in self._view.use_cases:
            self._see(replace(self._view, use_case=UseCase(value)))

    @Slot(str)
    def choose_language(self, value: str) -> None:
        """Speak another language until the visit is over, or nobody comes."""
        if Language(value) in self._view.languages:
            self._language_timer.start()
            self._see(replace(self._view, language=Language(value)))

    @Slot()
    def reset_language(self) -> None:
        """Speak the terminal's own language again."""
        self._language_timer.stop()
        self._see(replace(self._view, language=self._own_language))

    def keep_language(self) -> None:
        """Somebody is here: the language stays theirs until it is reset."""
        self._language_timer.stop()

    def see_step(self, step: Progress) -> None:
        """Show what the agent is doing; that it waits for the card only when it takes long."""
        if step is Progress.WAITING_FOR_CARD:
            self._wait_timer.start()
            return
        self._wait_timer.stop()
        self._see(replace(self._view, step=step))

    def see_name(self, given_name: str) -> None:
        """Show whom the question is about, while it is being asked."""
        self._see(replace(self._view, given_name=given_name))

    def see_sources(self, status: Status) -> None:
        """Show how the sources are."""
        answers = status.service is None
        self._see(replace(self._view, sources=status.sources, service_answers=answers))

    def forget_sources(self) -> None:
        """Nobody tells any more how the sources are."""
        self._see(replace(self._view, sources=(), service_answers=None))

    def forget_name(self) -> None:
        """The question is over: no name from here on."""
        self._see(replace(self._view, given_name=""))

    def forget_visit(self) -> None:
        """Forget what belonged to the visit that ended."""
        self._wait_timer.stop()
        self._see(replace(self._view, given_name="", step=None))

    @Slot()
    def _waits_long(self) -> None:
        self._see(replace(self._view, step=Progress.WAITING_FOR_CARD))

    def _see(self, view: View) -> None:
        if view != self._view:
            self._view = view
            self.changed.emit()
