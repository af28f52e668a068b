"""What a check is held against: the same stack, two durable inserts, and nothing else.

Started as a process of its own: ``python -m tests.bench.durable_endpoint FILE ANSWER_BYTES``.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import sqlalchemy as sa
import uvicorn
from litestar import Litestar, Request, Response, post
from litestar.types import ControllerRouterHandler

PATH: Final = "/two-inserts"
CORE_PATH: Final = "/two-inserts-by-sqlalchemy"
_RECORD: Final = "x" * 1000


_DURABLE: Final = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL")


def application(file: str, answer: bytes) -> Litestar:
    """Two addresses that read their body, commit two rows one after the other, and answer.

    One speaks to the driver alone, the other goes through SQLAlchemy as the service does.
    """
    by_driver, by_core = _driver(f"{file}-driver"), _core(f"{file}-core")
    handlers: list[ControllerRouterHandler] = [
        _twice(PATH, by_driver, answer),
        _twice(CORE_PATH, by_core, answer),
    ]
    return Litestar(handlers, openapi_config=None, logging_config=None)


def _twice(path: str, insert: Callable[[], None], answer: bytes) -> ControllerRouterHandler:
    writer = ThreadPoolExecutor(max_workers=1)

    @post(path, status_code=200)
    async def two_inserts(request: Request[Any, Any, Any]) -> Response[bytes]:
        await request.body()
        for _ in range(2):
            await asyncio.get_running_loop().run_in_executor(writer, insert)
        return Response(answer, media_type="application/json")

    return two_inserts


def _driver(file: str) -> Callable[[], None]:
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    for statement in (*_DURABLE, "CREATE TABLE records (content TEXT)"):
        connection.execute(statement)

    def insert() -> None:
        connection.execute("INSERT INTO records VALUES (?)", (_RECORD,))

    return insert


def _core(file: str) -> Callable[[], None]:
    engine = sa.create_engine(f"sqlite:///{file}")
    metadata = sa.MetaData()
    records = sa.Table("records", metadata, sa.Column("content", sa.Text))

    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        for statement in _DURABLE:
            connection.execute(statement)

    metadata.create_all(engine)
    adding = sa.insert(records)

    def insert() -> None:
        with engine.begin() as connection:
            connection.execute(adding, {"content": _RECORD})

    return insert


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
