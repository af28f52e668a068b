"""The icon of the programs on Windows: the drawing of the product, in several sizes."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from installer.bundle import ROOT
from installer.drawing import on_a_tile

ICON: Final = ROOT / "build" / "bundle" / "tariefwijzer.ico"
_DRAWING: Final = ROOT / "resources" / "icons" / "brand.svg"
_SIZES: Final = (16, 20, 24, 32, 40, 48, 64, 256)
_HEADER: Final = struct.Struct("<HHH")
_ENTRY: Final = struct.Struct("<BBBBHHII")


def draw() -> Path:
    """Make the ``.ico`` file; return where it is."""
    pictures = [_picture(size) for size in _SIZES]
    at = _HEADER.size + _ENTRY.size * len(_SIZES)
    entries = []
    for size, picture in zip(_SIZES, pictures, strict=True):
        # One byte a side, in which 256 is 0; one plane of 32 bits.
        entries.append(_ENTRY.pack(size % 256, size % 256, 0, 0, 1, 32, len(picture), at))
        at += len(picture)
    ICON.parent.mkdir(parents=True, exist_ok=True)
    ICON.write_bytes(_HEADER.pack(0, 1, len(_SIZES)) + b"".join(entries) + b"".join(pictures))
    return ICON


def _picture(size: int) -> bytes:
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    drawing = on_a_tile(_DRAWING.read_text("utf-8")).encode()
    QSvgRenderer(QByteArray(drawing)).render(painter)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs know only one of its two forms
    return bytes(data.data())
