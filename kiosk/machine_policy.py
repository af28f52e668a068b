"""The machine's policy: settings in Windows' registry, from a group policy or the MSI."""

from __future__ import annotations

import importlib
from typing import Any, Final

from kiosk import layered
from kiosk.layered import ConfigurationError, Layer, Mistake

KEY: Final = r"Software\Policies\Tariefwijzer"
ORIGIN: Final = rf"HKLM\{KEY}"


def policy() -> Layer | None:
    """Return what the policy sets; none where there is none. Raises ``ConfigurationError``.

    Each value has the name of the key that it sets, as ``service.url``, and is a
    text, a number (REG_DWORD) or a list (REG_MULTI_SZ). ``locked`` and
    ``released`` are as in the machine's file.
    """
    try:
        registry = importlib.import_module("winreg")
    except ImportError:
        return None  # not Windows
    try:
        values = _values(registry)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise ConfigurationError([Mistake("policy", ORIGIN, reason)]) from None
    return layered.textual_layer(ORIGIN, values, managed=True)


def _values(registry: Any) -> dict[str, object]:
    # The 64-bit view, also if this is a 32-bit program: group policies write there.
    access = registry.KEY_READ | registry.KEY_WOW64_64KEY
    with registry.OpenKey(registry.HKEY_LOCAL_MACHINE, KEY, 0, access) as key:
        _, count, _ = registry.QueryInfoKey(key)
        found = (registry.EnumValue(key, number) for number in range(count))
        return {name: value for name, value, _ in found if name}
