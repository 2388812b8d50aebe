"""Trainings say what they need of the machine, and a person may order them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Take this step."""
    op.add_column("jobs", sa.Column("needs", sa.JSON(), nullable=True))
    op.add_column("jobs", sa.Column("position", sa.Integer(), nullable=True))
