"""What ``kiosk doctor`` found at each layer, and how it is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Final

from kiosk.commands.common import printable
from kiosk.commands.exit_status import OF_PROBLEM, ExitStatus
from kiosk.commands.problem_texts import TEXTS
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.report import report_internal, where

ORDER: Final = (
    "configuration",
    "pcsc",
    "permission",
    "driver",
    "reader",
    "pkcs11",
    "card",
    "applet",
    "files",
    "signature",
    "root",
    "chip",
    "trust",
    "proxy",
    "service",
    "credentials",
    "clock",
    "disk",
)
"""How the layers are told; scripts know these names. The first that failed gives the status."""


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


def fine(layer: str, detail: str) -> Finding:
    """Tell that a layer is as it must be."""
    return Finding(layer=layer, state=State.OK, detail=detail)


def warning(layer: str, detail: str, advice: str = "") -> Finding:
    """Tell of a layer that a visit can do with, or that could not be looked at."""
    return Finding(layer=layer, state=State.WARNING, detail=detail, next=advice)


def failed(layer: str, code: ProblemCode, detail: str = "", advice: str = "") -> Finding:
    """Tell that a layer fails, in the words of the problem unless there are better ones."""
    text = TEXTS[code]
    return Finding(
        layer=layer,
        state=State.FAILED,
        detail=detail or text.title,
        next=advice or text.remedy,
        code=code.code,
    )


def not_looked_at(layer: str) -> Finding:
    """Tell that a layer behind one that fails could not be looked at."""
    return warning(layer, "not looked at")


def guarded(layer: str, probe: Callable[[], Finding]) -> Finding:
    """Look at a layer; whatever goes wrong is a finding, and the next layer has its turn."""
    try:
        return probe()
    except Exception as error:  # noqa: BLE001 - a traceback could name the person
        return failed(layer, code_of(error))


def code_of(error: Exception) -> ProblemCode:
    """Return the problem behind an error; one that nobody expected leaves a line for support."""
    if isinstance(error, KioskError):
        return error.problem.code
    report_internal(where(error))
    return ProblemCode.INTERNAL


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings from the settings outwards."""
    return sorted(findings, key=lambda finding: ORDER.index(finding.layer))


def as_json(findings: Sequence[Finding]) -> Mapping[str, object]:
    """Return the one object of ``--json``."""
    rows = [asdict(finding) | {"state": finding.state.value} for finding in findings]
    return {"ok": status_of(findings) is ExitStatus.OK, "layers": rows}


def told(findings: Sequence[Finding], *, json_wanted: bool) -> str:
    """Return the report as text for a person, or as one JSON object."""
    if json_wanted:
        return json.dumps(as_json(findings))
    lines: list[str] = []
    for finding in findings:
        state, detail = finding.state.value, printable(finding.detail)
        lines.append(f"{state:8} {finding.layer:14} {detail}")
        if finding.next:
            lines.append(f"{'':8} {'':14} -> {printable(finding.next)}")
    return "\n".join(lines)


def status_of(findings: Iterable[Finding]) -> ExitStatus:
    """Return the exit status: that of the first layer that fails."""
    first = next((one for one in findings if one.state is State.FAILED), None)
    return ExitStatus.OK if first is None else OF_PROBLEM[ProblemCode.from_code(first.code)]
