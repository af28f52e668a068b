"""The central service of the demo."""

import sys

from kiosk.demo.serving import main

if __name__ == "__main__":
    sys.exit(main())
