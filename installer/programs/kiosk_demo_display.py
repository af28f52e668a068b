"""Looks whether there is a display."""

import sys

from kiosk.demo.display import main

if __name__ == "__main__":
    sys.exit(main())
