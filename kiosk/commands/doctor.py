"""``kiosk doctor``: looks at everything a visit needs, layer by layer."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import Enum

from kiosk.agent.hardening import keep_memory_private
from kiosk.agent.watchdog import Watchdog, WatchedSlot
from kiosk.bootstrap.readers import reader_filter
from kiosk.bootstrap.visit import eligibility_client, identity_reader
from kiosk.cardreader import pcsc
from kiosk.cardreader.slots import ReaderFilter
from kiosk.commands.common import load_settings, printable
from kiosk.commands.exit_status import OF_PROBLEM, ExitStatus
from kiosk.commands.problem_texts import TEXTS
from kiosk.domain.policy import Mode
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.layered import ConfigurationError
from kiosk.report import report_internal, where
from kiosk.settings import Settings

_PCSC_SECONDS = 3.0
_ORDER = ("configuration", "pcsc", "reader", "card", "service")
"""How they are told; the card is looked at last, since it can block."""


class State(Enum):
    """How a layer is."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found at one layer, and the next step."""

    layer: str
    state: State
    detail: str
    next: str = ""
    code: str = ""


def describe(_: str, parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitStatus:
    """Look at every layer, whatever the one before said; never ask about a person."""
    keep_memory_private()
    settings, configuration = _configuration(options)
    findings = [configuration, _service(settings, configuration)]

    def expired(code: ProblemCode) -> None:
        layer = _ORDER[len(findings) - 1]  # the one that blocks this process
        os._exit(_report([*findings, _failed(layer, code)], as_json=options.json))

    watchdog = Watchdog(expired)
    names: list[SlotName] = []
    with watchdog.limit(_PCSC_SECONDS, ProblemCode.PCSC_DOWN):
        findings.append(_pcsc())
        findings.append(_reader(reader_filter(settings.card), names))
    findings.append(_card(settings, names, watchdog))
    return _report(findings, as_json=options.json)


def _configuration(options: argparse.Namespace) -> tuple[Settings, Finding]:
    try:
        settings = load_settings(options.config).settings
    except ConfigurationError as error:
        mistakes = "; ".join(map(str, error.mistakes))
        finding = _failed("configuration", ProblemCode.CONFIGURATION_WRONG, mistakes)
        return Settings(), finding
    detail = f"environment {settings.environment}"
    return settings, Finding(layer="configuration", state=State.OK, detail=detail)


def _service(settings: Settings, configuration: Finding) -> Finding:
    if configuration.state is State.FAILED:
        return _failed("service", ProblemCode.CONFIGURATION_WRONG, "not asked")

    def probe() -> Finding:
        client = eligibility_client(settings.service, Mode.DESK)
        with contextlib.closing(client):
            if client.probe():
                detail = "the central service answers"
                return Finding(layer="service", state=State.OK, detail=detail)
        detail = "something answers, but does not say how it is"
        text = "Check `service.url` if `kiosk check` does not understand the answers."
        return Finding(layer="service", state=State.WARNING, detail=detail, next=text)

    return _guarded("service", probe)


def _pcsc() -> Finding:
    def probe() -> Finding:
        with pcsc.context():
            return Finding(layer="pcsc", state=State.OK, detail="the service answers")

    return _guarded("pcsc", probe)


def _reader(wanted: ReaderFilter, names: list[SlotName]) -> Finding:
    def probe() -> Finding:
        names.extend(wanted.wanted(pcsc.reader_names()))
        if not names:
            raise KioskError(ProblemCode.NO_READER)
        return Finding(layer="reader", state=State.OK, detail=", ".join(names))

    return _guarded("reader", probe)


def _card(settings: Settings, names: list[SlotName], watchdog: Watchdog) -> Finding:
    def probe() -> Finding:
        name = next((name for name in names if pcsc.holds_card(name)), None)
        if name is None:
            text = "Put a card in and run this again to have it read."
            return Finding(layer="card", state=State.WARNING, detail="no card in", next=text)
        reader = identity_reader(settings)
        reading = reader.read(WatchedSlot(pcsc.PcscSlot(name), watchdog, lambda: None))
        reading.identity.wipe()
        proof = reading.identity.proof.value
        detail = f"applet {reading.report.applet}, proven by its {proof}"
        return Finding(layer="card", state=State.OK, detail=detail)

    return _guarded("card", probe)


def _guarded(layer: str, probe: Callable[[], Finding]) -> Finding:
    try:
        return probe()
    except KioskError as error:
        return _failed(layer, error.problem.code)
    except Exception as error:  # noqa: BLE001 - a traceback could name the person
        report_internal(where(error))
        return _failed(layer, ProblemCode.INTERNAL)


def _failed(layer: str, code: ProblemCode, detail: str = "") -> Finding:
    text = TEXTS[code]
    return Finding(
        layer=layer,
        state=State.FAILED,
        detail=detail or text.title,
        next=text.remedy,
        code=code.code,
    )


def _report(found: list[Finding], *, as_json: bool) -> ExitStatus:
    findings = sorted(found, key=lambda finding: _ORDER.index(finding.layer))
    failed = [finding for finding in findings if finding.state is State.FAILED]
    if as_json:
        rows = [asdict(finding) | {"state": finding.state.value} for finding in findings]
        print(json.dumps({"ok": not failed, "layers": rows}), flush=True)
    else:
        for finding in findings:
            print(
                f"{finding.state.value:8} {finding.layer:14} {printable(finding.detail)}",
                flush=True,
            )
            if finding.next:
                print(f"{'':8} {'':14} -> {finding.next}", flush=True)
    if not failed:
        return ExitStatus.OK
    return OF_PROBLEM[ProblemCode.from_code(failed[0].code)]
