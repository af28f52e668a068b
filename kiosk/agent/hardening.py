"""What a process that holds a number does about its own memory.

No core file, and (Linux) no other program of the same user may read the
memory. What this cannot do is said in docs/privacy.md.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_NO_FAULT_DIALOG = 0x0002 | 0x8000


def die_with_parent() -> None:
    """End this process when the one that started it ends (Linux).

    A window that was killed cannot kill its agent, and an agent that waits for
    a silent card does not see that its stream has ended.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def keep_memory_private() -> None:
    """Forbid core files and foreign readers; do what the system offers."""
    if sys.platform == "win32":
        ctypes.windll.kernel32.SetErrorMode(_NO_FAULT_DIALOG)
        return
    import resource  # noqa: PLC0415 - does not exist on Windows

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
