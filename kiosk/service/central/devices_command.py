"""The commands ``eligibility devices …``: make a code, list the devices, revoke one.

Exit status: 0 well, 1 no such device, 69 a database that cannot be reached, 78 configuration.
"""

from __future__ import annotations

import argparse
from typing import Any, Final

from kiosk.layered import ConfigurationError, Mistake
from kiosk.service.central.admitting import open_devices
from kiosk.service.central.database_commands import add_command, wrong_argument
from kiosk.service.central.identifiers import is_harmless_name
from kiosk.service.central.servable import mistakes_in_serving
from kiosk.service.central.settings import Settings

_HOURS: Final = range(1, 24 * 7 + 1)


def add_commands(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the commands; each sets ``run``, which takes settings and arguments."""
    actions = commands.add_parser("devices", help="the machines that may ask").add_subparsers(
        dest="action", required=True
    )
    code = add_command(actions, "code", _code, "make a code with which one machine enrols itself")
    code.add_argument("--client", required=True, metavar="ID", help="of the settings")
    code.add_argument("--site", default="", help="where the machine stands")
    code.add_argument("--hours", type=int, default=24, help="how long the code is good")
    add_command(actions, "list", _list, "every device that was enrolled")
    revoke = add_command(actions, "revoke", _revoke, "take everything from a device, for good")
    revoke.add_argument("device", metavar="ID")


def _code(settings: Settings, chosen: argparse.Namespace) -> int:
    kinds = [client.id for client in settings.clients if client.proves_with == "devices"]
    if chosen.client not in kinds:
        raise wrong_argument(
            "--client", f"no client with proves_with = 'devices': {', '.join(kinds)}"
        )
    if chosen.site and not is_harmless_name(chosen.site):
        raise wrong_argument("--site", "letters, digits and ._:- only")
    if chosen.hours not in _HOURS:
        raise wrong_argument("--hours", f"lies between 1 and {_HOURS[-1]}")
    _require_settings(settings)
    print(open_devices(settings).new_code(chosen.client, chosen.site, chosen.hours * 3600))
    return 0


def _list(settings: Settings, _chosen: argparse.Namespace) -> int:
    for device in open_devices(settings).all().devices:
        state = "enrolled" if device.revoked_at is None else f"revoked {device.revoked_at:%F %T}"
        site = device.site_id or "-"
        print(
            f"{device.device_id}  {device.client_id}  {site}  {device.enrolled_at:%F %T}  {state}"
        )
    return 0


def _revoke(settings: Settings, chosen: argparse.Namespace) -> int:
    if not open_devices(settings).revoke(chosen.device):
        print("there is no such device")
        return 1
    print("revoked")
    return 0


def _require_settings(settings: Settings) -> None:
    """Refuse settings with which the service would not start: its codes would be of no use."""
    mistakes = [Mistake(key, "settings", text) for key, text in mistakes_in_serving(settings)]
    if mistakes:
        raise ConfigurationError(mistakes)
