"""The window on Windows, where its icon starts it: no console, and no need to say which mode."""

import os
import sys
from pathlib import Path

from kiosk.__main__ import main
from kiosk.commands.common import usual_mode
from kiosk.program import forget_foreign_plugins

if __name__ == "__main__":
    forget_foreign_plugins()  # before anything loads Qt
    if sys.stdout is None:  # without a console; what is printed has to go somewhere
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as it runs
    sys.exit(main(sys.argv[1:] or [usual_mode()]))
