"""PySide6 6.12.0 on Python 3.11 loses a reference to None with every void call; ours must not."""

import sys

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

CALLS = 200
NOISE = 50


@pytest.mark.skipif(
    sys.implementation.name != "cpython" or sys.version_info >= (3, 12),
    reason="None cannot be lost where it is immortal",
)
def test_void_calls_lose_no_reference_to_none(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    label.setText("ready")

    before = sys.getrefcount(None)
    for _ in range(CALLS):
        label.setText("text")
    assert sys.getrefcount(None) - before > -NOISE
