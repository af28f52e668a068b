"""What the demo brings along: a reader, a service, and a terminal that is set to both."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Final, Self, final

from kiosk.bootstrap import window
from kiosk.cardreader.simulator.card import make_card
from kiosk.cardreader.simulator.keystore import default_folder
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.demo.guests import Guest, guests
from kiosk.demo.reader import DemoReader
from kiosk.demo.service import Service
from kiosk.domain.policy import Mode
from kiosk.settings import ENVIRONMENT_PREFIX, DeskNames, Settings, UiSettings
from kiosk.ui.application import Terminal

_UI: Final = UiSettings(counter="Balie 1", desk=DeskNames(nl="balie 1 tot 4", en="desks 1 to 4"))
_AGENT: Final = "kiosk.demo.agent"


@final
class Practice:
    """One terminal's world. A context manager: at the end nothing of it runs any more."""

    def __init__(self, folder: Path, mode: Mode, seconds_a_command: float) -> None:
        """Keep everything in ``folder``. A card takes so long for each of its commands.

        A simulated card is much faster than a real one: without a pause nobody
        could see that it is read, or pull it out meanwhile.
        """
        self.mode = mode
        self.guests = guests(mode)
        self.service = Service(folder)
        self._folder = folder
        self._pause = f"delay:{seconds_a_command}"
        self._pki = TestPki(default_folder())
        self._reader = DemoReader()

    def __enter__(self) -> Self:
        """Start the service; raise ``ServiceFailed``."""
        try:
            self.service.open()
        except BaseException:
            self._reader.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()
        self.service.close()

    def put_in(self, guest: Guest) -> None:
        """Put somebody's card into the reader; one that is there comes out first."""
        faults = (self._pause, *guest.faults)
        self._reader.insert(make_card(guest.persona, self._pki, faults=faults))

    def pull_out(self) -> None:
        """Pull the card out, whatever is being done with it."""
        self._reader.remove()

    def terminal(self, name: str) -> Terminal:
        """Return a real terminal, but for its reader. ``name`` tells it from another instance."""
        for own in [own for own in os.environ if own.startswith(ENVIRONMENT_PREFIX)]:
            del os.environ[own]  # agents inherit it; the settings of a real terminal are not ours
        config = self._folder / "kiosk.toml"
        config.write_text(self._settings(), encoding="utf-8")
        shown = window.terminal(Settings(ui=_UI), self.mode, config)
        agent = window.agent_command(self.mode, config, _AGENT)
        return replace(shown, name=name, agent=agent, monitor=self._reader.monitor)

    def _settings(self) -> str:
        pin = self._pki.pin(Applet.V1_8)
        cache, url = json.dumps(str(self._folder)), json.dumps(self.service.url)
        return (
            'environment = "test"\n'
            f'[card]\nbackend = "simulator"\ntest_roots = ["{pin}"]\ncache_folder = {cache}\n'
            f'[service]\nurl = {url}\nclient.auth = "none"\n'
        )
