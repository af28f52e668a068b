"""Where the central service keeps what has to last: SQLite by default, or PostgreSQL.

Nothing outside knows SQL. What is asked of a database stands here, as plain rows.
"""
