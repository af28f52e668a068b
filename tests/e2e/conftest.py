"""A test PKI for the whole run: an RSA root of 4096 bits takes seconds to make."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import Desk, desk


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pki")


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory, pki: Path) -> Iterator[Desk]:
    """A desk with reader and service for the tests of one module."""
    with desk(tmp_path_factory.mktemp("desk"), pki) as one:
        one.start_service()
        yield one
