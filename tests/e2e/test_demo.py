"""The demo, as a newcomer starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.cardreader.simulator.persona import people

pytestmark = pytest.mark.e2e


def demo(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-m", "kiosk", "demo", "--headless", *arguments],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_everybody_gets_the_colour_of_their_story(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("DEMO")
    parts = done.stdout.split("\n\n")[1:]
    for person, part in zip(people().values(), parts, strict=False):
        assert part.startswith(f"{person.given_names} {person.surname}: ")
        assert f"    {person.colour.upper()}" in part
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("tariefwijzer-demo")]


def test_one_person_at_self_service_is_not_named(tmp_path: Path) -> None:
    done = demo(tmp_path, "--self-service", "--person", "els-kiezel")
    assert done.returncode == 0, done.stderr
    assert "RED" in done.stdout
    assert "the desk sees" not in done.stdout


def test_an_unknown_person_is_a_mistake_with_the_list(tmp_path: Path) -> None:
    done = demo(tmp_path, "--person", "nobody")
    assert done.returncode == 64
    assert "an-peeters" in done.stderr
