"""The nets of tests/conftest.py hold: each is seen to catch, in a pytest of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

PREAMBLE = """
import logging, os, socket, threading, urllib.request, warnings
import pytest
"""

CAUGHT = {
    "a log record": 'logging.getLogger("kiosk.x").warning("late")',
    "a warning of Python": 'warnings.warn("old")',
    "a warning of Qt": 'from PySide6.QtCore import qWarning; qWarning("bad")',
    "another machine": 'socket.socket().connect(("192.0.2.1", 80))',
    "the name of another machine": 'socket.getaddrinfo("www.example.org", 80)',
    "another machine, in a thread that swallows it": (
        "def go():\n"
        "        try: socket.getaddrinfo('www.example.org', 80)\n"
        "        except BaseException: pass\n"
        "    thread = threading.Thread(target=go); thread.start(); thread.join()"
    ),
}

LET_THROUGH = {
    "nothing": "pass",
    "an expected log record": (
        'expect_log("kiosk", "^late$"); logging.getLogger("kiosk.x").warning("late")'
    ),
    "information": 'logging.getLogger("kiosk.x").info("ready")',
    "this machine": (
        'server = socket.create_server(("127.0.0.1", 0))\n'
        '    socket.create_connection(("127.0.0.1", server.getsockname()[1])).close()\n'
        "    server.close()"
    ),
    "a name that never exists": (
        "with pytest.raises(socket.gaierror): socket.getaddrinfo('service.invalid', 80)"
    ),
    "settings of the person at this machine": (
        'assert not {"KIOSK_X", "ELIGIBILITY_X", "https_proxy"} & set(os.environ)'
    ),
}


def run_probe(folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    probe = folder / "test_probe.py"
    probe.write_text(f"{PREAMBLE}\ndef test_probe(expect_log):\n    {body}\n")
    settings = {"KIOSK_X": "1", "ELIGIBILITY_X": "1", "https_proxy": "http://192.0.2.1"}
    options = ["-c", "pyproject.toml", "--rootdir", str(folder), "-p", "tests.conftest"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-p", "no:cacheprovider", str(probe)],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("what", CAUGHT)
def test_caught(tmp_path: Path, what: str) -> None:
    result = run_probe(tmp_path, CAUGHT[what])
    assert result.returncode == 1, result.stdout + result.stderr
    assert "1 failed" in result.stdout


@pytest.mark.parametrize("what", LET_THROUGH)
def test_let_through(tmp_path: Path, what: str) -> None:
    result = run_probe(tmp_path, LET_THROUGH[what])
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout
