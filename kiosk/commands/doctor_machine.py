"""The layers around a card: rights, drivers, roots, proxies, clock and disk."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from kiosk.bootstrap.visit import cache_folder, trust_list_in_force
from kiosk.commands.doctor_findings import Finding, failed, fine, not_looked_at, warning
from kiosk.commands.exit_status import ExitStatus
from kiosk.data import data_path
from kiosk.domain.problem import ProblemCode
from kiosk.settings import CardSettings, Settings

_SOCKET: Final = "/run/pcscd/pcscd.comm"
_SOCKET_NAME: Final = "PCSCLITE_CSOCK_NAME"
"""Where pcsc-lite looks for its service, and the variable that says otherwise."""
_USB_DEVICES: Final = Path("/sys/bus/usb/devices")
_SMART_CARD_CLASS: Final = "0b"
"""USB Device Class Specification for Smart Card ICCD/CCID, 3: bInterfaceClass."""
_POLKIT: Final = (
    "A polkit rule must let this user have org.debian.pcsc-lite.access_pcsc and"
    " org.debian.pcsc-lite.access_card; without one only who sits at the machine has them."
)
_DAY_SECONDS: Final = 86400
_DOUBTFUL_SECONDS: Final = 60
_WRONG_SECONDS: Final = 300
"""Tokens are refused from here on, and a card may expire on another day."""
_SMALLEST_FREE: Final = 50 * 2**20
_MODULE_SECONDS: Final = 10.0
_READS_ALL: Final = "the module itself can read address and photo, see docs/middleware.md"


def permission(refused: bool) -> Finding:  # noqa: FBT001 - the one thing it depends on
    """Tell whether this user may use cards; ``refused`` is what PC/SC said of it."""
    if refused:
        return failed("permission", ProblemCode.PCSC_REFUSED, advice=_POLKIT)
    if sys.platform != "linux":
        return fine("permission", "nobody is kept from the smart card service here")
    socket = Path(os.environ.get(_SOCKET_NAME, _SOCKET))
    if not socket.exists():
        return not_looked_at("permission")
    if not os.access(socket, os.R_OK | os.W_OK):
        advice = f"Give this user access to {socket}. {_POLKIT}"
        return failed("permission", ProblemCode.PCSC_REFUSED, advice=advice)
    return fine("permission", "this user may use the smart card service")


def driver(names: Sequence[str] | None, devices: Path = _USB_DEVICES) -> Finding:
    """Tell of readers on USB that PC/SC does not list; ``None`` when it could not be asked."""
    if names is None:
        return not_looked_at("driver")
    found = usb_readers(devices)
    if len(found) <= len(names):
        return fine("driver", "no reader on USB lacks a driver")
    detail = f"on USB {', '.join(found)}, of which PC/SC lists {len(names)}"
    advice = (
        "Install the driver (on Linux the package libccid) and plug the reader in again; end a"
        " program that has it to itself, as gpg's scdaemon."
    )
    return warning("driver", detail, advice)


def usb_readers(devices: Path) -> list[str]:
    """Return vendor and product of each smart card reader that Linux sees on USB."""
    found = []
    for kind in sorted(devices.glob("*/bInterfaceClass")):
        if _line(kind) == _SMART_CARD_CLASS:
            device = devices / kind.parent.name.partition(":")[0]
            found.append(f"{_line(device / 'idVendor')}:{_line(device / 'idProduct')}")
    return found


def module(card: CardSettings, attempt: Sequence[str]) -> Finding:
    """Tell whether the module for cards can be started; ``attempt`` as for ``module_fault``."""
    layer, file = "pkcs11", Path(card.pkcs11_module)
    fault = module_fault(file, attempt)
    if fault is None:
        return fine(layer, f"{file.name} can be started; {_READS_ALL}")
    advice = "Install the official eID middleware again, and check `card.pkcs11_module`."
    return failed(layer, *fault, advice)


def module_fault(file: Path, attempt: Sequence[str]) -> tuple[ProblemCode, str] | None:
    """Let another process start a PKCS#11 module, since one that crashes takes it along.

    ``attempt`` is the command for that, without the module: :func:`try_module` in the end.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own program, no words of others
            (*attempt, str(file)),
            timeout=_MODULE_SECONDS,
            capture_output=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ProblemCode.AGENT_LOST, f"{file.name} hangs when it is started"
    if done.returncode == 0:
        return None
    if done.returncode == ExitStatus.CONFIGURATION:
        return ProblemCode.CONFIGURATION_WRONG, f"{file.name} cannot be started"
    return ProblemCode.AGENT_LOST, f"{file.name} ends the program that starts it"


