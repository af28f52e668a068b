"""Whether somebody belongs to the family of a household, or merely lives there."""

from __future__ import annotations

from datetime import date

from kiosk.service.central.connectors.magda.dates import is_in_force
from kiosk.service.central.connectors.magda.population import NOT_RELATED
from kiosk.service.central.connectors.magda.xml import Node


def is_family(household: Node, digits: str, day: date) -> bool | None:
    """Return it for the person with these digits; ``None`` when the position is not told.

    Who lived there before does not any more.
    """
    members = [m for m in household.all("Gezinsleden/Gezinslid") if is_in_force(m, day)]
    positions = {m.text("Positie/Code") for m in members if m.text("INSZ") == digits}
    if len(positions) != 1:
        return None
    (position,) = positions
    return position != NOT_RELATED if position else None
