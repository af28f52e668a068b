"""Steps of a build: said, run, and their failure told."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from installer.bundle import ROOT


class Failed(Exception):
    """A step of the build failed. The text says which; the step itself has said why."""


def say(text: str) -> None:
    """Tell what is being done."""
    print(f"== {text}", flush=True)  # noqa: T201 - a command prints


def missing(tools: Iterable[str]) -> list[str]:
    """Return those of the programs that are not installed."""
    return [tool for tool in tools if shutil.which(tool) is None]


def apt_line(tools: Mapping[str, str]) -> str:
    """Return what installs the programs that are missing; empty when none is.

    ``tools`` are programs, each with the Debian packages that have it.
    """
    packages = " ".join(dict.fromkeys(tools[tool] for tool in missing(tools)))
    return packages and f"missing: apt-get install --yes --no-install-recommends {packages}"


def run(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> None:
    """Run one step in the project's folder; raise ``Failed``."""
    done = subprocess.run(  # noqa: S603 - programs of the build, no words of others
        list(map(str, command)),
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise Failed(f"{Path(command[0]).name} ended with status {done.returncode}")


def output_of(*command: str) -> str:
    """Return what a program says; raise ``Failed``."""
    done = subprocess.run(  # noqa: S603 - programs of the build, no words of others
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Failed(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout.strip()
