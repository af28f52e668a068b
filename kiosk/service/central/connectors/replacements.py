"""What sources tell of a new number of the person while one question is asked.

It goes with the question. What is noted counts at once, also of a source that then runs out of
time: that a number was replaced is told, even when nothing else is.
"""

from __future__ import annotations


class Replacements:
    """Notes the answers of services about the person of a question.

    ``is_own_file``: the new number is that of the officer who asks.
    """

    def __init__(self) -> None:
        self._told: dict[str, set[frozenset[str] | None]] = {}
        self.is_own_file = False

    def note(self, service: str, news: frozenset[str] | None) -> None:
        """Note one answer: ``None`` tells of no new number, empty is about the old one still."""
        self._told.setdefault(service, set()).add(news)

    def of(self, *services: str) -> frozenset[str] | None:
        """Return what the first service's answers are about, as ``Answer.replaced_by`` says it.

        The others were asked beside it. Answers of which only some tell of a new number are about
        the old one, all in all.
        """
        own, *others = (self._told.get(service, set()) for service in services)
        numbers = _numbers(own.union(*others))
        return frozenset() if numbers and None in own and len(numbers) < 2 else numbers

    def heard(self) -> frozenset[str] | None:
        """Return all new numbers that anybody told of; ``None`` when nobody told of one."""
        return _numbers(set().union(*self._told.values()))


def _numbers(told: set[frozenset[str] | None]) -> frozenset[str] | None:
    news = [each for each in told if each is not None]
    return frozenset().union(*news) if news else None
