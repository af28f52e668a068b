"""How Alembic runs the steps: on the connection that it is given, in its transaction."""

from __future__ import annotations

from alembic import context

# Both databases take changes of tables back with their transaction, whatever Alembic thinks of
# SQLite.
context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
