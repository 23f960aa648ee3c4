"""E-mails end with one click, confirmations expire, and a webhook's last failure is told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from paycanary.state.tables import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Columns are added and dropped in place: SQLite's way of copying a table would drop the old one, and with it, by
# ON DELETE CASCADE, every row that belongs to it.


def upgrade() -> None:
    op.add_column("watchlists", sa.Column("confirm_until", Moment(), nullable=True))
    op.add_column("watchlists", sa.Column("unsubscribe_key", sa.String(length=43), nullable=True))
    op.create_index(
        op.f("ix_watchlists_unsubscribe_key"), "watchlists", ["unsubscribe_key"], unique=True
    )
    op.add_column("webhooks", sa.Column("problem", sa.String(length=20), nullable=True))


def downgrade() -> None:
    op.drop_column("webhooks", "problem")
    op.drop_index(op.f("ix_watchlists_unsubscribe_key"), table_name="watchlists")
    op.drop_column("watchlists", "unsubscribe_key")
    op.drop_column("watchlists", "confirm_until")
