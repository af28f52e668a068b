"""Runs inside a private stack: ``kiosk check`` while another connection resets the card.

What follows is what the real service says about it.
"""

import sys

from kiosk.__main__ import main
from tests.support.interrupted_scard import InterruptedScard, reset_elsewhere

READER, FUNCTION, CALLS = sys.argv[1], sys.argv[2], {int(call) for call in sys.argv[3].split(",")}


def told(result: str) -> None:
    print("reset", result, file=sys.stderr, flush=True)


InterruptedScard().install().interrupt(FUNCTION, CALLS, reset_elsewhere(READER, told))
sys.exit(main(["check", "--json", "--timeout", "5"]))
