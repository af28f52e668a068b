"""What a check is held against: the same stack, two durable inserts, and nothing else.

Started as a process of its own: ``python -m tests.bench.durable_endpoint FILE ANSWER_BYTES``.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import uvicorn
from litestar import Litestar, Request, Response, post
from litestar.types import ControllerRouterHandler

PATH: Final = "/two-inserts"
_RECORD: Final = "x" * 1000


def application(file: str, answer: bytes) -> Litestar:
    """One address that reads its body, commits two rows one after the other, and answers."""
    writer = ThreadPoolExecutor(max_workers=1)
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"):
        connection.execute(statement)
    connection.execute("CREATE TABLE records (content TEXT)")

    def insert() -> None:
        connection.execute("INSERT INTO records VALUES (?)", (_RECORD,))

    @post(PATH, status_code=200)
    async def two_inserts(request: Request[Any, Any, Any]) -> Response[bytes]:
        await request.body()
        for _ in range(2):
            await asyncio.get_running_loop().run_in_executor(writer, insert)
        return Response(answer, media_type="application/json")

    handlers: list[ControllerRouterHandler] = [two_inserts]
    return Litestar(handlers, openapi_config=None, logging_config=None)


class _Server(uvicorn.Server):
    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        print(f"listening on http://127.0.0.1:{port}", flush=True)


def main() -> None:
    """Serve until the process is ended."""
    answer = b'"' + b"x" * int(sys.argv[2]) + b'"'
    app = application(sys.argv[1], answer)
    config = uvicorn.Config(
        app,
        port=0,
        http="h11",
        loop="asyncio",
        access_log=False,
        log_config=None,
        server_header=False,
        ws="none",
    )
    _Server(config).run()


if __name__ == "__main__":
    main()
