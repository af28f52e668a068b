"""The long run over the times of answers: grounds of one stage are equally fast."""

from pathlib import Path

import pytest

from tests.bench.ground_times import STAGES, measure
from tests.bench.own_service import running_checks
from tests.support.telling_times import median, right_guesses

ROUNDS = 10_000
APART_MS = 5


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("stage", STAGES)
def test_grounds_of_one_stage_are_equally_fast(tmp_path: Path, stage: str) -> None:
    people = STAGES[stage]
    with running_checks(tmp_path) as (port, _):
        times = measure(port, people, ROUNDS)
    seen = {person: median(times[person]) for person in people}
    for person, one in seen.items():
        guessed = right_guesses(times[person], times[people[0]])
        print(f"{person}: {one.low:.3f} {one.value:.3f} {one.high:.3f} ms, guessed {guessed:.3f}")
    assert max(one.high for one in seen.values()) - min(one.low for one in seen.values()) < APART_MS
