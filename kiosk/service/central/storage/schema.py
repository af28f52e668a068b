"""The tables, as the newest migration leaves them."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

metadata: Final = sa.MetaData()

_COUNT: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

AUDIT_FORM: Final = 1
"""Which columns a new record has and its seal covers; a later form gets its own list."""

AUDIT_CONTENT: Final = (
    *("kind", "check_id", "correlation_id", "tracing_id", "request_id"),
    *("asked_at", "answered_at", "client", "device", "channel", "site"),
    *("operator", "operator_sealed", "purpose", "use_case", "rule_set"),
    *("key_id", "subject", "subject_sealed", "capture_method", "proof"),
    *("sources", "colour", "override"),
)
"""What a record of form 1 says, in the order in which it is sealed."""

_OPEN_AT_FIRST: Final = {"answered_at", "colour"}

audit_records: Final = sa.Table(
    "audit_records",
    metadata,
    sa.Column("seq", _COUNT, primary_key=True, autoincrement=False),
    sa.Column("form", sa.Integer, nullable=False),
    *(sa.Column(name, sa.Text, nullable=name in _OPEN_AT_FIRST) for name in AUDIT_CONTENT),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("seal", sa.Text, nullable=False),
    sa.Index("audit_records_subject", "subject"),
    sa.Index("audit_records_asked_at", "asked_at"),
)

audit_checkpoints: Final = sa.Table(
    "audit_checkpoints",
    metadata,
    sa.Column("seq", _COUNT, primary_key=True, autoincrement=False),
    sa.Column("head", sa.Text, nullable=False),
    sa.Column("made_at", sa.Text, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("seal", sa.Text, nullable=False),
)


def audit_columns() -> tuple[str, ...]:
    """Return the names of the columns of a record, in order."""
    return tuple(column.name for column in audit_records.columns)
