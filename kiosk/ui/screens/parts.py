"""One screen as a value: what a window lays out, and all that it may show.

A screen is what a person reads, in the order in which it matters. Both windows
take the same kind of screen; which parts are filled differs, and so does where
a window puts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.domain.verdict import Colour


class Kind(Enum):
    """Which state a screen belongs to (the table of states in docs/screens)."""

    STARTING = "starting"
    OUT_OF_SERVICE = "out-of-service"
    IDLE = "idle"
    TYPING = "typing"
    READING = "reading"
    CHECKING = "checking"
    VERDICT = "verdict"
    PROBLEM = "problem"
    AWAITING_REMOVAL = "awaiting-removal"


class Backdrop(Enum):
    """The large surface behind the heading. Only a verdict has a colour."""

    CALM = "calm"
    NEUTRAL = "neutral"
    VERDICT = "verdict"


class Drawing(Enum):
    """What the drawing of card and reader tells."""

    PUT_IN = "put-in"
    IN_READER = "in-reader"
    TAKE_OUT = "take-out"
    CARD_FAILED = "card-failed"
    NO_READER = "no-reader"


class Mark(Enum):
    """The state of one line; never green or red, which belong to a verdict."""

    WELL = "well"
    BUSY = "busy"
    LATER = "later"
    SILENT = "silent"
    BROKEN = "broken"


class Act(Enum):
    """What a person can do; each has one place and one key."""

    DONE = "done"
    AGAIN = "again"
    STOP = "stop"
    BACK = "back"
    TYPE_NUMBER = "type-number"
    CHECK_NUMBER = "check-number"
    TRY_NOW = "try-now"
    MORE_TIME = "more-time"


class Clock(Enum):
    """What the time that is left means."""

    STAYS = "stays"
    RETRIES = "retries"
    PROGRESS = "progress"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: a mark, what it is about, and how that is."""

    mark: Mark
    text: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A button. ``first`` is the one that is filled and has the focus."""

    act: Act
    text: str
    key: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several: a use case, a language, a reason. ``value`` is what it stands for."""

    value: str
    text: str
    chosen: bool
    key: str = ""


@dataclass(frozen=True, slots=True)
class Marked:
    """A list with its title."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """A choice with its title."""

    title: str
    choices: tuple[Choice, ...]
    help: str = ""


@dataclass(frozen=True, slots=True)
class NumberEntry:
    """The field for a typed number, and what it says about what is in it."""

    label: str
    well: str
    """Said when the check digits hold."""
    wrong: str
    """Said when eleven digits are there and the check digits do not hold."""
    missing: str
    """Said of a number that is not complete when it is sent; has ``{left}`` for the digits."""
    note: str
    """What a typed number does not prove."""
    so_far: str = "{typed} / 11"
    """What assistive technology says of a number that is being typed; never its digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """Everything of one screen. What a state does not have is empty.

    All texts are plain: a window shows ``<b>`` as four characters. In texts of
    the catalogue, ``**…**`` stands around what is set in bold; texts from
    elsewhere have gone through :func:`plain`, which takes the mark away.
    """

    kind: Kind
    backdrop: Backdrop
    heading: str
    announcement: str
    """What assistive technology says when the screen comes up."""
    colour: Colour | None = None
    colour_name: str = ""
    """What assistive technology calls the colour."""
    subject: str = ""
    """What the screen is about (the use case); beside the counter's name."""
    fact: str = ""
    """The first thing under the heading: what is paid, why it is orange."""
    sentence: str = ""
    drawing: Drawing | None = None
    drawing_hint: str = ""
    """Beside the chip of the drawing; the first line is set in bold."""
    stage_list: Marked | None = None
    panel_heading: str = ""
    steps: tuple[str, ...] = ()
    do_now: str = ""
    """Self-service: the one thing to do."""
    hints: tuple[str, ...] = ()
    """Self-service idle: what to do without a card, and the like."""
    evidence: Marked | None = None
    panel_list: Marked | None = None
    note: str = ""
    choices: Choices | None = None
    languages: Choices | None = None
    """Self-service: the languages that one may choose."""
    entry: NumberEntry | None = None
    entry_heading: str = ""
    """Above the button that opens manual entry."""
    clock: Clock | None = None
    clock_text: str = ""
    """With ``{left}`` where the time that is left stands."""
    reference: str = ""
    """What to quote to support: a problem's code, a check's short name."""
    actions: tuple[Action, ...] = ()

    def action(self, act: Act) -> Action | None:
        """Return the button for something one may do here, or ``None``."""
        return next((action for action in self.actions if action.act is act), None)


def calm(kind: Kind, heading: str, subject: str = "") -> Screen:
    """Return a screen on which nothing is decided; it announces its heading."""
    return Screen(
        kind=kind,
        backdrop=Backdrop.CALM,
        heading=heading,
        announcement=heading,
        subject=subject,
    )


BOLD = "**"


def plain(text: str) -> str:
    """Return a text from elsewhere without the mark for bold."""
    return text.replace(BOLD, "")
