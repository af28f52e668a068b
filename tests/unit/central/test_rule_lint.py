import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.data import data_path
from kiosk.domain.verdict import Colour
from kiosk.service.central.rule_document import Document, parse
from kiosk.service.central.rule_files import RulesWrong, build, digest, load
from kiosk.service.central.rule_lint import lint
from kiosk.service.central.rule_situations import read_situations, wrong_situations
from kiosk.service.central.rules import RuleSet, evaluate
from tests.unit.central.worlds import facts

FILE = data_path("rules", "uitpas", "2026.2.toml")
SITUATIONS = FILE.with_suffix(".situations.toml").read_bytes()


def document(change: Any) -> Document:
    tree = tomllib.loads(FILE.read_text("utf-8"))
    change(tree)
    return msgspec.convert(tree, Document)


def row(tree: Any, id_: str) -> Any:
    return next(r for r in (*tree["guard"], *tree["row"]) if r["id"] == id_)


def added(tree: Any, table: str, **entry: Any) -> None:
    tree[table].append({"id": "new", "source": "somewhere", **entry})


def two_greens(tree: Any) -> None:
    tree["outcomes"]["half"] = {**tree["outcomes"]["granted"], "manual": True}
    row(tree, "3-igo")["outcome"] = "half"


def green_after_orange(tree: Any) -> None:
    tree["row"].append(tree["row"].pop(0))


def partly_the_same(tree: Any) -> None:
    row(tree, "G4-no-address")["when"] = {"residence": ["none", "region"]}
    row(tree, "G6-region")["when"] = {"residence": ["region", "other"]}


CHANGES = {
    "names: no fact": ("names", lambda t: row(t, "2-vt")["when"].update(vtt="yes")),
    "names: no value": ("names", lambda t: row(t, "2-vt")["when"].update(vt="maybe")),
    "names: nothing": ("names", lambda t: row(t, "2-vt")["when"].update(vt=[])),
    "names: no comparison": ("names", lambda t: row(t, "6-parents")["when"].update(age="young")),
    "names: list of numbers": ("names", lambda t: row(t, "6-parents")["when"].update(age=["3"])),
    "names: not declared": ("names", lambda t: t["facts"].pop("vt")),
    "names: no outcome": ("names", lambda t: row(t, "2-vt").update(outcome="grnted")),
    "names: no default": ("names", lambda t: t["otherwise"].update(outcome="nothing")),
    "grants: no amount": (
        "grants",
        lambda t: t["tariffs"]["kansentarief"].update(pay_percent="percent"),
    ),
    "declarations: no such": (
        "declarations",
        lambda t: t["facts"].update(hair={"group": "social", "type": "choice"}),
    ),
    "declarations: group": ("declarations", lambda t: t["facts"]["vt"].update(group="ocmw")),
    "declarations: type": ("declarations", lambda t: t["facts"]["age"].update(type="choice")),
    "declarations: value": ("declarations", lambda t: t["facts"]["vt"].update(ordinary=["never"])),
    "duplicates": ("duplicates", lambda t: row(t, "2-vt").update(id="3-igo")),
    "unreachable: taken": (
        "unreachable",
        lambda t: added(t, "row", when={"vt": "yes", "age": "< 18"}, outcome="granted"),
    ),
    "unreachable: numbers": (
        "unreachable",
        lambda t: added(t, "row", when={"social_ended_days": "< 9"}, outcome="one-parent"),
    ),
    "unreachable: never": (
        "unreachable",
        lambda t: added(t, "row", when={"age": "< 0"}, outcome="one-parent"),
    ),
    "overlap: two tariffs": ("overlap", two_greens),
    "overlap: same facts": ("overlap", partly_the_same),
    "coverage: value": ("coverage", lambda t: t["facts"]["person_state"].update(ordinary=[])),
    "coverage: unused number": (
        "coverage",
        lambda t: t["row"].remove(row(t, "9-ended-ocmw")),
    ),
    "order: green last": ("order", green_after_orange),
    "order: granting guard": ("order", lambda t: row(t, "G3").update(outcome="granted")),
    "order: grants to a person": ("order", lambda t: row(t, "G1").update(outcome="granted")),
    "order: grants late": (
        "order",
        lambda t: added(t, "guard", when={"channel": "batch"}, outcome="granted"),
    ),
    "order: refusing row": ("order", lambda t: row(t, "7-one-parent").update(outcome="no-ground")),
    "grants: no tariff": ("grants", lambda t: t["outcomes"]["granted"].update(tariff="half")),
    "grants: no price": ("grants", lambda t: t["tariffs"]["kansentarief"].update(prices=["x"])),
    "grants: no outcome": (
        "grants",
        lambda t: t["validity"].update(minimum_grant_days=9, ends_soon="soon"),
    ),
    "tariffs: green without": ("tariffs", lambda t: t["outcomes"]["granted"].pop("tariff")),
    "tariffs: orange with": (
        "tariffs",
        lambda t: t["outcomes"]["absent"].update(tariff="kansentarief"),
    ),
    "tariffs: unused": (
        "tariffs",
        lambda t: t["tariffs"].update(half=t["tariffs"]["kansentarief"]),
    ),
    "minimum: not declared": ("minimum", lambda t: t["validity"].update(minimum_grant_days=9)),
    "minimum: green": ("minimum", lambda t: t["validity"].update(ends_soon="granted")),
    "coverage: unused choice": (
        "coverage",
        lambda t: t["facts"].update(
            in_zone={"group": "population", "type": "yes-no", "ordinary": ["yes", "no"]}
        ),
    ),
    "default: hasty": ("default", lambda t: t["otherwise"].update(requires="nothing")),
    "default: granting": ("default", lambda t: t["otherwise"].update(outcome="granted")),
    "sources: row": ("sources", lambda t: row(t, "2-vt").update(source=" ")),
    "sources: amount": ("sources", lambda t: t["amounts"]["pay_percent"].pop("source")),
    "sources: day": ("sources", lambda t: t["amounts"]["pay_percent"].pop("as_of")),
    "sources: validity": ("sources", lambda t: t["validity"].update(source="")),
    "texts: title": ("texts", lambda t: t["guidance"]["UIT-G01"]["title"].pop("de")),
    "texts: step": ("texts", lambda t: t["guidance"]["UIT-G01"]["steps"].update(fr=[" "])),
    "texts: label": ("texts", lambda t: t["tariffs"]["kansentarief"]["label"].pop("en")),
    "texts: lines": ("texts", lambda t: t["guidance"]["UIT-R01"]["steps"]["nl"].pop()),
    "codes: no text": ("codes", lambda t: t["outcomes"]["granted"].update(code="UIT-G02")),
    "codes: unused": ("codes", lambda t: t["guidance"].update(X=t["guidance"]["UIT-G01"])),
    "codes: state": ("codes", lambda t: t["open_codes"].pop("too-busy")),
    "codes: strange state": ("codes", lambda t: t["open_codes"].update(bored="COM-A09")),
    "dates: period": ("dates", lambda t: t.update(effective_to=date(2025, 1, 1))),
    "dates: month": ("dates", lambda t: t["validity"].update(until_month=13)),
    "dates: day": ("dates", lambda t: t["validity"].update(until_day=31)),
    "dates: recheck": ("dates", lambda t: t["validity"].update(recheck_month=5)),
}


