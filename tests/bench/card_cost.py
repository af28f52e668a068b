"""Topic 1: what a read costs on the card's line, for every generation and four programs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.exchange_log import Exchange
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.cardreader.simulator.slot import SimulatedSlot
from tests.bench.line import CLOCK_HERTZ, Cost, LineSpeed
from tests.bench.results import Cell, Table, ratio, say
from tests.bench.sequences import meaningful, play_middleware, play_minimum
from tests.support.cards import Cards
from tests.support.desk import Desk

EIDENV: Final = "OpenSC eidenv"
_OURS: Final = {"first": "ours, first read", "later": "ours, later reads"}
_UNPROVEN: Final = "ours, recognition and identity alone"
_LEAST: Final = {"first": "minimum of a first read", "later": "minimum of later reads"}
_MIDDLEWARE: Final = "official middleware"
_UNPADDED: Final = "official middleware, certificate unpadded"


_WHO_DOES_WHAT: Final = (
    "Not everybody does the same work. Ours proves the person: signature, and for 1.8 the chip. "
    "The middleware fetches all that is needed for a proof except the chip's, and the address and "
    "the photo, which ours never reads. eidenv reads identity and address, and proves nothing; the "
    "row of our recognition and identity alone is what to hold it against. The minimum does what "
    "ours does, knows all lengths beforehand and reads no padding."
)

_ABOUT_REPLAY: Final = (
    "Same commands in the same order; answers without status words; certificate file without "
    "padding on both sides. The files of a made-up card are not as long as those of the specimen "
    "that was watched, and about every 252 bytes more in one are one READ more. The module itself "
    "took 0.8 s with a card that answers at once: it sleeps in between."
)
_ABOUT_RATIOS: Final = (
    "Middleware on the card as it is: a 1.8 card pads its certificate files to 2,500 bytes, and "
    "the middleware reads to the end of the file."
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A card to try; ``documented`` is what the middleware was seen to send to a specimen."""

    name: str
    applet: Applet
    faults: tuple[str, ...] = ()
    documented: tuple[int, int] | None = None
    """Commands and bytes of the answers."""


KINDS: Final = (
    Kind("1.7", Applet.V1_7, (), (53, 5144)),
    Kind("1.7 re-keyed", Applet.V1_7, ("rekeyed",), (51, 4553)),
    Kind("1.8", Applet.V1_8, (), (53, 4473)),
    Kind("1.8 long names", Applet.V1_8, ("long-names",)),
    Kind("1.1", Applet.V1_1, (), (48, 4094)),
)


def why_no_eidenv() -> str:
    """Why OpenSC's program cannot be compared with; empty when it can."""
    return "" if shutil.which("eidenv") else "there is no eidenv (package opensc)"


def tables(pki: Path, desk: Desk | None, reason: str = "") -> list[Table]:
    """Hold every conversation with every kind of card; without a desk, eidenv is left out."""
    cards = Cards(TestPki(pki))
    found: dict[str, dict[str, Cost]] = {}
    for kind in KINDS:
        say(f"   a card {kind.name}")
        found[kind.name] = costs_in_process(cards, kind)
        if desk is not None:
            found[kind.name][EIDENV] = _cost_of_eidenv(desk, kind)
    speeds = {kind.name: LineSpeed.of(kind.applet.atr) for kind in KINDS}
    costs = _costs(found, speeds)
    costs.notes += [f"eidenv was not run: {reason}."] if reason else []
    return [costs, _ratios(found), _documented(found, cards)]


def costs_in_process(cards: Cards, kind: Kind) -> dict[str, Cost]:
    """Count what needs no PC/SC: our reads, the minimum, the middleware's sequence."""
    card = cards.card(kind.applet, *kind.faults)
    reader, found = cards.reader(), {}
    for which in ("first", "later"):
        reader.read(SimulatedSlot(card))
        found[_UNPROVEN] = Cost.of(_without_proof(card.log.exchanges))  # the same in both
        found[_OURS[which]] = _taken(card)
    for which in ("first", "later"):
        play_minimum(card, certificates=which == "first")
        found[_LEAST[which]] = _taken(card)
    play_middleware(card)
    found[_MIDDLEWARE] = _taken(card)
    unpadded = _unpadded(cards, kind)
    play_middleware(unpadded)
    found[_UNPADDED] = _taken(unpadded)
    return found


