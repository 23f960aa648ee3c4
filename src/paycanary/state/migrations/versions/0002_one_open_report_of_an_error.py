"""The same report of an error, sent twice, is one row while it is open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("corrections") as batch:
        batch.add_column(sa.Column("fingerprint", sa.String(length=64), nullable=True))
    op.create_index(
        "uq_corrections_open",
        "corrections",
        ["fingerprint"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    op.drop_index("uq_corrections_open", table_name="corrections")
    with op.batch_alter_table("corrections") as batch:
        batch.drop_column("fingerprint")