@pytest.mark.parametrize(("check", "change"), CHANGES.values(), ids=CHANGES.keys())
def test_each_check_fires(check: str, change: Any) -> None:
    complaints = lint(document(change))
    assert check in {complaint.check for complaint in complaints}, complaints
    assert all(str(complaint).endswith("]") for complaint in complaints)


def test_the_shipped_rules_are_sound() -> None:
    assert lint(document(lambda _tree: None)) == []


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">=", "="])
def test_every_comparison_is_read(operator: str) -> None:
    def change(tree: Any) -> None:
        row(tree, "9-ended-ocmw")["when"] = {"ocmw_ended_days": f"{operator} 30"}

    assert lint(document(change)) == []


@pytest.mark.parametrize(
    "content", [b"id = ", b"id = 1", FILE.read_bytes().replace(b"[otherwise]", b"[otherwize]")]
)
def test_a_file_of_another_shape_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # any reason does
        parse(content)


def test_a_better_tariff_may_overlap_a_lesser_one_that_stands_after_it() -> None:
    def two_tariffs(tree: Any) -> None:
        tree["tariffs"] = {"half": tree["tariffs"]["kansentarief"], **tree["tariffs"]}
        tree["outcomes"]["half"] = {**tree["outcomes"]["granted"], "tariff": "half"}

    def better_first(tree: Any) -> None:
        two_tariffs(tree)
        row(tree, "1-leefloon")["outcome"] = "half"

    def better_later(tree: Any) -> None:
        two_tariffs(tree)
        row(tree, "8-income")["outcome"] = "half"

    assert lint(document(better_first)) == []
    assert {complaint.check for complaint in lint(document(better_later))} == {"overlap"}


