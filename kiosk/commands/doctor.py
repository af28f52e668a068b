"""``kiosk doctor``: looks at everything a visit needs, layer by layer."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final, final

from kiosk.agent.hardening import keep_memory_private
from kiosk.agent.watchdog import Watchdog, WatchedSlot
from kiosk.bootstrap.readers import reader_filter
from kiosk.bootstrap.visit import card_slots, eligibility_client, identity_reader
from kiosk.cardreader import pcsc
from kiosk.commands import doctor_card, doctor_key, doctor_machine
from kiosk.commands.common import load_settings
from kiosk.commands.doctor_bundle import bundle
from kiosk.commands.doctor_findings import (
    ORDER,
    Finding,
    State,
    code_of,
    failed,
    fine,
    guarded,
    in_order,
    not_looked_at,
    status_of,
    told,
    warning,
)
from kiosk.commands.exit_status import ExitStatus
from kiosk.domain.policy import Mode
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.layered import ConfigurationError
from kiosk.program import command_of
from kiosk.service.client import Health
from kiosk.settings import Settings

_PCSC_SECONDS: Final = 3.0


def describe(_: str, parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument(
        "--bundle", type=Path, metavar="FILE.zip", help="write a file for support, nobody is in it"
    )
    parser.add_argument("--try-module", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitStatus:
    """Look at every layer, whatever the one before said; never ask about a person."""
    keep_memory_private()
    if options.try_module:
        return doctor_machine.try_module(options.try_module)
    if options.bundle and (options.bundle.exists() or not options.bundle.parent.is_dir()):
        why = "is there already" if options.bundle.exists() else "has no folder to be in"
        print(f"kiosk doctor: {options.bundle} {why}", file=sys.stderr)
        return ExitStatus.USAGE
    return _Examination(options).run()


@final
class _Examination:
    """One look at all layers. What can block comes last, and has a time limit."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._findings: dict[str, Finding] = {}
        self._names: list[str] | None = None
        self._at = "pcsc"
        self._ahead: timedelta | None = None
        self._telling = threading.Lock()
        self._watchdog = Watchdog(self._expired)

    def run(self) -> ExitStatus:
        """Look, tell, and return the exit status."""
        settings = self._configuration()
        self._around(settings)
        with self._watchdog.limit(_PCSC_SECONDS, ProblemCode.PCSC_DOWN):
            wanted = self._readers(settings)
        self._at = "card"
        self._card(settings, wanted)
        return self._tell()

    def _add(self, layer: str, probe: Callable[[], Finding]) -> None:
        self._findings[layer] = guarded(layer, probe)

    def _configuration(self) -> Settings:
        try:
            settings = load_settings(self._options.config).settings
        except ConfigurationError as error:
            mistakes = "; ".join(map(str, error.mistakes))
            code = ProblemCode.CONFIGURATION_WRONG
            self._findings["configuration"] = failed("configuration", code, mistakes)
            self._findings["service"] = failed("service", code, "not asked")
            self._findings["credentials"] = not_looked_at("credentials")
            return Settings()
        detail = f"environment {settings.environment}"
        self._findings["configuration"] = fine("configuration", detail)
        return settings

    def _around(self, settings: Settings) -> None:
        """Look at all that no card is needed for."""
        card, service = settings.card, settings.service
        attempt = (*command_of("kiosk"), "doctor", "--try-module")
        if "service" not in self._findings:
            self._add("service", lambda: _service(self._ask(settings)))
            self._add("credentials", lambda: doctor_key.credentials(service.client, attempt))
        self._add("trust", lambda: doctor_machine.trust(settings))
        self._add("proxy", doctor_machine.proxy)
        self._add("clock", lambda: doctor_machine.clock(ahead=self._ahead))
        self._add("disk", lambda: doctor_machine.disk(card))
        if card.backend == "pkcs11":
            self._add("pkcs11", lambda: doctor_machine.module(card, attempt))

    def _ask(self, settings: Settings) -> Health:
        with contextlib.closing(eligibility_client(settings.service, Mode.DESK)) as client:
            health = client.probe()
        self._ahead = health.ahead
        return health

    def _readers(self, settings: Settings) -> list[SlotName]:
        wanted: list[SlotName] = []

        def reader() -> Finding:
            self._names = list(pcsc.reader_names())
            wanted.extend(reader_filter(settings.card).wanted(self._names))
            if not wanted:
                raise KioskError(ProblemCode.NO_READER)
            return fine("reader", ", ".join(wanted))

        self._add("pcsc", _pcsc)
        self._at = "reader"
        self._add("reader", reader)
        self._add("driver", lambda: doctor_machine.driver(self._names))
        return wanted

    def _card(self, settings: Settings, names: list[SlotName]) -> None:
        module = self._findings.get("pkcs11")
        if not names or (module and module.state is State.FAILED):
            return  # such a module would take this process along
        try:
            with self._watchdog.limit(_PCSC_SECONDS, ProblemCode.PCSC_DOWN):
                name = next((name for name in names if pcsc.holds_card(name)), None)
            if name is None:
                advice = "Put a card in and run this again to have it read."
                found = [warning("card", "no card in", advice)]
            else:
                slot = WatchedSlot(card_slots(settings)(name), self._watchdog, lambda: None)
                found = doctor_card.read_card(identity_reader(settings), slot)
        except Exception as error:  # noqa: BLE001 - a traceback could name the person
            found = doctor_card.of_problem(code_of(error))
        self._findings.update({finding.layer: finding for finding in found})

    def _expired(self, code: ProblemCode) -> None:
        """Tell what blocks this process, and end it."""
        found = doctor_card.of_problem(code) if self._at == "card" else [failed(self._at, code)]
        self._findings.update({finding.layer: finding for finding in found})
        status = ExitStatus.INTERNAL
        try:
            status = self._tell()
        finally:
            os._exit(status)

    def _tell(self) -> ExitStatus:
        """Print the report and write the bundle, whichever thread comes first."""
        self._telling.acquire()  # never given back: the process ends with the one who has it
        findings = _completed(self._findings.copy())  # the other thread may still be adding
        print(told(findings, json_wanted=self._options.json), flush=True)
        if self._options.bundle:
            content = bundle(self._options, findings, self._names or ())
            if not _written(self._options.bundle, content):
                return ExitStatus.USAGE
        return status_of(findings)


def _completed(found: dict[str, Finding]) -> list[Finding]:
    """Tell also of what nobody came to, and of the rights that every other layer needs."""
    codes = {finding.code for finding in found.values()}
    refused = ProblemCode.PCSC_REFUSED.code in codes
    found["permission"] = guarded("permission", lambda: doctor_machine.permission(refused))
    for layer in ORDER:
        if layer != "pkcs11":
            found.setdefault(layer, not_looked_at(layer))
    return in_order(found.values())


def _service(health: Health) -> Finding:
    if health.says_so:
        return fine("service", "the central service answers")
    detail = "something answers, but does not say how it is"
    advice = "Check `service.url` if `kiosk check` does not understand the answers."
    return warning("service", detail, advice)


def _pcsc() -> Finding:
    with pcsc.context():
        return fine("pcsc", "the service answers")


def _written(path: Path, content: bytes) -> bool:
    """Write a file that is not there yet; say so where that cannot be."""
    try:
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        print(f"kiosk doctor: {path}: {error.strerror}", file=sys.stderr, flush=True)
        return False
    return True
