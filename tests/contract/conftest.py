"""Certificates and a mock of MAGDA, one a module."""

from collections.abc import Iterator

import pytest

from tests.support.magda import ANSWERS
from tests.support.mock_magda.certificates import Certificates, make_certificates
from tests.support.mock_magda.server import MockMagda


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
