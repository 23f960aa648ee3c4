"""The version after this one, made of this one: a program with another number and one more migration, that uses its column."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import paycanary
from paycanary.state.database import newest_revision

if TYPE_CHECKING:
    from pathlib import Path as Folder

NEXT_NUMBER: Final = "999.0.0"
#: Expands only: a column that may be empty, a table, an index.
_MIGRATION: Final = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("watchlists", sa.Column("made_by", sa.String(), nullable=True))
    op.create_table("novelties", sa.Column("id", sa.Integer(), primary_key=True))
    op.create_index("ix_watchlists_made_by", "watchlists", ["made_by"])


def downgrade() -> None:
    op.drop_index("ix_watchlists_made_by", table_name="watchlists")
    op.drop_table("novelties")
    op.drop_column("watchlists", "made_by")
"""


def next_version(folder: Folder) -> tuple[Folder, str]:
    """Write the next version below a folder; what to put on PYTHONPATH, and its revision of the tables."""
    package = folder / "paycanary"
    shutil.copytree(Path(paycanary.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
    before = newest_revision()
    assert before is not None
    revision = f"{int(before) + 1:04}"
    versions = package / "state" / "migrations" / "versions"
    (versions / f"{revision}_next.py").write_text(_MIGRATION.format(revision=revision, before=before), encoding="utf-8")  # fmt: skip
    _replace(package / "__init__.py", f'"{paycanary.__version__}"', f'"{NEXT_NUMBER}"')
    tables, column = package / "state" / "tables.py", "    rotated_at: Mapped[datetime | None]\n"
    new = '    made_by: Mapped[str | None] = mapped_column(default="next", index=True)\n'
    _replace(tables, column, column + new)
    return folder, revision


def _replace(path: Folder, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, text.count(old))
    path.write_text(text.replace(old, new), encoding="utf-8")
