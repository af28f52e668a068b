"""What the benchmarks calculate and replay: figures that are known from elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk.cardreader.simulator.exchange_log import Exchange
from kiosk.cardreader.simulator.layout import Applet, File
from tests.bench.line import Cost, LineSpeed
from tests.bench.results import Table, ratio, spread
from tests.bench.sequences import (
    MIDDLEWARE_FILES,
    meaningful,
    middleware_reads,
    play_middleware,
    play_minimum,
)
from tests.support.cards import Cards
from tests.support.telling_times import in_turn, median, right_guesses

ATR_1_0 = "3B9894400AA503010101AD1310"
ATR_1_7 = "3B9813400AA503010101AD1311"
ATR_1_8 = "3B7F96000080318065B085040120120FFF829000"


@pytest.mark.parametrize(
    ("atr", "clocks", "a_second"),
    [(ATR_1_7, 93, 3584), (ATR_1_8, 16, 20833), (ATR_1_0, 64, 5208), ("3B00", 372, 896)],
)
def test_the_line_speed_of_an_answer_to_reset(atr: str, clocks: int, a_second: int) -> None:
    speed = LineSpeed.of(bytes.fromhex(atr))
    assert speed.clocks_per_unit == clocks
    assert round(speed.characters_per_second) == a_second
    assert speed.milliseconds(a_second) == pytest.approx(1000, abs=0.5)


@pytest.mark.parametrize("applet", Applet)
def test_the_simulated_cards_offer_the_speed_of_real_ones(applet: Applet) -> None:
    known = {Applet.V1_0: 64, Applet.V1_8: 16}.get(applet, 93)
    assert LineSpeed.of(applet.atr).clocks_per_unit == known


@pytest.mark.parametrize("atr", ["3B1070", "3B1010", "3B101A"])
def test_a_reserved_speed_is_refused(atr: str) -> None:
    with pytest.raises(ValueError, match="reserved"):
        LineSpeed.of(bytes.fromhex(atr))


def exchange(header: str, sent: int, received: int, status: str) -> Exchange:
    return Exchange(1, header, "", sent, received, status)


@pytest.mark.parametrize(
    ("one", "characters"),
    [
        (exchange("00A4080C06", 11, 2, "9000"), 5 + 1 + 6 + 2),
        (exchange("00B0000000", 5, 258, "9000"), 5 + 1 + 256 + 2),
        (exchange("00B0000000", 5, 2, "6CB8"), 5 + 2),
        (exchange("00B0010000", 5, 2, "6B00"), 5 + 2),
        (exchange("0088028132", 55, 2, "6160"), 5 + 1 + 50 + 2),
    ],
)
def test_characters_on_the_line(one: Exchange, characters: int) -> None:
    cost = Cost.of([one, one])
    assert cost.commands == 2
    assert cost.characters == 2 * characters
    assert cost.bytes == 2 * (one.sent + one.received)
    assert cost.answered == 2 * (one.received - 2)


@pytest.mark.parametrize(
    ("size", "reads"), [(184, 2), (252, 2), (253, 3), (256, 3), (504, 3), (3028, 14)]
)
def test_reads_of_the_middleware(size: int, reads: int) -> None:
    assert middleware_reads(size) == reads


def instructions(cards: Cards, applet: Applet, *faults: str) -> list[int]:
    """SELECT, READ BINARY and GET CARD DATA that the middleware sends, and all of them."""
    card = cards.card(applet, *faults)
    play_middleware(card)
    sent = [exchange.header[2:4] for exchange in card.log.exchanges]
    return [*(sent.count(code) for code in ("A4", "B0", "E4")), len(sent)]


def test_the_middleware_sends_53_commands_to_a_1_7(cards: Cards) -> None:
    """Under a root of 4096 bits, as real ones; the root of the tests has half of them."""
    assert instructions(cards, Applet.V1_7, "extend:503C:256") == [20, 32, 1, 53]


@pytest.mark.parametrize("applet", Applet)
def test_the_middlewares_reads_follow_from_the_sizes(cards: Cards, applet: Applet) -> None:
    image = cards.card(applet).image
    files = [file for file in MIDDLEWARE_FILES if file.path in image.files]
    reads = sum(middleware_reads(len(image.file(file))) for file in files)
    assert instructions(cards, applet)[1] == reads


def test_the_middleware_sends_53_commands_to_a_1_8_whose_certificate_is_not_padded(
    cards: Cards,
) -> None:
    certificate = cards.card(Applet.V1_8).image.file(File.RRN_CERTIFICATE)
    cut = f"truncate:503C:{meaningful(certificate)}"
    assert instructions(cards, Applet.V1_8, cut) == [21, 30, 2, 53]


def test_the_middlewares_first_commands(cards: Cards) -> None:
    card = cards.card(Applet.V1_7)
    play_middleware(card)
    identity = len(card.image.file(File.IDENTITY))
    assert [(one.header, one.status) for one in card.log.exchanges[:8]] == [
        ("00A404000F", "9000"),
        ("80E400001C", "9000"),
        ("00A4020C02", "6A82"),
        ("00A4020C02", "9000"),
        ("00A4020C02", "9000"),
        ("00A4020C02", "9000"),
        ("00B00000FC", f"6C{identity:02X}"),
        (f"00B00000{identity:02X}", "9000"),
    ]


@pytest.mark.parametrize(("applet", "commands"), [(Applet.V1_7, 6), (Applet.V1_8, 10)], ids=str)
def test_the_minimum_wastes_no_command(cards: Cards, applet: Applet, commands: int) -> None:
    card = cards.card(applet)
    play_minimum(card, certificates=False)
    assert card.log.commands == commands
    assert {one.status for one in card.log.exchanges} <= {"9000", "6160"}


def test_a_spread_is_of_nearest_ranks() -> None:
    found = spread([number * 1_000_000 for number in range(200, 0, -1)])
    assert (found.samples, found.fastest, found.median, found.p99) == (200, 1.0, 100.5, 198.0)
    assert spread([5_000_000]).p99 == 5.0


def test_a_table_in_markdown() -> None:
    table = Table("Title", ("what", "n", "ms"), notes=["A note."])
    table.add("one", 1234, 0.5)
    assert table.markdown().splitlines() == [
        "### Title",
        "",
        "| what |     n |   ms |",
        "| ---- | ----: | ---: |",
        "| one  | 1,234 | 0.50 |",
        "",
        "A note.",
    ]
    assert ratio(3, 2) == 1.5


def test_the_interval_of_a_median() -> None:
    seen = median([n * 1_000_000 for n in range(101)])
    assert (seen.low, seen.value, seen.high) == (40, 50, 61)
    alone = median([7_000_000])
    assert (alone.low, alone.value, alone.high) == (7, 7, 7)


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ([1, 2, 3], [1, 2, 3], 0.5),
        ([4, 5], [1, 2, 3], 1.0),
        ([1, 2, 3], [4, 5], 1.0),
        ([1, 3], [2, 2], 0.5),
        ([2, 3], [1, 3], 0.625),
    ],
)
def test_how_often_a_guess_is_right(one: list[int], other: list[int], share: float) -> None:
    assert right_guesses(one, other) == share


def test_each_is_asked_once_in_every_round() -> None:
    asked: list[str] = []

    def asking(name: str) -> Callable[[], int]:
        def ask() -> int:
            asked.append(name)
            return len(asked)

        return ask

    times = in_turn({name: asking(name) for name in "abc"}, 50)
    assert [sorted(asked[n : n + 3]) for n in range(0, 150, 3)] == [["a", "b", "c"]] * 50
    assert {name: len(taken) for name, taken in times.items()} == {"a": 50, "b": 50, "c": 50}
    assert len({tuple(asked[n : n + 3]) for n in range(0, 150, 3)}) == 6
