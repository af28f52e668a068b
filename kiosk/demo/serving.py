"""The process of the demo's central service: the real one, ending with its standard input.

So it ends with the demo however that ends, killed or not, on every system.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from kiosk.service.central import __main__ as central


def _end_with_input() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass  # nobody writes; the end is what is waited for
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> int:
    """Serve on the port that the command line names, until standard input ends."""
    threading.Thread(target=_end_with_input, daemon=True).start()
    return central.main(["serve", "--port", sys.argv[1]])


if __name__ == "__main__":
    sys.exit(main())
