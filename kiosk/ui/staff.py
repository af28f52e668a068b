"""The lock on the way out of self-service: a PIN, and ever longer waits after wrong ones."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final, final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST_PIN: Final = 6
LONGEST_PIN: Final = 12
LONGEST_WAIT: Final = 300.0
"""Seconds; the wait doubles after every wrong PIN, from one second up to this."""

_log = logging.getLogger("kiosk.staff")


def hash_pin(pin: str) -> str:
    """Return what the settings hold instead of a PIN.

    Raises ``ValueError`` for anything but six to twelve digits.
    """
    if not (pin.isascii() and pin.isdigit() and SHORTEST_PIN <= len(pin) <= LONGEST_PIN):
        raise ValueError(f"a PIN has {SHORTEST_PIN} to {LONGEST_PIN} digits")
    return PasswordHasher().hash(pin)


def wipe(pin: bytearray) -> None:
    """Overwrite the digits and leave nothing."""
    pin[:] = bytes(len(pin))
    pin.clear()


@final
class StaffLock:
    """Compares PINs with a hash. Without a hash there is no way out.

    It lives as long as the window: closing the pad does not shorten a wait.
    ``now`` is a clock in seconds that never goes back. Any thread may use it.
    """

    def __init__(self, pin_hash: str, now: Callable[[], float]) -> None:
        self._hash = pin_hash
        self._now = now
        self._wrong = 0
        self._tries = 0
        self._shut_until = 0.0
        self._one_at_a_time = threading.Lock()

    @property
    def has_key(self) -> bool:
        """Whether there is a PIN that opens it."""
        return bool(self._hash)

    def wait(self) -> float:
        """Return for how many seconds no PIN is looked at."""
        return max(0.0, self._shut_until - self._now())

    def opens(self, pin: bytearray) -> bool:
        """Tell whether the PIN is the right one, and wipe it.

        Takes about a tenth of a second, as argon2 is meant to. While there is
        a wait no PIN is looked at, and none counts as wrong; a second one that
        comes while the first is looked at is looked at after it.
        """
        try:
            with self._one_at_a_time:
                return self.wait() == 0 and self._matches(pin)
        finally:
            wipe(pin)

    def report_exit(self) -> None:
        """Log that somebody left with the PIN that opened it."""
        _log.warning("staff exit, tries: %d", self._tries)

    def _matches(self, pin: bytearray) -> bool:
        self._tries = self._wrong + 1
        try:
            PasswordHasher().verify(self._hash, bytes(pin))
        except (VerificationError, InvalidHashError):
            self._wrong = self._tries
            pause = min(LONGEST_WAIT, 2.0 ** min(self._wrong - 1, 16))
            self._shut_until = self._now() + pause
            _log.warning("staff exit refused, tries: %d", self._wrong)
            return False
        self._wrong = 0
        return True
