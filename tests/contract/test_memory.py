"""The long run over memory: it stays flat once the answers of fifteen minutes are full."""

from pathlib import Path

import pytest

from tests.bench.memory_use import grown

CHECKS = 50_000
STEPS = 10
ALLOWED_KB = 8 * 1024


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_memory_stays_flat_over_fifty_thousand_checks(tmp_path: Path) -> None:
    seen = grown(tmp_path, CHECKS, STEPS)
    for checks, kilobytes in seen:
        print(f"{checks:6} checks: {kilobytes / 1024:.1f} MB")
    middle, end = seen[STEPS // 2][1], seen[-1][1]
    assert end - middle < ALLOWED_KB
