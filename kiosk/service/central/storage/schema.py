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
    sa.Index("audit_records_check_id", "check_id"),
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

rate_limits: Final = sa.Table(
    "rate_limits",
    metadata,
    sa.Column("bucket", sa.Text, primary_key=True),
    sa.Column("full_at", _COUNT, nullable=False, index=True),
)
"""Buckets that are not full; times here and below are milliseconds since 1970."""

used_assertions: Final = sa.Table(
    "used_assertions",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("expires_at", _COUNT, nullable=False, index=True),
)

devices: Final = sa.Table(
    "devices",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("client", sa.Text, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("jwk", sa.Text, nullable=False),
    sa.Column("thumbprint", sa.Text, nullable=False, unique=True),
    sa.Column("enrolled_at", _COUNT, nullable=False),
    sa.Column("revoked_at", _COUNT),
)

access_tokens: Final = sa.Table(
    "access_tokens",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("client", sa.Text, nullable=False),
    sa.Column("device", sa.Text, sa.ForeignKey("devices.id"), index=True),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("expires_at", _COUNT, nullable=False, index=True),
)

enrolment_codes: Final = sa.Table(
    "enrolment_codes",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("client", sa.Text, nullable=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("expires_at", _COUNT, nullable=False, index=True),
)

follow_ups: Final = sa.Table(
    "follow_ups",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("made_on", sa.Text, nullable=False, index=True),
    *(
        sa.Column(name, sa.Text, nullable=False)
        for name in ("kind", "check_id", "use_case", "rule_set", "verdict")
    ),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("outcome", "evidence", "reason")),
)
"""What whoever owns the rules looks at; a row of kind ``decision`` names no check."""


def audit_columns() -> tuple[str, ...]:
    """Return the names of the columns of a record, in order."""
    return tuple(column.name for column in audit_records.columns)
