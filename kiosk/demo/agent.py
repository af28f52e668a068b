"""An agent of the demo: it goes by the demo's settings alone, also on a counter's own machine."""

from __future__ import annotations

import sys
from pathlib import Path

from kiosk.agent import __main__ as agent

_NOWHERE = Path(__file__).with_name("no-machine-file.toml")


def main() -> int:
    """Serve one visit of the demo."""
    return agent.main(machine=_NOWHERE)


if __name__ == "__main__":
    sys.exit(main())
