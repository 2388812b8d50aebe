"""A version knows the rows that a person left out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Take this step."""
    left_out = sa.Column("left_out", sa.JSON(), nullable=False, server_default="[]")
    op.add_column("versions", left_out)
