"""All targets, by name."""

from __future__ import annotations

from typing import Final

from tests.fuzz import parsers, proofs, talks

ALL: Final = {target.name: target for target in (*parsers.TARGETS, *proofs.TARGETS, *talks.TARGETS)}
