"""A run knows which one it continues."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Take this step."""
    op.add_column("runs", sa.Column("continues", sa.JSON(), nullable=True))
