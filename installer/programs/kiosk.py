"""The command line, and the window at a desk or in self-service."""

import sys

from kiosk.__main__ import main
from kiosk.program import forget_foreign_plugins

if __name__ == "__main__":
    forget_foreign_plugins()  # before anything loads Qt
    sys.exit(main())
