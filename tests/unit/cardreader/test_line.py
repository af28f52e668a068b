"""Which readers carry full blocks, from visit to visit."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.cardreader.eid import OverCommands
from kiosk.cardreader.line import BlockSizes
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.slot import SimulatedSlot
from kiosk.cardreader.trust import TrustStore
from kiosk.domain.visit import SlotName
from tests.support.cards import Cards

NAME = SlotName("Old reader [CCID Interface] (1234) 00 00")


def test_a_reader_is_remembered_by_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "cache"
    sizes = BlockSizes(folder)
    assert sizes.of(NAME).bytes == 256
    sizes.of(NAME).shrink()
    assert sizes.of(NAME).bytes == 252
    assert BlockSizes(folder).of(NAME).bytes == 252
    assert BlockSizes(folder).of(SlotName("another")).bytes == 256
    (note,) = folder.iterdir()
    assert note.stat().st_size == 0
    note.unlink()
    assert BlockSizes(folder).of(NAME).bytes == 256


def test_without_a_folder_one_process_remembers() -> None:
    sizes = BlockSizes()
    sizes.of(NAME).shrink()
    assert sizes.of(NAME).bytes == 252
    assert BlockSizes().of(NAME).bytes == 256


def test_the_notes_are_bounded(tmp_path: Path) -> None:
    for number in range(100):
        size = BlockSizes(tmp_path).of(SlotName(f"reader {number}"))
        size.shrink()
        assert size.bytes == 252
    assert len(list(tmp_path.iterdir())) == 32


@given(st.text())
def test_any_name_will_do(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.mktemp("notes")
    BlockSizes(folder).of(SlotName(name)).shrink()
    assert BlockSizes(folder).of(SlotName(name)).bytes == 252
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("method", ["is_file", "mkdir", "touch", "glob"])
def test_a_disk_that_does_not_work_costs_nothing_but_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("no")

    monkeypatch.setattr(Path, method, refuse)
    size = BlockSizes(tmp_path).of(NAME)
    assert size.bytes == 256
    size.shrink()
    assert size.bytes == 252


def reading_blocks(cards: Cards, folder: Path, fault: str) -> list[int]:
    """Read in a visit of its own; the lengths that were asked for."""
    card = cards.card(Applet.V1_7, fault)
    reader = cards.reader(folder=folder)
    reader._opening = OverCommands(BlockSizes(folder))
    assert reader.read(SimulatedSlot(card)).identity.given_name
    reads = [e for e in card.log.exchanges if e.header.startswith("00B0")]
    assert File.IDENTITY.value in {e.path for e in reads}
    return [int(e.header[8:10], 16) or 256 for e in reads]


@pytest.mark.parametrize("fault", ["refuses-256", "refuses-256:6700"])
def test_the_next_visit_begins_with_what_this_reader_can(
    cards: Cards, tmp_path: Path, fault: str
) -> None:
    first = reading_blocks(cards, tmp_path, fault)
    assert first.count(256) == 1
    later = reading_blocks(cards, tmp_path, fault)
    assert max(later) == 252
    assert reading_blocks(cards, tmp_path / "elsewhere", fault).count(256) == 1


def test_the_notes_do_not_disturb_the_certificates(cards: Cards, tmp_path: Path) -> None:
    reading_blocks(cards, tmp_path, "refuses-256")
    kinds = sorted(path.suffix for path in tmp_path.iterdir())
    assert kinds == [".der", ".der", ".small"]
    production = cards.reader(folder=tmp_path, trust=TrustStore.production())
    assert production._cache.signers == []
