"""What a screen reader gets to know, as JSON; run by the system's Python, which has AT-SPI.

Each line on standard input is answered by one line: all that the applications of this session
offer to assistive technology now, and what they announced since the line before.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

# Not of .venv: a package of the system's Python.
importlib.import_module("gi").require_version("Atspi", "2.0")
Atspi: Any = importlib.import_module("gi.repository.Atspi")
GLib: Any = importlib.import_module("gi.repository.GLib")

announced: list[str] = []


def node(thing: Any) -> dict[str, Any]:
    text = thing.get_text_iface()
    value = thing.get_value_iface()
    return {
        "role": thing.get_role_name(),
        "name": thing.get_name() or "",
        "description": thing.get_description() or "",
        "text": Atspi.Text.get_text(text, 0, -1) if text else "",
        "value": Atspi.Value.get_current_value(value) if value else None,
        "states": [state.value_nick for state in thing.get_state_set().get_states()],
        "inside": list(children(thing)),
    }


def children(thing: Any) -> Any:
    for number in range(thing.get_child_count()):
        try:
            child = thing.get_child_at_index(number)
            if child is not None:
                yield node(child)
        except GLib.Error:
            continue  # it went while it was looked at


def heard(event: Any) -> None:
    announced.append(str(event.any_data))


def answer(*_: object) -> bool:
    if not sys.stdin.readline():
        Atspi.event_quit()
        return False
    desktop = Atspi.get_desktop(0)
    # Nothing is kept: what changed is not told by itself, since only one event is listened to.
    desktop.set_cache_mask(Atspi.Cache(0))
    try:
        seen = list(children(desktop))
    except GLib.Error:
        seen = []
    print(json.dumps({"announced": announced, "applications": seen}), flush=True)
    announced.clear()
    return True


def main() -> None:
    Atspi.init()
    listener = Atspi.EventListener.new(heard)
    listener.register("object:announcement")
    print("ready", flush=True)
    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN, answer)
    Atspi.event_main()


if __name__ == "__main__":
    main()
