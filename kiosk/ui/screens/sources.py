"""The groups of sources: their names, and what is said of how they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from kiosk.domain.verdict import SourceState, Verdict
from kiosk.ui.screens.parts import Line, Mark, Marked
from kiosk.ui.screens.phrases import Phrase, foreign, say, translate
from kiosk.ui.screens.view import View, Wording

NO_DATA: Final = "no-data"
"""The state of a group that answered that it does not know the person yet."""
_OK: Final = "ok"
_MOST_LINES: Final = 8
_LONGEST_NAME: Final = 30

_NAMES: Final = {
    "population": translate("Sources", "Rijksregister"),
    "social": translate("Sources", "Sociale zekerheid"),
    "income": translate("Sources", "Inkomen"),
    "ocmw": translate("Sources", "OCMW Gent"),
    "vehicle": translate("Sources", "Voertuig"),
    "advice": translate("Sources", "Advies"),
}
_NO_ANSWER: Final = translate("Sources", "geen antwoord")
_STATES: Final[dict[str, tuple[Mark, Phrase]]] = {
    _OK: (Mark.WELL, translate("Sources", "werkt")),
    "unavailable": (Mark.SILENT, _NO_ANSWER),
    "too-busy": (Mark.SILENT, translate("Sources", "te druk")),
    "refused": (Mark.BROKEN, translate("Sources", "weigert")),
    "not-configured": (Mark.LATER, translate("Sources", "niet aangesloten")),
    "unknown": (Mark.LATER, translate("Sources", "nog niet nagekeken")),
}
_NO_FILE: Final = translate("Sources", "nog geen dossier")


def lamps(view: View, words: Wording) -> Marked | None:
    """Return how every group is for everybody, or ``None`` when nobody knows.

    While the central service itself is silent, nothing is known of what is behind it.
    """
    if view.service_answers is False:
        service = words.translate("Sources", "Centrale dienst")
        lines: tuple[Line, ...] = (Line(Mark.SILENT, service, say(words, _NO_ANSWER)),)
    else:
        lines = tuple(_lamp(source, words) for source in view.sources[:_MOST_LINES])
    return Marked(words.translate("Sources", "Bronnen"), lines) if lines else None


def missing(verdict: Verdict, words: Wording) -> Marked | None:
    """Return the groups that leave an orange open; nothing tells what any of them knows."""
    lines = tuple(
        Line(Mark.SILENT, _name(group, words), _why(state, words))
        for group, state in _open_groups(verdict)
    )
    title = words.translate("Sources", "Deze bronnen ontbreken nog")
    return Marked(title, lines[:_MOST_LINES]) if lines else None


def open_states(verdict: Verdict) -> tuple[str, ...]:
    """Return the state of every group that leaves an orange open."""
    return tuple(state for _, state in _open_groups(verdict))


def _open_groups(verdict: Verdict) -> Iterable[tuple[str, str]]:
    """Return group and state of all that are named; a group without a state did not answer."""
    found = {group: "" for group in verdict.blocked_by if _is_name(group)}
    found.update({each.group: each.state for each in verdict.sources if _is_name(each.group)})
    return found.items()


def _is_name(group: str) -> bool:
    return bool(foreign(group, _LONGEST_NAME))


def _name(group: str, words: Wording) -> str:
    known = _NAMES.get(group)
    return foreign(group, _LONGEST_NAME) if known is None else say(words, known)


def _lamp(source: SourceState, words: Wording) -> Line:
    mark, state = _STATES.get(source.state, _STATES["unknown"])
    return Line(mark, _name(source.group, words), say(words, state))


def _why(state: str, words: Wording) -> str:
    """Return why a group is missing; one that is said to work did not answer either."""
    if state == NO_DATA:
        return say(words, _NO_FILE)
    silent = state in {_OK, "unknown"} or state not in _STATES
    return say(words, _NO_ANSWER if silent else _STATES[state][1])
