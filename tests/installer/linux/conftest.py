"""The trees that the packages are made from, and the packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from installer import linux
from tests.installer.linux.root import RESULTS, ROOT

TREES = ROOT / "build" / "bundle" / "linux"


@pytest.fixture(scope="session")
def trees() -> Path:
    """The frozen programs; ``make test-installer`` has made them."""
    if not (TREES / "kiosk" / "kiosk").exists():
        pytest.skip("there are no frozen programs (python -m installer)")
    return TREES


@pytest.fixture(scope="session")
def packages(trees: Path) -> dict[str, Path]:
    """The two packages by name, made from the trees."""
    if linux.why_not():
        pytest.skip(linux.why_not())
    made = linux.build(trees, RESULTS / "dist", RESULTS / "work")
    return {path.name.partition("_")[0]: path for path in made}


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys for made-up cards; they take seconds to make."""
    return tmp_path_factory.mktemp("pki")
