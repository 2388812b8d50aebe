"""A job counts its restarts, and a run knows what interrupted it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Take this step."""
    restarts = sa.Column("restarts", sa.Integer(), nullable=False, server_default="0")
    op.add_column("jobs", restarts)
    interruptions = sa.Column("interruptions", sa.JSON(), nullable=False, server_default="[]")
    op.add_column("runs", interruptions)
