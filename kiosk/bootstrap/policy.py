"""The policy of a mode, and the time of day."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta

import msgspec

from kiosk.data import data_path
from kiosk.domain.policy import Mode, ModePolicy


def now() -> datetime:
    """The time of day on this machine, with its zone."""
    return datetime.now().astimezone()


def mode_policy(mode: Mode) -> ModePolicy:
    """How this mode behaves, from ``resources/policy``."""
    tree = tomllib.loads(data_path("policy", f"{mode.value}.toml").read_text(encoding="utf-8"))
    seconds = {name: timedelta(seconds=value) for name, value in tree["seconds"].items()}
    fields = {"verdict_after_removal": None, **seconds, **tree["behaviour"]}
    return msgspec.convert({"mode": mode, **fields}, ModePolicy)
