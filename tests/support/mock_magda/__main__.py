"""``python -m tests.support.mock_magda --answers FOLDER``: runs until it is stopped.

Makes its certificates at the start and prints what goes into ``eligibility.toml``.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from kiosk.service.central.connectors.magda.services import SERVICES
from tests.support.mock_magda.certificates import Certificates, make_certificates
from tests.support.mock_magda.faults import Fault
from tests.support.mock_magda.server import EVERY_SERVICE, MockMagda

_KEYS = ("person", "household", "social_status", "handicap", "living_wage", "tax")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM."""
    chosen = _parser().parse_args(arguments)
    certificates = make_certificates(chosen.certificates)
    with MockMagda(chosen.answers, certificates, port=chosen.port) as mock:
        mock.plan.faults = dict(map(_fault, chosen.fault))
        mock.plan.delay_seconds = chosen.delay
        print(snippet(mock, certificates), end="\n\n", flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    return 0


def snippet(mock: MockMagda, certificates: Certificates) -> str:
    """Return the settings with which a central service asks this mock."""
    urls = [f'{key} = "{mock.url(s.name)}"' for key, s in zip(_KEYS, SERVICES, strict=True)]
    return "\n".join(
        [
            "[sources.magda]",
            'sender = "stad.example/tarief/proef"',
            "[sources.magda.tls]",
            f'certificate = "{certificates.client}"',
            f'key = "{certificates.client_key}"',
            f'ca_file = "{certificates.authority}"',
            "[sources.magda.urls]",
            *urls,
            "[sources.magda.statuses]",
            'facts = ["BIM_BVT=vt", "BIM_BVT_IN_FAMILY=household_status"]',
            "[sources.magda.income]",
            'codes = ["7555"]',
            "limit_a_euro = 23000",
            "limit_b_euro = 33000",
        ]
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mock_magda", description=__doc__)
    parser.add_argument("--answers", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--certificates", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--delay", type=float, default=5.0, help="seconds of the fault 'delay'")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="[SERVICE=]FAULT",
        help=f"one of: {', '.join(fault.value for fault in Fault)}",
    )
    return parser


def _fault(text: str) -> tuple[str, Fault]:
    service, _, name = text.rpartition("=")
    return service or EVERY_SERVICE, Fault(name)


if __name__ == "__main__":
    # Taken by sigwait above, in every thread that starts from here.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    sys.exit(main())