def _without_proof(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """The exchanges of recognition and identity, which come first."""
    number = max(e.number for e in exchanges if e.path == File.IDENTITY.value)
    return [exchange for exchange in exchanges if exchange.number <= number]


def _unpadded(cards: Cards, kind: Kind) -> SimulatedCard:
    """The same card with a certificate file without padding, as specimen files have it."""
    whole = cards.card(kind.applet, *kind.faults).image.file(File.RRN_CERTIFICATE)
    cut = f"truncate:503C:{meaningful(whole)}"
    return cards.card(kind.applet, *kind.faults, cut)


def _taken(card: SimulatedCard) -> Cost:
    cost = Cost.of(card.log.exchanges)
    card.log.clear()
    return cost


def _cost_of_eidenv(desk: Desk, kind: Kind) -> Cost:
    faults = [text for fault in kind.faults for text in ("--fault", fault)]
    with desk.card("--applet", kind.applet.version, *faults) as card:
        done = desk.stack.run("eidenv")
        if "BELPIC_NATIONALNUMBER" not in done.stdout:  # its status is 1 even when all went well
            raise RuntimeError(f"eidenv printed no identity: {done.stderr}")
        return Cost.of(Exchange(**row) for row in card.exchanges)


def _costs(found: Mapping[str, Mapping[str, Cost]], speeds: Mapping[str, LineSpeed]) -> Table:
    table = Table("Cost of one read", ("card", "program", "commands", "bytes", "characters", "ms"))
    for name, costs in found.items():
        for program, cost in costs.items():
            milliseconds = speeds[name].milliseconds(cost.characters)
            table.add(
                name, program, cost.commands, cost.bytes, cost.characters, round(milliseconds, 1)
            )
    table.notes += [_reading_guide(speeds), _WHO_DOES_WHAT]
    return table


def _reading_guide(speeds: Mapping[str, LineSpeed]) -> str:
    rates = "; ".join(
        f"{name}: {speed.clocks_per_unit:.0f} clocks per etu, {speed.characters_per_second:,.0f}/s"
        for name, speed in speeds.items()
    )
    return (
        "bytes: commands and answers with their status words, as a program sees them. characters: "
        "on the T=0 line (5 header, procedure byte before data, data, 2 status; 6Cxx and 61xx "
        "rounds included). ms = characters × 12 etu × (Fi / Di) / clock, with Fi and Di from TA1 "
        f"of the card's own ATR and a clock of {CLOCK_HERTZ / 1e6:.1f} MHz. {rates}. The card's "
        "own computing and the reader's USB come on top, for everybody alike."
    )


def _ratios(found: Mapping[str, Mapping[str, Cost]]) -> Table:
    columns = (
        "card",
        *("first / minimum", "later / minimum", "commands later / minimum"),
        *("middleware / first", "middleware / later"),
        *("eidenv / first", "eidenv / later", "eidenv / identity alone"),
    )
    table = Table("Ratios, in characters and therefore in line time", columns)
    for name, costs in found.items():

        def times(one: str, other: str, costs: Mapping[str, Cost] = costs) -> Cell:
            if one not in costs:
                return "–"
            return round(ratio(costs[one].characters, costs[other].characters), 3)

        later, least = costs[_OURS["later"]], costs[_LEAST["later"]]
        table.add(
            name,
            times(_OURS["first"], _LEAST["first"]),
            times(_OURS["later"], _LEAST["later"]),
            round(ratio(later.commands, least.commands), 3),
            *(times(_MIDDLEWARE, _OURS[which]) for which in _OURS),
            *(times(EIDENV, ours) for ours in (*_OURS.values(), _UNPROVEN)),
        )
    table.notes.append(_ABOUT_RATIOS)
    return table


def _documented(found: Mapping[str, Mapping[str, Cost]], cards: Cards) -> Table:
    columns = ("card", "commands here", "documented", "answered bytes here", "documented bytes")
    table = Table(
        "The middleware's sequence, replayed, beside what was seen of it",
        (*columns, "identity / certificate here"),
    )
    for kind in KINDS:
        if kind.documented is None:
            continue
        cost = found[kind.name][_UNPADDED]
        image = cards.card(kind.applet, *kind.faults).image
        sizes = [meaningful(image.file(f)) for f in (File.IDENTITY, File.RRN_CERTIFICATE)]
        commands, answered = kind.documented
        table.add(
            *(kind.name, cost.commands, commands, cost.answered, answered),
            " / ".join(map(str, sizes)),
        )
    table.notes.append(_ABOUT_REPLAY)
    return table
