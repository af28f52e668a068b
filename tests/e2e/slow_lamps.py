"""A service that answers questions at once and about its sources after half a minute.

Run as a program, for tests in which the kiosk lives in a network of its own; prints its address.
"""

from __future__ import annotations

import threading

from tests.support.raw_server import Exchange, answer_green, serving

_SECONDS = 30


def respond(exchange: Exchange) -> None:
    if exchange.path == "/v1/source-status":
        exchange.stop.wait(_SECONDS)
    answer_green(exchange)


def main() -> None:
    with serving(respond) as server:
        print(server.url(), flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
