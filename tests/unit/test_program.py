"""How our programs start each other."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from kiosk.program import command_of, forget_foreign_plugins


def test_in_a_checkout_the_interpreter_runs_the_module() -> None:
    assert command_of("kiosk.agent") == (sys.executable, "-m", "kiosk.agent")


def test_in_a_bundle_it_is_the_program_beside_this_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "kiosk").touch()
    (tmp_path / "elsewhere").symlink_to(tmp_path / "kiosk")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "elsewhere"))
    assert command_of("kiosk.demo.agent") == (str(tmp_path / "kiosk-demo-agent"),)


def test_on_windows_it_has_its_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    assert command_of("kiosk.agent")[0].endswith("kiosk-agent.exe")


def test_plugins_from_elsewhere_are_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_PLUGIN_PATH", "/somewhere/else")
    monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", "/somewhere/else")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    forget_foreign_plugins()
    assert [name for name in os.environ if "PLUGIN_PATH" in name] == []
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"
