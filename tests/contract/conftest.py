"""Certificates and a mock of MAGDA, one a module; a module's tests in one process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.magda import ANSWERS
from tests.support.mock_magda.certificates import Certificates, make_certificates
from tests.support.mock_magda.server import MockMagda

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a module together: what they share takes seconds to start."""
    for item in items:
        if item.path.parent == HERE and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def running(certificates: Certificates) -> Iterator[MockMagda]:
    with MockMagda(ANSWERS, certificates) as mock:
        yield mock


@pytest.fixture
def mock(running: MockMagda) -> MockMagda:
    """The running mock, without faults and with nothing seen."""
    running.plan.faults = {}
    running.seen.clear()
    running.rejected.clear()
    return running