def try_module(path: str) -> ExitStatus:
    """Load a PKCS#11 module, start it and end it (PKCS#11 2.40, 5.4), and nothing else."""
    try:
        library = ctypes.CDLL(path)
        started = library.C_Initialize(None) == 0 and library.C_Finalize(None) == 0
    except (OSError, AttributeError):
        started = False
    return ExitStatus.OK if started else ExitStatus.CONFIGURATION


def trust(settings: Settings) -> Finding:
    """Tell which list of roots counts, and why a newer one does not."""
    trusted = trust_list_in_force(settings)
    detail = f"list {trusted.list.version} with {len(trusted.list.pins)} roots"
    if settings.card.test_roots:
        detail += f", and {len(settings.card.test_roots)} of a test"
    if trusted.refused:
        advice = "Put the newest signed list there; see docs/trust-list.md."
        return warning("trust", f"{detail}; refused: {trusted.refused}", advice)
    return fine("trust", detail)


def proxy(named: Callable[[], dict[str, str]] = urllib.request.getproxies) -> Finding:
    """Tell of proxies that the machine names, for what they are; their addresses stay here."""
    kinds = ", ".join(sorted(named()))
    if not kinds:
        return fine("proxy", "none is named, none is used")
    return fine("proxy", f"none is used; the machine names some ({kinds})")


def clock(
    now: float | None = None, product: Path | None = None, ahead: timedelta | None = None
) -> Finding:
    """Tell of a clock that is wrong: by the service's, and by the day this program was installed.

    ``ahead`` is by how much it is ahead of the service's, ``None`` when nobody knows.
    """
    made = (product or data_path("trust", "roots.toml")).stat().st_mtime
    today = time.time() if now is None else now
    told = f"{datetime.fromtimestamp(today, UTC):%Y-%m-%d %H:%M} UTC"
    advice = "Set date and time, and have them kept by the network."
    if today <= made - _DAY_SECONDS:
        detail = f"{told} is before this program was installed"
        return failed("clock", ProblemCode.CONFIGURATION_WRONG, detail, advice)
    if ahead is None:
        return fine("clock", f"{told}; the service tells no time")
    apart = round(abs(ahead).total_seconds())
    which = "ahead of" if ahead > timedelta(0) else "behind"
    detail = f"{told}, {apart} s {which} the service"
    if apart >= _WRONG_SECONDS:
        return failed("clock", ProblemCode.CONFIGURATION_WRONG, detail, advice)
    return fine("clock", detail) if apart < _DOUBTFUL_SECONDS else warning("clock", detail, advice)


def disk(card: CardSettings) -> Finding:
    """Tell whether certificates that were seen can be kept; a visit only takes longer without."""
    folder = cache_folder(card)
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        advice = "Give this user a folder in `card.cache_folder`; until then reads take longer."
        return warning("disk", f"nothing can be kept in {folder}", advice)
    free = shutil.disk_usage(there).free
    if free < _SMALLEST_FREE:
        return warning("disk", f"{free >> 20} MB free for {folder}", "Make room on the disk.")
    return fine("disk", f"{free >> 20} MB free")


def _line(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return "?"
