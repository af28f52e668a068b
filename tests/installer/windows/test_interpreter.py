"""The interpreter of the preview is the one that the Python Software Foundation released."""

from __future__ import annotations

from pathlib import Path

import pytest

from installer.steps import Failed
from installer.windows import interpreter, preview

pytestmark = [pytest.mark.installer, pytest.mark.xdist_group("installer-windows")]


@pytest.fixture
def released(tmp_path: Path) -> Path:
    folder = tmp_path / "released"
    interpreter.unpack(interpreter.fetch(preview.WORK / "downloads"), folder)
    return folder


def test_every_program_and_library_is_signed(released: Path, tmp_path: Path) -> None:
    checked = interpreter.check_signatures(released, tmp_path)
    assert checked == sum(path.suffix in {".exe", ".dll", ".pyd"} for path in released.iterdir())
    assert checked >= 30


@pytest.mark.parametrize("name", ["python313.dll", "vcruntime140.dll"])
def test_a_changed_byte_is_noticed(name: str, released: Path, tmp_path: Path) -> None:
    content = bytearray((released / name).read_bytes())
    content[0x2000] ^= 1
    (released / name).write_bytes(content)
    with pytest.raises(Failed, match=name):
        interpreter.check_signatures(released, tmp_path)


def test_a_file_of_somebody_elses_is_noticed(released: Path, tmp_path: Path) -> None:
    """Microsoft's signature is good, and not the foundation's."""
    (released / "extra.dll").write_bytes((released / "vcruntime140.dll").read_bytes())
    with pytest.raises(Failed, match=r"extra\.dll"):
        interpreter.check_signatures(released, tmp_path)


def test_a_root_that_is_not_pinned_is_noticed(
    released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "ROOTS", {"00" * 32: "python.exe"})
    with pytest.raises(Failed, match="pinned root"):
        interpreter.check_signatures(released, tmp_path)


def test_another_archive_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "ARCHIVE_SHA256", "00" * 32)
    with pytest.raises(Failed):
        interpreter.fetch(tmp_path)
