"""What can be set for MAGDA, and what is wrong with it: ``[sources.magda]``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from kiosk.layered import secret
from kiosk.service.central.connectors.guard import Pace, mistakes_in_pace
from kiosk.service.central.facts import FACTS, YesNo

MOST_STATUSES: Final = 8
_LONGEST_SENDER: Final = 120
_LONGEST_CAPACITY: Final = 24
_STATUS_GROUPS: Final = frozenset({"social", "ocmw"})
_NIS: Final = re.compile(r"\d{5}")
_FOUR_DIGITS: Final = re.compile(r"\d{4}")
_EVERYBODY: Final = 0o007

Mistakes = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Urls:
    """The address of each service; one without an address is not asked."""

    person: str = ""
    household: str = ""
    social_status: str = ""
    handicap: str = ""
    living_wage: str = ""
    tax: str = ""


@dataclass(frozen=True, slots=True)
class Tls:
    """Who we are to MAGDA (PEM files), and whom we believe: empty is the system's list."""

    certificate: str = ""
    key: str = ""
    password: str = secret()
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Signing:
    """The certificate that signs messages; empty is the one of ``tls``."""

    certificate: str = ""
    key: str = ""
    password: str = secret()


@dataclass(frozen=True, slots=True)
class Statuses:
    """Social statuses, as ``NAME=fact``, and whom the question is about.

    ``place`` or ``postcodes``, ``age_from`` and ``age_to`` limit all of them. ``grace_days``: how
    long ago a status may have ended to count as just ended.
    """

    facts: tuple[str, ...] = ()
    place: str = ""
    postcodes: tuple[str, ...] = ()
    age_from: int | None = None
    age_to: int | None = None
    grace_days: int = 30
    ask_parents: bool = False


@dataclass(frozen=True, slots=True)
class Municipalities:
    """NIS codes: of the city, and of the partners in its region."""

    home: tuple[str, ...] = ("44021",)
    region: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Income:
    """IPCAL codes that are added up, the limits of the bands, and how old the newest year is."""

    codes: tuple[str, ...] = ()
    limit_a_euro: int = 0
    limit_b_euro: int = 0
    years_back: int = 1


@dataclass(frozen=True, slots=True)
class Magda:
    """Everything about MAGDA; without any address it is not asked.

    ``sender``: the URI that was agreed. ``senders``: another one for a purpose, as
    ``PURPOSE=URI``. ``living_wage_lag_days``: how late an OCMW may report a month.
    ``pace``: of each service.
    """

    sender: str = ""
    senders: tuple[str, ...] = ()
    capacity: str = ""
    timeout_seconds: float = 2.3
    living_wage_lag_days: int = 62
    urls: Urls = Urls()
    tls: Tls = Tls()
    signing: Signing = Signing()
    statuses: Statuses = Statuses()
    municipalities: Municipalities = Municipalities()
    income: Income = Income()
    pace: Pace = Pace()  # noqa: RUF009  # frozen: it may be shared

    @property
    def is_on(self) -> bool:
        """Whether any service has an address."""
        return any(getattr(self.urls, item.name) for item in fields(Urls))


def pairs(entries: tuple[str, ...]) -> dict[str, str]:
    """Read ``LEFT=RIGHT`` entries; the last sign of equality counts."""
    return {left.strip(): right.strip() for left, _, right in (e.rpartition("=") for e in entries)}


def mistakes_in_magda(magda: Magda, shortest: float) -> Mistakes:
    """Key, below ``sources.magda``, and reason of each value that does not do.

    ``shortest``: seconds of the group that has the least time. A call has to end before its group
    does, or a source that hangs would never be seen to fail.
    """
    if not magda.is_on:
        return
    yield from _in_sender(magda)
    yield from _in_urls(magda.urls)
    yield from _in_files(magda)
    yield from _in_statuses(magda)
    yield from _in_municipalities(magda.municipalities)
    yield from _in_income(magda)
    if not 0 < magda.timeout_seconds < shortest:
        yield "timeout_seconds", "more than 0 and less than every limit of a group in time_limits"
    if magda.living_wage_lag_days < 0:
        yield "living_wage_lag_days", "a number of days"
    yield from mistakes_in_pace(magda.pace)


