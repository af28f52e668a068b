"""The agent's own program: started ahead, waits, serves one visit, ends."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from kiosk import settings
from kiosk.agent.hardening import die_with_parent, keep_memory_private
from kiosk.agent.serve import Manner, Server
from kiosk.bootstrap.policy import mode_policy
from kiosk.bootstrap.visit import visit_tools
from kiosk.domain.policy import Mode
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.verdict import UseCase
from kiosk.layered import ConfigurationError
from kiosk.report import report_internal, where

EXIT_CONFIGURATION = 78
EXIT_INTERNAL = 70


def main(arguments: list[str] | None = None, machine: Path | None = None) -> int:
    """Serve one visit over standard input and output; return the exit status.

    ``machine`` stands in for the machine's own settings file.
    """
    keep_memory_private()
    die_with_parent()
    parser = argparse.ArgumentParser(prog="kiosk-agent")
    parser.add_argument("--mode", choices=[mode.value for mode in Mode], required=True)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--lamps", action="store_true", help="tell how the sources fare meanwhile")
    options = parser.parse_args(arguments)
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a stray print must not look like a message
    try:
        resolved = settings.load(options.config, os.environ, machine=machine)
        mode = Mode(options.mode)
        tools = visit_tools(resolved.settings, mode)
        manner = Manner(
            tells_name=mode_policy(mode).show_given_name,
            use_cases=tuple(map(UseCase, resolved.settings.service.use_cases)),
            lamps=options.lamps,
        )
        Server(tools, (incoming, outgoing), manner, os._exit).serve()
    except ConfigurationError:
        report_internal(ProblemCode.CONFIGURATION_WRONG.code)
        return EXIT_CONFIGURATION
    except KioskError as error:
        report_internal(error.problem.code.code)
        return EXIT_CONFIGURATION
    except Exception as error:  # noqa: BLE001 - nothing of a person leaves in a traceback
        report_internal(where(error))
        return EXIT_INTERNAL
    return 0


if __name__ == "__main__":
    sys.exit(main())
