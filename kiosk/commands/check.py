"""``kiosk check``: one visit without a window."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import final

from kiosk.agent.hardening import keep_memory_private
from kiosk.agent.run import VisitRun
from kiosk.agent.watchdog import Watchdog
from kiosk.bootstrap.readers import slot_monitor
from kiosk.bootstrap.visit import visit_tools
from kiosk.commands.common import load_settings, printable
from kiosk.commands.exit_status import OF_PROBLEM, ExitStatus
from kiosk.commands.problem_texts import TEXTS
from kiosk.domain.policy import Mode
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.verdict import UseCase, Verdict
from kiosk.domain.visit import SlotName
from kiosk.layered import ConfigurationError
from kiosk.ports import (
    ReadersLost,
    ReadersReady,
    Reading,
    SlotEmptied,
    SlotFilled,
    SlotMonitor,
)
from kiosk.report import report_internal, where
from kiosk.settings import Settings

_PATIENCE_SECONDS = 2.0
"""How long a missing reader or service may still appear."""
_LONGEST_SECONDS = 86400.0


def describe(_: str, parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--use-case", choices=[case.value for case in UseCase])
    parser.add_argument("--timeout", type=_seconds, default=30.0, metavar="SECONDS")
    parser.add_argument("--reader", metavar="TEXT", help="only readers with this in their name")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=run)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= _LONGEST_SECONDS:
        raise argparse.ArgumentTypeError(f"not from 0 to {_LONGEST_SECONDS:.0f}: {text}")
    return seconds


def run(options: argparse.Namespace) -> ExitStatus:
    """Wait for a card, read, prove, ask, print; return the exit status."""
    keep_memory_private()
    output = Output(as_json=options.json)
    spoken = {"card.readers": [options.reader]} if options.reader else {}
    try:
        settings = load_settings(options.config, spoken).settings
        return _visit(settings, options, output)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return output.problem(ProblemCode.CONFIGURATION_WRONG)
    except KioskError as error:
        return output.problem(error.problem.code)
    except Exception as error:  # noqa: BLE001 - a traceback could name the person
        report_internal(where(error))
        return output.problem(ProblemCode.INTERNAL)


@dataclass(frozen=True, slots=True)
class Times:
    """What took how long, in seconds of a steady clock."""

    card: float
    service: float

    def in_milliseconds(self) -> dict[str, int]:
        """The form of the JSON output."""
        parts = {"card": self.card, "service": self.service, "total": self.card + self.service}
        return {name: round(seconds * 1000) for name, seconds in parts.items()}


@final
class Output:
    """Prints exactly one outcome, whoever comes first."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._first = threading.Lock()

    def verdict(self, verdict: Verdict, reading: Reading, times: Times) -> ExitStatus:
        """Print a verdict."""
        if self._as_json:
            self._print(json.dumps(_verdict_json(verdict, reading, times)))
        else:
            self._print("\n".join(_verdict_lines(verdict)))
        return ExitStatus.OK

    def problem(self, code: ProblemCode) -> ExitStatus:
        """Print a problem; return its exit status."""
        text = TEXTS[code]
        if self._as_json:
            fields = {"outcome": "problem", "code": code.code, "title": text.title}
            self._print(json.dumps({**fields, "remedy": text.remedy}))
        else:
            self._print(f"{code.code}  {text.title}\n      {text.remedy}")
        return OF_PROBLEM[code]

    def _print(self, text: str) -> None:
        if self._first.acquire(blocking=False):
            print(text, flush=True)


def _visit(settings: Settings, options: argparse.Namespace, output: Output) -> ExitStatus:
    def expired(code: ProblemCode) -> None:
        status = output.problem(code)
        os._exit(status)  # the card may block this process for minutes

    use_case = UseCase(options.use_case or settings.service.use_cases[0])
    watchdog = Watchdog(expired)
    visit = VisitRun(visit_tools(settings, Mode.DESK), watchdog)
    # A PC/SC service that hangs answers the monitor nothing at all.
    with watchdog.limit(options.timeout + _PATIENCE_SECONDS, ProblemCode.PCSC_DOWN):
        slots = wait_for_card(slot_monitor(settings.card), options.timeout)
    started = time.monotonic()
    try:
        reading = _read_first_eid(visit, slots)
        proven = time.monotonic()
        verdict = visit.ask(use_case)
    finally:
        visit.end()
    times = Times(card=proven - started, service=time.monotonic() - proven)
    return output.verdict(verdict, reading, times)


def _read_first_eid(visit: VisitRun, slots: Sequence[SlotName]) -> Reading:
    """Pass over cards that are no eID, as long as another one is in."""
    for slot in slots[:-1]:
        try:
            return visit.read(slot, lambda: None)
        except KioskError as error:
            if error.problem.code is not ProblemCode.NOT_AN_EID:
                raise
    return visit.read(slots[-1], lambda: None)


def wait_for_card(monitor: SlotMonitor, seconds: float) -> Sequence[SlotName]:
    """Return the slots of the first cards; with no time, of those that are in now.

    Raises ``KioskError``: why no card can be put in, once that has lasted two
    seconds or to the end, or ``NO_CARD_IN_TIME``.
    """
    lost_at = time.monotonic()
    until, ready, problem = lost_at + seconds, False, ProblemCode.PCSC_DOWN
    try:
        while True:
            end = until if ready else min(until, lost_at + _PATIENCE_SECONDS)
            filled: list[SlotName] = []
            for event in monitor.wait(timedelta(seconds=max(0.0, end - time.monotonic()))):
                match event:
                    case SlotFilled(slot):
                        filled.append(slot)
                    case SlotEmptied(slot):
                        filled = [other for other in filled if other != slot]
                    case ReadersReady():
                        ready = True
                    case ReadersLost(cause):
                        lost_at = time.monotonic() if ready else lost_at
                        ready, problem = False, cause.code
            if filled:
                return filled
            if time.monotonic() >= (until if ready else min(until, lost_at + _PATIENCE_SECONDS)):
                raise KioskError(ProblemCode.NO_CARD_IN_TIME if ready else problem)
    finally:
        monitor.close()


def _verdict_json(verdict: Verdict, reading: Reading, times: Times) -> Mapping[str, object]:
    tariff, until = verdict.tariff, verdict.valid_until
    card: dict[str, object] = {
        "applet": reading.report.applet,
        "proof": reading.identity.proof.value,
        "legacy": reading.identity.legacy,
        "apdus": reading.report.apdus,
        "bytes": reading.report.bytes,
    }
    return {
        "outcome": "verdict",
        "verdict": verdict.colour.value,
        "determined": verdict.determined,
        "useCase": verdict.use_case,
        "tariff": tariff and {"code": tariff.code, "payPercent": tariff.pay_percent},
        "validUntil": until and until.isoformat(),
        "guidance": [item.code for item in verdict.guidance],
        "checkId": verdict.check_id,
        "card": card,
        "milliseconds": times.in_milliseconds(),
    }


def _verdict_lines(verdict: Verdict) -> list[str]:
    lines = [verdict.colour.value.upper()]
    if verdict.tariff is not None:
        percent = verdict.tariff.pay_percent
        pays = "" if percent is None else f", pays {percent} %"
        lines.append(f"tariff: {verdict.tariff.code}{pays}")
    if verdict.valid_until is not None:
        lines.append(f"until:  {verdict.valid_until.isoformat()}")
    for item in verdict.guidance:
        title = item.title.get("en") or item.title.get("nl", "")
        lines.append(f"{item.code}: {title}".rstrip(": "))
    return list(map(printable, lines))