class TestSituations:
    TABLE = build(FILE.read_bytes(), "uitpas", "2026.2").table

    @staticmethod
    def changed(old: str, new: str) -> bytes:
        text = SITUATIONS.decode()
        assert old in text
        return text.replace(old, new, 1).encode()

    def test_the_shipped_ones_come_out_as_they_say(self) -> None:
        assert list(wrong_situations(self.TABLE, read_situations(SITUATIONS))) == []

    @pytest.mark.parametrize(
        ("old", "new", "place", "message"),
        [
            ('colour = "red"', 'colour = "green"', "geen-grond", "comes out red UIT-R01"),
            ('blocked_by = ["social"]', "", "sociaal-zwijgt", "comes out orange open: social"),
            ("72, igo", "72, in_zone", "igo", "the rules ask no in_zone"),
            ('72, igo = "yes"', '72, igo = "maybe"', "igo", "not a value of igo"),
            ("age = 72, ", 'age = "old", ', "igo", "not a value of age"),
            ('72, igo = "yes"', '72, vt = "yes"', "3-igo", "no situation shows this row"),
        ],
    )
    def test_what_is_wrong_in_one(self, old: str, new: str, place: str, message: str) -> None:
        found = wrong_situations(self.TABLE, read_situations(self.changed(old, new)))
        assert (place, message) in list(found)

    def test_the_default_has_to_be_shown_too(self) -> None:
        situations = read_situations(SITUATIONS)
        fewer = {key: each for key, each in situations.items() if each.colour is not Colour.RED}
        assert ("otherwise", "no situation shows this row") in wrong_situations(self.TABLE, fewer)

    @pytest.mark.parametrize(
        ("old", "new"), [('id = "vt"', 'id = "igo"'), ("[everybody]", "[anybody]"), ("[[", "[")]
    )
    def test_a_file_of_another_shape(self, old: str, new: str) -> None:
        with pytest.raises(ValueError):  # noqa: PT011  # any reason does
            read_situations(self.changed(old, new))

    def test_rules_without_situations_are_not_used(self, tmp_path: Path) -> None:
        (tmp_path / "uitpas").mkdir()
        (tmp_path / "uitpas" / "2026.2.toml").write_bytes(FILE.read_bytes())
        with pytest.raises(RulesWrong, match=r"situations\.toml: No such file"):
            load(tmp_path)
        (tmp_path / "uitpas" / "2026.2.situations.toml").write_bytes(b"nonsense")
        with pytest.raises(RulesWrong, match=r"situations\.toml: "):
            load(tmp_path)


class TestVersions:
    """Two versions of one use case, the second from the day after the first."""

    BEFORE = date(2024, 4, 26)
    AFTER = date(2024, 4, 27)
    BOOK = load(data_path("rules"))

    def on(self, day: date) -> RuleSet:
        rules = self.BOOK.find("lez", day)
        assert rules is not None
        return rules

    def test_the_day_decides(self) -> None:
        assert (self.on(self.BEFORE).version, self.on(self.AFTER).version) == ("2020.1", "2024.1")
        assert self.on(date(2020, 1, 1)).version == "2020.1"
        assert self.BOOK.find("lez", date(2019, 12, 31)) is None

    def test_the_same_person_on_two_days(self) -> None:
        outside = facts(vt="yes", in_zone="no")
        before, after = (evaluate(self.on(d).table, outside) for d in (self.BEFORE, self.AFTER))
        assert (before.codes, after.codes) == (("LEZ-R01",), ("LEZ-G03",))

    def test_an_old_decision_is_made_again_by_its_digest(self) -> None:
        old = self.on(self.BEFORE)
        replayed = self.BOOK.replay(old.digest)
        assert replayed is old
        assert evaluate(replayed.table, facts(vt="yes", in_zone="no")).codes == ("LEZ-R01",)
        assert self.BOOK.replay("sha256:else") is None


class TestFiles:
    def test_a_file_is_what_its_path_says(self) -> None:
        with pytest.raises(RulesWrong, match=r"is not uitpas/2027\.1"):
            build(FILE.read_bytes(), "uitpas", "2027.1")

    def test_an_empty_folder_holds_no_rules(self, tmp_path: Path) -> None:
        with pytest.raises(RulesWrong, match="holds no rules"):
            load(tmp_path)

    def test_all_files_are_complained_about_in_one_go(self, tmp_path: Path) -> None:
        (tmp_path / "uitpas").mkdir()
        (tmp_path / "uitpas" / "1.toml").write_text("nonsense")
        (tmp_path / "uitpas" / "2.toml").write_bytes(FILE.read_bytes())
        with pytest.raises(RulesWrong) as caught:
            load(tmp_path)
        assert {c.place.split(":")[0] for c in caught.value.complaints} == {
            "uitpas/1.toml",
            "uitpas/2.toml",
        }

    def test_two_versions_for_one_day_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "uitpas").mkdir()
        for version in ("2026.2", "2026.3"):
            content = FILE.read_bytes().replace(b'"2026.2"', f'"{version}"'.encode())
            (tmp_path / "uitpas" / f"{version}.toml").write_bytes(content)
            (tmp_path / "uitpas" / f"{version}.situations.toml").write_bytes(SITUATIONS)
        with pytest.raises(RulesWrong, match="hold on the same day"):
            load(tmp_path)

    def test_rules_are_found_by_day(self) -> None:
        book = load(data_path("rules"))
        assert book.find("uitpas", date(2026, 1, 1)) is not None
        assert book.find("uitpas", date(2025, 12, 31)) is None
        assert book.find("school", date(2026, 1, 1)) is None

    def test_a_period_ends(self) -> None:
        content = FILE.read_bytes().replace(
            b"effective_from = 2026-01-01",
            b"effective_from = 2026-01-01\neffective_to = 2026-06-30",
        )
        rules = build(content, "uitpas", "2026.2")
        assert rules.covers(date(2026, 6, 30))
        assert not rules.covers(date(2026, 7, 1))

    def test_the_digest_is_of_the_file(self) -> None:
        rules = build(FILE.read_bytes(), "uitpas", "2026.2")
        assert rules.digest == digest(FILE.read_bytes())
        assert digest(b"") == "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
