"""What comes after a check: finding its record by its id, and what the rules' owner looks at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TEXTS = (
    *("made_on", "kind", "check_id", "use_case", "rule_set", "verdict"),
    *("outcome", "evidence", "reason"),
)


def upgrade() -> None:
    """Make an index and a table."""
    op.create_index("audit_records_check_id", "audit_records", ["check_id"])
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in _TEXTS),
    )
    op.create_index("ix_follow_ups_made_on", "follow_ups", ["made_on"])
