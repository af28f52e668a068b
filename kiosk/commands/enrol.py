"""``kiosk enrol``: this machine gets a key of its own, and the central service knows it by it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from kiosk.bootstrap.enrolment import enrol, enrol_token
from kiosk.commands.exit_status import OF_PROBLEM, ExitStatus
from kiosk.commands.problem_texts import TEXTS
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.service.contract import EnrolmentReply
from kiosk.settings import is_loopback, machine_file
from kiosk.token_uri import TokenUri, TokenUriError, is_token_uri, parsed

_REFUSED = "The code is wrong, was used, or is too old. Ask the administrator for a new one."
_REFUSED_TOKEN = f"{_REFUSED} Or this key was registered before: name another one in the token."


def describe(_: str, parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--url", required=True, help="the address of the central service")
    parser.add_argument("--code", required=True, help="from the administrator; good once")
    parser.add_argument("--key", metavar="FILE|pkcs11:URI", help="where the key goes, or is")
    parser.add_argument("--ca-file", default="", metavar="FILE", help="one more authority")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitStatus:
    """Enrol, then print what belongs in the settings of this machine."""
    url = options.url.rstrip("/")
    if not (url.startswith("https://") or (url.startswith("http://") and is_loopback(url))):
        print("kiosk enrol: the address must be https://… (or this machine)", file=sys.stderr)
        return ExitStatus.USAGE
    if options.key and is_token_uri(options.key):
        return _with_token(url, options)
    return _with_file(url, options, Path(options.key or machine_file().with_name("kiosk.key")))


def _with_file(url: str, options: argparse.Namespace, file: Path) -> ExitStatus:
    try:
        reply = enrol(url, options.code, file.absolute(), options.ca_file)
    except OSError as error:
        print(f"kiosk enrol: {error.strerror or error}: {file}", file=sys.stderr)
        return ExitStatus.CONFIGURATION
    except KioskError as error:
        return _tell(error.problem.code, _REFUSED)
    print("\n".join(_settings(url, reply, f"file:{file.absolute()}", options.ca_file)))
    return ExitStatus.OK


def _with_token(url: str, options: argparse.Namespace) -> ExitStatus:
    try:
        reply = enrol_token(url, options.code, _named(options.key), options.ca_file)
    except TokenUriError as error:
        print(f"kiosk enrol: --key {error}", file=sys.stderr)
        return ExitStatus.USAGE
    except KioskError as error:
        return _tell(error.problem.code, _REFUSED_TOKEN)
    print("\n".join(_settings(url, reply, options.key, options.ca_file)))
    return ExitStatus.OK


def _named(key: str) -> TokenUri:
    """Read the name of a key; everybody on this machine can see a command line."""
    uri = parsed(key)
    if uri.pin is not None:
        raise TokenUriError("has a PIN in it: put that in a file, and name it with pin-source")
    return uri


def _tell(code: ProblemCode, refused: str) -> ExitStatus:
    text = TEXTS[code]
    remedy = refused if code is ProblemCode.SERVICE_REFUSED_US else text.remedy
    print(f"{code.code}  {text.title}\n      {remedy}", file=sys.stderr)
    return OF_PROBLEM[code]


def _settings(url: str, reply: EnrolmentReply, key: str, ca_file: str) -> list[str]:
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
        "key": key,
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
