"""The layers of a card, all from one read and one challenge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from kiosk.commands.doctor_findings import Finding, failed, fine, not_looked_at
from kiosk.domain.identity import Proof
from kiosk.domain.problem import ProblemCode
from kiosk.ports import CardReport, CardSlot, IdentityReader

LAYERS: Final = ("card", "applet", "files", "signature", "root", "chip")
_WORK: Final = ("card", "applet", "files", "root", "signature", "chip")
"""The order in which a read comes to them: who signed is known before what was signed."""
_FAILS_AT: Final[Mapping[ProblemCode, str]] = {
    ProblemCode.NOT_AN_EID: "applet",
    ProblemCode.CARD_NOT_ACTIVATED: "applet",
    ProblemCode.CARD_UNREADABLE: "files",
    ProblemCode.ROOT_UNKNOWN: "root",
    ProblemCode.CERTIFICATE_WRONG: "root",
    ProblemCode.SIGNATURE_WRONG: "signature",
    ProblemCode.LEGACY_REFUSED: "signature",
    ProblemCode.CHIP_COPIED: "chip",
    ProblemCode.CHIP_PROOF_MISSING: "chip",
}
"""Every other problem is the card's: it is away, held or silent, or it is not accepted."""
_PROVEN: Final = frozenset(
    {
        ProblemCode.CARD_EXPIRED,
        ProblemCode.CARD_NOT_YET_VALID,
        ProblemCode.NOT_A_PERSONS_CARD,
        ProblemCode.NUMBER_INVALID,
    }
)
"""What is only said of a card that was read and proven to its end."""
_RIGHT: Final = {
    "card": "a card is in and answers",
    "applet": "the applet of a Belgian eID",
    "files": "read",
    "signature": "right",
    "root": "pinned",
    "chip": "nothing against it",
}
_CHIP: Final = {
    Proof.CHIP: "it answered the challenge of its signed key",
    Proof.SIGNATURE: "not asked: no signed key, or `card.chip_proof` is off",
}


def read_card(reader: IdentityReader, slot: CardSlot) -> list[Finding]:
    """Read and prove once, forget the person at once, and say how each layer fared.

    Raises ``KioskError``: what :func:`of_problem` makes findings of.
    """
    reading = reader.read(slot)
    reading.identity.wipe()
    return list(_of_success(reading.report, reading.identity.proof, reading.identity.legacy))


def of_problem(code: ProblemCode) -> list[Finding]:
    """Return the findings of a read that ended with this problem."""
    at = _FAILS_AT.get(code, "card")
    if code in _PROVEN:
        return [failed(at, code), *(fine(layer, _RIGHT[layer]) for layer in LAYERS[1:])]
    before = _WORK[: _WORK.index(at)]
    behind = _WORK[_WORK.index(at) + 1 :]
    return [
        *(fine(layer, _RIGHT[layer]) for layer in before),
        failed(at, code),
        *map(not_looked_at, behind),
    ]


def _of_success(report: CardReport, proof: Proof, legacy: bool) -> Iterator[Finding]:  # noqa: FBT001 - one call, above
    yield fine("card", f"applet {report.applet}, proven by its {proof.value}")
    yield fine("applet", f"version {report.applet}, as the card says")
    yield fine("files", f"{report.bytes} bytes in {report.apdus} commands")
    old = " and legacy: made with SHA-1, or under a root that has expired" if legacy else ""
    yield fine("signature", f"{_RIGHT['signature']}{old}")
    yield fine("root", _RIGHT["root"])
    yield fine("chip", _CHIP[proof])
