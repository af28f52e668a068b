"""The closed list of what can be wrong with a simulated card, and how each is written.

A specification is a name and its parameters, with colons between:
``pull:7``, ``flip:4031:20:3``, ``tlv-cut:signed``. Faults are put on in the order
given; ``kiosk simulate-card --help`` lists them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from kiosk.cardreader.simulator.fault_kinds import FaultKind, WrongFault
from kiosk.cardreader.simulator.faults_in_behaviour import BEHAVIOUR
from kiosk.cardreader.simulator.faults_in_files import IN_FILES
from kiosk.cardreader.simulator.faults_of_issuing import OF_ISSUING
from kiosk.cardreader.simulator.faults_of_readers import OF_READERS
from kiosk.cardreader.simulator.plan import Plan

ALL: Final = {kind.name: kind for kind in (*BEHAVIOUR, *OF_READERS, *IN_FILES, *OF_ISSUING)}


def with_faults(plan: Plan, specifications: Iterable[str]) -> Plan:
    """Put faults on a plan; raise ``WrongFault`` with what is wrong with one."""
    for specification in specifications:
        name, *parameters = specification.split(":")
        if name not in ALL:
            raise WrongFault(f"there is no fault {name!r}; the faults are: {', '.join(ALL)}")
        plan = ALL[name].put_on(plan, parameters)
    return plan


def described() -> str:
    """Return the list for people: one line a fault."""
    return "\n".join(f"  {_usage(kind):28} {kind.help}" for kind in ALL.values())


def _usage(kind: FaultKind) -> str:
    return kind.name + "".join(f":{name}" for name in kind.parameters)
