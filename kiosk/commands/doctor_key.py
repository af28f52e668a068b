"""The layer of the key that this terminal proves itself with."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from kiosk.bootstrap.policy import now
from kiosk.bootstrap.visit import credential, token_key
from kiosk.commands.doctor_findings import Finding, failed, fine, warning
from kiosk.commands.doctor_machine import module_fault
from kiosk.domain.problem import ProblemCode
from kiosk.service.credentials import ClientTokenKey
from kiosk.settings import ClientSettings
from kiosk.token_uri import TokenUri, is_token_uri, parsed

_LAYER = "credentials"
_NOBODY = "urn:tariefwijzer:nobody"
_FILE_FOR_ALL = "Take the rights of others away from the file in `service.client.key` (chmod o=)."
_PIN_FOR_ALL = "Take the rights of others away from the file in `pin-source` (chmod o=)."
_PIN_SHOWN = "Put the PIN in a file of its own, and name it with `pin-source`."


def credentials(own: ClientSettings, attempt: Sequence[str]) -> Finding:
    """Tell whether this terminal can prove itself; raise ``KioskError``.

    ``attempt`` is as for :func:`kiosk.commands.doctor_machine.module_fault`.
    """
    if own.auth == "none":
        return fine(_LAYER, "none are asked for")
    if is_token_uri(own.key):
        return _in_token(own, parsed(own.key), attempt)
    credential(own)
    if _everybody_reads(Path(own.key.removeprefix("file:"))):
        return warning(_LAYER, "the key can be used, and everybody may read it", _FILE_FOR_ALL)
    return fine(_LAYER, "the key can be used")


def _in_token(own: ClientSettings, uri: TokenUri, attempt: Sequence[str]) -> Finding:
    """Let the key sign something that goes nowhere; a PIN that was refused is tried once more."""
    if fault := module_fault(uri.module, attempt):
        return failed(_LAYER, ProblemCode.TOKEN_MODULE_UNUSABLE, fault[1])
    ClientTokenKey(own.id, token_key(uri, by_hand=True)).assertion(_NOBODY, now())
    can = "the key in the token can be used"
    if uri.pin is not None:
        return warning(_LAYER, f"{can}, and its PIN stands in the settings", _PIN_SHOWN)
    if uri.pin_file is not None and _everybody_reads(uri.pin_file):
        return warning(_LAYER, f"{can}, and everybody may read its PIN", _PIN_FOR_ALL)
    return fine(_LAYER, can)


def _everybody_reads(file: Path) -> bool:
    return os.name == "posix" and bool(stat.S_IMODE(file.stat().st_mode) & stat.S_IRWXO)
