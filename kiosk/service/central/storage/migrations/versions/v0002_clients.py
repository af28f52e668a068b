"""Who asks: devices, codes to enrol them with, tokens, assertions that were used, and limits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables; nothing in them has to outlast the devices."""
    _make_what_ends()
    _make_devices()


def _make_what_ends() -> None:
    op.create_table(
        "rate_limits",
        sa.Column("bucket", sa.Text, primary_key=True),
        sa.Column("full_at", _COUNT, nullable=False, index=True),
    )
    op.create_table(
        "used_assertions",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("expires_at", _COUNT, nullable=False, index=True),
    )
    op.create_table(
        "enrolment_codes",
        sa.Column("digest", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("client", "site")),
        sa.Column("expires_at", _COUNT, nullable=False, index=True),
    )


def _make_devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("client", "site", "jwk")),
        sa.Column("thumbprint", sa.Text, nullable=False, unique=True),
        sa.Column("enrolled_at", _COUNT, nullable=False),
        sa.Column("revoked_at", _COUNT),
    )
    op.create_table(
        "access_tokens",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("device", sa.Text, sa.ForeignKey("devices.id"), index=True),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("expires_at", _COUNT, nullable=False, index=True),
    )
