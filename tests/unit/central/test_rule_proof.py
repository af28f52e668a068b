"""The proof itself: what it counts, that it holds, and that it fails when it should."""

import itertools
import random
import tomllib
from datetime import date
from typing import Any

import msgspec
import pytest

from kiosk.data import data_path
from kiosk.domain.verdict import Colour
from kiosk.service.central import rule_proof
from kiosk.service.central.facts import Facts, Fuel, VehicleClass
from kiosk.service.central.rule_document import Document
from kiosk.service.central.rule_files import table_of
from kiosk.service.central.rule_masks import values_of
from kiosk.service.central.rule_proof import Proof, prove
from kiosk.service.central.rule_space import Space
from kiosk.service.central.rules import Finding, Table, evaluate
from tests.unit.central.worlds import shipped

BEFORE = shipped("lez", date(2024, 4, 26)).table
DROPPED = ("3-igo", "3-handicap", "4-budget", "4-debts", "9-ended-ocmw")
"""Rows of the UiTPAS that are like others: without them the proof takes a moment."""


def uitpas(change: Any = lambda _tree: None) -> Table:
    """The rules for the UiTPAS with fewer grounds, and changed."""
    tree = tomllib.loads(data_path("rules", "uitpas", "2026.2.toml").read_text("utf-8"))
    for row in [row for row in tree["row"] if row["id"] in DROPPED]:
        tree["row"].remove(row)
        for name in row["when"]:
            del tree["facts"][name]
    change(tree)
    return table_of(msgspec.convert(tree, Document))


def failed(proof: Proof) -> set[str]:
    return {each.name.split(",")[0] for each in proof.properties if each.failures}


class Credulous(Table):
    """Takes a source that is silent for one that said no."""

    def judge(self, reading: int) -> Finding:
        every = (1 << len(self.guards) + len(self.rows)) - 1
        waiting = reading >> self.masks.rows & every
        return super().judge(reading & every | waiting)


class Hopeful(Table):
    """Takes a source that is silent for one that said yes."""

    def judge(self, reading: int) -> Finding:
        return super().judge(reading & (1 << len(self.guards) + len(self.rows)) - 1)


def remade(kind: type[Table], table: Table) -> Table:
    return kind(guards=table.guards, rows=table.rows, otherwise=table.otherwise, facts=table.facts)


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("day", "combinations"), [(date(2024, 4, 26), 6_858_432), (date(2024, 4, 27), 246_903_552)]
)
def test_the_rules_of_the_zone_hold(day: date, combinations: int) -> None:
    proof = prove(shipped("lez", day).table)
    assert proof.holds
    assert proof.combinations == combinations


@pytest.mark.no_cover
def test_the_rules_of_the_uitpas_hold() -> None:
    """Every combination there is: some seconds of one core."""
    proof = prove(shipped().table)
    assert failed(proof) == set()
    assert len(proof.properties) == 6
    assert proof.combinations == 22_574_039_040


@pytest.mark.no_cover
def test_they_hold_with_a_minimum_too() -> None:
    def with_minimum(tree: Any) -> None:
        tree["validity"]["minimum_grant_days"] = 14
        for group in ("social", "ocmw"):
            tree["facts"][f"{group}_ends_days"] = {"group": group, "type": "number"}

    assert prove(uitpas(with_minimum)).holds


class TestFailures:
    def test_silence_taken_for_a_no(self) -> None:
        assert failed(prove(remade(Credulous, BEFORE))) == {
            "an outage never turns orange or red into green",
            "what is unknown never gives red",
            "red only with everything known and a certain residence",
        }

    def test_silence_taken_for_a_yes(self) -> None:
        assert failed(prove(remade(Hopeful, BEFORE))) >= {
            "an outage never turns orange or red into green",
            "what is unknown never gives red",
        }

    def test_a_ground_that_worsens(self) -> None:
        def change(tree: Any) -> None:
            guard = {"id": "X", "when": {"vt": "yes"}, "outcome": "own-town", "source": "x"}
            tree["guard"].append(guard)

        proof = prove(uitpas(change))
        assert failed(proof) == {"one more ground never worsens"}
        (failure,) = next(each.failures for each in proof.properties if each.failures)
        assert "vt=" in failure
        assert failure.endswith("then vt→yes")

    def test_a_red_for_somebody_who_may_live_anywhere(self) -> None:
        def change(tree: Any) -> None:
            tree["guard"] = [row for row in tree["guard"] if row["id"] != "G5"]
            del tree["facts"]["ocmw_residence"]

        assert failed(prove(uitpas(change))) == {
            "red only with everything known and a certain residence"
        }

    def test_rules_that_ask_for_no_residence(self) -> None:
        def change(tree: Any) -> None:
            asked = {"residence", "moved_out_days", "ocmw_residence"}
            tree["guard"] = [row for row in tree["guard"] if not asked & row["when"].keys()]
            for name in asked:
                del tree["facts"][name]

        assert failed(prove(uitpas(change))) == {
            "red only with everything known and a certain residence"
        }

    def test_a_green_row_at_the_end(self) -> None:
        def change(tree: Any) -> None:
            tree["row"].append(tree["row"].pop(0))

        assert failed(prove(uitpas(change))) == {"every green row stands before every orange one"}

    def test_an_order_that_matters(self, monkeypatch: pytest.MonkeyPatch) -> None:
        findings = itertools.cycle([Finding(colour=Colour.RED), Finding(colour=Colour.GREEN)])
        monkeypatch.setattr(rule_proof, "evaluate", lambda *_: next(findings))
        assert failed(prove(BEFORE)) == {"source order never matters"}


class TestSpace:
    TABLE = shipped("lez").table

    def test_every_combination_has_the_colour_that_a_person_gets(self) -> None:
        """The space is looked up as if it were a table of people."""
        space = Space(self.TABLE)
        draw = random.Random(1)
        rows = (*self.TABLE.guards, *self.TABLE.rows)
        for _ in range(3000):
            told: dict[str, Any] = {
                name: draw.choice(values_of(name, rows)) for name in self.TABLE.facts
            }
            if draw.random() < 0.7:  # else nearly all of them end at the guards about the vehicle
                told |= {"fuel": Fuel.DIESEL, "euro_norm": 4, "vehicle_class": VehicleClass.M1}
            index = sum(self.place(space, a.name, told) * a.stride for a in space.guards)
            bit = sum(self.place(space, a.name, told) * a.stride for a in space.others)
            colours = space.colours[space.kinds[index]]
            found = {colour for colour in Colour if getattr(colours, colour.value) >> bit & 1}
            assert found == {evaluate(self.TABLE, Facts(**told)).colour}, told

    @staticmethod
    def place(space: Space, name: str, told: dict[str, Any]) -> int:
        (place,) = space.axes[name].places([told[name]])
        return place

    def test_every_combination_has_one_colour(self) -> None:
        space = Space(self.TABLE)
        for colours in space.colours:
            assert colours.green | colours.orange | colours.red == space.every
            assert colours.green & colours.orange == colours.green & colours.red == 0
            assert colours.orange & colours.red == 0

    def test_it_counts_what_it_says(self) -> None:
        space = Space(BEFORE)
        rows = (*BEFORE.guards, *BEFORE.rows)
        counted = 1
        for name in BEFORE.facts:
            counted *= len(values_of(name, rows))
        assert space.combinations == counted
        assert space.classes == len(space.kinds) * space.size < counted
