"""``eligibility rules``: look at rule sets, prove them, explain one case, compare two versions.

Exit status: 0 well, 1 rules that may not be used or a property that does not hold, 64 usage, 65 a
population that cannot be read.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from kiosk.service.central import rule_simulation, rule_trace
from kiosk.service.central.facts import Facts
from kiosk.service.central.rule_files import RuleBook, RulesWrong, load, load_file, load_situations
from kiosk.service.central.rule_lint import CHECKS
from kiosk.service.central.rule_proof import Proof, prove
from kiosk.service.central.rule_simulation import PopulationWrong
from kiosk.service.central.rule_situations import Words, facts_from_words
from kiosk.service.central.rules import RuleSet

EX_USAGE = 64
EX_DATA = 65

_Options = argparse.Namespace


class _Misused(Exception):
    """What was asked for does not exist."""


def add_rules(
    commands: argparse._SubParsersAction[Any],
    add_config: Callable[[argparse.ArgumentParser], None],
) -> None:
    """Add the command with its four actions."""
    rules = commands.add_parser("rules", help="look at the rule sets")
    actions = rules.add_subparsers(dest="action", required=True)
    check = actions.add_parser("check", help="find what is wrong in them")
    proof = actions.add_parser("prove", help="hold them against every combination of facts")
    explain = actions.add_parser("explain", help="say why one made-up case comes out as it does")
    simulate = actions.add_parser("simulate", help="compare two versions on a made-up population")
    for action in (check, proof, explain, simulate):
        add_config(action)
    for action in (explain, simulate):
        action.add_argument("--use-case", default="uitpas", metavar="U")
    proof.add_argument("--use-case", metavar="U", help="only of this use case")
    explain.add_argument(
        "words", nargs="*", metavar="WORD", help="a situation's id, or fact=value; else unknown"
    )
    explain.add_argument("--language", choices=rule_trace.LANGUAGES, default="en")
    which = explain.add_mutually_exclusive_group()
    which.add_argument("--version", metavar="V", help="this version instead of today's")
    which.add_argument("--digest", metavar="D", help="the version of an old decision")
    which.add_argument("--on", type=date.fromisoformat, metavar="DAY", help="the version of a day")
    simulate.add_argument("file", type=Path, metavar="FILE", help="CSV or NDJSON of facts")
    simulate.add_argument("--old", metavar="V", help="a version or a file; else today's")
    simulate.add_argument("--new", required=True, metavar="V", help="a version or a file")


def run_rules(chosen: _Options, folder: Path) -> int:
    """Run one action on the rule sets of a folder."""
    try:
        return _ACTIONS[chosen.action](load(folder), chosen, folder)
    except RulesWrong as wrong:
        print(*wrong.complaints, sep="\n")
        return 1
    except _Misused as error:
        print(f"eligibility rules: {error}", file=sys.stderr)
        return EX_USAGE
    except PopulationWrong as error:
        print(f"eligibility rules: {error}", file=sys.stderr)
        return EX_DATA


def _check(book: RuleBook, _chosen: _Options, folder: Path) -> int:
    for rules in book.rule_sets:
        rows, guards = len(rules.table.rows), len(rules.table.guards)
        situations = load_situations(folder / rules.id / f"{rules.version}.toml")
        until = rules.effective_to or "further notice"
        print(f"{rules.id} {rules.version}: {guards} guards, {rows} rows, ", end="")
        print(f"{len(situations)} situations, {len(rules.book.guidance)} texts, ", end="")
        print(f"from {rules.effective_from} until {until}")
        print(f"  {rules.digest}")
    print(f"checked: names, grants, declarations, {', '.join(CHECKS)}, situations")
    return 0


def _prove(book: RuleBook, chosen: _Options, _folder: Path) -> int:
    asked = [rules for rules in book.rule_sets if chosen.use_case in (None, rules.id)]
    if not asked:
        raise _Misused(f"there are no rules for {chosen.use_case}")
    proofs = [_prove_one(rules) for rules in asked]
    return 0 if all(proof.holds for proof in proofs) else 1


def _prove_one(rules: RuleSet) -> Proof:
    print(f"{rules.id} {rules.version} {rules.digest}", flush=True)
    started = time.monotonic()
    proof = prove(rules.table)
    print(f"  {proof.combinations:,} combinations of {len(rules.table.facts)} facts, ", end="")
    print(f"{proof.classes:,} that the rules can tell apart")
    for each in proof.properties:
        print(f"  {each.name}: {'FAILS' if each.failures else 'holds'} ({each.compared})")
        for failure in each.failures:
            print(f"    {failure}")
    print(f"  {time.monotonic() - started:.1f} s", flush=True)
    return proof


def _explain(book: RuleBook, chosen: _Options, folder: Path) -> int:
    rules = _chosen_rules(book, chosen)
    situations = load_situations(folder / rules.id / f"{rules.version}.toml")
    words: dict[str, str | int] = {}
    for text in chosen.words:
        name, is_fact, value = text.partition("=")
        if is_fact:
            words[name] = value
        elif text in situations:
            words.update(situations[text].words)
        else:
            raise _Misused(f"no situation is called {text}: {', '.join(situations)}")
    for line in rule_trace.lines(rules, _facts(rules, words), chosen.language):
        print(line)
    return 0


def _chosen_rules(book: RuleBook, chosen: _Options) -> RuleSet:
    if chosen.digest is not None:
        rules = book.replay(chosen.digest)
    elif chosen.version is not None:
        rules = _version(book, chosen.use_case, chosen.version)
    else:
        rules = book.find(chosen.use_case, chosen.on or _today())
    if rules is None:
        raise _Misused("there are no such rules in the folder")
    return rules


def _facts(rules: RuleSet, words: Words) -> Facts:
    strange = words.keys() - {*rules.table.facts, "channel"}
    if strange:
        raise _Misused(f"the rules ask no {min(strange)}: {', '.join(rules.table.facts)}")
    try:
        return facts_from_words(words)
    except ValueError as error:
        raise _Misused(str(error)) from error


def _simulate(book: RuleBook, chosen: _Options, _folder: Path) -> int:
    old = _named(book, chosen, chosen.old)
    new = _named(book, chosen, chosen.new)
    for name, rules in (("old", old), ("new", new)):
        print(f"{name}: {rules.id} {rules.version} {rules.digest}")
    population = rule_simulation.read_population(chosen.file)
    for line in rule_simulation.lines(rule_simulation.simulate(old.table, new.table, population)):
        print(line)
    return 0


def _named(book: RuleBook, chosen: _Options, name: str | None) -> RuleSet:
    """Find rules by version, by a file outside the folder, or for today."""
    if name is not None and name.endswith(".toml"):
        try:
            return load_file(Path(name))
        except (OSError, ValueError) as error:
            raise _Misused(f"{name}: {error}") from error
    today = book.find(chosen.use_case, _today())
    rules = today if name is None else _version(book, chosen.use_case, name)
    if rules is None:
        raise _Misused(f"there is no {chosen.use_case} {name or 'for today'}")
    return rules


def _version(book: RuleBook, use_case: str, version: str) -> RuleSet | None:
    for rules in book.rule_sets:
        if (rules.id, rules.version) == (use_case, version):
            return rules
    return None


def _today() -> date:
    return datetime.now(UTC).astimezone().date()


_ACTIONS: dict[str, Callable[[RuleBook, _Options, Path], int]] = {
    "check": _check,
    "prove": _prove,
    "explain": _explain,
    "simulate": _simulate,
}
