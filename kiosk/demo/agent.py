"""An agent of the demo: it goes by the demo's settings alone, also on a counter's own machine."""

from __future__ import annotations

import sys
from pathlib import Path

from kiosk.agent.__main__ import main

_NOWHERE = Path(__file__).with_name("no-machine-file.toml")

if __name__ == "__main__":
    sys.exit(main(machine=_NOWHERE))
