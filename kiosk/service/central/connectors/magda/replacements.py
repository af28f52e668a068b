"""What each service told in one check about a new number of the person, for as long as it lasts."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from kiosk.service.central.connectors import Question
from kiosk.service.central.connectors.magda.services import Service


class Replacements:
    """Notes the answers of services about the person of a question; they go with it."""

    def __init__(self) -> None:
        self._told: WeakKeyDictionary[Question, dict[str, set[frozenset[str] | None]]] = (
            WeakKeyDictionary()
        )

    def note(self, question: Question, service: Service, news: frozenset[str] | None) -> None:
        """Note one answer: ``None`` tells of no new number, empty is about the old one still."""
        self._told.setdefault(question, {}).setdefault(service.name, set()).add(news)

    def of(self, question: Question, *services: Service) -> frozenset[str] | None:
        """Return what the first service's answers are about, as ``Answer.replaced_by`` says it.

        The others were asked beside it. Answers of which only some tell of a new number are about
        the old one, all in all.
        """
        of_service = self._told.get(question, {})
        own, *others = (of_service.get(service.name, set()) for service in services)
        told = own.union(*others) - {None}
        if not told:
            return None
        numbers: frozenset[str] = frozenset().union(*(news for news in told if news is not None))
        return frozenset() if None in own and len(numbers) < 2 else numbers
