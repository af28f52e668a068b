"""The agent: one process a visit."""

import sys

from kiosk.agent.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
