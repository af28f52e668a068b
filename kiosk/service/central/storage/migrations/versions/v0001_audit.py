"""The audit: records that are only added, and checkpoints for those that were removed by age."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXTS = (
    *("kind", "check_id", "correlation_id", "tracing_id", "request_id"),
    *("asked_at", "answered_at", "client", "device", "channel", "site"),
    *("operator", "operator_sealed", "purpose", "use_case", "rule_set"),
    *("key_id", "subject", "subject_sealed", "capture_method", "proof"),
    *("sources", "colour", "override", "previous", "seal"),
)
_TABLES = ("audit_records", "audit_checkpoints")

_SQLITE_REFUSES = """
CREATE TRIGGER {table}_{action} BEFORE {action} ON {table} {condition}
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END
"""
_NOT_COVERED = "WHEN OLD.seq > (SELECT coalesce(max(seq), 0) FROM audit_checkpoints)"

_POSTGRESQL_REFUSES = """
CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_records' THEN
        IF OLD.seq <= (SELECT coalesce(max(seq), 0) FROM audit_checkpoints) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit is only added to' USING ERRCODE = 'insufficient_privilege';
END
$$
"""
_POSTGRESQL_TRIGGER = """
CREATE TRIGGER {table}_{name} BEFORE {action} ON {table}
FOR EACH {each} EXECUTE FUNCTION audit_is_only_added_to()
"""


def upgrade() -> None:
    """Make both tables, and let the database refuse to change them."""
    op.create_table(
        "audit_records",
        sa.Column("seq", _COUNT, primary_key=True, autoincrement=False),
        sa.Column("form", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=name in {"answered_at", "colour"}) for name in _TEXTS),
    )
    op.create_index("audit_records_subject", "audit_records", ["subject"])
    op.create_index("audit_records_asked_at", "audit_records", ["asked_at"])
    op.create_table(
        "audit_checkpoints",
        sa.Column("seq", _COUNT, primary_key=True, autoincrement=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("head", "made_at", "key_id", "seal")
        ),
    )
    if op.get_context().dialect.name == "sqlite":
        _protect_sqlite()
    else:
        _protect_postgresql()


def _protect_sqlite() -> None:
    for table in _TABLES:
        removable = _NOT_COVERED if table == "audit_records" else ""
        for action, condition in (("UPDATE", ""), ("DELETE", removable)):
            op.execute(_SQLITE_REFUSES.format(table=table, action=action, condition=condition))


def _protect_postgresql() -> None:
    op.execute(_POSTGRESQL_REFUSES)
    for table in _TABLES:
        for name, action, each in (
            ("rows", "UPDATE OR DELETE", "ROW"),
            ("whole", "TRUNCATE", "STATEMENT"),
        ):
            op.execute(_POSTGRESQL_TRIGGER.format(table=table, name=name, action=action, each=each))
