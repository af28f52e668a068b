"""An agent of the demo."""

import sys

from kiosk.demo.agent import main

if __name__ == "__main__":
    sys.exit(main())
