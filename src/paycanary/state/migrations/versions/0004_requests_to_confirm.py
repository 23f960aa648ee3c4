"""Requests to confirm an address are counted, so that nobody is flooded with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from paycanary.state.tables import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "confirmations",
        sa.Column("confirm_hash", sa.String(length=64), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("confirm_hash", name=op.f("pk_confirmations")),
    )
    op.create_index(op.f("ix_confirmations_address_hash"), "confirmations", ["address_hash"])


def downgrade() -> None:
    op.drop_index(op.f("ix_confirmations_address_hash"), table_name="confirmations")
    op.drop_table("confirmations")
