"""How often somebody may ask: against looking people up one after another.

Buckets stand in the database, so that all processes take from the same ones and a restart forgets
nothing. Taking waits for no disk. Who is refused is not told which bucket was empty.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kiosk.service.central.clients.configuration import Rates
from kiosk.service.central.clients.tally import Tally
from kiosk.service.central.clients.worker import Clock, Worker
from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.storage.database import Database
from kiosk.service.central.storage.limit_rows import Bucket, Empty, forget_full, take

_HOUR: Final = 3_600_000
_DAY: Final = 24 * _HOUR
_FORGET_EVERY: Final = 500
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the bucket with the least left stands."""

    limit: int
    remaining: int
    full_in_seconds: int

    def headers(self) -> dict[str, str]:
        """Return the headers that tell a client of it."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.full_in_seconds),
        }


class Limiter:
    """Takes from buckets, one transaction for all that a request takes from."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._worker = Worker("limits")
        self._taken = 0
        self._over = Tally()

    async def take(self, who: str, buckets: Iterable[Bucket]) -> Standing:
        """Take one from each; raise ``RATE_LIMITED`` and take nothing when one has none.

        ``who`` is for the log: a client or a device, never an operator.
        """
        wanted = tuple(buckets)
        try:
            return await self._worker.do(lambda: self._take(wanted))
        except Empty:
            raise self.over_limit(who) from None

    def over_limit(self, who: str) -> Refused:
        """Log who is over a limit, and return the refusal, which tells nothing of it.

        The log is told of each doubling within an hour: a flood fills no disk with lines either.
        """
        number = self._over.count(who)
        if number is not None:
            _log.warning("over its limit: %s (%d within an hour)", who, number)
        return Refused(Refusal.RATE_LIMITED)

    def close(self) -> None:
        """Stop."""
        self._worker.close()

    def _take(self, buckets: tuple[Bucket, ...]) -> Standing:
        now = self._clock()
        self._taken += 1
        with self._database.counting() as connection:
            full = take(connection, buckets, now)
            if self._taken % _FORGET_EVERY == 0:
                forget_full(connection, now)
        return min(
            (_standing(bucket, at - now) for bucket, at in full.items()),
            key=lambda standing: standing.remaining,
        )


def for_check(rates: Rates, who: str, operator: str, *, typed: bool) -> list[Bucket]:
    """Return what a check takes from; ``operator`` is empty where there is nobody."""
    if typed:
        # By operator, so that nobody gets more by walking to the next desk.
        name = operator or who
        return [
            Bucket(f"typed-hour {name}", rates.typed_per_hour, _HOUR),
            Bucket(f"typed-day {name}", rates.typed_per_day, _DAY),
        ]
    names = [who, operator] if operator else [who]
    return [Bucket(f"card {name}", rates.card_per_hour, _HOUR) for name in names]


def for_query(rates: Rates, who: str) -> list[Bucket]:
    """Return what each page of a look into the audit takes from."""
    return [Bucket(f"query {who}", rates.card_per_hour, _HOUR)]


def for_token(rates: Rates, who: str) -> list[Bucket]:
    """Return what a request for a token takes from."""
    return [Bucket(f"token {who}", rates.tokens_per_hour, _HOUR)]


def for_enrolment(rates: Rates) -> list[Bucket]:
    """Return what every attempt to enrol takes from: nobody is known yet, so all share one."""
    return [Bucket("enrolment", rates.enrolments_per_hour, _HOUR)]


def _standing(bucket: Bucket, full_in: int) -> Standing:
    taken = -(-full_in // bucket.interval)
    return Standing(bucket.capacity, bucket.capacity - taken, -(-full_in // 1000))
