"""Running other programs, so that their words are seen when they fail and only then."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from installer.steps import Failed


def run(
    command: Sequence[str | Path],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float = 1800,
    expected: Sequence[int] = (0,),
) -> str:
    """Run a program to its end and return what it printed, errors included.

    Raises ``Failed`` with its last words when it ends otherwise than
    expected or takes longer than so many seconds.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(  # noqa: S603 - our own commands, no shell
            words,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
    except OSError as error:
        raise Failed(f"{words[0]} does not start: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{words[0]} took longer than {seconds:.0f} s") from error
    printed = done.stdout.decode("utf-8", "replace")
    if done.returncode not in expected:
        last = "\n".join(printed.splitlines()[-30:])
        raise Failed(f"{' '.join(words[:4])} … ended with {done.returncode}:\n{last}")
    return printed