def _in_sender(magda: Magda) -> Mistakes:
    if not 0 < len(magda.sender) <= _LONGEST_SENDER:
        yield "sender", f"the URI that was agreed with MAGDA, at most {_LONGEST_SENDER} characters"
    others = pairs(magda.senders)
    if len(others) != len(magda.senders) or not all(left and r for left, r in others.items()):
        yield "senders", "entries are PURPOSE=URI, one a purpose"
    if len(magda.capacity) > _LONGEST_CAPACITY:
        yield "capacity", f"at most {_LONGEST_CAPACITY} characters"


def _in_urls(urls: Urls) -> Mistakes:
    for item in fields(Urls):
        url = getattr(urls, item.name)
        if url and not _is_https(url):
            yield f"urls.{item.name}", "an address that begins with https://"


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # reading it checks it
    except ValueError:
        return False
    extra = parts.username or parts.password or parts.query or parts.fragment
    return parts.scheme == "https" and bool(parts.hostname) and not extra


def _in_files(magda: Magda) -> Mistakes:
    tls, signing = magda.tls, magda.signing
    files = {"tls.certificate": tls.certificate, "tls.key": tls.key}
    if signing.certificate or signing.key:
        files |= {"signing.certificate": signing.certificate, "signing.key": signing.key}
    if tls.ca_file:
        files["tls.ca_file"] = tls.ca_file
    for key, file in files.items():
        if not Path(file).is_file():
            yield key, "is not a file"
        elif key.endswith(".key") and _is_open(Path(file)):
            yield key, "may be read by everybody; chmod 600 it"


def _is_open(path: Path) -> bool:
    return os.name == "posix" and bool(path.stat().st_mode & _EVERYBODY)


def _in_statuses(magda: Magda) -> Mistakes:
    told = magda.statuses
    named = pairs(told.facts)
    if not magda.urls.social_status:
        if named or told.ask_parents:
            yield "urls.social_status", "statuses are asked for, and it has no address"
        return
    if not 1 <= len(told.facts) <= MOST_STATUSES or len(named) != len(told.facts):
        yield "statuses.facts", f"one to {MOST_STATUSES} entries NAME=fact, each name once"
    for fact in sorted(set(named.values())):
        kind = FACTS.get(fact)
        if kind is None or kind.group not in _STATUS_GROUPS or kind.choices is not YesNo:
            yield "statuses.facts", f"{fact!r} is no fact that a status can tell"
    if told.place and told.postcodes:
        yield "statuses.place", "a place or postcodes, not both"
    if not all(_FOUR_DIGITS.fullmatch(code) for code in told.postcodes):
        yield "statuses.postcodes", "postcodes have four digits"
    if told.grace_days < 0:
        yield "statuses.grace_days", "a number of days; 0 asks nothing about the past"
    yield from _in_what_statuses_need(magda.urls, named, ask_parents=told.ask_parents)


def _in_what_statuses_need(urls: Urls, named: dict[str, str], *, ask_parents: bool) -> Mistakes:
    if ask_parents and not urls.person:
        yield "urls.person", "the parents stand in the file of the person, which has no address"
    if "household_status" in named.values() and not urls.household:
        yield "urls.household", "who belongs to a household is asked there, and it has no address"


def _in_municipalities(told: Municipalities) -> Mistakes:
    if not told.home:
        yield "municipalities.home", "the NIS code of the city"
    for key, codes in {"home": told.home, "region": told.region}.items():
        if not all(_NIS.fullmatch(code) for code in codes):
            yield f"municipalities.{key}", "NIS codes have five digits"
    if set(told.home) & set(told.region):
        yield "municipalities.region", "the city is no partner of its own"


def _in_income(magda: Magda) -> Mistakes:
    told = magda.income
    if not magda.urls.tax:
        return
    if not told.codes or not all(_FOUR_DIGITS.fullmatch(code) for code in told.codes):
        yield "income.codes", "IPCAL codes, of four digits"
    if not 0 < told.limit_a_euro <= told.limit_b_euro:
        yield "income.limit_a_euro", "more than 0 and at most limit_b_euro"
    if not 0 <= told.years_back <= 3:
        yield "income.years_back", "between 0 and 3"
