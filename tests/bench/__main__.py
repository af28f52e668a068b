"""``make bench``: every topic in turn, each with its reason when it cannot run here.

Results: ``build/bench/bench.json`` and ``build/bench/bench.md``. Figures are shown as they are and
as ratios to something measured in the same run; nothing passes or fails by its time.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.bench import (
    card_cost,
    durable_times,
    ground_times,
    many_times,
    memory_use,
    package_times,
    pcsc_times,
    results,
    rule_times,
    service_times,
    visit_times,
    window_times,
)
from tests.bench.results import Skipped, Table, Topic, say
from tests.support.desk import Desk, desk
from tests.support.pcsc_stack import why_not

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "build" / "bench"
_LONGEST_TOPIC_SECONDS: Final = 240
_OUR_PREFIXES: Final = ("KIOSK_", "ELIGIBILITY_")

Work = Callable[[Path], Sequence[Table]]


def main() -> int:
    """Run everything; the exit status is 1 when a topic failed."""
    os.chdir(ROOT)  # modules are started by their names
    for name in [name for name in os.environ if name.startswith(_OUR_PREFIXES)]:
        del os.environ[name]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    signal.signal(signal.SIGALRM, _too_long)
    started, load_before = time.monotonic(), results.load()
    topics = [_run(name, work) for name, work in _topics().items()]
    say("\n" + results.write(topics, FOLDER, load_before))
    say(f"{time.monotonic() - started:.0f} s; written: build/bench/bench.json and bench.md")
    return 1 if any(topic.failed for topic in topics) else 0


def _topics() -> dict[str, Work]:
    return {
        "1. The card": _card_cost,
        "2. Reading with a card that answers at once": _reads,
        "3. A card is put in": _insertions,
        "4. The central service": lambda folder: [
            *service_times.tables(folder),
            *durable_times.tables(folder / "durable"),
            *many_times.tables(folder / "many"),
            *ground_times.tables(folder / "grounds"),
            *memory_use.tables(folder / "memory"),
        ],
        "5. A whole visit": lambda folder: visit_times.tables(folder, _pki()),
        "6. The window starts": _window_starts,
        "7. The window changes": window_times.visit_tables,
        "8. The packages": package_times.tables,
        "9. The rules": rule_times.tables,
    }


def _run(name: str, work: Work) -> Topic:
    say(f"== {name}")
    started = time.monotonic()
    signal.alarm(_LONGEST_TOPIC_SECONDS)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            tables = work(Path(folder))
    except Skipped as skipped:
        say(f"   skipped: {skipped}")
        return Topic(name, (), skipped=str(skipped))
    except Exception as error:  # noqa: BLE001 - one topic that fails leaves the others
        say(f"   failed: {error!r}")
        return Topic(name, (), failed=repr(error))
    finally:
        signal.alarm(0)
    return Topic(name, tables, seconds=round(time.monotonic() - started, 1))


def _card_cost(folder: Path) -> Sequence[Table]:
    reason = card_cost.why_no_eidenv() or why_not()
    if reason:
        say(f"   without eidenv: {reason}")
        return card_cost.tables(_pki(), None, reason)
    with desk(folder, _pki()) as one:
        return card_cost.tables(_pki(), one)


def _reads(folder: Path) -> Sequence[Table]:
    with _desk(folder) as one:
        one.start_service()
        return pcsc_times.read_tables(one)


def _insertions(folder: Path) -> Sequence[Table]:
    with _desk(folder) as one:
        return pcsc_times.insertion_tables(one)


def _window_starts(folder: Path) -> Sequence[Table]:
    with _desk(folder) as one:
        return window_times.start_tables(one, _pki())


@contextmanager
def _desk(folder: Path) -> Iterator[Desk]:
    if reason := why_not():
        raise Skipped(reason)
    with desk(folder, _pki()) as one:
        yield one


def _pki() -> Path:
    """Keys of the made-up root and people: kept, since making them takes longer than measuring."""
    folder = FOLDER / "pki"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _too_long(*_: object) -> None:
    raise TimeoutError(f"longer than {_LONGEST_TOPIC_SECONDS} s")


if __name__ == "__main__":
    sys.exit(main())
