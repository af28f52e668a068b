"""``kiosk enrol``: this machine gets a key of its own, and the central service knows it by it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from kiosk.bootstrap.enrolment import enrol
from kiosk.commands.exit_status import OF_PROBLEM, ExitStatus
from kiosk.commands.problem_texts import TEXTS
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.service.contract import EnrolmentReply
from kiosk.settings import is_loopback, machine_file

_REFUSED = "The code is wrong, was used, or is too old. Ask the administrator for a new one."


def describe(_: str, parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--url", required=True, help="the address of the central service")
    parser.add_argument("--code", required=True, help="from the administrator; good once")
    parser.add_argument("--key", type=Path, metavar="FILE", help="where the key goes")
    parser.add_argument("--ca-file", default="", metavar="FILE", help="one more authority")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitStatus:
    """Enrol, then print what belongs in the settings of this machine."""
    url, key_file = options.url.rstrip("/"), options.key or machine_file().with_name("kiosk.key")
    if not (url.startswith("https://") or (url.startswith("http://") and is_loopback(url))):
        print("kiosk enrol: the address must be https://… (or this machine)", file=sys.stderr)
        return ExitStatus.USAGE
    try:
        reply = enrol(url, options.code, key_file.absolute(), options.ca_file)
    except OSError as error:
        print(f"kiosk enrol: {error.strerror or error}: {key_file}", file=sys.stderr)
        return ExitStatus.CONFIGURATION
    except KioskError as error:
        return _tell(error.problem.code)
    print("\n".join(_settings(url, reply, key_file.absolute(), options.ca_file)))
    return ExitStatus.OK


def _tell(code: ProblemCode) -> ExitStatus:
    text = TEXTS[code]
    remedy = _REFUSED if code is ProblemCode.SERVICE_REFUSED_US else text.remedy
    print(f"{code.code}  {text.title}\n      {remedy}", file=sys.stderr)
    return OF_PROBLEM[code]


def _settings(url: str, reply: EnrolmentReply, key_file: Path, ca_file: str) -> list[str]:
    service: dict[str, object] = {
        "url": url,
        "use_cases": list(reply.use_cases),
        "purpose": next(iter(reply.purposes), ""),
        "site": reply.site_id,
        "ca_file": ca_file,
    }
    client: dict[str, object] = {
        "id": reply.device_id,
        "auth": "private-key-jwt",
        "key": f"file:{key_file}",
        "token_url": reply.token_url,
    }
    return [
        f"# {machine_file()}",
        *_table("service", service),
        *_table("service.client", client),
    ]


def _table(name: str, values: dict[str, object]) -> list[str]:
    told = [f"{key} = {json.dumps(value)}" for key, value in values.items() if value]
    return [f"[{name}]", *told]
