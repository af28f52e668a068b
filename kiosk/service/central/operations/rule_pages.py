"""A rule set told to people, and tried on facts of nobody."""

from __future__ import annotations

from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.facts import Facts
from kiosk.service.central.operations import rule_words
from kiosk.service.central.operations.rule_messages import (
    AmountReply,
    FactReply,
    OutcomeReply,
    RowReply,
    RuleSetEntry,
    RuleSetsReply,
    RuleVersionReply,
    SimulationReply,
    SimulationRequest,
    TracedFact,
    TracedRow,
    VersionEntry,
)
from kiosk.service.central.replies import rule_set_reply
from kiosk.service.central.rule_document import FactEntry, RowEntry, conditions
from kiosk.service.central.rule_files import RuleBook, Version
from kiosk.service.central.rule_situations import Words, facts_from_words
from kiosk.service.central.rule_trace import Step, say, trace
from kiosk.service.central.rules import RuleSet

_LANGUAGE = "nl"


def all_rule_sets(book: RuleBook) -> RuleSetsReply:
    """List every version of every rule set."""
    versions: dict[str, list[VersionEntry]] = {}
    for each in book.rule_sets:
        entry = VersionEntry(
            version=each.version,
            digest=each.digest,
            effective_from=each.effective_from,
            effective_to=each.effective_to,
        )
        versions.setdefault(each.id, []).append(entry)
    entries = (RuleSetEntry(id=name, versions=tuple(found)) for name, found in versions.items())
    return RuleSetsReply(rule_sets=tuple(entries))


def page(version: Version) -> RuleVersionReply:
    """Tell a version as it stands in its file."""
    rules, document = version.rule_set, version.document
    return RuleVersionReply(
        id=rules.id,
        version=rules.version,
        digest=rules.digest,
        effective_from=rules.effective_from,
        effective_to=rules.effective_to,
        facts=tuple(_fact(name, entry) for name, entry in document.facts.items()),
        guards=tuple(_row(version, entry) for entry in document.guard),
        rows=tuple(_row(version, entry) for entry in document.row),
        otherwise=_outcome(version, document.otherwise.outcome),
        amounts=tuple(
            AmountReply(
                name=name,
                value=entry.value,
                unit=entry.unit,
                as_of=entry.as_of,
                source=entry.source,
            )
            for name, entry in document.amounts.items()
        ),
        situations=len(version.situations),
    )


def simulate(rules: RuleSet, request: SimulationRequest) -> SimulationReply:
    """Apply rules to made-up facts; raise ``Refused`` for facts that they do not ask."""
    steps, finding = trace(rules.table, facts := _facts(rules, request.facts))
    return SimulationReply(
        rule_set=rule_set_reply(rules),
        verdict=finding.colour.value,
        determined=finding.determined,
        codes=finding.codes,
        tariff=finding.tariff,
        blocked_by=finding.blocked_by,
        trace=tuple(_traced(step, facts) for step in steps),
    )


def _fact(name: str, entry: FactEntry) -> FactReply:
    return FactReply(
        name=name,
        label=rule_words.label(name),
        group=entry.group,
        type=entry.type,
        values=rule_words.values(name),
    )


def _facts(rules: RuleSet, words: Words) -> Facts:
    try:
        if words.keys() <= {*rules.table.facts, "channel"}:
            return facts_from_words(words)
    except ValueError:
        pass
    raise Refused(Refusal.INVALID_REQUEST)


def _row(version: Version, entry: RowEntry) -> RowReply:
    asked = conditions(entry)
    return RowReply(
        id=entry.id,
        conditions=tuple(rule_words.condition(name, one) for name, one in asked.items()),
        outcome=_outcome(version, entry.outcome),
        source=entry.source,
    )


def _outcome(version: Version, name: str) -> OutcomeReply:
    entry = version.document.outcomes[name]
    return OutcomeReply(
        colour=entry.colour.value,
        code=entry.code,
        title=version.document.guidance[entry.code].title[_LANGUAGE],
        manual=entry.manual,
        tariff=entry.tariff,
    )


def _traced(step: Step, facts: Facts) -> TracedRow:
    told = (
        TracedFact(name=name, told=say(getattr(facts, name)), asked=str(step.row.conditions[name]))
        for name in step.facts
    )
    return TracedRow(row=step.row.id, value=step.value.value, facts=tuple(told))
