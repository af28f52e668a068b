"""PostgreSQL through psycopg, with limits on every wait."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

_CONNECTIONS: Final = 4
_PATIENCE: Final = 2
_CONNECT_ARGUMENTS: Final = {
    "connect_timeout": _PATIENCE,
    "tcp_user_timeout": _PATIENCE * 1000,
    "application_name": "tariefwijzer",
}
# A commit that is told is on disk, whatever the server's own settings say; what a setting asks for
# beyond that (a second server) stays. A writer that is stopped half-way lets go of the lock.
_SETTINGS: Final = (
    """SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') IN ('off', 'local')""",
    "SET lock_timeout = '1s'",
    "SET statement_timeout = '2s'",
    "SET idle_in_transaction_session_timeout = '5s'",
)
_UNHURRIED: Final = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
)
_CHAIN_LOCK: Final = 7_221_430_311


def open_postgresql(address: sa.URL) -> sa.Engine:
    """Prepare connections; nothing is connected yet."""
    engine = sa.create_engine(
        address,
        pool_size=_CONNECTIONS,
        pool_timeout=_PATIENCE,
        pool_pre_ping=True,
        connect_args=_CONNECT_ARGUMENTS,
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            for setting in _SETTINGS:
                cursor.execute(setting)
        connection.commit()

    return engine


def take_turn(connection: sa.Connection) -> None:
    """Wait until no other process builds on the end of the chain; held until the commit."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_CHAIN_LOCK})")


def take_time(connection: sa.Connection) -> None:
    """Let this transaction take as long as it takes."""
    for setting in _UNHURRIED:
        connection.exec_driver_sql(setting)


def wait_for_no_disk(connection: sa.Connection) -> None:
    """Let the commit of this transaction be told before it is on disk."""
    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")


def begin_reading(connection: sa.Connection) -> sa.Connection:
    """Let the next transaction see one state of the database, and change nothing."""
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def may_change(connection: sa.Connection, table: str) -> bool:
    """Whether the role of this connection may change or remove rows of a table."""
    asked = sa.text(
        "SELECT has_table_privilege(:table, 'UPDATE') OR has_table_privilege(:table, 'DELETE') "
        "OR has_table_privilege(:table, 'TRUNCATE')"
    )
    return bool(connection.scalar(asked, {"table": table}))
